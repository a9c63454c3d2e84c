"""tempo.madmom heeds what a person says of the tempo, also where it would doubt it or name none."""

from __future__ import annotations

import numpy as np
import pytest

from hemiola import Corrections
from hemiola.results import Beats, Frames, Tempo
from hemiola.testing import run
from tests.plugins.parts import plugin

TEMPO = plugin("tempo.madmom")
SECONDS, FPS = 30, 100


def heard(beats_bpm: float, activation_bpm: float) -> Beats:
    """Beats at one tempo over an activation at another."""
    values = np.zeros(SECONDS * FPS, np.float32)
    values[np.round(np.arange(0.5, SECONDS, 60 / activation_bpm) * FPS).astype(int)[:-1]] = 1.0
    return Beats(
        times=tuple(np.arange(0.5, SECONDS, 60 / beats_bpm)),
        activation=Frames(rate_hz=FPS, start_s=0.0, values=values),
        activation_names=("beat",),
    )


def tempo(beats: Beats, said: Corrections = Corrections()) -> Tempo:  # noqa: B008
    found: Tempo = run(TEMPO, np.zeros(SECONDS, np.float32), 1, results=[beats], corrections=said)
    return found


def test_a_tempo_is_the_persons_and_the_candidates_stay_those_that_were_heard() -> None:
    beats = heard(60, 120)
    measured, found = tempo(beats), tempo(beats, Corrections(bpm=119))
    assert (found.bpm, found.pulse_bpm) == (119, pytest.approx(120, rel=0.01))
    assert (found.source, found.unreliable) == ("user", None)
    assert measured.unreliable is not None and found.candidates == measured.candidates


def test_a_factor_settles_the_doubt_about_the_octave() -> None:
    found = tempo(heard(60, 120), Corrections(octave=2))
    assert (found.bpm, found.source, found.unreliable) == (pytest.approx(120, rel=0.01), "user", None)


def test_without_a_word_the_answer_is_as_ever() -> None:
    assert tempo(heard(60, 120)).source == "estimated"
