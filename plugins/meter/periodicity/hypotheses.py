"""Hypotheses: which bars a pulse may be counted in, how many strokes to a unit, and where bars begin.

A hypothesis is a pulse, strokes to a unit, a bar with its grouping, and a phase: the stroke, counted from the pulse's
first, at which a bar begins. Bars of as many strokes fold the pulse alike and are scored together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..meters import Bar

Doubles = npt.NDArray[np.float64]

STROKES = {4: (1, 2, 3, 4), 8: (1, 2)}
"""Strokes to a unit: a quarter may be divided in two, three (swing) or four, an eighth in two."""
LONGEST = 28
"""Strokes in a bar at most."""
CONTRASTS = ("downbeat", "groups", "units", "last", "lilt")
"""What a bar predicts of its positions: the downbeat differs from the other beats, the groups' first units from the
other units, the units from what lies between, the last group from the others, and of three strokes to a quarter
the last from the second (swing)."""


@dataclass(frozen=True)
class Count:
    """A bar counted in strokes of a pulse."""

    bar: Bar
    strokes: int
    """To a unit."""

    @property
    def length(self) -> int:
        """Strokes in a bar."""
        return self.strokes * self.bar.units

    @property
    def quarters(self) -> float:
        """Strokes in a quarter."""
        return self.strokes * self.bar.unit / 4

    @property
    def tactus(self) -> float:
        """Strokes in a beat on average."""
        return self.length / self.bar.beats

    @cached_property
    def contrasts(self) -> Doubles:
        """Weights of a bar's rows in every contrast, shape (len(CONTRASTS), 2 * length).

        Two rows to a stroke: on it, and half-way to the next. Each contrast is a mean less a mean.
        """
        rows, step = 2 * self.length, 2 * self.strokes
        units = [step * i for i in range(self.bar.units)]
        groups = [step * i for i in self.bar.groups]
        tactus = [step * i for i in self.bar.tactus]
        between = [i for i in range(rows) if i % step]
        third = [u + 4 for u in units] if self.strokes == 3 else []
        second = [u + 2 for u in units] if self.strokes == 3 else []
        pairs = (
            ([0], [t for t in tactus if t]),
            (groups[1:] or [0], [u for u in units if u not in groups]),
            (units, between),
            (groups[-1:], groups[:-1]),
            (third, second),
        )
        weights = np.zeros((len(CONTRASTS), rows))
        for row, (high, low) in zip(weights, pairs, strict=True):
            if high and low:
                row[high] += 1.0 / len(high)
                row[low] -= 1.0 / len(low)
        return weights


@dataclass(frozen=True)
class Fold:
    """All counts of as many strokes: they fold a pulse alike."""

    length: int
    counts: tuple[Count, ...]

    @cached_property
    def contrasts(self) -> Doubles:
        """Shape (counts * contrasts, 2 * length)."""
        return np.concatenate([count.contrasts for count in self.counts])

    @cached_property
    def turns(self) -> npt.NDArray[np.intp]:
        """Rows of the bar from every phase on, shape (length, 2 * length)."""
        rows = 2 * self.length
        return (np.arange(rows) + 2 * np.arange(self.length)[:, None]) % rows

    @cached_property
    def entries(self) -> npt.NDArray[np.intp]:
        """For every count and phase, the place in a table of all (strokes, first unit), shape (counts, length)."""
        strokes = np.array([count.strokes for count in self.counts])[:, None]
        return strokes * (strokes - 1) // 2 + np.arange(self.length) % strokes

    @cached_property
    def spans(self) -> Doubles:
        """Strokes in a quarter, a beat and a bar of each count, shape (3, counts)."""
        return np.array([(count.quarters, count.tactus, count.length) for count in self.counts], float).T


def folds(bars: Iterable[Bar], period_s: float, min_bpm: float, max_bpm: float) -> tuple[Fold, ...]:
    """All ways to count a pulse of that period in those bars with a tempo between those, in quarters a minute."""
    by_length: dict[int, list[Count]] = {}
    for bar in bars:
        for strokes in STROKES[bar.unit]:
            count = Count(bar, strokes)
            bpm = 60.0 / (period_s * count.quarters)
            if count.length <= LONGEST and min_bpm <= bpm <= max_bpm:
                by_length.setdefault(count.length, []).append(count)
    return tuple(Fold(length, tuple(counts)) for length, counts in sorted(by_length.items()))


@dataclass(frozen=True)
class Hypothesis:
    """One way to hear it."""

    pulse: int
    count: Count
    phase: int
    """The stroke at which a bar begins, below `count.length`."""

    def units(self, strokes: Doubles) -> tuple[Doubles, npt.NDArray[np.intp]]:
        """Times of the units among the pulse's strokes, shape (n,), and the place of each in its bar."""
        first = self.phase % self.count.strokes
        times = strokes[first :: self.count.strokes]
        places = (first + np.arange(len(times)) * self.count.strokes - self.phase) // self.count.strokes
        return times, places % self.count.bar.units
