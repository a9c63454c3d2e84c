"""What the first network is to say at every frame, and what it costs to say it a frame late."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from evaluation.annotation import Stretch, Truth
from evaluation.training.frames import event_loss
from evaluation.training.targets import (
    BARS_S,
    EVENTS,
    METER_NAMES,
    NO_METER,
    TEMPOS,
    UNKNOWN,
    marks_of,
    targets_at,
)


def truth_of(meter: str, bpm: float, end_s: float) -> Truth:
    """Bars from the start to a second."""
    units, unit = (int(part) for part in meter.split("/"))
    times = np.arange(0.0, end_s, 240.0 / unit / bpm)
    stretch = Stretch(start_s=0.0, end_s=end_s, meter=meter, grouping=None, bpm=bpm)
    told = {
        "units": tuple(times),
        "beats": tuple(times),
        "downbeats": tuple(times[::units]),
        "onsets": tuple(times),
    }
    return Truth(kind="x", origin="generated", source="x", licence="CC0-1.0", segments=(stretch,), **told)


def test_targets_lie_at_the_frames_of_what_they_mark() -> None:
    found = targets_at(marks_of(truth_of("3/4", 120.0, 10.0)), 0.0, 0.02, 600)
    assert np.flatnonzero(found.events[:, EVENTS.index("tactus")]).tolist() == list(range(0, 500, 25))
    assert np.flatnonzero(found.events[:, EVENTS.index("downbeat")]).tolist() == list(range(0, 500, 75))
    assert set(found.meters[:500].tolist()) == {METER_NAMES.index("3/4")}
    assert set(found.meters[500:].tolist()) == {NO_METER}
    assert TEMPOS[found.tempos[100].argmax()] == pytest.approx(120.0, rel=0.03)
    assert BARS_S[found.bars[100].argmax()] == pytest.approx(1.5, rel=0.04)
    assert not found.tempos[500:].any() and not found.bars[500:].any()


def test_bent_time_bends_tempo_and_bar_alike() -> None:
    found = targets_at(marks_of(truth_of("3/4", 120.0, 10.0)), 1.0, 0.016, 400)
    assert TEMPOS[found.tempos[100].argmax()] == pytest.approx(120.0 * 0.8, rel=0.03)
    assert BARS_S[found.bars[100].argmax()] == pytest.approx(1.5 / 0.8, rel=0.04)


def test_a_meter_that_no_head_knows_is_not_counted() -> None:
    found = targets_at(marks_of(truth_of("13/8", 120.0, 10.0)), 0.0, 0.02, 400)
    assert set(found.meters.tolist()) == {UNKNOWN}
    assert not found.bars.any() and found.tempos.any()


def test_an_event_a_frame_away_costs_nothing() -> None:
    events = torch.zeros(1, 50, 5)
    events[0, 20] = 1
    logits = torch.full((1, 50, 5), -9.0)
    logits[0, 21] = 9.0
    positives = torch.ones(5)
    near = float(event_loss(logits, events, positives))
    assert near < 0.01 < 10 * float(event_loss(logits.roll(5, 1), events, positives))
