"""Tempo maps: where a place in the score, in quarters, lies in the recording, in seconds; and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

NODES_PER_QUARTER = 4
"""A curve of tempo is laid through this many points; between two of them the tempo is constant."""


@dataclass(frozen=True)
class TempoMap:
    """Points of a strictly rising line, quarters to seconds; beyond its ends it goes on as it was.

    Attributes
    ----------
    quarters, seconds : shape (n,), n >= 2, both strictly ascending
    """

    quarters: Floats
    seconds: Floats

    def __post_init__(self) -> None:
        rising = (
            len(self.quarters) >= 2
            and np.all(np.diff(self.quarters) > 0)
            and np.all(np.diff(self.seconds) > 0)
        )
        if not rising:
            raise ValueError("a tempo map needs two points or more, later ones at later seconds")

    def at(self, quarters: npt.ArrayLike) -> Floats:
        """Seconds of places in the score."""
        return _through(np.asarray(quarters, float), self.quarters, self.seconds)

    def where(self, seconds: npt.ArrayLike) -> Floats:
        """Places in the score, in quarters, of seconds: the inverse of `at`."""
        return _through(np.asarray(seconds, float), self.seconds, self.quarters)

    def bpm(self, quarters: npt.ArrayLike) -> Floats:
        """Quarters a minute from that place on."""
        slopes = np.diff(self.seconds) / np.diff(self.quarters)
        index = np.searchsorted(self.quarters, np.asarray(quarters, float) + 1e-9, side="right") - 1
        return np.asarray(60.0 / slopes[np.clip(index, 0, len(slopes) - 1)])

    def median_bpm(self, start: float, end: float) -> float:
        """Median over the quarters that begin in [start, end): what a ramp's or drift's tempo is called."""
        edges = np.arange(start, end + 1e-9)
        if len(edges) < 2:
            return float(60.0 * (end - start) / (self.at(end) - self.at(start)))
        return float(np.median(60.0 / np.diff(self.at(edges))))

    def beginning(self, quarters: float, second: float) -> TempoMap:
        """The same tempo with that place at that second."""
        return TempoMap(self.quarters, self.seconds + (second - float(self.at(quarters))))


def _through(x: Floats, xs: Floats, ys: Floats) -> Floats:
    before = ys[0] + (x - xs[0]) * (ys[1] - ys[0]) / (xs[1] - xs[0])
    after = ys[-1] + (x - xs[-1]) * (ys[-1] - ys[-2]) / (xs[-1] - xs[-2])
    inside = np.interp(x, xs, ys)
    return np.asarray(np.where(x < xs[0], before, np.where(x > xs[-1], after, inside)))


@dataclass(frozen=True)
class Stage:
    """A stretch of the score whose tempo goes evenly, in quarters, from one BPM to another."""

    quarters: float
    from_bpm: float
    to_bpm: float


def staged(stages: Sequence[Stage]) -> TempoMap:
    """A tempo map from place 0 on: constant where a stage keeps its tempo, else a ramp; a step between stages."""
    places: list[float] = [0.0]
    periods: list[float] = []
    for stage in stages:
        pieces = 1 if stage.from_bpm == stage.to_bpm else max(1, round(stage.quarters * NODES_PER_QUARTER))
        middles = (np.arange(pieces) + 0.5) / pieces
        periods.extend(60.0 / (stage.from_bpm + middles * (stage.to_bpm - stage.from_bpm)))
        places.extend(places[-1] + stage.quarters * (np.arange(pieces) + 1) / pieces)
    quarters = np.array(places)
    seconds = np.concatenate([[0.0], np.cumsum(np.array(periods) * np.diff(quarters))])
    return TempoMap(quarters, seconds)


def drifting(tempo: TempoMap, amount: float, random: np.random.Generator) -> TempoMap:
    """The same map as people keep it: its tempo wanders smoothly, within about `amount` (0.03: 3 %) of itself."""
    length = tempo.quarters[-1] - tempo.quarters[0]
    grid = np.union1d(
        tempo.quarters, np.arange(tempo.quarters[0], tempo.quarters[-1], 1.0 / NODES_PER_QUARTER)
    )
    grid = grid[np.concatenate([[True], np.diff(grid) > 1e-6])]
    middles = (grid[1:] + grid[:-1]) / 2 / max(length, 1.0)
    waves = np.arange(1, 6)
    phases, strengths = random.uniform(0, 2 * np.pi, 5), random.normal(0, 1, 5) / waves
    wander = np.sin(2 * np.pi * middles[:, None] * waves * 0.8 + phases) @ strengths
    wander /= max(float(np.abs(wander).max()), 1e-9)
    seconds = np.diff(tempo.at(grid)) * (1.0 + amount * wander)
    return TempoMap(grid, np.concatenate([[0.0], np.cumsum(seconds)]))
