"""From what is true of a clip to what the network is to say at every frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.annotation import Stretch, Truth
from evaluation.scenes.meters import METERS

Doubles = npt.NDArray[np.float64]

FRAME_RATE = 50
"""Of what the network says: every second frame of what it hears."""
EVENTS = ("onset", "unit", "tactus", "downbeat", "group")
"""Heads that say whether something lies at a frame."""
METER_NAMES = tuple(METERS)
BAR_QUARTERS = np.array([groupings[0].bar_quarters for groupings in METERS.values()])
NO_METER = len(METER_NAMES)
UNKNOWN = -1
TEMPOS = 40.0 * 2.0 ** (np.arange(45) / 15.0)
"""Quarters a minute, 15 to the octave from 40 to 305; the tempo head says which is nearest."""
BARS_S = 0.5 * 2.0 ** (np.arange(45) / 10.0)
"""Lengths of a bar in seconds, ten to the octave from 0.5 to 10.6; the bar head says which is nearest."""


@dataclass(frozen=True)
class Marks:
    """What is true of a clip, in seconds.

    Attributes
    ----------
    events : times of each of EVENTS, shape (k,) each
    meters : shape (s, 3): start, end, index into METER_NAMES or UNKNOWN, of every stretch
    tempos : shape (t, 2): time and quarters a minute
    """

    events: tuple[Doubles, ...]
    meters: Doubles
    tempos: Doubles


@dataclass(frozen=True)
class Targets:
    """What is true at n frames.

    Attributes
    ----------
    events : shape (n, len(EVENTS)), float32: 1 at the frame nearest to each
    meters : shape (n,), int64: index into METER_NAMES, NO_METER, or UNKNOWN
    tempos : shape (n, len(TEMPOS)), float32: shares that add up to one, or zeros where there is none
    bars : shape (n, len(BARS_S)), float32: the same of the bar's length
    """

    events: npt.NDArray[np.float32]
    meters: npt.NDArray[np.int64]
    tempos: npt.NDArray[np.float32]
    bars: npt.NDArray[np.float32]


def marks_of(truth: Truth) -> Marks:
    """The marks of a truth; a field that was not annotated counts as empty."""
    units, downbeats = np.array(truth.units or ()), np.array(truth.downbeats or ())
    stretches = truth.segments or ()
    groups = groups_of(stretches, units, downbeats)
    events = (truth.onsets, truth.units, truth.beats, truth.downbeats, groups)
    meters = [
        (s.start_s, s.end_s, METER_NAMES.index(s.meter) if s.meter in METERS else UNKNOWN) for s in stretches
    ]
    tempos = [played for stretch in stretches for played in _played(stretch, units)]
    return Marks(
        tuple(np.asarray(times if times is not None else (), float) for times in events),
        np.array(meters, float).reshape(-1, 3),
        np.array(tempos, float).reshape(-1, 2),
    )


def _played(stretch: Stretch, units: Doubles) -> list[tuple[float, float]]:
    inside = units[(units >= stretch.start_s - 1e-3) & (units <= stretch.end_s + 1e-3)]
    per_quarter = int(stretch.meter.split("/")[1]) / 4
    return list(zip((inside[1:] + inside[:-1]) / 2, 60.0 / (np.diff(inside) * per_quarter), strict=True))


def groups_of(stretches: Sequence[Stretch], units: Doubles, downbeats: Doubles) -> Doubles:
    """Where groups begin: counted in units from every downbeat, seconds, shape (k,)."""
    found = [downbeats]
    for stretch in stretches:
        usual = METERS.get(stretch.meter, ())
        grouping = stretch.grouping or (usual[0].grouping if len(usual) == 1 else ())
        offsets = np.cumsum(grouping[:-1]).astype(int)
        inside = (downbeats >= stretch.start_s - 1e-3) & (downbeats < stretch.end_s - 1e-3)
        for at in np.searchsorted(units, downbeats[inside] - 1e-3):
            within = units[(at + offsets)[at + offsets < len(units)]]
            found.append(within[within < stretch.end_s - 1e-3])
    return np.unique(np.round(np.concatenate(found), 4))


def targets_at(marks: Marks, start_s: float, step_s: float, count: int) -> Targets:
    """The targets at frames that begin at a second and lie so far apart (0.02 s, more or less where time is bent)."""
    events = np.zeros((count, len(EVENTS)), np.float32)
    for column, times in enumerate(marks.events):
        at = np.round((times - start_s) / step_s).astype(int)
        events[at[(at >= 0) & (at < count)], column] = 1
    seconds = start_s + step_s * np.arange(count)
    meters = np.full(count, NO_METER, np.int64)
    for start, end, meter in marks.meters:
        meters[(seconds >= start) & (seconds < end)] = int(meter)
    tempos, bars = np.zeros((count, len(TEMPOS)), np.float32), np.zeros((count, len(BARS_S)), np.float32)
    sounding, known = meters != NO_METER, (meters != NO_METER) & (meters != UNKNOWN)
    if len(marks.tempos):
        bpm = np.interp(seconds, marks.tempos[:, 0], marks.tempos[:, 1]) * step_s * FRAME_RATE
        tempos[sounding] = _near(bpm[sounding], TEMPOS, 15.0)
        bars[known] = _near(60.0 / bpm[known] * BAR_QUARTERS[meters[known]], BARS_S, 10.0)
    return Targets(events, meters, tempos, bars)


def _near(values: Doubles, grid: Doubles, an_octave: float) -> npt.NDArray[np.float32]:
    """Shares of the grid's classes about each value, a class wide; shape (n, len(grid))."""
    near = np.exp(-0.5 * (an_octave * np.log2(values[:, None] / grid)) ** 2)
    return np.asarray(near / np.maximum(near.sum(axis=1, keepdims=True), 1e-9), np.float32)
