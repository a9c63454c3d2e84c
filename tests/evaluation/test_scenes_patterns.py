"""Every meter has many grooves, each of which says its bar."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.scenes.kits import STANDARD
from evaluation.scenes.meters import METERS, Meter, meter
from evaluation.scenes.patterns.families import FAMILIES, families
from evaluation.scenes.patterns.fills import fill
from evaluation.scenes.patterns.harmony import PROGRESSIONS, Key
from evaluation.scenes.patterns.parts import BASSES, CHORDS
from evaluation.scenes.patterns.strokes import line, on, repeats

EVERY = sum(METERS.values(), ())
every_meter = pytest.mark.parametrize("of", EVERY, ids=lambda m: f"{m.name} {m.grouping}")
LEAST_FAMILIES = 8


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@every_meter
def test_a_meter_has_many_families(of: Meter) -> None:
    names = [family.name for family in families(of)]
    assert len(set(names)) == len(names) >= LEAST_FAMILIES


@pytest.mark.parametrize(
    ("name", "grouping", "tactus"),
    [
        ("5/4", (3, 2), (0, 1, 2, 3, 4)),
        ("3/8", (3,), (0, 0.5, 1)),
        ("6/8", (3, 3), (0, 1.5)),
        ("7/8", (2, 2, 3), (0, 1, 2)),
        ("8/8", (3, 3, 2), (0, 1.5, 3)),
        ("12/8", (3, 3, 3, 3), (0, 1.5, 3, 4.5)),
    ],
)
def test_the_tactus_is_quarters_or_the_eighths_of_three_or_the_groups(
    name: str, grouping: tuple[int, ...], tactus: tuple[float, ...]
) -> None:
    assert meter(name, grouping).tactus == tactus


@every_meter
def test_grooves_lie_inside_the_bar_on_voices_of_a_kit(of: Meter) -> None:
    for family in families(of):
        groove = family.groove(of, random(3))
        strokes = (*groove.core, *(stroke for stroke, _ in groove.ornaments))
        assert all(0 <= s.at < of.bar_quarters and 0 < s.velocity <= 1 for s in strokes), family.name
        assert {s.instrument for s in strokes} <= set(STANDARD), family.name
        places = [(round(s.at, 4), s.instrument) for s in groove.core]
        assert len(set(places)) == len(places), family.name
        assert any(s.at == 0.0 for s in groove.core) or family.name == "one drop", family.name


@pytest.mark.parametrize(
    "of", [meter for meter in EVERY if meter.name != "4/4"], ids=lambda m: f"{m.name} {m.grouping}"
)
def test_no_groove_would_be_a_shorter_bar(of: Meter) -> None:
    for family in families(of):
        for seed in range(4):
            assert repeats(family.groove(of, random(seed)).core, of) is None, family.name


def test_in_four_four_a_groove_may_be_half_a_bar_and_no_shorter() -> None:
    of = meter("4/4")
    found = [repeats(f.groove(of, random(seed)).core, of) for f in families(of) for seed in range(4)]
    assert set(found) <= {None, 2.0, 1.0}
    assert found.count(None) > 0.7 * len(found)


def test_a_repeat_inside_the_bar_is_seen_through_ghosts() -> None:
    of = meter("4/4")
    assert repeats(line("kick", "X..oX...", 0.5), of) == 2.0
    assert repeats((*on("kick", (0, 2)), *on("snare", (1, 3))), of) == 2.0
    assert repeats((*on("kick", (0, 2.5)), *on("snare", (1, 3))), of) is None


@every_meter
def test_a_fill_reaches_from_its_start_to_the_bars_end(of: Meter) -> None:
    for seed in range(5):
        start, strokes = fill(of, random(seed))
        assert strokes
        assert all(start - 1e-9 <= s.at < of.bar_quarters for s in strokes)


@every_meter
def test_parts_lie_inside_the_bar(of: Meter) -> None:
    for writer in (*BASSES, *CHORDS):
        tones = writer(of, random(1))
        assert tones
        assert all(t.at >= 0 and t.at + t.length <= of.bar_quarters + 0.3 and t.length > 0 for t in tones)


def test_a_progression_begins_on_its_tonic() -> None:
    for mode, phrases in PROGRESSIONS.items():
        key = Key(9, mode)
        assert {key.chord(phrase.split()[0]).root for phrase in phrases} == {9}
    assert Key(9, "minor").chord("V").label == "E:maj"
    assert Key(0, "major").chord("vi").label == "A:min"


@given(st.sampled_from(sorted(METERS)), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_the_same_generator_writes_the_same_groove(name: str, seed: int) -> None:
    family = families(meter(name))[seed % len(families(meter(name)))]
    assert family.groove(meter(name), random(seed)) == family.groove(meter(name), random(seed))


def test_every_family_is_of_some_meter() -> None:
    assert all(family.meters and family.meters <= METERS.keys() for family in FAMILIES)


def test_groups_must_add_up() -> None:
    with pytest.raises(ValueError, match="do not add up to 7"):
        meter("7/8", (2, 2, 2))
    with pytest.raises(ValueError, match="no meter '13/8'"):
        meter("13/8")
