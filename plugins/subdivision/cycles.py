"""Polymeter: an accent that comes round every f beats while the bar comes round every b."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import lcm

import numpy as np
import numpy.typing as npt

from .passage import Passage
from .timbre import left_out

Floats = npt.NDArray[np.float32]

LEAST = {2: (1.35, 1.4), 3: (1.18, 1.32), 4: (1.1, 1.3), 5: (1.24, 1.42), 7: (0.95, 1.38)}
"""Beats of the figures that are looked for, and how strong each must be: one that begins with the bar at the start of
the passage, and any other, of which there are so many that some are strong by chance. Set between what 20 to 30
generated polymeters reach and what 90 drummers and 150 generated recordings without one do. Six beats over four are
three bars of two, which a phrase often has; they are left out."""
LEAST_ROUNDS, LEAST_BEATS = 4, 15
SHRINKAGE = 0.15
LEAST_BAR = 0.6
"""How strong the bar's own cycle must be: where it is not, the meter is in doubt and not the figure strange to it."""


@dataclass(frozen=True)
class Cycle:
    """A cycle of beats as it was heard in a passage.

    Attributes
    ----------
    length, offset
        It begins wherever a beat's number % length is `offset`.
    strength
        1.5 where, in every round, the beat with the accent is the one that the other rounds would have chosen, by far.
    rounds : tuple of (beat, whether its accent was the round's clearest)
    with_passage : whether it begins where the passage does
    """

    length: int
    offset: int
    strength: float
    rounds: tuple[tuple[int, bool], ...]
    with_passage: bool

    def excess(self) -> float:
        """By how much it is strong enough to be believed."""
        with_bar, elsewhere = LEAST[self.length]
        return self.strength - (with_bar if self.with_passage else elsewhere)


def against(bar: int) -> Iterator[tuple[int, int]]:
    """Figures that do not fit into a bar of that many beats, nor it into them, and the span each is looked for in.

    None over bars of two: phrases of three bars are no figure.
    A span ends where figure and bar come together again, after four rounds or more.
    """
    for figure in LEAST:
        if bar > 2 and figure % bar and bar % figure:
            together = lcm(figure, bar)
            enough = max(LEAST_BEATS, LEAST_ROUNDS * figure)
            yield figure, -(-enough // together) * together


def cycles(passage: Passage, length: int) -> list[Cycle]:
    """The cycle of a length in a passage, by each of its phases.

    The spectra of the beats are asked alone: what they have in common a cycle apart, and only then.
    """
    beats = passage.spectra(passage.beats[:-1])
    numbers = passage.first + np.arange(len(beats))
    return [_judged(beats, numbers, length, offset) for offset in range(length)]


def _judged(beats: Floats, numbers: npt.NDArray[np.int64], length: int, offset: int) -> Cycle:
    before = (offset - int(numbers[0])) % length
    count = (len(numbers) - before) // length
    if count < 3:
        return Cycle(length, offset, 0.0, (), before == 0)
    whole = beats[before : before + count * length].reshape(count, length, -1)
    beside = np.concatenate([beats[:before], beats[before + count * length :]])
    scores = left_out(whole, beside, SHRINKAGE)
    margins = scores[:, 0] - scores[:, 1:].max(axis=1)
    starts = numbers[before : before + count * length : length]
    rounds = tuple((int(beat), bool(margin > 0)) for beat, margin in zip(starts, margins, strict=True))
    strength = float((margins > 0).mean() + 0.5 * np.clip(margins, -1.0, 1.0).mean())
    return Cycle(length, offset, strength, rounds, before == 0)


def is_carried(passage: Passage, bar: int, figure: int) -> bool:
    """Whether the bar's own cycle, or a part of it that is none of the figure's, is heard beside the figure."""
    parts = (d for d in range(2, bar + 1) if bar % d == 0 and figure % d)
    return any(cycle.strength > LEAST_BAR for part in parts for cycle in cycles(passage, part))
