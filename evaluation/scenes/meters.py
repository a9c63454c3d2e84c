"""Meters with their groupings: where a bar's units, groups and tactus lie, in quarters from its start."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

Quarters = tuple[float, ...]


@dataclass(frozen=True)
class Meter:
    """A meter with one grouping of its units.

    Attributes
    ----------
    beats, unit : the two numbers of the signature; 7 and 8 for 7/8
    grouping : how many units each group has, in order; they add up to `beats`
    """

    beats: int
    unit: int
    grouping: tuple[int, ...]

    def __post_init__(self) -> None:
        if sum(self.grouping) != self.beats:
            raise ValueError(f"the groups {self.grouping} of {self.name} do not add up to {self.beats}")

    @property
    def name(self) -> str:
        """The signature: "7/8"."""
        return f"{self.beats}/{self.unit}"

    @property
    def unit_quarters(self) -> float:
        """Length of a denominator's unit."""
        return 4.0 / self.unit

    @property
    def bar_quarters(self) -> float:
        """Length of a bar."""
        return self.beats * self.unit_quarters

    @cached_property
    def units(self) -> Quarters:
        """Every unit of the denominator."""
        return tuple(i * self.unit_quarters for i in range(self.beats))

    @cached_property
    def groups(self) -> Quarters:
        """The first unit of every group."""
        starts = accumulate((0, *self.grouping[:-1]))
        return tuple(i * self.unit_quarters for i in starts)

    @cached_property
    def tactus(self) -> Quarters:
        """The beats: every quarter in x/4, every eighth in 3/8, else the first note of every group."""
        return self.units if self.unit == 4 or self.beats == 3 else self.groups

    @property
    def named_grouping(self) -> tuple[int, ...] | None:
        """The grouping where it says something: None in 2/4, 3/4 and 4/4, which nothing groups but habit."""
        return None if self.unit == 4 and self.beats <= 4 else self.grouping

    def tactus_quarters(self) -> float:
        """Length of a beat on average."""
        return self.bar_quarters / len(self.tactus)


def _all(signature: str, *groupings: str) -> tuple[Meter, ...]:
    beats, unit = (int(part) for part in signature.split("/"))
    return tuple(Meter(beats, unit, tuple(map(int, grouping))) for grouping in groupings)


METERS: dict[str, tuple[Meter, ...]] = {
    "2/4": _all("2/4", "2"),
    "3/4": _all("3/4", "3"),
    "4/4": _all("4/4", "22"),
    "5/4": _all("5/4", "32", "23"),
    "6/4": _all("6/4", "33", "42", "222"),
    "7/4": _all("7/4", "43", "34", "223"),
    "3/8": _all("3/8", "3"),
    "5/8": _all("5/8", "32", "23"),
    "6/8": _all("6/8", "33"),
    "7/8": _all("7/8", "223", "322", "232"),
    "8/8": _all("8/8", "332", "323", "233"),
    "9/8": _all("9/8", "333", "2223", "2232", "3222"),
    "10/8": _all("10/8", "3322", "2233", "3223", "2332"),
    "11/8": _all("11/8", "22322", "3332", "22223", "32222"),
    "12/8": _all("12/8", "3333"),
}
"""Every meter with its usual groupings, the most usual first. None of them repeats inside its bar by itself
(3+2+3+2 would be 5/8 twice) but those of equal groups, where patterns tell one group from another."""


def meter(name: str, grouping: Iterable[int] | None = None) -> Meter:
    """The meter of that name; with its most usual grouping unless told."""
    if name not in METERS:
        raise ValueError(f"no meter {name!r}; known are {', '.join(METERS)}")
    usual = METERS[name][0]
    return usual if grouping is None else Meter(usual.beats, usual.unit, tuple(grouping))
