"""onsets.essentia: Essentia's own onsets at the right times, in memory that does not grow."""

from __future__ import annotations

import essentia.standard
import numpy as np
import pytest

from hemiola.testing import click_track, run
from tests.plugins import signals
from tests.plugins.parts import plugin

RATE = 44100
ONSETS = plugin("onsets.essentia")


def test_clicks_are_found_within_a_frame() -> None:
    clicks = np.arange(0.5, 9.5, 0.4)
    found = np.array(run(ONSETS, click_track(clicks, 10.0, RATE), RATE, start_s=2.0).times) - 2.0
    assert np.abs(clicks[:, None] - found).min(axis=1).max() < 0.015
    assert len(found) == len(clicks)


def test_as_many_onsets_as_essentia_itself() -> None:
    samples = signals.song(0, "major", RATE, bars=4, drums=0.4)
    own, _ = essentia.standard.OnsetRate()(samples)
    assert len(run(ONSETS, samples, RATE).times) == pytest.approx(len(own), abs=1)


@pytest.mark.parametrize(
    "samples", [signals.noise(8.0, RATE), signals.drone(8.0, RATE)], ids=["noise", "drone"]
)
def test_what_holds_on_begins_once(samples: signals.Samples) -> None:
    assert len(run(ONSETS, samples, RATE).times) <= 2
