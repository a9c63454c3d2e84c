"""beats.librosa and tempo.librosa: a steady pulse is followed, nothing is invented, content is heeded."""

from __future__ import annotations

import numpy as np
import pytest

from hemiola import Skip
from hemiola.results import Beats, Content, ContentSegment
from hemiola.testing import click_track, run
from tests.plugins import signals
from tests.plugins.parts import plugin

RATE = 22050
BEATS, TEMPO = plugin("beats.librosa"), plugin("tempo.librosa")


def content(*segments: tuple[float, float, str]) -> Content:
    """Content of these segments."""
    return Content(segments=tuple(ContentSegment(start_s=a, end_s=b, label=c) for a, b, c in segments))


@pytest.mark.parametrize("bpm", [80, 100, 120, 150])
def test_a_click_track_is_followed(bpm: int) -> None:
    clicks = np.arange(0.5, 29.5, 60 / bpm)
    found = np.array(run(BEATS, click_track(clicks, 30.0, RATE), RATE, start_s=7.0).times)
    assert np.median(np.abs(found[:, None] - 7.0 - clicks).min(axis=1)) < 0.03
    assert 60 / np.median(np.diff(found)) == pytest.approx(bpm, rel=0.04)


@pytest.mark.parametrize(
    "samples", [signals.noise(20.0, RATE), signals.drone(20.0, RATE)], ids=["noise", "drone"]
)
def test_noise_and_drones_have_no_beats_and_no_tempo(samples: signals.Samples) -> None:
    beats = run(BEATS, samples, RATE)
    assert beats.times == ()
    with pytest.raises(Skip, match="no steady pulse"):
        run(TEMPO, samples, RATE, results=[beats])


def test_beats_leave_speech_out() -> None:
    samples = click_track(np.arange(0.25, 30, 0.5), 30.0, RATE)
    spoken = content((0, 10, "music"), (10, 20, "speech"), (20, 30, "music"))
    found = np.array(run(BEATS, samples, RATE, results=[spoken]).times)
    assert not ((found >= 10) & (found < 20)).any()
    assert (found < 10).sum() >= 15 and (found >= 20).sum() >= 15


def test_nothing_but_speech_is_skipped() -> None:
    samples = click_track(np.arange(0.25, 10, 0.5), 10.0, RATE)
    with pytest.raises(Skip, match="nothing but speech here"):
        run(BEATS, samples, RATE, results=[content((0, 10, "speech"))])


def test_the_fallback_tempo_is_always_unreliable() -> None:
    beats = Beats(times=tuple(np.arange(0.0, 30.0, 0.5)))
    found = run(TEMPO, np.zeros(30, np.float32), 1, results=[beats])
    assert found.bpm == found.pulse_bpm == pytest.approx(120.0)
    assert found.confidence is None
    assert found.unreliable is not None and "fallback" in found.unreliable
    assert found.stability == pytest.approx(1.0)


def test_a_ramp_has_its_median_tempo_and_its_curve() -> None:
    steps = 60 / np.linspace(90, 150, 80)
    times = np.concatenate(([0.0], np.cumsum(steps)))
    found = run(TEMPO, np.zeros(60, np.float32), 1, results=[Beats(times=tuple(times))])
    assert found.bpm == pytest.approx(120, abs=2)
    assert found.curve[0].bpm < 95 and found.curve[-1].bpm > 145
    assert found.stability < 0.2


def test_a_pause_between_beats_is_no_slow_beat() -> None:
    times = np.concatenate((np.arange(0, 10, 0.5), np.arange(16, 26, 0.5)))
    found = run(TEMPO, np.zeros(30, np.float32), 1, results=[Beats(times=tuple(times))])
    assert found.bpm == pytest.approx(120.0)
    assert all(point.bpm == pytest.approx(120.0) for point in found.curve)


def test_few_beats_make_no_tempo() -> None:
    with pytest.raises(Skip, match="3 beats are too few"):
        run(TEMPO, np.zeros(3, np.float32), 1, results=[Beats(times=(0.5, 1.0, 1.5))])
