"""Sources of music without drums: exact truth, the same clip from the same number, nothing shared between the sides."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.scenes.patterns.strokes import Stroke
from evaluation.scenes.playing import Event
from evaluation.scenes.sounds import RATE, TIMBRES
from evaluation.training.sources import left_hands, right_hands
from evaluation.training.sources.invented_piano import InventedPiano
from evaluation.training.sources.recital import sounding
from evaluation.training.sources.sampled import PIANOS, available

SYNTHESISED = InventedPiano(sampled=False)


def test_the_same_number_gives_the_same_clip_and_another_number_another() -> None:
    first, again, other = (SYNTHESISED.clip(n, False) for n in (3, 3, 4))
    assert first.samples.tobytes() == again.samples.tobytes()
    assert first.truth == again.truth
    assert first.truth != other.truth


def test_the_sides_differ_and_share_no_figure() -> None:
    assert SYNTHESISED.clip(3, False).truth != SYNTHESISED.clip(3, True).truth
    assert not set(left_hands.SEEN) & set(left_hands.LEFT_OUT)
    assert not set(right_hands.SEEN) & set(right_hands.LEFT_OUT)


@pytest.mark.parametrize("number", range(6))
def test_every_downbeat_is_a_beat_and_a_unit_and_nothing_lies_outside(number: int) -> None:
    clip = SYNTHESISED.clip(number, False)
    truth = clip.truth
    assert truth.beats and truth.units and truth.downbeats and truth.onsets and truth.segments
    assert set(truth.downbeats) <= set(truth.beats) <= set(truth.units)
    assert truth.onsets[0] > 0 and truth.beats[-1] < len(clip.samples) / RATE
    assert clip.samples.dtype == np.float32 and np.abs(clip.samples).max() <= 1.0


def rises(samples: np.ndarray, second: float) -> bool:
    """Whether the magnitude reaches a tenth of its peak within 3 ms of that second, and no earlier."""
    size = np.abs(samples) >= 0.1 * np.abs(samples).max()
    return abs(int(np.argmax(size)) / RATE - second) < 0.003


@pytest.mark.parametrize(
    "voice", [voice for part in TIMBRES.values() for voice in part], ids=lambda v: v.name
)
def test_a_synthesised_note_is_attacked_where_its_event_lies(voice) -> None:
    event = Event(Stroke(0.0, "melody", 0.7, 1.0, 65.0), 0.5, 0.5, 0.4)
    assert rises(sounding([event], {"melody": voice}, 2 * RATE), 0.5)


@pytest.mark.skipif(not available(), reason="needs fluidsynth and the sound font TimGM6mb")
@pytest.mark.parametrize("pitch", (30.0, 48.0, 60.0, 73.0, 100.0))
@pytest.mark.parametrize("velocity", (0.2, 0.5, 0.9))
def test_a_sampled_note_is_attacked_where_its_event_lies(pitch: float, velocity: float) -> None:
    event = Event(Stroke(0.0, "melody", velocity, 1.0, pitch), 0.5, 0.5, 0.4)
    assert rises(sounding([event], {"melody": PIANOS[0]}, 2 * RATE), 0.5)


@pytest.mark.skipif(not available(), reason="needs fluidsynth and the sound font TimGM6mb")
def test_a_louder_note_is_louder() -> None:
    peaks = []
    for velocity in (0.2, 0.4, 0.6, 0.8, 1.0):
        event = Event(Stroke(0.0, "melody", velocity, 1.0, 60.0), 0.5, 0.5, 0.4)
        peaks.append(float(np.abs(sounding([event], {"melody": PIANOS[0]}, RATE)).max()))
    assert peaks == sorted(peaks)
