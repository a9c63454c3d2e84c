"""The beats of a take as runs of an even pulse, with the bar each lies in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hemiola.results import Meter

Times = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

STEP = 1.3
"""A beat so much longer or shorter than the last one begins a new run: one is missing, or the tempo changes."""
SMOOTHING = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
"""Takes the jitter of an estimate out of the beats; a ramp goes through it unchanged."""
EARLY_S = 0.05
"""A beat may be so much before the segment it opens."""
NEAR = 0.25
"""Of a beat: so near a downbeat a beat is one."""


@dataclass(frozen=True)
class Run:
    """Beats that follow each other evenly.

    Attributes
    ----------
    beats : ndarray of shape (n + 1,), seconds; the last is where a further one would be
    bars : ndarray of shape (n,), how many beats the bar has that each lies in
    compound : ndarray of shape (n,), whether each is divided in three by its meter
    downbeats : ndarray of shape (n,), whether each begins a bar
    """

    beats: Times
    bars: Counts
    compound: Flags
    downbeats: Flags


def beats_in(meter: str, grouping: Sequence[int]) -> int:
    """Beats of a bar by the convention of the tactus; 0 where they are of unequal length, and in 3/8, whose beats are
    eighths: what lies between those is an ornament."""
    count, unit = (int(part) for part in meter.split("/"))
    if unit <= 4:
        return count
    if count == 3:
        return 0
    groups = _groups(count, grouping)
    return len(groups) if len(set(groups)) == 1 else 0


def is_compound(meter: str, grouping: Sequence[int]) -> bool:
    """Whether every beat of a bar is divided in three."""
    count, unit = (int(part) for part in meter.split("/"))
    return unit > 4 and set(_groups(count, grouping)) == {3}


def _groups(count: int, grouping: Sequence[int]) -> tuple[int, ...]:
    return tuple(grouping) or ((3,) * (count // 3) if count % 3 == 0 else (2, 3))


def runs(meter: Meter, start_s: float = 0.0) -> Iterator[Run]:
    """The runs of a take's beats of four beats or more, in seconds after `start_s`; unequal beats are in none."""
    beats = np.asarray(meter.beat_times, np.float64)
    if len(beats) < 2:
        return
    bars, compound = _bars(meter, beats)
    lengths = np.diff(beats)
    steps = lengths[1:] / lengths[:-1]
    cuts = np.flatnonzero((steps > STEP) | (steps < 1 / STEP)) + 1
    edges = [0, *sorted({int(c) + 1 for c in cuts}), len(beats)]
    downbeats = np.asarray(meter.downbeat_times, np.float64)
    for first, last in itertools.pairwise(edges):
        for start, stop in _stretches(bars[first:last] > 0):
            part = slice(first + start, first + stop)
            if stop - start >= 4:
                smooth = _smooth(beats[part])
                yield Run(smooth - start_s, bars[part], compound[part], _near(smooth[:-1], downbeats))


def _bars(meter: Meter, beats: Times) -> tuple[Counts, Flags]:
    bars, compound = np.full(len(beats), 4, np.int64), np.zeros(len(beats), bool)
    if meter.meter:
        bars[:] = beats_in(meter.meter, meter.grouping)
        compound[:] = is_compound(meter.meter, meter.grouping)
    for segment in meter.segments:
        inside = (beats > segment.start_s - EARLY_S) & (beats < segment.end_s - EARLY_S)
        bars[inside] = beats_in(segment.meter, segment.grouping)
        compound[inside] = is_compound(segment.meter, segment.grouping)
    return bars, compound


def _stretches(flags: Flags) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _smooth(beats: Times) -> Times:
    """The beats without their jitter, and one more after the last: shape (n + 1,)."""
    before = beats[0] - (beats[1] - beats[0]) * np.arange(2, 0, -1)
    after = beats[-1] + (beats[-1] - beats[-2]) * np.arange(1, 4)
    return np.convolve(np.concatenate([before, beats, after]), SMOOTHING, "valid")


def _near(beats: Times, downbeats: Times) -> Flags:
    around = np.concatenate([[-np.inf], np.sort(downbeats), [np.inf]])
    at = np.searchsorted(around, beats)
    distance = np.minimum(beats - around[at - 1], around[at] - beats)
    return np.asarray(distance < NEAR * np.median(np.diff(beats)))
