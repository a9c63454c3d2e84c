"""What scenes have in common: lengths, line-ups, kits, tempos, and the players' manner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from evaluation.scenes.composing import Band, Edges, Passage, compose
from evaluation.scenes.kits import KITS, Kit, any_kit
from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.families import Family, families
from evaluation.scenes.playing import MACHINE, Feel, human
from evaluation.scenes.rendering import Scene, any_timbres
from evaluation.scenes.rooms import any_room
from evaluation.scenes.tempo import Stage, drifting, staged

Random = np.random.Generator
Lineup = Literal["drums", "mix", "melodic"]
SECONDS = (11.0, 18.0)
"""How long the counted bars of a scene last, about."""


@dataclass(frozen=True)
class Stock:
    """What scenes are made of, and how long they last.

    Attributes
    ----------
    allows : whether a family of grooves may be used; at least one of every meter's may
    longer : factor of all lengths
    """

    allows: Callable[[Family], bool] = lambda family: True
    longer: float = 1.0

    def families(self, of: Meter, swings: str | None = None) -> tuple[Family, ...]:
        """Those for a meter; only those whose `swings` level is this one, if any of them is."""
        found = tuple(family for family in families(of) if self.allows(family))
        return tuple(family for family in found if family.swings == swings) or found


WHOLE = Stock()


def any_lineup(random: Random) -> Lineup:
    """Half of all scenes are drums alone."""
    return ("drums", "mix", "melodic")[int(random.choice(3, p=(0.5, 0.33, 0.17)))]


def some_kit(random: Random) -> Kit:
    """One of the named kits, or now and then a drawn one."""
    return any_kit(random) if random.random() < 0.2 else KITS[str(random.choice(sorted(KITS)))]


def any_family(of: Meter, random: Random, names: Sequence[str] = (), stock: Stock = WHOLE) -> Family:
    """A family for the meter, of those names if any of them is."""
    found = stock.families(of)
    named = tuple(family for family in found if family.name in names) or found
    return named[int(random.integers(len(named)))]


def any_bpm(family: Family, random: Random) -> float:
    """A tempo within the family's, evenly in its logarithm."""
    slow, fast = np.log(family.bpm)
    return round(float(np.exp(random.uniform(slow, fast))), 2)


def bars_in(of: Meter, bpm: float, seconds: float, least: int = 3) -> int:
    """How many bars last that long."""
    return max(least, ceil(seconds * bpm / 60.0 / of.bar_quarters))


def set_up(
    kind: str,
    passages: Sequence[Passage],
    stages: Sequence[Stage],
    band: Band,
    edges: Edges,
    random: Random,
    *,
    feel: Feel | None = None,
    drift: float | None = None,
) -> Scene:
    """A scene of passages, one stage of tempo to each, in any kit, room and feel; `source`, `song` are empty."""
    score = compose(passages, band, edges, random)
    lead = passages[0].meter.bar_quarters * edges.count_in
    before = [Stage(lead, stages[0].from_bpm, stages[0].from_bpm)] if lead else []
    tempo = staged([*before, *stages])
    human_feel = human(random) if random.random() < 0.85 else MACHINE
    wander = drift if drift is not None else (float(random.choice((0.0, 0.004, 0.012))))
    return Scene(
        kind=kind,
        score=score,
        tempo=drifting(tempo, wander, random) if wander else tempo,
        kit=some_kit(random),
        feel=feel or human_feel,
        room=any_room(random),
        timbres=any_timbres(random),
        seed=int(random.integers(1 << 62)),
        source="",
        song="",
        lead_s=float(random.uniform(0.15, 1.2)),
        tail_s=float(random.uniform(0.8, 2.0)),
        balance_db=float(random.uniform(-9, 3)),
        peak=float(random.uniform(0.35, 0.9)),
    )
