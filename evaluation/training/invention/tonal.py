"""Bass, chords and tunes: drawn rhythms, the same in every bar, over harmonies that mostly change at bar lines."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.harmony import Chord, Key
from evaluation.scenes.patterns.parts import BASS_LOW, BASSES, CHORDS, CHORDS_LOW, Rhythm, Tone, played, tune
from evaluation.scenes.patterns.strokes import Stroke, Strokes
from evaluation.scenes.score import Harmony
from evaluation.scenes.sounds import TIMBRES, Timbre
from evaluation.training.invention.grooves import PAIRED, TRIES, pick, says
from evaluation.training.invention.places import BAR, RHYTHMS, Places, grid, strength

Random = np.random.Generator
Changes = tuple[tuple[float, Chord], ...]
"""The chords of a bar with the places where they begin."""
Parts = frozenset[str]
"""Of "bass", "chords", "melody"."""
BASS = "bar groups groups tactus low low cells pushed euclid eighths"
COMPING = "bar groups offbeats rest cells low answers euclid holed many skipping"
TUNES = "low many cells few pushed"
WITHOUT_DRUMS = (
    "bass", "chords", "bass chords", "bass chords", "bass chords melody", "bass chords melody", "chords melody",
    "bass melody",
)  # fmt: skip
STEPS = ((0,), (0, 2), (0, 0, 2), (0, 2, 3), (0, 1, 2), (0, 3), (0, 0, 0, 3), (0, -3))
SHAPES = (
    (0, 1, 2),
    (0, 2, 1),
    (0, 1, 2, 3),
    (0, 2, 3, 2),
    (0, 2, 1, 2),
    (2, 1, 0),
    (0, 3, 1, 2),
    (3, 2, 1, 0),
)
WRITTEN = 0.25
"""How often a rhythm is one of the scenes'."""


@dataclass(frozen=True)
class Ensemble:
    """Who plays along, in what rhythm, for one meter.

    Attributes
    ----------
    bass, chords : their rhythms; empty where they are silent
    tunes : where a tune's notes begin, for bars in turn; empty where there is none
    """

    bass: Rhythm
    chords: Rhythm
    tunes: tuple[tuple[float, ...], ...]


def _loud(meter: Meter, place: float, slope: float) -> float:
    return float(np.clip(0.95 - slope * (1 - strength(meter, place) / BAR), 0.3, 1.0))


def _held(
    meter: Meter, places: Places, part: float, steps: tuple[tuple[int, ...], ...], slope: float
) -> Rhythm:
    """Tones at places, each for a part of the time to the next; steps in turn."""
    ends = [*places[1:], meter.bar_quarters + (places[0] if places else 0.0)]
    return tuple(
        Tone(at, max(0.1, part * (end - at)), _loud(meter, at, slope), steps[i % len(steps)])
        for i, (at, end) in enumerate(zip(places, ends, strict=True))
    )


def bass_line(meter: Meter, step: float, kick: Places, random: Random) -> Rhythm:
    """A drawn rhythm, the kick's now and then; the bar's first note is nearly always there."""
    if random.random() < WRITTEN:
        return BASSES[int(random.integers(len(BASSES)))](meter, random)
    places = kick if kick and random.random() < 0.35 else RHYTHMS[pick(BASS, random)](meter, step, random)
    if random.random() < 0.95:
        places = sorted({0.0, *places})
    steps = STEPS[int(random.integers(len(STEPS)))]
    part, slope = float(random.uniform(0.3, 0.98)), float(random.uniform(0.1, 0.5))
    return _held(meter, sorted(places), part, tuple((s,) for s in steps), slope)


def comping(meter: Meter, step: float, random: Random) -> Rhythm:
    """Chords held, struck, strummed or taken apart."""
    drawn = random.random()
    if drawn < WRITTEN:
        return CHORDS[int(random.integers(len(CHORDS)))](meter, random)
    slope = float(random.uniform(0.1, 0.5))
    if drawn < 0.45:
        return _apart(meter, step, slope, random)
    places = RHYTHMS[pick(COMPING, random)](meter, step, random)
    tones = ((0, 1, 2), (0, 1, 2, 3), (1, 2, 3))[int(random.integers(3))]
    return _held(meter, places, float(random.uniform(0.15, 0.98)), (tones,), slope)


def _apart(meter: Meter, step: float, slope: float, random: Random) -> Rhythm:
    shape = SHAPES[int(random.integers(len(SHAPES)))]
    low = random.random() < 0.6
    tones: list[Tone] = []
    for place in grid(meter, step if random.random() < 0.5 else 0.5):
        start = max(g for g in meter.groups if g <= place + 1e-9)
        index = round((place - start) / 0.5) if step == 0.5 else round((place - start) / step)
        chosen = -3 if low and place == 0 else shape[index % len(shape)]
        tones.append(Tone(place, float(random.uniform(0.4, 0.9)), _loud(meter, place, slope), (chosen,)))
    return tuple(tones)


def ensemble(parts: Parts, meter: Meter, step: float, kick: Places, alone: bool, random: Random) -> Ensemble:
    """Drawn rhythms for those parts; without drums, such as tell the meter."""
    for _ in range(TRIES):
        bass = bass_line(meter, step, kick, random) if "bass" in parts else ()
        chords = comping(meter, step, random) if "chords" in parts else ()
        if not alone or says(tuple(Stroke(t.at, "", t.velocity) for t in (*bass, *chords)), meter):
            break
    else:
        steady = _held(meter, list(meter.units), 0.7, ((0, 1, 2), (1, 2)), 0.4)
        chords = steady if "chords" in parts else ()
        bass = () if chords and "bass" not in parts else tuple(replace(t, steps=(0,)) for t in steady)
    tunes = [RHYTHMS[pick(TUNES, random)](meter, max(step, 0.5), random) for _ in range(2)]
    shape = (0, 0, 0, 1) if meter.name in PAIRED else (0, 1, 0, 1)
    return Ensemble(bass, chords, tuple(tuple(tunes[i]) for i in shape) if "melody" in parts else ())


def triads(key: Key) -> list[Chord]:
    """The key's major and minor triads."""
    found = []
    for degree in range(7):
        root, third, fifth = (key.degree(degree + i) for i in (0, 2, 4))
        if fifth - root == 7:
            found.append(Chord((key.tonic + root) % 12, "maj" if third - root == 4 else "min"))
    return found


def harmonies(meter: Meter, bars: int, key: Key, random: Random) -> list[Changes]:
    """The chords of every bar with the places where they begin; a few bars that go round.

    Mostly one for a bar; sometimes one for two bars, or, where a half is no bar of its own, two in a bar. Neighbours
    differ, but for a few songs on one chord.
    """
    known = triads(key)
    slow = 2 if meter.name not in PAIRED and random.random() < 0.12 else 1
    second = [g for g in meter.groups[1:] if g >= meter.bar_quarters / 2 - 0.51]
    halves = bool(second) and (meter.name == "4/4" or len(set(meter.grouping)) > 1) and random.random() < 0.15
    count = int(random.choice((2, 3, 4, 4, 4, 8)))
    pedal = random.random() < 0.06
    chosen = [known[0]]
    while len(chosen) < 2 * count:
        last = {chosen[-1]} | ({chosen[0]} if len(chosen) == 2 * count - 1 else set())
        others = [chord for chord in known if chord not in last]
        chosen.append(others[int(random.integers(len(others)))])
    if not halves:
        chosen = [*chosen[: count - 1], chosen[2 * count - 1]]
    found: list[Changes] = []
    for bar in range(bars):
        index = bar // slow % count
        if pedal:
            found.append(((0.0, known[0]),))
        elif halves:
            found.append(((0.0, chosen[2 * index]), (second[0], chosen[2 * index + 1])))
        else:
            found.append(((0.0, chosen[index]),))
    return found


def tonal_bars(
    who: Ensemble, meter: Meter, key: Key, changes: list[Changes], random: Random
) -> list[Strokes]:
    """What the parts play over those chords, bar by bar."""
    bars: list[Strokes] = []
    step = 0
    for number, chords in enumerate(changes):
        strokes: Strokes = ()
        for index, (start, chord) in enumerate(chords):
            end = chords[index + 1][0] if index + 1 < len(chords) else meter.bar_quarters
            for rhythm, name, low in ((who.bass, "bass", BASS_LOW), (who.chords, "chords", CHORDS_LOW)):
                inside = tuple(t for t in rhythm if start - 1e-9 <= t.at < end - 1e-9)
                strokes = (*strokes, *played(inside, name, chord, low))
        if who.tunes:
            places = who.tunes[number % len(who.tunes)]
            if places:
                strokes = (*strokes, *tune(places, meter, key, chords[0][1], step, random))
            step = int(np.clip(step + random.integers(-1, 2), 0, 5))
        bars.append(strokes)
    return bars


def labels(changes: list[Changes], meter: Meter, start: float) -> list[Harmony]:
    """The chords with their places in the score, from the first bar's start."""
    found = []
    for number, chords in enumerate(changes):
        bar = start + number * meter.bar_quarters
        for index, (at, chord) in enumerate(chords):
            end = chords[index + 1][0] if index + 1 < len(chords) else meter.bar_quarters
            found.append(Harmony(bar + at, bar + end, chord.label))
    return found


def any_voices(random: Random) -> tuple[tuple[str, Timbre], ...]:
    """A voice for each part: one of the scenes', or a drawn one."""
    voices: list[tuple[str, Timbre]] = []
    for part, known in TIMBRES.items():
        base = known[int(random.integers(len(known)))]
        if random.random() < 0.6:
            ring = float(base.ring_s * np.exp(random.normal(0, 0.4)))
            roll = float(np.clip(base.roll + random.normal(0, 0.35), 0.5, 2.6))
            rise = float(base.rise_s * np.exp(random.normal(0, 0.5)))
            count = int(np.clip(base.partials + random.integers(-2, 6), 2, 16))
            odd = bool(base.odd or random.random() < 0.1)
            base = Timbre("drawn", count, roll, ring, base.damp, rise, odd, base.stretch)
        voices.append((part, base))
    return tuple(voices)
