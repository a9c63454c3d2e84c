"""Bars of drums in a style, and phrases of such bars: varied, with strokes dropped and added, fills and arrivals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.fills import arrival, fill
from evaluation.scenes.patterns.strokes import MARKED, Groove, Stroke, Strokes, loudest, repeats, tell_apart
from evaluation.training.invention.places import BAR, GROUP, RHYTHMS, Places, grid, strength
from evaluation.training.invention.styles import Style

Random = np.random.Generator
PAIRED = ("2/4", "3/4", "3/8", "6/8")
"""Of these two bars make one of another meter: in them no bar differs from its neighbour by rule."""
TRIES = 12
REPEATING = 0.25
"""Of grooves in 4/4, so many may repeat inside the bar: by convention 4/4 is what they are."""
UNMARKED = 0.06
"""Of grooves, so many have no low drum on one."""


@dataclass(frozen=True)
class Drumming:
    """A groove and what it does over a phrase.

    Attributes
    ----------
    bars : the bars of a phrase, in order
    fills : the chance that a phrase ends in a fill
    dropped : the chance that a weak stroke is not played
    """

    bars: tuple[Groove, ...]
    fills: float
    dropped: float


def pick(words: str, random: Random) -> str:
    """One of some words."""
    return str(random.choice(words.split()))


def struck(voice: str, places: Places, meter: Meter, loud: float, slope: float) -> Strokes:
    """Strokes at places, softer by `slope` at the weakest than at the bar's start."""
    return tuple(
        Stroke(p, voice, float(np.clip(loud - slope * (1 - strength(meter, p) / BAR), 0.25, 1.0)))
        for p in places
    )


def written(style: Style, meter: Meter, step: float, random: Random) -> Strokes:
    """A bar's strokes as they come; whether it will do is another question."""
    even = style.even_handed

    def line(kinds: str, voices: str, loud: float, most: float) -> Strokes:
        places = RHYTHMS[pick(kinds, random)](meter, step, random)
        places = [p for p in places if round(p / step, 6) % 1 == 0]
        slope = 0.0 if even else float(random.uniform(0.05, most))
        return struck(pick(voices, random), places, meter, loud, slope)

    low = line(style.low, style.low_voices, 1.0, 0.5)
    back = line(style.back, style.back_voices, float(random.uniform(0.8, 1.0)), 0.15)
    time = line(style.time, style.time_voices, float(random.uniform(0.65, 0.9)), 0.5)
    found = (*low, *back, *time)
    voices = [str(v) for v in random.permutation(style.colour_voices.split())]
    for voice in voices[: int(random.integers(1, style.colours + 1))]:
        found = (*found, *line(style.colour, voice, float(random.uniform(0.55, 0.85)), 0.4))
    if low and back and low[0].instrument != back[0].instrument:
        on_back = {s.at for s in back}
        found = tuple(
            s for s in found if s not in low or s.at == 0 or s.at not in on_back or random.random() < 0.3
        )
    return _one_at_a_time(found) if style.linear else loudest(found)


def _one_at_a_time(strokes: Strokes) -> Strokes:
    first: dict[float, Stroke] = {}
    for stroke in strokes:
        first.setdefault(round(stroke.at, 6), stroke)
    return tuple(first.values())


def says(strokes: Strokes, meter: Meter) -> bool:
    """Whether a bar of these strokes tells its beats and units: else it might as well be another meter's."""
    heard = {round(s.at, 4) for s in strokes if s.velocity >= MARKED}
    beaten = sum(round(p, 4) in heard for p in meter.tactus) / len(meter.tactus)
    if 0.0 not in heard or beaten < 0.6:
        return False
    if meter.unit == 4:
        return True
    between = {round(p, 4) for p in meter.units if p not in meter.groups}
    backs = {s.at for s in strokes if s.instrument in ("snare", "clap", "rim") and s.velocity >= MARKED}
    quarters = meter.name == "8/8" and {1.0, 3.0} <= backs
    return not quarters and len(between & {round(s.at, 4) for s in strokes}) >= max(1, len(between) // 3)


def groove(style: Style, meter: Meter, step: float, random: Random) -> Groove:
    """A bar in a style that is the shortest that repeats and tells its meter; drawn until it does."""
    free = meter.name == "4/4" and random.random() < REPEATING
    for _ in range(TRIES):
        core = written(style, meter, step, random)
        if says(core, meter) and (free or repeats(core, meter) is None):
            break
    else:
        core = plain(meter)
    if random.random() < UNMARKED:
        lighter = tuple(s for s in core if s.at > 0 or s.instrument not in ("kick", "low_tom"))
        core = lighter if free or repeats(lighter, meter) is None else core
    made = Groove(core, _ghosts(style, meter, step, random))
    return made if free else tell_apart(made, meter, random)


def plain(meter: Meter) -> Strokes:
    """Hats on the units, the snare in the last group, the kick on the others."""
    last = meter.groups[-1] if len(meter.groups) > 1 else meter.units[-1]
    kick = struck("kick", [g for g in meter.groups if g != last], meter, 1.0, 0.4)
    return (*kick, Stroke(last, "snare", 0.9), *struck("hihat", list(meter.units), meter, 0.75, 0.3))


def _ghosts(style: Style, meter: Meter, step: float, random: Random) -> tuple[tuple[Stroke, float], ...]:
    weak = [p for p in grid(meter, step) if strength(meter, p) < GROUP and random.random() < style.ghosts]
    voice = pick("snare snare rim hihat", random)
    return tuple((Stroke(p, voice, float(random.uniform(0.12, 0.35))), 0.3) for p in weak)


def varied(made: Groove, meter: Meter, step: float, random: Random) -> Groove:
    """The groove with one to three weak strokes moved, dropped or added."""
    core = list(made.core)
    for _ in range(int(random.integers(1, 4))):
        weak = [s for s in core if strength(meter, s.at) < GROUP]
        if weak and random.random() < 0.6:
            core.remove(weak[int(random.integers(len(weak)))])
        if random.random() < 0.7:
            place = float(random.choice(grid(meter, step)[1:]))
            core.append(Stroke(place, pick("kick kick snare open_hihat high_tom", random), 0.7))
    return Groove(loudest(core), made.ornaments)


def drumming(style: Style, meter: Meter, step: float, random: Random) -> Drumming:
    """A groove in its phrase."""
    first = groove(style, meter, step, random)
    other = varied(first, meter, step, random)
    if meter.name in PAIRED:
        length = 3 if meter.name == "2/4" else 4
        shape = (first,) * (length - 1) + (other if random.random() < 0.3 else first,)
    else:
        letters = str(random.choice(("aaaa", "aaab", "abab", "aaba", "ab", "aaaaaaab")))
        shape = tuple(other if letter == "b" else first for letter in letters)
    fills = float(random.choice((0.0, 0.3, 0.8)))
    return Drumming(shape, fills, float(random.choice((0.0, 0.0, 0.05, 0.12))))


def turned(meter: Meter, step: float, random: Random) -> tuple[float, Strokes]:
    """The end of a phrase, and from where on: a way down the drums, a roll on one that swells, or nothing at all."""
    drawn = random.random()
    if drawn < 0.5:
        return fill(meter, random)
    later = [p for p in meter.units if p >= meter.bar_quarters / 2 - 1e-9]
    start = float(random.choice(later))
    if drawn < 0.65:
        return start, ()
    voice = pick("snare snare low_tom high_tom clap kick", random)
    places = [p for p in grid(meter, step) if p >= start - 1e-9]
    swell = np.linspace(float(random.uniform(0.4, 0.9)), float(random.uniform(0.6, 1.0)), len(places))
    return start, tuple(Stroke(p, voice, float(v)) for p, v in zip(places, swell, strict=True))


def played(drums: Drumming, meter: Meter, step: float, bars: int, random: Random) -> list[Strokes]:
    """So many bars, one after the other."""
    found: list[Strokes] = []
    arriving = bool(random.random() < 0.3)
    for number in range(bars):
        strokes = drums.bars[number % len(drums.bars)].bar(random)
        strokes = tuple(
            s for s in strokes if strength(meter, s.at) >= GROUP or random.random() >= drums.dropped
        )
        if arriving:
            strokes = (*strokes, *arrival(random)) if random.random() < 0.7 else strokes
        arriving = (number + 1) % max(3, len(drums.bars)) == 0 and random.random() < drums.fills
        if arriving:
            start, filled = turned(meter, step, random)
            strokes = (*(s for s in strokes if s.at < start - 1e-9), *filled)
        found.append(loudest(strokes))
    return found
