"""The states of the bar pointer: which beat of which bar begins, at which tempo, and how long it lasts.

References
----------
.. [1] N. Whiteley, A. T. Cemgil and S. Godsill, "Bayesian modelling of temporal structure in musical audio", Proc. of
   the 7th Int. Conf. on Music Information Retrieval (ISMIR), 2006.
.. [2] F. Krebs, S. Boeck and G. Widmer, "An efficient state-space model for joint tempo and meter tracking",
   Proc. of the 16th Int. Society for Music Information Retrieval Conf. (ISMIR), 2015.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .meters import Bar

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FRAME_RATE = 50.0
SLOW = 10
"""Frames over which what is said of meter and tempo counts as the same."""
STEP = 1.03
"""From one tempo to the next."""


def blocks(start_s: float, end_s: float) -> slice:
    """The blocks of SLOW frames in which these times and all between them lie."""
    return slice(round(start_s * FRAME_RATE) // SLOW, round(end_s * FRAME_RATE) // SLOW + 1)


def tempo_grid(slowest: float, fastest: float) -> Doubles:
    """Quarters a minute, falling, from at least `fastest` down to `slowest` at most; shape (p,)."""
    count = int(np.ceil(np.log(fastest / slowest) / np.log(STEP))) + 1
    return np.asarray(fastest * STEP ** -np.arange(count, dtype=float))


@dataclass(frozen=True)
class States:
    """A state is (beat of a bar, tempo); all arrays run over the s beats of all bars, or over the p tempos.

    Attributes
    ----------
    bars : the bars, b of them
    tempos : shape (p,), quarters a minute, falling
    bar : shape (s,), which bar a beat is of
    before : shape (s,), the beat before it in its bar; of the first one, the last
    first, last : shape (b,), a bar's first and last beat
    inner : shape (s,), units in a beat: 1, or 2 or 3 where a group of eighths is one beat
    group : shape (s,), whether a group begins there and the meter has groups that mean something
    lasting : shape (s, p), length of a beat in frames
    """

    bars: tuple[Bar, ...]
    tempos: Doubles
    bar: Ints
    before: Ints
    first: Ints
    last: Ints
    inner: Ints
    group: npt.NDArray[np.bool_]
    lasting: Ints

    @classmethod
    def of(cls, bars: Sequence[Bar], tempos: Doubles) -> States:
        """The states of these bars at these tempos."""
        rows = []
        first = []
        for index, bar in enumerate(bars):
            first.append(len(rows))
            ends = (*bar.tactus[1:], bar.units)
            for place, end in zip(bar.tactus, ends, strict=True):
                groups = bool(bar.named_grouping) and place in bar.groups
                rows.append((index, end - place, groups, (end - place) * 4.0 / bar.unit))
        last = [*(n - 1 for n in first[1:]), len(rows) - 1]
        before = np.arange(len(rows)) - 1
        before[first] = last
        quarters = np.array([row[3] for row in rows])
        frames = quarters[:, None] * 60.0 * FRAME_RATE / tempos[None, :]
        return cls(
            tuple(bars),
            tempos,
            np.array([row[0] for row in rows]),
            before,
            np.array(first),
            np.array(last),
            np.array([row[1] for row in rows]),
            np.array([row[2] for row in rows]),
            np.maximum(2, np.round(frames)).astype(np.int64),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Beats and tempos."""
        return self.lasting.shape[0], self.lasting.shape[1]
