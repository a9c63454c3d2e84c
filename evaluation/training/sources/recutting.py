"""One meter's bars cut into another's: every bar of a performance by the same recipe of its beats or eighths.

A bar begins with its own first beat, a group with a beat that somebody played as one; what is repeated or left out is
a beat or an offbeat of the same bar. So human timing is found in every meter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.scenes.meters import METERS, Meter

Random = np.random.Generator
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

EARLY = 0.11
"""A stroke this many quarters before a slot belongs to it: a drummer may be early."""


@dataclass(frozen=True)
class Recipe:
    """How a bar is made: slots of a bar, by number, one after the other.

    Attributes
    ----------
    meter : what comes out
    slot : length of a slot in quarters
    sources : the slots of the bar that went in
    """

    meter: Meter
    slot: float
    sources: tuple[int, ...]


BEATS: dict[int, dict[tuple[str, str], str]] = {
    4: {
        ("2/4", "2"): "01 03",
        ("3/4", "3"): "012 013 023 012 013 011 033",
        ("5/4", "32"): "01123 01323 01201",
        ("5/4", "23"): "01233 01231 01213 01223",
        ("6/4", "33"): "011233 013213 013233",
        ("6/4", "222"): "012323 012321",
        ("6/4", "42"): "012301 012303",
        ("7/4", "43"): "0123011 0123013",
        ("7/4", "34"): "0110123 0130123",
        ("7/4", "223"): "0123233 0123231",
    },
    3: {
        ("2/4", "2"): "01 02",
        ("4/4", "22"): "0121 0122 0112",
        ("5/4", "32"): "01212 01201",
        ("5/4", "23"): "01012",
        ("7/4", "34"): "0120121",
        ("7/4", "43"): "0121012",
    },
}
"""By the beats that a bar has: recipes of beats for a meter and grouping."""
COMPOUND: dict[int, dict[tuple[str, str], str]] = {
    4: {("6/8", "33"): "01 03", ("9/8", "333"): "012 013 023 011"},
    2: {("9/8", "333"): "011 010", ("12/8", "3333"): "0101 0111"},
}
"""The same of dotted quarters."""
EIGHTHS = ("5/8", "6/8", "7/8", "8/8", "9/8", "10/8", "11/8", "12/8")
"""Meters made of the eighths of four even beats."""


def makes(source: Meter, whole: bool, name: str) -> bool:
    """Whether bars of a meter can be cut into that one; `whole` beats are not halved."""
    eighths = source.name == "4/4" and not whole and name in EIGHTHS
    return eighths or any(made == name for made, _ in _tables(source)[0])


def _tables(source: Meter) -> tuple[dict[tuple[str, str], str], float]:
    if source.unit == 4:
        return BEATS.get(source.beats, {}), 1.0
    even = set(source.grouping) == {3}
    return COMPOUND.get(len(source.groups), {}) if even else {}, 1.5


def recipe_for(source: Meter, name: str, random: Random) -> Recipe:
    """A recipe that makes a meter of that name from bars of `source`; see `makes`."""
    tables, slot = _tables(source)
    rows = [row for row in tables if row[0] == name]
    if not rows:
        return _of_eighths(name, random)
    row = rows[int(random.integers(len(rows)))]
    sources = tuple(map(int, str(random.choice(tables[row].split()))))
    beats, unit = map(int, name.split("/"))
    return Recipe(Meter(beats, unit, tuple(map(int, row[1]))), slot, sources)


def _of_eighths(name: str, random: Random) -> Recipe:
    count = int(name.split("/")[0])
    if count in (5, 7, 9, 11) and random.random() < 0.3:
        groups = (2,) * ((count - 3) // 2) + (3,)
        over = count - 8
        added = tuple(range(8 - over, 8)) if random.random() < 0.5 else tuple(range(over))
        return Recipe(Meter(count, 8, groups), 0.5, tuple(range(min(count, 8))) + (added if over > 0 else ()))
    chosen = METERS[name]
    chosen_meter = chosen[int(random.integers(len(chosen)))]
    sources: list[int] = []
    for number, size in enumerate(chosen_meter.grouping):
        beat = 0 if number == 0 else number if number < 4 else int(random.integers(1, 4))
        if number and random.random() < 0.25:
            beat = int(random.integers(1, 4))
        sources += (2 * beat, 2 * beat + 1)
        if size == 3:
            sources.append(2 * beat + 1 if random.random() < 0.65 else 2 * int(random.integers(4)) + 1)
    return Recipe(chosen_meter, 0.5, tuple(sources))


def uncut(meter: Meter) -> Recipe:
    """The bars as they are."""
    if meter.unit == 8 and len(meter.groups) > 1:
        return Recipe(meter, 0.5, tuple(range(meter.beats)))
    return Recipe(meter, meter.unit_quarters, tuple(range(meter.beats)))


def cut(places: Floats, bar_quarters: float, recipe: Recipe, bars: Sequence[int]) -> tuple[Indices, Floats]:
    """The strokes of some bars by a recipe.

    Parameters
    ----------
    places : shape (n,), quarters, ascending
    bar_quarters : of the bars that go in
    bars : which of them, in order; a number may come again

    Returns
    -------
    tuple
        Which stroke each is, and its place in quarters from the first bar line of what comes out; shapes (m,).
    """
    per_bar = round(bar_quarters / recipe.slot)
    slots = np.floor((places + EARLY) / recipe.slot + 1e-9).astype(int)
    chosen, moved = [], []
    for number, bar in enumerate(bars):
        for position, source in enumerate(recipe.sources):
            slot = bar * per_bar + source
            first, last = np.searchsorted(slots, (slot, slot + 1))
            to = number * recipe.meter.bar_quarters + position * recipe.slot
            chosen.append(np.arange(first, last))
            moved.append(places[first:last] - slot * recipe.slot + to)
    return np.concatenate(chosen), np.concatenate(moved)


MARKS = {"kick": 0, "snare": 1, "rim": 1, "low_tom": 2, "mid_tom": 2, "high_tom": 2, "crash": 3, "clap": 1}
"""What marks a place in the bar; hats and rides go on alike."""


def repeats_inside(
    places: Floats, voices: Sequence[str], velocities: Floats, meter: Meter, like: float = 0.93
) -> bool:
    """Whether bars are heard as two or more shorter ones: accents, shifted by a part of the bar, are the same."""
    count = round(meter.bar_quarters * 4)
    accents = np.zeros((4, count))
    for place, voice, velocity in zip(places, voices, velocities, strict=True):
        if voice in MARKS:
            accents[MARKS[voice], round(place * 4) % count] += velocity
    energy = float(np.sum(accents**2))
    if energy <= 0.0:
        return True
    steps = [count // parts for parts in range(2, meter.beats + 1) if meter.beats % parts == 0]
    return any(float(np.sum(accents * np.roll(accents, step, 1))) > like * energy for step in steps)
