"""Two scores of the same items side by side: a peer's, the clean audio's, or an older run's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from evaluation.figures.places import at, places
from evaluation.figures.records import Record
from evaluation.figures.shape import Comparison, Place, Verdict
from evaluation.figures.sums import Ingredients, Sides, ingredients
from evaluation.figures.systems import pairs
from evaluation.figures.unit import better_of, unit_of
from evaluation.statistics import Interval, intervals, value_of

FEWEST_SONGS = 6
"""For a verdict: five songs all point one way by chance in one case of sixteen, six in one of thirty-two."""

Flag = Callable[[str, Sequence[Record], str], str]
"""(system, records, measure) -> why the system may know these items, or nothing."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two systems' records of the same items, in the same order."""

    kind: Literal["peer", "variant", "baseline"]
    place: Place
    system: str
    against: str
    sides: Sides


def compared(pairs_: Sequence[Pair], flag: Flag, seed: int) -> list[Comparison]:
    """Differences with their paired intervals: the same songs are drawn for both sides."""
    wanted = [
        (pair, made)
        for pair in pairs_
        for made in ingredients(pair.sides)
        if not made.name.endswith((".precision", ".recall"))
    ]
    differences = intervals([made.sums for _, made in wanted], seed=seed)
    return [
        _comparison(pair, made, difference, flag)
        for (pair, made), difference in zip(wanted, differences, strict=True)
        if not math.isnan(difference.value)
    ]


def with_peers(records: Sequence[Record], systems: Sequence[str]) -> list[Pair]:
    """The project and its providers beside each peer, on clean audio."""
    found: list[Pair] = []
    for place, members in places([record for record in records if not record.variant], groups=False):
        by_system = _by_system(members)
        for system, peer in pairs(systems):
            if system in by_system and peer in by_system:
                sides = matched(by_system[system], by_system[peer])
                found.append(Pair("peer", place, system, peer, sides))
    return found


def with_clean(records: Sequence[Record]) -> list[Pair]:
    """Each system on worn-down audio beside itself on the clean."""
    clean = _by_system(record for record in records if not record.variant)
    found: list[Pair] = []
    for place, members in places([record for record in records if record.variant], groups=False):
        for system, worn in _by_system(members).items():
            sides = matched(worn, clean.get(system, []))
            found.append(Pair("variant", place, system, "clean", sides))
    return found


def matched(first: Iterable[Record], second: Iterable[Record]) -> Sides:
    """The records of the items that both have, in the same order; an item is known by its set and name."""
    others = {(record.set, record.item): record for record in second}
    both = [(record, others[key]) for record in first if (key := (record.set, record.item)) in others]
    return [record for record, _ in both], [other for _, other in both]


def verdict(interval: Interval, better: str, songs: int) -> Verdict:
    """What an interval of a difference lets one say."""
    if songs < FEWEST_SONGS or interval.low is None or interval.high is None:
        return "too few songs"
    if interval.low <= 0.0 <= interval.high:
        return "no difference shown"
    return "better" if (interval.low > 0.0) == (better == "higher") else "worse"


def _comparison(pair: Pair, made: Ingredients, difference: Interval, flag: Flag) -> Comparison:
    better = better_of(made.name, made.measure)
    known = [pair.system, pair.against] if pair.kind == "peer" else [pair.system]
    flags = {flag(system, pair.sides[0], made.measure) for system in known}
    return Comparison(
        **at(pair.place),
        kind=pair.kind,
        name=made.name,
        measure=made.measure,
        system=pair.system,
        against=pair.against,
        value=value_of(made.sums, 0),
        other=value_of(made.sums, 1),
        difference=difference.value,
        low=difference.low,
        high=difference.high,
        n_items=made.n_items,
        n_songs=made.sums.songs,
        unit=unit_of(made.name, made.measure),
        better=better,
        verdict=verdict(difference, better, made.sums.songs),
        trained_on="; ".join(sorted(flags - {""})),
    )


def _by_system(records: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.system, []).append(record)
    return found
