"""What a person has said of tempo and meter, as limits of what may be found."""

from __future__ import annotations

import heapq
from dataclasses import replace

from hemiola import Corrections, Skip

from .decoding import Limits
from .meters import BARS, Bar

AROUND = 1.12
"""A given tempo may drift by this factor."""
MOST_UNITS = 64
MOST_GROUPINGS = 12


def limits(said: Corrections, slowest: float, fastest: float) -> Limits:
    """The limits that a person's word leaves; those of the settings where nothing was said."""
    bars = None if said.meter is None else bars_of(said.meter, said.grouping)
    found = Limits(slowest, fastest, bars, bars is not None)
    return found if said.bpm is None else around(found, said.bpm)


def around(limits: Limits, bpm: float) -> Limits:
    """The same about one tempo."""
    return replace(limits, slowest=bpm / AROUND, fastest=bpm * AROUND, certain=True)


def bars_of(meter: str, grouping: tuple[int, ...] = ()) -> tuple[Bar, ...]:
    """The bars that a meter may have: those of the table, or of its groupings; the one that was named.

    Raises
    ------
    Skip
        A bar has more units than can be counted.
    """
    units, unit = (int(part) for part in meter.split("/"))
    if units > MOST_UNITS:
        raise Skip(f"a bar of {meter} cannot be counted: {MOST_UNITS} units are the most")
    if sum(grouping) == units:
        return (Bar(meter, tuple(grouping)),)
    known = tuple(bar for bar in BARS if bar.meter == meter)
    if known:
        return known
    if unit <= 4 or units < 4:
        return (Bar(meter, (units,)),)
    return tuple(Bar(meter, groups) for groups in _groupings(units))


def _groupings(units: int) -> list[tuple[int, ...]]:
    """Ways to add up groups of two and three, those with the fewest changes between neighbours first."""
    found: list[tuple[int, ...]] = []
    begun = [(0, (2,)), (0, (3,))]
    while begun and len(found) < MOST_GROUPINGS:
        changes, groups = heapq.heappop(begun)
        left = units - sum(groups)
        if left == 0:
            found.append(groups)
        for size in (2, 3):
            if left >= size:
                heapq.heappush(begun, (changes + (size != groups[-1]), (*groups, size)))
    return found
