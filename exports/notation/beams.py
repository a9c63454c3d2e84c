"""Beams: how the notes of one beat hang together."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from typing import Literal

Beam = Literal["begin", "continue", "end", "forward hook", "backward hook"]


def flags(value: Fraction) -> int:
    """Flags of a written value: 1 for an eighth, 2 for a 16th; a dot changes nothing."""
    base = value * 2 / 3 if value.numerator == 3 else value
    return max(0, base.denominator.bit_length() - 1)


def beams(values: Sequence[Fraction | None]) -> list[tuple[Beam, ...]]:
    """Every note's beams, the outermost first; none for what stands alone.

    Parameters
    ----------
    values
        A beat's written values in quarters; None for rests, which end a beam.
    """
    depths = [0 if value is None else flags(value) for value in values]
    told: list[tuple[Beam, ...]] = []
    for beamed, run in groupby(depths, key=bool):
        together = list(run)
        if not beamed or len(together) < 2:
            told += [()] * len(together)
        else:
            told += [_of(together, index) for index in range(len(together))]
    return told


def _of(depths: Sequence[int], index: int) -> tuple[Beam, ...]:
    return tuple(_at(depths, index, level) for level in range(1, depths[index] + 1))


def _at(depths: Sequence[int], index: int, level: int) -> Beam:
    before = index > 0 and depths[index - 1] >= level
    after = index + 1 < len(depths) and depths[index + 1] >= level
    if before and after:
        return "continue"
    if before or after:
        return "end" if before else "begin"
    return "forward hook" if index == 0 else "backward hook"
