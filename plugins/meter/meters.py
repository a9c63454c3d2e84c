"""The bars that a piece may be in: fifteen meters with their groupings, counted in units of the denominator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate


@dataclass(frozen=True)
class Bar:
    """A meter with one grouping of its units.

    Attributes
    ----------
    meter : str
        The signature, "7/8".
    grouping : tuple of int
        How many units each group has, in order; they add up to `units`.
    """

    meter: str
    grouping: tuple[int, ...]

    def __post_init__(self) -> None:
        if sum(self.grouping) != self.units:
            raise ValueError(f"the groups {self.grouping} of {self.meter} do not add up to {self.units}")

    @cached_property
    def units(self) -> int:
        """Units of the denominator in a bar: 7 in 7/8."""
        return int(self.meter.split("/")[0])

    @cached_property
    def unit(self) -> int:
        """The denominator: 4 or 8 in the table; a person may say any."""
        return int(self.meter.split("/")[1])

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """Units at which groups start, from 0."""
        return tuple(accumulate((0, *self.grouping[:-1])))

    @cached_property
    def tactus(self) -> tuple[int, ...]:
        """Units that are beats: every quarter in x/4, every half in x/2, every eighth in 3/8, or starts of groups."""
        return tuple(range(self.units)) if self.unit <= 4 or self.units == 3 else self.groups

    @property
    def beats(self) -> int:
        """Beats in a bar."""
        return len(self.tactus)

    @property
    def named_grouping(self) -> tuple[int, ...]:
        """The grouping where it says something; empty in 2/4, 3/4 and 4/4, which nothing groups but habit."""
        return () if self.unit <= 4 and self.units <= 4 else self.grouping


_GROUPINGS = {
    "2/4": "2",
    "3/4": "3",
    "4/4": "22",
    "5/4": "32 23",
    "6/4": "33 42 222",
    "7/4": "43 34 223",
    "3/8": "3",
    "5/8": "32 23",
    "6/8": "33",
    "7/8": "223 322 232",
    "8/8": "332 323 233",
    "9/8": "333 2223 2232 3222",
    "10/8": "3322 2233 3223 2332",
    "11/8": "22322 3332 22223 32222",
    "12/8": "3333",
}

BARS: tuple[Bar, ...] = tuple(
    Bar(meter, tuple(map(int, digits)))
    for meter, groupings in _GROUPINGS.items()
    for digits in groupings.split()
)
"""Every meter with its usual groupings, the most usual first. None repeats inside its bar but those of equal
groups: 3+2+3+2 would be 5/8 twice."""
