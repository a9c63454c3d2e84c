"""meter.periodicity: bars by accents alone, windows for the debug view, corrections heeded, nothing invented."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from hemiola import Corrections, Skip
from hemiola.results import Content, ContentSegment, Meter
from hemiola.testing import click_track, run
from tests.plugins import signals
from tests.plugins.parts import part, plugin

RATE = 22050
PERIODICITY = plugin("meter.periodicity")


def hits(pattern: str, unit_s: float, bars: int, start_s: float = 0.4) -> signals.Samples:
    """A pattern a bar, one sign a unit: K a kick, S a snare with a hat, h a hat, . nothing."""
    count = round((start_s + unit_s * len(pattern) * bars + 0.6) * RATE)
    samples = np.zeros(count, np.float32)
    at = np.arange(round(0.2 * RATE)) / RATE
    random = np.random.default_rng(3)
    low = np.sin(2 * np.pi * (50 * at - 2.5 * np.exp(-at / 0.03) + 2.5)) * np.exp(-at / 0.06)
    hiss = random.normal(size=len(at)) * np.exp(-at / 0.015)
    bright = np.diff(hiss, prepend=0.0) * 0.15
    sounds = {"K": 0.8 * low + bright, "S": 0.25 * hiss * np.exp(-at / 0.05) + bright, "h": bright}
    for index, sign in enumerate(pattern * bars):
        if sign != ".":
            first = round((start_s + index * unit_s) * RATE)
            room = min(len(at), count - first)
            samples[first : first + room] += (random.uniform(0.85, 1.0) * sounds[sign][:room]).astype(
                np.float32
            )
    return 0.7 * samples / np.abs(samples).max()


def near(found: tuple[float, ...], true: npt.NDArray[np.float64]) -> float:
    """The share of true times with a found one within 70 ms."""
    return float((np.abs(np.array(found)[:, None] - true).min(axis=0) < 0.07).mean())


ROCK = hits("KhShKKSh", 0.26, 9)


@pytest.mark.parametrize(
    ("pattern", "unit_s", "meter", "grouping"),
    [
        ("KhShKKSh", 0.25, "4/4", ()),
        ("KhShSh", 0.26, "3/4", ()),
        ("KhhShh", 0.19, "6/8", (3, 3)),
        ("KhShShh", 0.2, "7/8", (2, 2, 3)),
        ("KhhSh", 0.2, "5/8", (3, 2)),
    ],
)
def test_a_drum_pattern_is_counted(
    pattern: str, unit_s: float, meter: str, grouping: tuple[int, ...]
) -> None:
    bars = round(18 / (unit_s * len(pattern)))
    found = run(PERIODICITY, hits(pattern, unit_s, bars), RATE, start_s=5.0)
    assert (found.meter, found.grouping) == (meter, grouping)
    downbeats = 5.4 + unit_s * len(pattern) * np.arange(bars)
    assert near(found.downbeat_times, downbeats) > 0.9
    assert len(found.downbeat_times) <= bars + 1
    assert len(found.segments) == 1 and found.source == "estimated" and found.confidence is None


@pytest.mark.parametrize("bpm", [70, 100, 140])
def test_a_click_track_is_followed(bpm: int) -> None:
    clicks = np.arange(0.5, 29.5, 60 / bpm)
    found = run(PERIODICITY, click_track(clicks, 30.0, RATE), RATE)
    assert near(found.unit_times, clicks) > 0.95


def test_windows_show_scored_hypotheses_and_are_few() -> None:
    found = run(PERIODICITY, ROCK, RATE)
    assert 4 < len(found.windows) <= 2000
    assert len({window.resolution_s for window in found.windows}) >= 3
    best = found.windows[0].hypotheses[0]
    assert best.score == pytest.approx(sum(best.parts.values()))
    assert sum(best.grouping) == best.beats and len(found.windows[0].hypotheses) <= 8
    assert {"accent_alignment", "repetition", "harmonic_periods", "downbeat_anchor"} <= set(best.parts)


def test_a_long_take_has_no_more_windows() -> None:
    spans = part("meter", "periodicity.tracking").all_spans(7200.0)
    assert len(spans) == 4 and sum(map(len, spans.values())) <= 2000


def test_a_meter_that_changes_has_two_segments() -> None:
    first, second = hits("KhShKKSh", 0.22, 9), hits("KhShShh", 0.22, 10, start_s=0.0)
    cut = round((0.4 + 9 * 8 * 0.22) * RATE)
    found = run(PERIODICITY, np.concatenate((first[:cut], second)), RATE)
    assert [segment.meter for segment in found.segments] == ["4/4", "7/8"]
    assert found.segments[1].start_s == pytest.approx(cut / RATE, abs=1.6)
    assert [change.kind for change in found.modulations] == ["meter_change"]


@pytest.mark.parametrize(
    "samples",
    [signals.noise(20.0, RATE), signals.drone(20.0, RATE), signals.babble(20.0, RATE), np.zeros(20 * RATE, np.float32)],
    ids=["noise", "drone", "speech", "silence"],
)  # fmt: skip
def test_what_has_no_pulse_is_skipped(samples: signals.Samples) -> None:
    with pytest.raises(Skip, match="no steady pulse"):
        run(PERIODICITY, samples, RATE)


def test_a_take_too_short_is_skipped() -> None:
    with pytest.raises(Skip, match="too short"):
        run(PERIODICITY, click_track([0.5, 1.0], 2.0, RATE), RATE)


def test_nothing_but_speech_is_skipped() -> None:
    spoken = Content(segments=(ContentSegment(start_s=0, end_s=60, label="speech"),))
    with pytest.raises(Skip, match="nothing but speech or noise"):
        run(PERIODICITY, ROCK, RATE, results=[spoken])


def test_no_beats_lie_in_speech() -> None:
    spoken = Content(segments=(ContentSegment(start_s=6, end_s=9, label="speech"),))
    found = run(PERIODICITY, ROCK, RATE, results=[spoken])
    assert not any(6 <= time < 9 for time in found.beat_times)
    assert any(time > 9 for time in found.beat_times)


def test_a_meter_that_a_person_names_is_kept() -> None:
    found = run(PERIODICITY, ROCK, RATE, corrections=Corrections(meter="7/8", grouping=(3, 2, 2)))
    assert (found.meter, found.grouping, found.source) == ("7/8", (3, 2, 2), "user")
    assert {segment.meter for segment in found.segments} == {"7/8"} and not found.ambiguous


def test_a_tempo_and_an_octave_that_a_person_names_are_kept() -> None:
    plain = run(PERIODICITY, ROCK, RATE).segments[0].bpm
    for said in (Corrections(bpm=2 * plain), Corrections(octave=2.0)):
        assert run(PERIODICITY, ROCK, RATE, corrections=said).segments[0].bpm == pytest.approx(
            2 * plain, rel=0.03
        )


def test_a_tempo_outside_the_range_is_folded_or_skipped() -> None:
    limits = {"min_bpm": 120.0, "max_bpm": 240.0}
    assert run(PERIODICITY, ROCK, RATE, config=PERIODICITY.config_type(**limits)).segments[0].bpm >= 120
    with pytest.raises(Skip, match="outside 120 to 240"):
        run(PERIODICITY, ROCK, RATE, config=PERIODICITY.config_type(**limits, fold_halves=False))


def test_the_answer_is_the_same_twice() -> None:
    first, second = run(PERIODICITY, ROCK, RATE), run(PERIODICITY, ROCK, RATE)
    assert isinstance(first, Meter) and first == second
