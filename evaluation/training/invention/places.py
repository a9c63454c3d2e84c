"""How strong a place of a bar is, and rhythms by name: each gives places for any meter and grouping."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from evaluation.scenes.meters import Meter

Random = np.random.Generator
Places = list[float]
"""Quarters from the bar's start."""

BAR, GROUP, TACTUS, UNIT, HALF, FINE = 5, 4, 3, 2, 1, 0
"""How strong a place is."""


def strength(meter: Meter, place: float) -> int:
    """BAR for the bar's start, down to FINE for what is finer than half a unit."""
    found = ((BAR, (0.0,)), (GROUP, meter.groups), (TACTUS, meter.tactus), (UNIT, meter.units))
    for name, places in found:
        if any(abs(place - other) < 1e-6 for other in places):
            return name
    halves = place / meter.unit_quarters * 2
    return HALF if abs(halves - round(halves)) < 1e-6 else FINE


def grid(meter: Meter, step: float) -> Places:
    """Every `step` quarters of the bar."""
    return [i * step for i in range(round(meter.bar_quarters / step))]


def drawn(meter: Meter, step: float, chances: Mapping[int, float], random: Random) -> Places:
    """Each place of the grid with the chance of its strength; how the chances differ is itself drawn."""
    own = {name: float(np.clip(c * np.exp(random.normal(0, 0.35)), 0, 1)) for name, c in chances.items()}
    return [p for p in grid(meter, step) if random.random() < own[strength(meter, p)]]


LOW = {BAR: 0.98, GROUP: 0.6, TACTUS: 0.3, UNIT: 0.2, HALF: 0.22, FINE: 0.07}
HIGH = {BAR: 0.04, GROUP: 0.3, TACTUS: 0.45, UNIT: 0.3, HALF: 0.12, FINE: 0.04}
MANY = {BAR: 0.95, GROUP: 0.85, TACTUS: 0.8, UNIT: 0.7, HALF: 0.5, FINE: 0.25}
FEW = {BAR: 0.3, GROUP: 0.3, TACTUS: 0.2, UNIT: 0.2, HALF: 0.15, FINE: 0.05}


def even(strokes: int, steps: int) -> list[int]:
    """So many strokes as evenly as can be over so many steps, the first on the first.

    References
    ----------
    G. Toussaint, "The Euclidean algorithm generates traditional musical rhythms", BRIDGES 2005.
    """
    return [i for i in range(steps) if (i * strokes) % steps < strokes]


def euclid(meter: Meter, step: float, random: Random) -> Places:
    """Strokes as evenly as can be over the bar, a number that does not divide it; turned round now and then."""
    steps = round(meter.bar_quarters / step)
    counts = [k for k in range(2, steps) if steps % k and 0.25 * steps <= k <= 0.7 * steps] or [steps - 1]
    found = even(int(random.choice(counts)), steps)
    turned = int(random.choice(found)) if random.random() < 0.4 else 0
    return sorted((i - turned) % steps * step for i in found)


def cells(meter: Meter, step: float, random: Random) -> Places:
    """A figure for each size of group, the same in all groups of that size; each begins with its group."""
    figures: dict[int, Places] = {}
    places: Places = []
    for start, size in zip(meter.groups, meter.grouping, strict=True):
        if size not in figures:
            inner = np.arange(step, size * meter.unit_quarters - 1e-9, step)
            figures[size] = [0.0, *(float(p) for p in inner if random.random() < 0.45)]
        places += [start + p for p in figures[size]]
    return places


def pushed(meter: Meter, step: float, random: Random) -> Places:
    """The groups, some of them a step early."""
    early = [max(0.0, g - (step if random.random() < 0.35 else 0.0)) for g in meter.groups]
    return sorted({0.0, *early})


def answers(meter: Meter, step: float, random: Random) -> Places:
    """Backbeats: every second beat of a group of quarters, of three one or both; of eighths every second group."""
    if meter.unit == 8:
        return list(meter.groups[1::2]) or [meter.units[int(random.integers(1, meter.beats))]]
    found: Places = []
    three = [[1.0], [2.0], [1.0, 2.0]][int(random.integers(3))]
    for start, size in zip(meter.groups, meter.grouping, strict=True):
        found += [start + p for p in three] if size == 3 else [start + i for i in range(1, size, 2)]
    return found


def middle(meter: Meter, step: float, random: Random) -> Places:
    """Once in the bar, about half-way."""
    later = meter.tactus[1:] or meter.units[1:]
    return [min(later, key=lambda p: (abs(p - meter.bar_quarters / 2), p))]


def some(meter: Meter, count: int, random: Random) -> Places:
    """That many units after the first, drawn."""
    return sorted(
        float(p) for p in random.choice(meter.units[1:], min(count, meter.beats - 1), replace=False)
    )


def ends(meter: Meter, step: float, random: Random) -> Places:
    """The last unit of every group."""
    sizes = zip(meter.groups, meter.grouping, strict=True)
    return [start + (size - 1) * meter.unit_quarters for start, size in sizes]


def skipping(meter: Meter, step: float, random: Random) -> Places:
    """Every beat, and just before some of them."""
    before = {(p - step) % meter.bar_quarters for p in meter.tactus if random.random() < 0.5}
    return sorted({*meter.tactus, *before})


def holed(meter: Meter, step: float, random: Random) -> Places:
    """The whole grid but for a few places, always the same ones."""
    return [p for p in grid(meter, step) if random.random() < 0.82 or strength(meter, p) >= GROUP]


def offbeats(meter: Meter, step: float, random: Random) -> Places:
    """Half-way between quarters; in eighths, all that begin no group."""
    if meter.unit == 8:
        return [p for p in meter.units if p not in meter.groups]
    return [p + 0.5 for p in meter.units]


def rest(meter: Meter, step: float, random: Random) -> Places:
    """Units that begin no group."""
    return [p for p in meter.units if p not in meter.groups]


Rhythm = Callable[[Meter, float, Random], Places]
RHYTHMS: dict[str, Rhythm] = {
    "none": lambda meter, step, random: [],
    "bar": lambda meter, step, random: [0.0],
    "groups": lambda meter, step, random: list(meter.groups),
    "tactus": lambda meter, step, random: list(meter.tactus),
    "units": lambda meter, step, random: list(meter.units),
    "eighths": lambda meter, step, random: grid(meter, 0.5),
    "sixteenths": lambda meter, step, random: grid(meter, 0.25),
    "last": lambda meter, step, random: [meter.tactus[-1] if len(meter.groups) == 1 else meter.groups[-1]],
    "one": lambda meter, step, random: some(meter, 1, random),
    "two": lambda meter, step, random: some(meter, 2, random),
    "low": lambda meter, step, random: sorted({0.0, *drawn(meter, step, LOW, random)}),
    "high": lambda meter, step, random: drawn(meter, step, HIGH, random),
    "many": lambda meter, step, random: drawn(meter, step, MANY, random),
    "few": lambda meter, step, random: drawn(meter, step, FEW, random),
    "answers": answers,
    "middle": middle,
    "offbeats": offbeats,
    "rest": rest,
    "pushed": pushed,
    "cells": cells,
    "euclid": euclid,
    "holed": holed,
    "ends": ends,
    "skipping": skipping,
}
"""By name; each takes a meter, the finest step in quarters, and a generator."""
