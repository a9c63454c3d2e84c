"""Scenes in which a layer goes against the groove: so many strokes in so many beats, or a figure of another length."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, gcd
from typing import Literal

import numpy as np

from evaluation.scenes.composing import Edges, Passage, any_band
from evaluation.scenes.meters import Meter, meter
from evaluation.scenes.patterns.strokes import Stroke, Strokes
from evaluation.scenes.rendering import Scene
from evaluation.scenes.setting import WHOLE, Stock, any_bpm, any_family, bars_in, set_up
from evaluation.scenes.tempo import Stage

Random = np.random.Generator
OPEN_FAMILIES = ("rock", "half-time", "sparse", "heavy", "two step", "waltz", "motown")
"""Grooves that leave room for a layer over them."""

POLYRHYTHMS = (
    ("4/4", 3, 4), ("3/4", 4, 3), ("4/4", 5, 4), ("3/4", 2, 3), ("4/4", 3, 2), ("6/8", 3, 2), ("5/4", 3, 5),
    ("4/4", 7, 4), ("3/4", 5, 3), ("5/4", 4, 5), ("12/8", 3, 4),
)  # fmt: skip
"""Meter, and k strokes of the added layer in n beats."""


def polyrhythm(random: Random, case: int, stock: Stock = WHOLE) -> Scene:
    """A layer of k even strokes in n beats over a groove that leaves it room; the groove alone before or after."""
    name, k, n = POLYRHYTHMS[case % len(POLYRHYTHMS)]
    of = meter(name)
    voice = str(random.choice(("cowbell", "mid_tom", "rim", "clap")))
    cycle = n * of.tactus_quarters()

    def layer(start: float, end: float) -> Strokes:
        count = round((end - start) / cycle * k)
        loud = (0.8 if i % k == 0 else 0.68 for i in range(count))
        return tuple(Stroke(start + i * cycle / k, voice, velocity) for i, velocity in enumerate(loud))

    return _layered("polyrhythm", of, (k, n), "polyrhythm", layer, len(of.tactus), random, stock)


POLYMETERS = (("4/4", 3), ("3/4", 4), ("4/4", 5), ("5/4", 3), ("3/4", 2), ("5/4", 4), ("7/4", 3), ("4/4", 7))
"""Meter, and beats of the figure over it."""


def polymeter(random: Random, case: int, stock: Stock = WHOLE) -> Scene:
    """A figure of f beats, accented where it begins, that goes round over bars of another length."""
    name, figure = POLYMETERS[case % len(POLYMETERS)]
    of = meter(name)
    low, high = (("low_tom", "high_tom"), ("ride_bell", "cowbell"), ("low_tom", "cowbell"))[
        int(random.integers(3))
    ]
    inner = [p for p in np.arange(0.5, figure, 0.5) if p % 1 == 0 or random.random() < 0.25]

    def layer(start: float, end: float) -> Strokes:
        count = round((end - start) / figure)
        first = [Stroke(start + i * figure, low, 0.9) for i in range(count)]
        return (*first, *(Stroke(s.at + float(p), high, 0.58) for s in first for p in inner))

    return _layered("polymeter", of, (figure, of.beats), "polymeter", layer, of.beats, random, stock)


def _layered(
    kind: str,
    of: Meter,
    ratio: tuple[int, int],
    what: Literal["polyrhythm", "polymeter"],
    layer: Callable[[float, float], Strokes],
    beats: int,
    random: Random,
    stock: Stock,
) -> Scene:
    family = any_family(of, random, OPEN_FAMILIES, stock)
    bpm = float(np.clip(any_bpm(family, random), 84, 132))
    cycle = ratio[0] if what == "polymeter" else ratio[1]
    whole = cycle // gcd(cycle, beats)
    held = bars_in(of, bpm, 10.0 * stock.longer, 2)
    held = whole * ceil(held / whole)
    alone = Passage(of, family, bars_in(of, bpm, 4.0 * stock.longer, 2), fills=False)
    over = Passage(of, family, held, fills=False, added=(ratio, what, layer))
    order = [[alone, over], [over, alone], [over], [alone, over, alone]][int(random.integers(4))]
    stages = [Stage(passage.quarters, bpm, bpm) for passage in order]
    band = any_band(random, "drums" if random.random() < 0.7 else "mix")
    return set_up(kind, order, stages, band, Edges(ending=bool(random.random() < 0.5)), random)
