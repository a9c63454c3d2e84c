"""What a person has said of tempo and meter, as limits of what may be found."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hemiola import Corrections

from .decoding import Limits
from .meters import BARS, Bar

AROUND = 1.12
"""A given tempo may drift by this factor."""


def limits(said: Corrections, slowest: float, fastest: float) -> Limits:
    """The limits that a person's word leaves; those of the settings where nothing was said."""
    bars = None if said.meter is None else bars_of(said.meter, said.grouping)
    found = Limits(slowest, fastest, bars, bars is not None)
    return found if said.bpm is None else around(found, said.bpm)


def around(limits: Limits, bpm: float) -> Limits:
    """The same about one tempo."""
    return replace(limits, slowest=bpm / AROUND, fastest=bpm * AROUND, certain=True)


def bars_of(meter: str, grouping: tuple[int, ...] = ()) -> tuple[Bar, ...]:
    """The bars that a meter may have: those of the table, or of all its groupings; the one that was named."""
    units, unit = (int(part) for part in meter.split("/"))
    if sum(grouping) == units:
        return (Bar(meter, tuple(grouping)),)
    known = tuple(bar for bar in BARS if bar.meter == meter)
    if known:
        return known
    if unit <= 4 or units < 4:
        return (Bar(meter, (units,)),)
    return tuple(Bar(meter, groups) for groups in _groupings(units))


MOST_GROUPINGS = 12


def _groupings(units: int) -> list[tuple[int, ...]]:
    """All ways to add up groups of two and three, those with the fewest changes between neighbours first."""
    found: list[tuple[int, ...]] = []

    def add(left: int, groups: tuple[int, ...]) -> None:
        if left == 0:
            found.append(groups)
        for size in (2, 3):
            if left >= size:
                add(left - size, (*groups, size))

    add(units, ())
    changes = [sum(a != b for a, b in pairwise(groups)) for groups in found]
    return [groups for _, groups in sorted(zip(changes, found, strict=True))][:MOST_GROUPINGS]
