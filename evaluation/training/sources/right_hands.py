"""What a right hand plays: tunes from a few rhythms that come back, and figures that run through chords and scales."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.strokes import Stroke, Strokes
from evaluation.training.sources.harmonies import Chord

Random = np.random.Generator
Places = tuple[float, ...]

LOW = 64
"""The lowest tonic of a tune, as a MIDI number."""
FORMS = ("ABAC", "AABC", "AAAB", "ABAB", "AABA", "ABCB")
"""Which rhythm each bar of a phrase has."""


@dataclass(frozen=True)
class Passage:
    """Bars in one texture: where the bars start, and the chords with their places.

    Attributes
    ----------
    starts : of bars, in quarters
    chords : a chord and the place from which on it sounds, in order
    fastest : the shortest note, in quarters, that the tempo allows
    """

    meter: Meter
    starts: tuple[float, ...]
    chords: tuple[tuple[float, Chord], ...]
    fastest: float

    def chord(self, place: float) -> Chord:
        """The chord that sounds there."""
        found = [chord for at, chord in self.chords if at <= place + 1e-6]
        return found[-1] if found else self.chords[0][1]


RightHand = Callable[[Passage, Random], Strokes]


def rhythm_of(meter: Meter, random: Random, rest_on_one: float = 0.06, fastest: float = 0.25) -> Places:
    """Where the notes of a bar of tune begin: mostly on beats, some between; a dotted one now and then."""
    density = random.uniform(0.2, 0.9)
    step = meter.unit_quarters / 2
    grid = [i * step for i in range(2 * meter.beats)]
    chosen = []
    for place in grid:
        on_unit = round(place / meter.unit_quarters, 6) % 1 == 0
        if place == 0:
            chance = 1 - rest_on_one
        elif place in meter.groups:
            chance = 0.8
        elif on_unit:
            chance = 0.3 + 0.6 * density
        else:
            chance = 0.45 * density * (step >= fastest)
        if random.random() < chance:
            chosen.append(place)
    return tuple(chosen) or (0.0,)


def nearest(chord: Chord, step: int, tonic_step: Callable[[int], float], reach: int = 2) -> int:
    """The step of the scale next to one whose tone the chord has."""
    classes = set(chord.classes)
    return min(
        range(step - reach, step + reach + 1),
        key=lambda s: (round(tonic_step(s)) % 12 not in classes, abs(s - step)),
    )


def _singing(passage: Passage, rhythms: Sequence[Places], random: Random) -> list[Stroke]:
    """A tune over rhythms, one for a bar: steps and small leaps, tones of the chord where groups begin."""
    tonality = passage.chords[0][1].tonality
    low = LOW + (tonality.tonic - LOW) % 12 - (12 if random.random() < 0.3 else 0)

    def pitch(step: int) -> float:
        return float(low + tonality.step(step))

    places = [
        (start + place, place)
        for start, rhythm in zip(passage.starts, rhythms, strict=True)
        for place in rhythm
    ]
    ends = [at for at, _ in places[1:]] + [passage.starts[-1] + passage.meter.bar_quarters]
    step, direction, strokes = int(random.integers(0, 6)), 1, []
    longest = passage.meter.bar_quarters
    for (at, place), end in zip(places, ends, strict=True):
        if random.random() < 0.35:
            direction = -direction
        step += direction * int(random.choice((0, 1, 1, 1, 2, 3)))
        if not -2 <= step <= 9:
            direction = 1 if step < 0 else -1
            step = int(np.clip(step, -2, 9))
        if place in passage.meter.groups:
            step = nearest(passage.chord(at), step, pitch)
        loud = 0.64 if place in passage.meter.tactus else 0.58
        strokes.append(Stroke(at, "melody", loud, min(end - at, longest), pitch(step)))
    return strokes


def _form(passage: Passage, make: Callable[[], Places], random: Random) -> list[Places]:
    form = str(random.choice(FORMS))
    known = {letter: make() for letter in "ABC"}
    return [known[form[index % 4]] for index in range(len(passage.starts))]


def song(passage: Passage, random: Random) -> Strokes:
    """A tune."""
    meter = passage.meter
    return tuple(
        _singing(
            passage, _form(passage, lambda: rhythm_of(meter, random, 0.06, passage.fastest), random), random
        )
    )


def _thickened(
    tune: Sequence[Stroke], passage: Passage, below: Sequence[int], chance: float, random: Random
) -> Strokes:
    """A tune with tones of the chord under it, or at intervals."""
    found = list(tune)
    for stroke in tune:
        if random.random() > chance:
            continue
        if below:
            found += [Stroke(stroke.at, "chords", 0.55, stroke.length, stroke.pitch - b) for b in below]
            continue
        classes = passage.chord(stroke.at).classes
        under = [stroke.pitch - d for d in range(3, 12) if round(stroke.pitch - d) % 12 in classes]
        found += [Stroke(stroke.at, "chords", 0.55, stroke.length, p) for p in under[:2]]
    return tuple(found)


def chordal(passage: Passage, random: Random) -> Strokes:
    """A tune in chords, or with chords on some of its notes."""
    return _thickened(song(passage, random), passage, (), float(random.choice((0.4, 1.0))), random)


def in_octaves(passage: Passage, random: Random) -> Strokes:
    """A tune in octaves."""
    return _thickened(song(passage, random), passage, (12,), 1.0, random)


def syncopated(passage: Passage, random: Random) -> Strokes:
    """A tune that often rests on one or ties into it."""
    meter = passage.meter
    return tuple(
        _singing(
            passage, _form(passage, lambda: rhythm_of(meter, random, 0.5, passage.fastest), random), random
        )
    )


def running_step(passage: Passage, random: Random) -> float:
    """The length of running notes: a half, third or fourth of a quarter, or the eighth in compound meters."""
    steps = (0.5, 0.25, 1 / 3) if passage.meter.unit == 4 else (0.5, 0.25)
    fitting = [s for s in steps if s >= passage.fastest] or [passage.meter.unit_quarters]
    return float(random.choice(fitting))


def broken(passage: Passage, random: Random) -> Strokes:
    """Chords taken apart in running notes, one shape for every group."""
    step = running_step(passage, random)
    shape = (
        random.permutation(4)[: int(random.integers(3, 5))]
        if random.random() < 0.5
        else np.array([0, 1, 2, 3, 2, 1])
    )
    strokes = []
    for start in passage.starts:
        groups = [*passage.meter.groups, passage.meter.bar_quarters]
        for a, b in pairwise(groups):
            for index in range(round((b - a) / step)):
                at = start + a + index * step
                tone = int(shape[index % len(shape)])
                strokes.append(Stroke(at, "melody", 0.6, step, passage.chord(at).tone(tone, LOW - 2)))
    return tuple(strokes)


def running(passage: Passage, random: Random) -> Strokes:
    """Scales in running notes that turn and leap, with a tone of the chord where groups begin."""
    step = running_step(passage, random)
    count = round(passage.meter.bar_quarters / step)
    bar = tuple(index * step for index in range(count))
    bars = [tuple(p for p in bar if random.random() < 0.93) or (0.0,) for _ in passage.starts]
    return tuple(_singing(passage, bars, random))


def two_voices(passage: Passage, random: Random) -> Strokes:
    """A tune and a lower one in another rhythm, as in an invention."""
    meter = passage.meter
    upper = song(passage, random)
    lower = _singing(
        passage, _form(passage, lambda: rhythm_of(meter, random, 0.3, passage.fastest), random), random
    )
    return (*upper, *(Stroke(s.at, "chords", 0.6, s.length, s.pitch - 17) for s in lower))


def tremolo(passage: Passage, random: Random) -> Strokes:
    """Each note of a tune repeated in running notes."""
    step = running_step(passage, random)
    strokes = []
    for stroke in song(passage, random):
        for index in range(max(1, round(stroke.length / step))):
            strokes.append(Stroke(stroke.at + index * step, "melody", 0.6, step, stroke.pitch))
    return tuple(strokes)


def answering(passage: Passage, random: Random) -> Strokes:
    """Chords in one rhythm that comes back every bar."""
    rhythm = rhythm_of(passage.meter, random, 0.1, passage.fastest)
    ends = (*rhythm[1:], passage.meter.bar_quarters)
    return tuple(
        Stroke(
            start + a,
            "melody" if tone == 5 else "chords",
            0.6,
            0.9 * (b - a),
            passage.chord(start + a).tone(tone, 57),
        )
        for start in passage.starts
        for a, b in zip(rhythm, ends, strict=True)
        for tone in (3, 4, 5)
    )


def in_sixths(passage: Passage, random: Random) -> Strokes:
    """A tune with a tune a sixth or third below it."""
    return _thickened(song(passage, random), passage, (int(random.choice((4, 8, 9))),), 0.9, random)


def picked_up(passage: Passage, random: Random) -> Strokes:
    """Every bar of tune begins with short notes before its bar line and holds what comes on one."""
    meter = passage.meter
    lead = [meter.bar_quarters - k * meter.unit_quarters / (2 if meter.unit == 4 else 1) for k in (1, 2)]
    before = tuple(sorted(lead[: int(random.integers(1, 3))]))
    middle = tuple(p for p in meter.groups[1:] if p < before[0] and random.random() < 0.6)
    return tuple(_singing(passage, [(0.0, *middle, *before)] * len(passage.starts), random))


SEEN: tuple[RightHand, ...]
SEEN = (song, song, chordal, in_octaves, syncopated, broken, running, two_voices, answering)
LEFT_OUT: tuple[RightHand, ...]
LEFT_OUT = (in_sixths, picked_up, tremolo)


def any_right_hand(random: Random, left_out: bool) -> RightHand:
    """A texture of one side."""
    hands = LEFT_OUT if left_out else SEEN
    return hands[int(random.integers(len(hands)))]
