"""onsets.librosa: librosa's own onsets, also where a region begins with one."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from hemiola.testing import click_track, run
from tests.plugins import signals
from tests.plugins.parts import in_environment, plugin

RATE = 22050
ONSETS = plugin("onsets.librosa")


def test_it_is_a_peer_and_the_providers_are_not() -> None:
    assert {name for name in in_environment("main") if plugin(name).peer} == {
        "onsets.librosa",
        "meter.beat_this",
    }


def test_clicks_are_found_within_two_frames() -> None:
    clicks = np.arange(0.5, 9.5, 0.4)
    found = np.array(run(ONSETS, click_track(clicks, 10.0, RATE), RATE, start_s=2.0).times) - 2.0
    assert len(found) == len(clicks) and np.abs(clicks - found).max() < 0.047


def test_they_are_librosas_with_its_defaults() -> None:
    samples = signals.song(0, "major", RATE, bars=4, drums=0.4)
    lead = np.pad(samples, (2205, 0))
    expected = librosa.onset.onset_detect(y=lead, sr=RATE, units="time") - 0.1
    found = run(ONSETS, samples, RATE)
    np.testing.assert_allclose(found.times, expected)
    assert len(found.strengths) == len(found.times) and min(found.strengths) > 0


def test_an_onset_that_a_region_begins_with_is_found() -> None:
    samples, _ = signals.struck([0.0, 0.9], 1.5, RATE)
    assert librosa.onset.onset_detect(y=samples, sr=RATE, units="time").min() > 0.5, "librosa's own does not"
    assert run(ONSETS, samples, RATE, start_s=7.0).times[0] == pytest.approx(7.0, abs=0.05)


@pytest.mark.parametrize(
    "samples", [np.zeros(RATE, np.float32), np.zeros(1, np.float32)], ids=["silence", "one"]
)
def test_silence_has_none(samples: np.ndarray) -> None:
    assert run(ONSETS, samples, RATE).times == ()
