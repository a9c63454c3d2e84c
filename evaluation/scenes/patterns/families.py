"""The register of drum families: which meters each suits, how fast it goes, and whether it may swing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evaluation.scenes.meters import METERS, Meter
from evaluation.scenes.patterns import eighths, quarters
from evaluation.scenes.patterns.strokes import Groove, loudest, tell_apart

Writer = Callable[[Meter, np.random.Generator], Groove]

EIGHTHS_A_MINUTE = (200.0, 400.0)
"""In meters of eighths; grooves with sixteenths keep to the slower half."""


@dataclass(frozen=True)
class Family:
    """A kind of groove.

    Attributes
    ----------
    name : unique among the families of a meter
    meters : names of the meters it is written for
    bpm : slowest and fastest, in quarters a minute
    swings : the level that may be swung, "8th" or "16th", or "" where swing would not suit it
    """

    name: str
    writer: Writer
    meters: frozenset[str]
    bpm: tuple[float, float]
    swings: str = ""

    def groove(self, meter: Meter, random: np.random.Generator) -> Groove:
        """A groove of this family that, as a bar of that meter, does not repeat inside itself.

        In 4/4 one in four may: by convention 4/4 is what such a groove is.
        """
        groove = self.writer(meter, random)
        groove = replace(groove, core=loudest(groove.core))
        if meter.name == "4/4" and random.random() < 0.25:
            return groove
        return tell_apart(groove, meter, random)


_X4 = frozenset(name for name in METERS if name.endswith("/4"))
_X8 = frozenset(name for name in METERS if name.endswith("/8"))
_TWO_GROUPS = _X8 - {"3/8"}


def _quarter(name: str, writer: Writer, slow: float, fast: float, swings: str = "", but: str = "") -> Family:
    return Family(name, writer, _X4 - frozenset(but.split()), (slow, fast), swings)


def _eighth(name: str, writer: Writer, fine: bool = False, meters: frozenset[str] = _X8) -> Family:
    slow, fast = EIGHTHS_A_MINUTE
    return Family(name, writer, meters, (slow / 2, (0.5 * (slow + fast) if fine else fast) / 2))


def _written() -> tuple[Family, ...]:
    speeds = {"bossa": (110, 160), "breakbeat": (85, 170), "funk": (80, 118), "one drop": (65, 90)}
    speeds |= {"two step": (85, 135), "samba": (84, 125), "motown": (95, 140), "money": (100, 140)}
    found = []
    for meter, grooves in quarters.WRITTEN.items():
        for name in grooves:
            swings = (
                "8th" if name in ("jazz waltz", "take") else "16th" if name in ("two step", "funk") else ""
            )
            bpm = speeds.get(name, (84, 150))
            found.append(Family(name, quarters.written(name), frozenset({meter}), bpm, swings))
    slow, fast = EIGHTHS_A_MINUTE
    for meter, grooves in eighths.WRITTEN.items():
        for name in grooves:
            found.append(Family(name, eighths.written(name), frozenset({meter}), (slow / 2, fast / 2)))
    return tuple(found)


FAMILIES: tuple[Family, ...] = (
    _quarter("rock", quarters.rock, 75, 175),
    _quarter("sixteenths", quarters.sixteenths, 62, 112, "16th"),
    _quarter("half-time", quarters.half_time, 90, 180),
    _quarter("four on the floor", quarters.four_on_the_floor, 100, 150),
    _quarter("disco", quarters.disco, 95, 132),
    _quarter("swing ride", quarters.swing_ride, 95, 210, "8th"),
    _quarter("shuffle", quarters.shuffle, 70, 150, "8th"),
    _quarter("train", quarters.train, 80, 130),
    _quarter("march", quarters.march, 80, 130),
    _quarter("toms", quarters.toms, 75, 150),
    _quarter("sparse", quarters.sparse, 70, 160),
    _quarter("heavy", quarters.heavy, 80, 185),
    _quarter("linear", quarters.linear, 65, 115, "16th"),
    _quarter("waltz", quarters.waltz, 85, 190, "8th", but="2/4 4/4 5/4"),
    _quarter("trap", quarters.trap, 60, 100, but="2/4"),
    _eighth("group backbeat", eighths.group_backbeat),
    _eighth("last group", eighths.last_group),
    _eighth("dum tek", eighths.dum_tek),
    _eighth("ride pulse", eighths.ride_pulse),
    _eighth("sixteenths", eighths.sixteenths, fine=True),
    _eighth("after-beat", eighths.after_beat),
    _eighth("toms", eighths.toms),
    _eighth("sparse", eighths.sparse, meters=_TWO_GROUPS),
    _eighth("snare march", eighths.snare_march, fine=True),
    _eighth("floor", eighths.floor, meters=_TWO_GROUPS),
    _eighth("linear", eighths.linear, fine=True),
    _eighth("cowbell", eighths.cowbell),
    *_written(),
)


def families(meter: Meter, swings: str | None = None) -> tuple[Family, ...]:
    """The families for a meter; only those whose `swings` level is this one, if one is given."""
    found = (family for family in FAMILIES if meter.name in family.meters)
    return tuple(family for family in found if swings is None or family.swings == swings)
