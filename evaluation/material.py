"""What is evaluated: the items of all sets asked for, thinned out or worn down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import typer

from evaluation import builtin, robustness, sets
from evaluation.items import Item
from evaluation.running import asked_of

BUILTIN = "builtin"


def items_of(
    names: Collection[str], questions: Collection[str] | None, kept: Path, *, seed: int, cases: int
) -> list[Item]:
    """The items of all sets that something asked for can be scored on.

    Parameters
    ----------
    names : collection of str
        Folders, or "builtin".
    questions : collection of str or None
        Those that are scored; None for all.
    kept : Path
        Where "builtin" is made.

    Raises
    ------
    SetError
        A set cannot be read.
    """
    found: list[Item] = []
    for name in dict.fromkeys(names):
        loaded = _builtin(kept, seed, cases) if name == BUILTIN else sets.load(name, kept / "made")
        for notice in loaded.notices:
            say(f"{loaded.name}: {notice}")
        found += loaded.items
    scorable = [item for item in found if asked_of(item, questions)]
    if len(scorable) < len(found):
        left = len(found) - len(scorable)
        say(f"{left} of {len(found)} items say nothing about what is asked, and are left out")
    return scorable


def _builtin(kept: Path, seed: int, cases: int) -> sets.Loaded:
    """The set that is made here, on first use."""
    folder = kept / f"builtin-{seed}-{cases}"
    say(f"{cases} scenarios of seed {seed} in {folder}")
    builtin.generate(folder, seed=seed, cases=cases)
    loaded, name = sets.load(folder), BUILTIN if seed == 0 else f"{BUILTIN}-{seed}"
    items = tuple(replace(item, set=name) for item in loaded.items)
    return replace(loaded, name=name, items=items)


def thinned(items: list[Item], most: int | None) -> list[Item]:
    """At most so many items of each set, spread evenly over it."""
    if most is None:
        return items
    by_set: dict[str, list[Item]] = {}
    for item in items:
        by_set.setdefault(item.set, []).append(item)
    return [item for members in by_set.values() for item in _spread(members, most)]


def _spread(items: list[Item], most: int) -> list[Item]:
    if len(items) <= most:
        return items
    return [items[round(index * (len(items) - 1) / max(1, most - 1))] for index in range(most)]


def worn_copies(items: list[Item], forms: list[str], kept: Path) -> list[Item]:
    """The same items worn down in each form; said where that cannot be done."""
    made, refused = [], Counter[str]()
    for item, reason in robustness.worn(items, forms, kept / "worn"):
        if reason is None:
            made.append(item)
        else:
            refused[f"{item.variant}: {reason}"] += 1
    for reason, count in refused.items():
        say(f"{reason} ({count} of {len(items)} items)")
    return made


def say(sentence: str) -> None:
    """A sentence on standard error."""
    typer.echo(f"hemiola: {sentence}", err=True)
