"""From a beat's slots to notes and rests whose lengths fill it, as one voice is written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

Tuplet = tuple[int, int]
"""(actual, normal): three in the time of two is (3, 2)."""


class Written(NamedTuple):
    """A note's or rest's place.

    Attributes
    ----------
    at
        Which of the beat's slots it begins in, 0 to 1; the note's key.
    rest
        Whether it is a rest.
    length
        How long it lasts, in quarters.
    value
        What is written for it, in quarters: a power of two, or with a dot three halves of one.
    tuplet
        What `length` is of `value`, where they differ.
    """

    at: Fraction
    rest: bool
    length: Fraction
    value: Fraction
    tuplet: Tuplet | None


def plain(length: Fraction) -> bool:
    """Whether a length is that of one note, with a dot or without."""
    part = length / 3 * 2 if length.numerator == 3 else length
    top, bottom = part.numerator, part.denominator
    return top & (top - 1) == 0 and bottom & (bottom - 1) == 0


def written(length: Fraction, places: Sequence[Fraction]) -> list[Written]:
    """The notes and rests of one voice in one beat; a note lasts until the next one, or as long as one note can.

    Parameters
    ----------
    length
        The beat's, in quarters.
    places
        Where notes begin, 0 up to but without 1, ascending, each once.
    """
    division = math.lcm(*(place.denominator for place in places))
    slot, tuplet = length / division, None
    if not plain(slot):
        normal = 1 << (division.bit_length() - 1)
        slot, tuplet = length / normal, (division, normal)
    events: list[Written] = []
    for begin, end in zip([Fraction(0), *places], [*places, Fraction(1)], strict=True):
        values = _values((end - begin) * division * slot)
        for number, value in enumerate(values):
            actual = value if tuplet is None else value * tuplet[1] / tuplet[0]
            at = begin + (sum(values[:number], Fraction(0)) / slot / division)
            events.append(Written(at, number > 0 or begin not in places, actual, value, tuplet))
    return events


def _values(length: Fraction) -> list[Fraction]:
    """Plain values that make up a length, the longest first."""
    values: list[Fraction] = []
    while length > 0:
        power = Fraction(2) ** (math.floor(math.log2(length)))
        value = power * 3 / 2 if power * 3 / 2 <= length else power
        values.append(value)
        length -= value
    return values
