"""Drummers' performances in every meter: bars are whole, strokes keep their own timing, sides share nobody."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from evaluation.scenes.meters import METERS
from evaluation.scenes.performances import VOICES, of_midi
from evaluation.training.sources import Clip, drummers, kits, recutting
from evaluation.training.sources.midi import taken
from evaluation.training.sources.performed import Performed
from evaluation.training.sources.recutting import Recipe

BAR = tuple(float(place) for place in np.arange(0, 4, 0.5))


@pytest.fixture(scope="module")
def folder(eval_folder: Path) -> Path:
    """Groove MIDI."""
    found = eval_folder / "groove-midi"
    if not found.is_dir():
        pytest.skip("Groove MIDI is not among the evaluation recordings")
    return found


@pytest.fixture(scope="module")
def clips(folder: Path) -> list[Clip]:
    """Some of each side, seen ones first."""
    source = Performed(folder)
    return [source.clip(number, left_out) for left_out in (False, True) for number in range(8)]


def test_the_same_number_gives_the_same_bytes(folder: Path, clips: list[Clip]) -> None:
    again = Performed(folder).clip(3, False)
    assert np.array_equal(again.samples, clips[3].samples)
    assert again.truth == clips[3].truth


def test_every_bar_has_the_beats_of_its_meter(clips: list[Clip]) -> None:
    for clip in clips:
        truth = clip.truth
        assert truth.meter and truth.units and truth.downbeats
        units, count = np.array(truth.units), int(truth.meter.split("/")[0])
        starts = np.searchsorted(units, np.array(truth.downbeats) - 1e-4)
        assert set(np.diff(starts)) == {count}
        assert set(truth.beats or ()) <= set(truth.units)


def test_a_clip_is_long_enough_to_tell_its_meter_and_no_longer_than_it_need_be(clips: list[Clip]) -> None:
    for clip in clips:
        assert 9.0 < len(clip.samples) / 44100 < 60.0
        assert len(clip.truth.downbeats or ()) >= 3
        assert clip.samples.dtype == np.float32
        assert 0.3 < float(np.abs(clip.samples).max()) <= 1.0


def test_nobody_plays_on_both_sides(folder: Path) -> None:
    seen, left_out = (drummers.of_side(side, folder) for side in (False, True))
    assert {row.drummer for row in left_out} == {"drummer7"}
    assert "drummer7" not in {row.drummer for row in seen}
    assert not {row.id for row in seen} & (drummers.JUDGES | {row.id for row in drummers.fills(folder)})


def test_four_four_is_a_third_of_all_clips_and_odd_meters_are_common(folder: Path) -> None:
    source, meters = Performed(folder), Counter[str]()
    for number in range(300):
        random = np.random.default_rng([number, 7])
        found = source.drawn(False, random)
        meters[found.meter.name if found else "none"] += 1
    assert 0.25 < meters["4/4"] / 300 < 0.43
    assert meters["none"] < 15
    assert sum(meters[name] for name in ("5/4", "7/4", "5/8", "7/8", "9/8", "11/8")) > 60


@pytest.mark.parametrize("name", [name for name in METERS if name != "3/8"])
def test_bars_of_four_can_be_cut_into_every_meter(name: str) -> None:
    source, random = METERS["4/4"][0], np.random.default_rng(0)
    if name == "4/4":
        source = METERS["3/4"][0]
    assert recutting.makes(source, False, name)
    for _ in range(30):
        recipe = recutting.recipe_for(source, name, random)
        assert recipe.meter.name == name
        assert recipe.sources[0] == 0
        assert len(recipe.sources) * recipe.slot == recipe.meter.bar_quarters
        assert max(recipe.sources) * recipe.slot < source.bar_quarters


def test_swung_beats_are_not_halved() -> None:
    assert not recutting.makes(METERS["4/4"][0], True, "7/8")
    assert recutting.makes(METERS["4/4"][0], True, "5/4")


def test_a_stroke_keeps_its_distance_from_its_place_in_the_grid() -> None:
    late = np.array([0.02, -0.03, 0.01, 0.04, -0.05, 0.0, 0.03, -0.01] * 3)
    places = np.array([place + 4 * bar for bar in range(3) for place in BAR]) + late
    seven = Recipe(METERS["7/8"][0], 0.5, (0, 1, 2, 3, 4, 5, 7))
    which, moved = recutting.cut(places, 4.0, seven, [0, 2])
    assert list(which) == [0, 1, 2, 3, 4, 5, 7, 16, 17, 18, 19, 20, 21, 23]
    assert np.allclose(moved, np.arange(14) * 0.5 + late[which])


def test_a_bar_of_two_like_halves_is_found_to_repeat() -> None:
    places, meter = np.arange(0, 24, 0.5), METERS["6/8"][0]
    once = ["kick" if place % 3 == 0 else "snare" if place % 3 == 1.5 else "hihat" for place in places]
    twice = ["kick" if place % 1.5 == 0 else "hihat" for place in places]
    loud = np.full(len(places), 0.8)
    assert not recutting.repeats_inside(places, once, loud, meter)
    assert recutting.repeats_inside(places, twice, loud, meter)


def test_strokes_beside_the_click_are_not_taken_for_its_grid() -> None:
    random = np.random.default_rng(4)
    clicks, loud = np.arange(0, 32, 0.5), np.ones(64)
    assert drummers.on_click(clicks + random.normal(0, 0.02, 64), loud, False)
    assert not drummers.on_click(clicks + 0.12, loud, False)
    assert not drummers.on_click(random.uniform(0, 32, 64), loud, False)


def test_the_fast_reader_reads_what_the_careful_one_reads(folder: Path) -> None:
    for row in drummers.listed(folder)[:6]:
        content = drummers.content(row, folder)
        careful, fast = of_midi(content), taken(content, VOICES)
        times = sorted(event.time_s for event in careful.events)
        assert np.allclose(times, np.array(fast.places) * 60.0 / fast.bpm, atol=1e-6)
        assert (careful.meter, round(careful.bpm, 6)) == (fast.meter, round(fast.bpm, 6))


def test_what_is_no_midi_file_is_said_to_be_none() -> None:
    with pytest.raises(ValueError, match="no MIDI file"):
        taken(b"RIFF" + bytes(40), VOICES)
    with pytest.raises(ValueError, match="too early"):
        taken(b"MThd", VOICES)


def test_without_sampled_kits_clips_have_synthesised_ones(folder: Path, tmp_path: Path) -> None:
    clip = Performed(folder, tmp_path).clip(1, False)
    assert (clip.truth.kit or "").startswith("drawn")


@pytest.mark.parametrize(
    ("name", "voices"),
    [
        ("BassDrum", ("kick",)),
        ("Hi Hat Opened", ("open_hihat",)),
        ("Closed HH", ("hihat",)),
        ("Pedal HH", ("pedal_hihat",)),
        ("Ride Bell", ("ride_bell",)),
        ('Crash/Ride Bow (Paiste Rude Crash/Ride 18")', ("crash",)),
        ("Rim Click (Pearl Free Floating Maple 14x3.5)", ("rim",)),
        ("Snare 2 Rimshot (Pearl Free Floating Maple 14x3.5)", ("snare",)),
        ("Floor Tom", ("low_tom",)),
        ("Tom Hi", ("high_tom",)),
        ("Zap 1", ()),
        ("15", ()),
    ],
)
def test_drums_are_known_by_their_names(name: str, voices: tuple[str, ...]) -> None:
    assert kits.voices_of(name) == voices


def test_a_drum_tuned_up_is_higher_and_its_attack_is_known() -> None:
    time = np.arange(8820) / 44100
    samples = np.concatenate([np.zeros(441), np.sin(2 * np.pi * 200 * time) * np.exp(-time / 0.05)])
    struck = kits.tuned(kits.Struck(samples.astype(np.float32), 441), 1.25)
    spectrum = np.abs(np.fft.rfft(struck.samples, 44100))
    assert abs(int(np.argmax(spectrum)) - 250) <= 3
    assert abs(struck.attack - 441 / 1.25) < 12
