"""Bass, chords and tunes: rhythms made from the meter, the same in every bar, and pitches from the bar's chord."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.harmony import Chord, Key
from evaluation.scenes.patterns.strokes import Stroke, Strokes

Random = np.random.Generator


@dataclass(frozen=True)
class Tone:
    """A place of a rhythm: quarters from the bar's start, length in quarters, loudness, and which chord tones."""

    at: float
    length: float
    velocity: float
    steps: tuple[int, ...] = (0,)


Rhythm = tuple[Tone, ...]
BASS_LOW, CHORDS_LOW, MELODY_LOW = 31, 53, 67
"""Lowest MIDI numbers of the three registers."""


def _spaced(meter: Meter, places: list[float], *steps: int, loud: float = 0.9, soft: float = 0.65) -> Rhythm:
    """Tones at places, each until the next, the first loud; steps in turn."""
    ends = [*places[1:], meter.bar_quarters]
    return tuple(
        Tone(at, 0.9 * (end - at), loud if at == 0 else soft, (steps[i % len(steps)],))
        for i, (at, end) in enumerate(zip(places, ends, strict=True))
    )


def bass_roots(meter: Meter, random: Random) -> Rhythm:
    """The root on one, root or fifth on the other groups."""
    return _spaced(meter, list(meter.groups), 0, 2)


def bass_pump(meter: Meter, random: Random) -> Rhythm:
    """The root in eighths, loud on one and on the groups, with an octave at the end of the bar."""
    count = round(2 * meter.bar_quarters)
    strong = {0.0, *meter.groups}
    tones = [Tone(i / 2, 0.42, 0.95 if i == 0 else 0.75 if i / 2 in strong else 0.55) for i in range(count)]
    return (*tones[:-1], Tone(tones[-1].at, 0.42, 0.6, (3,)))


def bass_walk(meter: Meter, random: Random) -> Rhythm:
    """A note on every beat through the chord; the last one leads on."""
    return _spaced(meter, list(meter.tactus), 0, 1, 2, 3, 2, 1, soft=0.72)


def bass_syncopated(meter: Meter, random: Random) -> Rhythm:
    """The root on one and some offbeats, always the same ones."""
    places = np.arange(0.5, meter.bar_quarters, 0.5)
    chosen = sorted(random.choice(places, min(len(places), 1 + meter.beats // 2), replace=False))
    return _spaced(meter, [0.0, *map(float, chosen)], 0, 0, 2, 3)


def bass_long(meter: Meter, random: Random) -> Rhythm:
    """One note for the bar."""
    return (Tone(0.0, 0.92 * meter.bar_quarters, 0.85),)


def chords_pad(meter: Meter, random: Random) -> Rhythm:
    """The chord held for the bar."""
    return (Tone(0.0, 0.95 * meter.bar_quarters, 0.6, (0, 1, 2)),)


def chords_after(meter: Meter, random: Random) -> Rhythm:
    """Short chords on the beats that begin no group, as of a waltz; where there is none, on the offbeats."""
    places = [p for p in meter.units if p not in meter.groups] or [p + 0.5 for p in meter.units]
    return tuple(Tone(p, 0.4 * meter.unit_quarters + 0.1, 0.6, (0, 1, 2)) for p in places)


def chords_offbeat(meter: Meter, random: Random) -> Rhythm:
    """Short chords half a beat after each beat, in meters of quarters; else on the groups."""
    places = [p + 0.5 for p in meter.units] if meter.unit == 4 else list(meter.groups)
    return tuple(Tone(p, 0.3, 0.62, (0, 1, 2)) for p in places)


def chords_strum(meter: Meter, random: Random) -> Rhythm:
    """Full on one, lighter on the groups and some eighths."""
    places = [i / 2 for i in range(round(2 * meter.bar_quarters))]
    kept = [p for p in places if p in meter.groups or random.random() < 0.45]
    rhythm = _spaced(meter, kept, 0, loud=0.85, soft=0.55)
    return tuple(Tone(t.at, t.length, t.velocity, (0, 1, 2, 3)) for t in rhythm)


def chords_arpeggio(meter: Meter, random: Random) -> Rhythm:
    """The chord taken apart in eighths, each group from its bottom; the first and lowest note is the bar's."""
    tones: list[Tone] = []
    shape = [(0, 1, 2, 3), (0, 2, 1, 2), (0, 2, 3, 2)][int(random.integers(3))]
    for start, size in zip(meter.groups, meter.grouping, strict=True):
        for i in range(round(size * meter.unit_quarters * 2)):
            step = shape[i % 4] if (start, i) != (0.0, 0) else -3
            tones.append(Tone(start + i / 2, 0.55, 0.9 if step == -3 else 0.7 if i == 0 else 0.5, (step,)))
    return tuple(tones)


BASSES: tuple[Callable[[Meter, Random], Rhythm], ...]
BASSES = (bass_roots, bass_pump, bass_walk, bass_syncopated, bass_long)
CHORDS: tuple[Callable[[Meter, Random], Rhythm], ...]
CHORDS = (chords_pad, chords_after, chords_offbeat, chords_strum, chords_arpeggio)
MELODIC: tuple[tuple[Callable[[Meter, Random], Rhythm], Callable[[Meter, Random], Rhythm]], ...]
MELODIC = (
    (bass_roots, chords_after),
    (bass_roots, chords_arpeggio),
    (bass_long, chords_after),
    (bass_long, chords_arpeggio),
    (bass_roots, chords_strum),
    (bass_walk, chords_strum),
    (bass_syncopated, chords_arpeggio),
    (bass_pump, chords_strum),
)
"""Pairs of bass and chords that carry a meter without drums."""


def played(rhythm: Rhythm, instrument: str, chord: Chord, low: int) -> Strokes:
    """A rhythm on a chord."""
    return tuple(
        Stroke(tone.at, instrument, tone.velocity, tone.length, chord.tone(step, low))
        for tone in rhythm
        for step in tone.steps
    )


def tune_rhythm(meter: Meter, random: Random) -> tuple[float, ...]:
    """Where a tune's notes begin in a bar: on one, on most beats, on some units between."""
    grid = sorted({*meter.units, *(meter.units if meter.unit == 8 else (u + 0.5 for u in meter.units))})
    chance = dict.fromkeys(grid, 0.35) | dict.fromkeys(meter.tactus, 0.7) | {0.0: 0.95}
    places = tuple(p for p in grid if random.random() < chance[p])
    return places or (0.0,)


def tune(
    places: tuple[float, ...], meter: Meter, key: Key, chord: Chord, step: int, random: Random
) -> Strokes:
    """A bar of tune that walks the scale from a step of it, on tones of the chord where a group begins."""
    ends = (*places[1:], meter.bar_quarters)
    strokes = []
    low = MELODY_LOW + (key.tonic - MELODY_LOW) % 12
    triad = {round(chord.tone(i, 0)) % 12 for i in range(3)}
    for at, end in zip(places, ends, strict=True):
        step = int(np.clip(step + random.integers(-2, 3), -3, 8))
        if at in meter.groups:
            step = min(
                range(step - 2, step + 3),
                key=lambda s: ((low + key.degree(s)) % 12 not in triad, abs(s - step)),
            )
        loud = 0.9 if at == 0 else 0.75 if at in meter.tactus else 0.6
        strokes.append(Stroke(at, "melody", loud, 0.88 * (end - at), float(low + key.degree(step))))
    return tuple(strokes)
