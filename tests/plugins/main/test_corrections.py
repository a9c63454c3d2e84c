"""The tempo heeds what a person says of it: the value is theirs, the curve the measured one at its level."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hemiola import Corrections, Frames
from hemiola.results import Beats, Tempo
from hemiola.testing import run
from tests.plugins.parts import part, plugin

TEMPO = plugin("tempo.librosa")
heeding = part("tempo", "heeding")
STEADY = Beats(times=tuple(np.arange(0.5, 29.5, 1.0)))
"""60 beats a minute."""


def tempo(said: Corrections, beats: Beats = STEADY) -> Tempo:
    found: Tempo = run(TEMPO, np.zeros(30, np.float32), 1, results=[beats], corrections=said)
    return found


@pytest.mark.parametrize(("bpm", "level"), [(118, 2), (61, 1), (31, 0.5), (178, 3), (20.5, 1 / 3), (91, 1.5)])
def test_a_tempo_is_the_persons_and_the_curve_the_nearest_level_of_the_measured_one(
    bpm: float, level: float
) -> None:
    found = tempo(Corrections(bpm=bpm))
    assert (found.bpm, found.source, found.unreliable) == (bpm, "user", None)
    assert found.pulse_bpm == pytest.approx(60 * level)
    assert [point.bpm for point in found.curve] == pytest.approx([60 * level] * len(found.curve))


def test_a_tempo_in_no_simple_ratio_to_the_beats_is_said_and_so_is_that() -> None:
    found = tempo(Corrections(bpm=75))
    assert (found.bpm, found.source) == (75, "user")
    assert found.unreliable == "the beats that were heard go at 60.0, in no simple ratio to that"


def test_a_factor_is_one_of_the_measured_tempo() -> None:
    found = tempo(Corrections(octave=1 / 3))
    assert (found.bpm, found.pulse_bpm) == (pytest.approx(20), pytest.approx(20))
    assert (found.source, found.unreliable) == ("user", None)
    assert {round(point.bpm, 6) for point in found.curve} == {20}


def test_the_fastest_curve_is_still_one_that_can_be_said() -> None:
    times = np.concatenate([np.arange(0.0, 10.0, 0.25), 10.0 + np.arange(1, 9) * 0.01])
    assert tempo(Corrections(octave=8), Beats(times=tuple(times))).source == "user"


def test_a_meter_says_nothing_of_the_tempo() -> None:
    assert tempo(Corrections(meter="7/8")) == tempo(Corrections())


def test_the_nearest_level_is_the_nearest_as_one_hears() -> None:
    for bpm in np.geomspace(20, 400, 50):
        level = heeding.nearest_level(bpm, 100.0)
        off = [abs(math.log(100.0 * other / bpm)) for other in heeding.LEVELS]
        assert abs(math.log(100.0 * level / bpm)) == pytest.approx(min(off))


@pytest.mark.parametrize("said", [Corrections(octave=0.5), Corrections(bpm=60.0)], ids=["octave", "bpm"])
def test_the_network_s_tempo_heeds_it_without_a_meter(said: Corrections) -> None:
    activation = Frames(rate_hz=50.0, start_s=0.0, values=np.full((200, 2), 0.5))
    beats = Beats(
        times=tuple(np.arange(0.0, 4.0, 0.5)),
        activation=activation,
        activation_names=("tempo 60.00", "tempo 120.00"),
    )
    found: Tempo = run(plugin("tempo.net"), np.zeros(4, np.float32), 1, results=[beats], corrections=said)
    assert (found.bpm, found.source) == (60.0, "user")
    assert (found.confidence, found.unreliable) == (None, None)
    assert {round(point.bpm) for point in found.curve} == {60}
