"""Which items belong together: a set, its kinds, meters and kits, and all sets of one origin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from evaluation.annotation import Origin
from evaluation.figures.records import Record
from evaluation.figures.shape import By, Place

ORIGINS: tuple[Origin, ...] = ("recording", "human", "generated")
GROUPS: tuple[Literal["kind", "meter", "kit"], ...] = ("kind", "meter", "kit")


def places(records: Sequence[Record], *, groups: bool = True) -> list[tuple[Place, list[Record]]]:
    """All places that have figures, each with its records.

    A set whose items are of two origins is two places. All sets of one origin are pooled where there are at least
    two. A set's groups are told where they are at least two.
    """
    found: list[tuple[Place, list[Record]]] = []
    for variant in _distinct(record.variant for record in records):
        for origin in ORIGINS:
            here = [record for record in records if record.origin == origin and record.variant == variant]
            sets = _distinct(record.set for record in here)
            for name in sets:
                members = [record for record in here if record.set == name]
                found.append((Place(set=name, origin=origin, variant=variant), members))
                if groups and not variant:
                    found += _groups(name, origin, members)
            if len(sets) >= 2:
                found.append((Place(set="", origin=origin, variant=variant), here))
    return found


def at(place: Place) -> dict[str, Any]:
    """The fields of a place, for what lies there."""
    return {
        "set": place.set,
        "origin": place.origin,
        "variant": place.variant,
        "by": place.by,
        "group": place.group,
    }


def _groups(name: str, origin: Origin, members: Sequence[Record]) -> list[tuple[Place, list[Record]]]:
    found: list[tuple[Place, list[Record]]] = []
    for by in GROUPS:
        grouped = _grouped(members, by)
        if len(grouped) >= 2:
            for group, inside in sorted(grouped.items()):
                found.append((Place(set=name, origin=origin, by=by, group=group), inside))
    return found


def _grouped(members: Sequence[Record], by: By) -> dict[str, list[Record]]:
    grouped: dict[str, list[Record]] = {}
    for record in members:
        group = getattr(record, by)
        if group:
            grouped.setdefault(group, []).append(record)
    return grouped


def _distinct(names: Iterable[str]) -> list[str]:
    """In the order of their first appearance."""
    return list(dict.fromkeys(names))
