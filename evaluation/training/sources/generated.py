"""Clips from the scenes of the built-in set, longer and in other proportions: mostly one meter, all fifteen of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evaluation.scenes.kits import KITS, Kit, any_kit
from evaluation.scenes.meters import METERS, Meter
from evaluation.scenes.patterns.families import Family
from evaluation.scenes.rendering import Scene, render
from evaluation.scenes.scenarios import SCENARIOS, in_meter
from evaluation.scenes.setting import Stock
from evaluation.scenes.unpulsed import unpulsed
from evaluation.training.sources import Clip, seeded

Random = np.random.Generator
AnyKit = Callable[[Random, bool], Kit]
"""Draws a kit for one side; the second argument says whether it is the left-out one."""

MIX = {
    "in meter": 62,
    "changes": 7,
    "modulation": 4,
    "step": 3,
    "polyrhythm": 4,
    "polymeter": 3,
    "ramp": 5,
    "swing": 3,
    "keys": 3,
    "no-pulse": 6,
}
"""How many of a hundred clips are of each kind."""
COMMON, COMMON_SHARE = "4/4", 0.2
"""Of the clips in one meter, this part is in 4/4; the other fourteen meters share the rest evenly."""
LONGER = (1.45, 2.3)
"""How much longer than the set's scenes the clips are: 20 to 40 seconds."""
LEFT_OUT_KITS = ("deep", "dry")
"""Named kits that no seen clip uses."""


def left_out_family(family: Family) -> bool:
    """Whether grooves of that family are kept from the seen side: about a sixth, in every meter one or more."""
    return zlib.crc32(f"left out {family.name}".encode()) % 6 == 5


def own_kit(random: Random, left_out: bool) -> Kit:
    """A synthesised kit: drawn, or one of the side's named ones."""
    if random.random() < 0.5:
        return any_kit(random)
    names = LEFT_OUT_KITS if left_out else [name for name in sorted(KITS) if name not in LEFT_OUT_KITS]
    return KITS[str(random.choice(names))]


def any_meter(random: Random) -> Meter:
    """Any grouping of any meter."""
    others = [name for name in METERS if name != COMMON]
    name = COMMON if random.random() < COMMON_SHARE else str(random.choice(others))
    return METERS[name][int(random.integers(len(METERS[name])))]


@dataclass(frozen=True)
class Generated:
    """The source "generated".

    Attributes
    ----------
    kit : draws the kit of a clip
    """

    kit: AnyKit = own_kit
    name: str = "generated"
    licence: str = "CC0-1.0"

    def clip(self, number: int, left_out: bool) -> Clip:
        """See Source."""
        random = seeded(self.name, number, left_out)
        song = f"{self.name}-{'left-out' if left_out else 'seen'}-{number}"
        kind = str(random.choice(list(MIX), p=np.array(list(MIX.values())) / sum(MIX.values())))
        if kind == "no-pulse":
            return _unpulsed(random, left_out, song)
        scene = _scene(kind, random, left_out)
        drummers = self.kit(random, left_out)
        rendered = render(replace(scene, kit=drummers, source="scenes", song=song))
        return Clip(rendered.samples, rendered.truth)


def _scene(kind: str, random: Random, left_out: bool) -> Scene:
    stock = Stock(lambda family: left_out_family(family) == left_out, float(random.uniform(*LONGER)))
    if kind == "in meter":
        return in_meter("in meter", any_meter(random), random, stock=stock)
    return SCENARIOS[kind](random, int(random.integers(1 << 16)), stock)


def _unpulsed(random: Random, left_out: bool, song: str) -> Clip:
    """A recording without a beat; drawn again where its kit is the other side's."""
    while True:
        made = unpulsed(random, int(random.integers(1 << 16)), "scenes", song)
        if made.truth.kit is None or (made.truth.kit in LEFT_OUT_KITS) == left_out:
            return Clip(made.samples, made.truth)
