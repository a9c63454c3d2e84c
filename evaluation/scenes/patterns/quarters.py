"""Drum grooves in 2/4 to 7/4, most of them built from the groups, so that they exist for every count of beats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.strokes import Groove, Stroke, Strokes, line, on, steady

Random = np.random.Generator


def backbeats(meter: Meter, random: Random) -> list[float]:
    """Beats of the snare: every second of a group of two or four; of three the last, or the last two."""
    found: list[float] = []
    for start, size in zip(meter.groups, meter.grouping, strict=True):
        if size == 3:
            found += [start + 1, start + 2] if random.random() < 0.25 else [start + 2]
        else:
            found += [start + i for i in range(1, size, 2)]
    return found


def kicks(meter: Meter, random: Random, extra: float = 0.5, step: float = 0.5) -> Strokes:
    """The first beat strong, the other groups lighter, and syncopations that stay the same in every bar."""
    strokes = [Stroke(0.0, "kick", 1.0), *on("kick", meter.groups[1:], 0.8)]
    if meter.name == "4/4" and random.random() < 0.4:
        strokes = strokes[:1]
    taken = {s.at for s in strokes}
    free = [p for p in np.arange(step, meter.bar_quarters, step) if p % 1 and p not in taken]
    count = min(len(free), random.binomial(meter.beats, extra / 2) + (random.random() < extra))
    strokes += on("kick", random.choice(free, count, replace=False), 0.72) if count else ()
    return tuple(strokes)


def ghosts(
    meter: Meter, random: Random, step: float = 0.25, chance: float = 0.25
) -> tuple[tuple[Stroke, float], ...]:
    """Soft snare strokes that come and go."""
    places = np.arange(step, meter.bar_quarters, 2 * step)
    chosen = [p for p in places if random.random() < 0.5]
    return tuple((Stroke(float(p), "snare", float(random.uniform(0.15, 0.35))), chance) for p in chosen)


def open_hats(meter: Meter, chance: float = 0.15) -> tuple[tuple[Stroke, float], ...]:
    """An open hat on the last offbeat now and then."""
    return ((Stroke(meter.bar_quarters - 0.5, "open_hihat", 0.7), chance),)


def rock(meter: Meter, random: Random) -> Groove:
    """Eighths on the hat, kick on the groups, snare on the backbeats."""
    snare = on("snare", backbeats(meter, random), 0.9)
    return Groove((*steady("hihat", meter, 0.5), *kicks(meter, random), *snare), open_hats(meter))


def sixteenths(meter: Meter, random: Random) -> Groove:
    """Sixteenths on the hat, a kick that syncopates by sixteenths, ghost notes."""
    snare = on("snare", backbeats(meter, random), 0.92)
    core = (*steady("hihat", meter, 0.25, 0.75, 0.42), *kicks(meter, random, 0.5, 0.25), *snare)
    return Groove(core, ghosts(meter, random))


def half_time(meter: Meter, random: Random) -> Groove:
    """One snare in the bar, at its middle or later; the hat keeps the tempo."""
    middle = {2: 1.0, 3: 2.0, 4: 2.0}.get(meter.beats, meter.groups[-1])
    core = (*steady("hihat", meter, 0.5), *on("kick", (0.0,), 1.0), *on("snare", (middle,), 0.95))
    places = [p for p in np.arange(0.5, meter.bar_quarters, 0.5) if p != middle]
    extra = on("kick", random.choice(places, min(2, len(places)), replace=False), 0.68)
    return Groove((*core, *extra), open_hats(meter))


def four_on_the_floor(meter: Meter, random: Random) -> Groove:
    """Kick on every beat, an open hat between, clap on the backbeats, a turn at the end."""
    kick = (Stroke(0.0, "kick", 1.0), *on("kick", meter.units[1:], 0.88))
    hats = tuple(Stroke(p + 0.5, "open_hihat", 0.6) for p in meter.units)
    closed = on("hihat", meter.units, 0.4) if random.random() < 0.6 else ()
    clap = on("clap" if random.random() < 0.5 else "snare", backbeats(meter, random), 0.85)
    shaker = steady("shaker", meter, 0.25, 0.5, 0.3) if random.random() < 0.4 else ()
    return Groove((*kick, *hats, *closed, *clap, *shaker))


def disco(meter: Meter, random: Random) -> Groove:
    """Sixteenths in the hands with an open hat before the first beat; kick on every beat."""
    hats = (*steady("hihat", meter, 0.25, 0.6, 0.45), Stroke(meter.bar_quarters - 0.5, "open_hihat", 0.7))
    kick = (Stroke(0.0, "kick", 1.0), *on("kick", meter.units[1:], 0.82))
    return Groove((*hats, *kick, *on("snare", backbeats(meter, random), 0.9)), ghosts(meter, random))


def swing_ride(meter: Meter, random: Random) -> Groove:
    """The jazz ride: ding, ding-a; the foot closes the hat on the backbeats; the snare comments."""
    backs = backbeats(meter, random)
    ride = (*on("ride", meter.units, 0.66), *on("ride", (b + 0.5 for b in backs), 0.5))
    bass = (Stroke(0.0, "kick", 0.75), *on("kick", meter.groups[1:], 0.3))
    foot = on("pedal_hihat", backs, 0.6)
    skips = [p + 0.5 for p in meter.units]
    comments = tuple((Stroke(p, "snare", float(random.uniform(0.25, 0.55))), 0.25) for p in skips)
    kick = Stroke(float(random.choice(skips)), "kick", 0.62)
    return Groove((*ride, *bass, *foot, kick), comments)


def shuffle(meter: Meter, random: Random) -> Groove:
    """All eighths on the hat or ride, to be swung; a plain backbeat."""
    hand = "ride" if random.random() < 0.35 else "hihat"
    snare = on("snare", backbeats(meter, random), 0.92)
    core = (*steady(hand, meter, 0.5, 0.8, 0.6), *kicks(meter, random, 0.3), *snare)
    return Groove(core, ghosts(meter, random, 0.5, 0.15))


def train(meter: Meter, random: Random) -> Groove:
    """Brushed sixteenths on the snare with the backbeat in them; the kick on the beats between."""
    backs = backbeats(meter, random)
    rolls = [Stroke(p, "snare", 0.9 if p in backs else 0.3) for p in np.arange(0, meter.bar_quarters, 0.25)]
    rolls = [Stroke(float(s.at), s.instrument, 0.55 if s.at % 1 == 0.5 else s.velocity) for s in rolls]
    kick = (Stroke(0.0, "kick", 1.0), *on("kick", (b for b in meter.units[1:] if b not in backs), 0.75))
    return Groove((*rolls, *kick, *on("hihat", backs, 0.4)))


def march(meter: Meter, random: Random) -> Groove:
    """Bass drum on the groups, the snare's rhythm of eighths and sixteenths, a cymbal on one."""
    cells = ((0.0,), (0.0, 0.5), (0.0, 0.5, 0.75), (0.0, 0.25, 0.5, 0.75))
    snare: list[Stroke] = []
    for beat in meter.units:
        cell = cells[int(random.integers(4 if beat else 2))]
        snare += [Stroke(beat + p, "snare", 0.75 if p == 0 else 0.5) for p in cell]
    kick = (Stroke(0.0, "kick", 1.0), *on("kick", meter.groups[1:], 0.8))
    return Groove((*snare, *kick, Stroke(0.0, "crash" if random.random() < 0.2 else "open_hihat", 0.55)))


def toms(meter: Meter, random: Random) -> Groove:
    """Eighths on the toms, falling within each group; the hat's foot keeps the beats."""
    names = ("low_tom", "mid_tom", "high_tom")
    drums: list[Stroke] = []
    for start, size in zip(meter.groups, meter.grouping, strict=True):
        for i in range(2 * size):
            name = names[0] if i == 0 else names[int(random.integers(3))]
            drums.append(Stroke(start + i / 2, name, 0.9 if i == 0 else 0.5))
    kick = (Stroke(0.0, "kick", 1.0), *on("kick", meter.groups[1:], 0.8))
    snare = on("snare", backbeats(meter, random), 0.7) if random.random() < 0.5 else ()
    return Groove((*drums, *kick, *snare, *on("pedal_hihat", meter.units, 0.45)))


def sparse(meter: Meter, random: Random) -> Groove:
    """Kick and snare alone, with a soft hat on the beats at the most."""
    hats = on("hihat", meter.units, 0.45) if random.random() < 0.6 else ()
    return Groove((*kicks(meter, random, 0.35), *on("snare", backbeats(meter, random), 0.9), *hats))


def heavy(meter: Meter, random: Random) -> Groove:
    """Quarters on an open hat or ride, loud; a driving kick."""
    hand = "open_hihat" if random.random() < 0.5 else "ride"
    hand_strokes = (Stroke(0.0, hand, 0.95), *on(hand, meter.units[1:], 0.75))
    return Groove((*hand_strokes, *kicks(meter, random, 0.9), *on("snare", backbeats(meter, random), 1.0)))


def linear(meter: Meter, random: Random) -> Groove:
    """Sixteenths of which each is one drum's: hat, kick and snare in turn."""
    backs = set(backbeats(meter, random))
    strokes = []
    for place in np.arange(0, meter.bar_quarters, 0.25):
        if place in meter.groups:
            strokes.append(Stroke(float(place), "kick", 1.0 if place == 0 else 0.85))
        elif place in backs:
            strokes.append(Stroke(float(place), "snare", 0.92))
        elif random.random() < 0.8:
            name, loud = (("hihat", 0.6), ("hihat", 0.6), ("kick", 0.55), ("snare", 0.28))[
                int(random.integers(4))
            ]
            strokes.append(Stroke(float(place), name, loud))
    return Groove(tuple(strokes))


def waltz(meter: Meter, random: Random) -> Groove:
    """Groups of a low beat and lighter ones after it: oom-pah-pah."""
    low = (Stroke(0.0, "kick", 1.0), *on("kick", meter.groups[1:], 0.75))
    rest = [b for b in meter.units if b not in meter.groups]
    name = str(random.choice(("snare", "rim", "hihat")))
    light = on(name, rest, 0.6 if name == "snare" else 0.7)
    hand = on("ride" if random.random() < 0.5 else "pedal_hihat", rest, 0.5)
    skips = tuple((Stroke(b + 0.5, "ride", 0.4), 0.4) for b in meter.units)
    return Groove((*low, *light, *hand), skips)


def trap(meter: Meter, random: Random) -> Groove:
    """A sparse deep kick, a clap once a bar, sixteenths on the hat with short rolls in thirty-seconds."""
    middle = {2: 1.0, 3: 2.0, 4: 2.0}.get(meter.beats, meter.groups[-1])
    places = [p for p in np.arange(0.75, meter.bar_quarters, 0.25) if p != middle and p % 1]
    kick = (Stroke(0.0, "kick", 1.0), *on("kick", random.choice(places, 2, replace=False), 0.8))
    roll = float(random.choice(meter.units)) + 0.5
    rolls = tuple((Stroke(roll + i * 0.125, "hihat", 0.4), 0.35) for i in (1, 3))
    return Groove((*steady("hihat", meter, 0.25, 0.65, 0.45), *kick, *on("clap", (middle,), 0.95)), rolls)


WRITTEN: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "4/4": {
        "bossa": (
            ("hihat", "x.m.x.m. x.m.x.m."),
            ("kick", "X.....m. x.....m."),
            ("rim", "x.....x. ....x..."),
        ),
        "breakbeat": (
            ("ride", "x.x.x.x. x.x.x.x."),
            ("kick", "X.x..... ..xx...."),
            ("snare", "....X..o .o..X..o"),
        ),
        "funk": (
            ("hihat", "xmxmxmxm xmxmxmxm"),
            ("kick", "X..x..x. ..x..x.."),
            ("snare", "....X..o .o.oX..o"),
        ),
        "one drop": (
            ("hihat", "x.m.x.m. x.m.x.m."),
            ("kick", "........ X......."),
            ("rim", "........ X.....o."),
            ("open_hihat", "..............m."),
            ("low_tom", "m..............."),
        ),
        "two step": (
            ("hihat", "x.mxx.mm x.mxx.m."),
            ("kick", "X....... ..x....."),
            ("snare", "....X... ....X..."),
        ),
        "tresillo": (
            ("hihat", "x.m.x.m. x.m.x.m."),
            ("kick", "X.....x. ....x..."),
            ("snare", "....X... ....X..."),
        ),
        "samba": (
            ("shaker", "xoomxoom xoomxoom"),
            ("kick", "m..mx..m m..mx..m"),
            ("low_tom", "m....... X......."),
            ("rim", "x.x.mx.x .x.xmx.x"),
        ),
        "motown": (
            ("hihat", "x.m.x.m. x.m.x.m."),
            ("snare", "X...X... X...X..."),
            ("kick", "X.....x. x....x.."),
        ),
    },
    "2/4": {
        "polka": (("hihat", "..m...m."), ("kick", "X......."), ("snare", "....x.o.")),
        "samba": (("shaker", "xoomxoom"), ("kick", "m..mx..m"), ("low_tom", "....X..."), ("rim", "x.mx.x.m")),
        "baiao": (("hihat", "x.m.x.m."), ("kick", "X..x...."), ("rim", "......x."), ("low_tom", "....m...")),
        "cumbia": (
            ("shaker", "x.xxx.xx"),
            ("kick", "X...m..."),
            ("cowbell", "x...m..."),
            ("rim", "...x..x."),
        ),
    },
    "3/4": {
        "mazurka": (("kick", "X..........."), ("snare", "....x...m.o."), ("hihat", "x...x...x...")),
        "jazz waltz": (("ride", "x...x.m.x..."), ("kick", "x.....m....."), ("pedal_hihat", "....x.......")),
    },
    "5/4": {
        "take": (
            ("ride", "x...x.m.x...x...x.m."),
            ("kick", "X.....x.....x......."),
            ("rim", "....m...x.......x..."),
        ),
    },
    "7/4": {
        "money": (
            ("hihat", "x.m.x.m.x.m.x.m.x.m.x.m.x.m."),
            ("kick", "X.....x.x.......x...x......."),
            ("snare", "....X.......X...........X..."),
        ),
    },
}
"""Grooves of one meter alone, in sixteenths."""


def written(name: str) -> Callable[[Meter, Random], Groove]:
    """The groove of that name as it is written for the meter, hats sometimes on the ride."""

    def play(meter: Meter, random: Random) -> Groove:
        lines = WRITTEN[meter.name][name]
        core = tuple(stroke for instrument, signs in lines for stroke in line(instrument, signs, 0.25))
        if random.random() < 0.25:
            core = tuple(replace(s, instrument="ride") if s.instrument == "hihat" else s for s in core)
        return Groove(core, ghosts(meter, random, 0.25, 0.1))

    return play
