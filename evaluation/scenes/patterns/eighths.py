"""Drum grooves in 3/8 to 12/8, built from the groups of two and three."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.strokes import Groove, Stroke, line, on, steady

Random = np.random.Generator


def _snare_groups(meter: Meter) -> list[float]:
    """The groups that answer the first: every second one, or the last."""
    return list(meter.groups[1::2]) or [meter.units[-1]]


def _rest(meter: Meter) -> list[float]:
    return [p for p in meter.units if p not in meter.groups]


def _syncopated(meter: Meter, random: Random, count: int, taken: list[float]) -> list[float]:
    free = [p for p in _rest(meter) if p not in taken]
    return [float(p) for p in random.choice(free, min(count, len(free)), replace=False)] if free else []


def group_backbeat(meter: Meter, random: Random) -> Groove:
    """Eighths on the hat; kick on one and the odd groups, snare on the groups that answer."""
    backs = _snare_groups(meter)
    kick = [g for g in meter.groups[1:] if g not in backs] + _syncopated(meter, random, 1, backs)
    core = (
        *steady("hihat", meter, 0.5, 0.8, 0.5),
        Stroke(0.0, "kick", 1.0),
        *on("kick", kick, 0.74),
        *on("snare", backs, 0.9),
    )
    return Groove(core, ((Stroke(meter.units[-1], "open_hihat", 0.65), 0.15),))


def last_group(meter: Meter, random: Random) -> Groove:
    """Kick on all groups but the last, which is the snare's."""
    last = meter.groups[-1] if len(meter.groups) > 1 else meter.units[-1]
    kick = (Stroke(0.0, "kick", 1.0), *on("kick", (g for g in meter.groups[1:] if g != last), 0.7))
    hand = "ride" if random.random() < 0.5 else "hihat"
    return Groove((*steady(hand, meter, 0.5, 0.85, 0.5), *kick, Stroke(last, "snare", 0.92)))


def dum_tek(meter: Meter, random: Random) -> Groove:
    """A low stroke on one, rim strokes on the other groups, soft ones between, as on a hand drum."""
    low = (Stroke(0.0, "low_tom", 1.0), Stroke(0.0, "kick", 0.8))
    tek = on("rim", meter.groups[1:] or meter.units[2:], 0.85)
    soft = on("rim", _rest(meter), 0.32)
    extra = on("low_tom", _syncopated(meter, random, 1, []), 0.6)
    rolls = tuple((Stroke(p + 0.25, "rim", 0.25), 0.2) for p in meter.units)
    return Groove((*low, *tek, *soft, *extra), rolls)


def ride_pulse(meter: Meter, random: Random) -> Groove:
    """All eighths on the ride, its bell on the groups; kick on one, cross-stick in the last group."""
    bell = on("ride_bell", meter.groups, 0.75)
    ride = on("ride", _rest(meter), 0.5)
    last = meter.groups[-1] if len(meter.groups) > 1 else meter.units[-1]
    core = (*bell, *ride, Stroke(0.0, "kick", 0.95), Stroke(last, "rim", 0.8))
    kick = on("kick", _syncopated(meter, random, 1, [last]), 0.6)
    return Groove((*core, *kick, *on("pedal_hihat", meter.groups[1:], 0.4)))


def sixteenths(meter: Meter, random: Random) -> Groove:
    """Sixteenths on the hat with accents on the groups; kick by sixteenths, snare on the answers, ghosts."""
    backs = _snare_groups(meter)
    free = [p for p in np.arange(0.25, meter.bar_quarters, 0.25) if p not in backs]
    kick = (Stroke(0.0, "kick", 1.0), *on("kick", random.choice(free, 2, replace=False), 0.7))
    ghosts = tuple((Stroke(float(p), "snare", 0.25), 0.15) for p in free[::3])
    return Groove((*steady("hihat", meter, 0.25, 0.8, 0.42), *kick, *on("snare", backs, 0.9)), ghosts)


def after_beat(meter: Meter, random: Random) -> Groove:
    """Kick on every group, the snare on its last eighth: one-and-A."""
    ends = [g + (n - 1) * 0.5 for g, n in zip(meter.groups, meter.grouping, strict=True)]
    kick = (Stroke(0.0, "kick", 1.0), *on("kick", meter.groups[1:], 0.78))
    kept = [p for p in ends if random.random() < 0.85] or ends
    snare = on("snare", kept[:-1], 0.5), on("snare", kept[-1:], 0.8)
    return Groove((*kick, *snare[0], *snare[1], *steady("hihat", meter, 0.5, 0.7, 0.45)))


def toms(meter: Meter, random: Random) -> Groove:
    """Each group on a drum of its own, falling through it; the kick on the groups."""
    order = ("low_tom", "mid_tom", "high_tom")
    strokes: list[Stroke] = []
    for index, (start, size) in enumerate(zip(meter.groups, meter.grouping, strict=True)):
        name = order[index % 3]
        strokes += [
            Stroke(start + i / 2, name if i == 0 else order[(index + 1) % 3], 0.85 if i == 0 else 0.45)
            for i in range(size)
            if i == 0 or random.random() < 0.8
        ]
    kick = (Stroke(0.0, "kick", 1.0), *on("kick", meter.groups[1:], 0.6))
    return Groove((*strokes, *kick, *on("pedal_hihat", meter.groups, 0.5)))


def sparse(meter: Meter, random: Random) -> Groove:
    """Only the groups: kick on one, snare or rim on the others, a hat on some eighths."""
    name = "rim" if random.random() < 0.4 else "snare"
    hats = on("hihat", meter.groups, 0.5) if random.random() < 0.6 else ()
    answers = on(name, meter.groups[1:] or meter.units[-1:], 0.8)
    return Groove((Stroke(0.0, "kick", 1.0), *answers, *hats))


def snare_march(meter: Meter, random: Random) -> Groove:
    """The snare plays all eighths, loud on the groups, with drags; bass drum on one and some groups."""
    snare = (*on("snare", meter.groups, 0.8), *on("snare", _rest(meter), 0.35))
    low = [g for g in meter.groups[1:] if random.random() < 0.5]
    drags = tuple((Stroke(p + 0.25, "snare", 0.3), 0.2) for p in _rest(meter))
    return Groove((*snare, Stroke(0.0, "kick", 1.0), *on("kick", low, 0.7)), drags)


def floor(meter: Meter, random: Random) -> Groove:
    """Kick on every group, an open hat on its second eighth, a clap on the last group."""
    kick = (Stroke(0.0, "kick", 1.0), *on("kick", meter.groups[1:], 0.85))
    hats = on("open_hihat", (g + 0.5 for g in meter.groups), 0.6)
    last = meter.groups[-1] if len(meter.groups) > 1 else meter.units[-1]
    shaker = steady("shaker", meter, 0.5, 0.55, 0.35) if random.random() < 0.5 else ()
    return Groove((*kick, *hats, Stroke(last, "clap" if random.random() < 0.5 else "snare", 0.85), *shaker))


def linear(meter: Meter, random: Random) -> Groove:
    """Eighths and sixteenths of which each is one drum's."""
    backs = _snare_groups(meter)
    strokes = []
    for place in np.arange(0, meter.bar_quarters, 0.25):
        if place == 0 or (place in meter.groups and place not in backs):
            strokes.append(Stroke(float(place), "kick", 1.0 if place == 0 else 0.8))
        elif place in backs:
            strokes.append(Stroke(float(place), "snare", 0.9))
        elif place in meter.units or random.random() < 0.4:
            name, loud = (("hihat", 0.58), ("hihat", 0.58), ("kick", 0.52), ("snare", 0.28))[
                int(random.integers(4))
            ]
            strokes.append(Stroke(float(place), name, loud))
    return Groove(tuple(strokes))


def cowbell(meter: Meter, random: Random) -> Groove:
    """A bell line of the groups' lengths over kick and toms."""
    bell = [*meter.groups, *_syncopated(meter, random, max(1, meter.beats // 4), [])]
    core = (*on("cowbell", sorted(bell), 0.7), Stroke(0.0, "kick", 1.0))
    answers = on("mid_tom", _snare_groups(meter), 0.75)
    return Groove((*core, *answers, *steady("shaker", meter, 0.5, 0.5, 0.32)))


WRITTEN: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "3/8": {
        "joropo": (("hihat", "xmm"), ("kick", "X.m"), ("rim", ".xx")),
        "tyrolienne": (("kick", "X.."), ("snare", ".mm"), ("hihat", "..m")),
    },
    "5/8": {"merengue": (("hihat", "xmxmx"), ("kick", "X...x"), ("snare", "..x.o"), ("low_tom", "...m."))},
    "6/8": {
        "ballad": (("hihat", "xmmxmm"), ("kick", "X....m"), ("snare", "...X..")),
        "jig": (("hihat", "x.mx.m"), ("kick", "X..m.."), ("rim", "..m..x"), ("snare", "...m..")),
        "bembe": (("cowbell", "x.xx.x"), ("kick", "X....."), ("low_tom", "...m.m"), ("shaker", "xooxoo")),
        "afro": (("ride", "x.xmx."), ("kick", "X....x"), ("snare", "..o.o."), ("pedal_hihat", "x..x..")),
    },
    "9/8": {"slip jig": (("hihat", "x.mx.mx.m"), ("kick", "X.....m.."), ("snare", "...m..x.o"))},
    "12/8": {
        "slow blues": (("hihat", "xmmxmmxmmxmm"), ("kick", "X....mx....."), ("snare", "...X.....X..")),
        "bell": (
            ("cowbell", "x.x.xx.x.x.x"),
            ("kick", "X.....x....."),
            ("low_tom", ".....m...m.m"),
            ("shaker", "xooxooxooxoo"),
        ),
        "doo-wop": (("ride", "xmmxmmxmmxmm"), ("kick", "X....mx.m..."), ("snare", "...X.....X..")),
        "gospel": (("hihat", "x.mx.mx.mx.m"), ("kick", "X..m.mm....m"), ("snare", "...X.....X..")),
    },
}
"""Grooves of one meter alone, in eighths."""


def written(name: str) -> Callable[[Meter, Random], Groove]:
    """The groove of that name as it is written for the meter, hats sometimes on the ride."""

    def play(meter: Meter, random: Random) -> Groove:
        lines = WRITTEN[meter.name][name]
        core = tuple(stroke for instrument, signs in lines for stroke in line(instrument, signs, 0.5))
        if random.random() < 0.25:
            core = tuple(replace(s, instrument="ride") if s.instrument == "hihat" else s for s in core)
        ghosts = tuple((Stroke(p + 0.25, "snare", 0.25), 0.08) for p in meter.units)
        return Groove(core, ghosts)

    return play
