"""Writes scores: passages in a meter and a groove, one after the other, with what surrounds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.families import Family
from evaluation.scenes.patterns.fills import arrival, count_in, fill
from evaluation.scenes.patterns.harmony import Chord, Key, any_key, progression
from evaluation.scenes.patterns.parts import (
    BASS_LOW,
    BASSES,
    CHORDS,
    CHORDS_LOW,
    MELODIC,
    Rhythm,
    played,
    tune,
    tune_rhythm,
)
from evaluation.scenes.patterns.strokes import Groove, Stroke, Strokes, loudest, on
from evaluation.scenes.score import Bar, Harmony, Layer, Score, State, Swung, Turn

Random = np.random.Generator
Added = Callable[[float, float], Strokes]
"""Strokes laid over a passage, from its start and end in quarters."""

Change = tuple[Literal["metric", "tempo_step", "meter_change"], str | None]
"""A turn's kind and ratio."""

PHRASES = {"2/4": (3, 5)}
"""Bars of a phrase; odd in 2/4, or its bars would pair into 4/4."""


@dataclass(frozen=True)
class Band:
    """Who plays what through a whole scene: parts in their rhythms, in a key.

    Attributes
    ----------
    drums : whether the passages' grooves are played
    bass, chords : writers of their rhythms, or None
    melody : whether there is a tune
    """

    drums: bool = True
    bass: Callable[[Meter, Random], Rhythm] | None = None
    chords: Callable[[Meter, Random], Rhythm] | None = None
    melody: bool = False
    key: Key | None = None


def any_band(random: Random, lineup: Literal["drums", "mix", "melodic"]) -> Band:
    """Drums alone, drums with bass and chords (sometimes a tune), or those without drums."""
    if lineup == "drums":
        return Band()
    key = any_key(random)
    if lineup == "melodic":
        bass, chords = MELODIC[int(random.integers(len(MELODIC)))]
        return Band(False, bass, chords, bool(random.random() < 0.6), key)
    chosen = CHORDS[int(random.integers(len(CHORDS)))] if random.random() < 0.85 else None
    return Band(True, BASSES[int(random.integers(len(BASSES)))], chosen, bool(random.random() < 0.35), key)


@dataclass(frozen=True)
class Passage:
    """Bars in one meter and groove.

    Attributes
    ----------
    ratio, level : its swing; 1.0 is straight
    fills : whether phrases end in fills
    turn : how it begins, seen from the passage before, if that is a change
    added : a layer over it, if it has one, with the strokes that make it
    pivot : strokes for its last bar, which prepare the next tempo
    """

    meter: Meter
    family: Family
    bars: int
    ratio: float = 1.0
    level: Literal["8th", "16th"] = "8th"
    fills: bool = True
    turn: Change | None = None
    added: tuple[tuple[int, int], Literal["polyrhythm", "polymeter"], Added] | None = None
    pivot: Callable[[Meter], Strokes] | None = None

    @property
    def quarters(self) -> float:
        """Its length."""
        return self.bars * self.meter.bar_quarters


@dataclass(frozen=True)
class Edges:
    """What surrounds the passages.

    Attributes
    ----------
    count_in : bars of sticks before bar one
    cut : how much of the first bar the recording misses, in beats: it enters inside the bar
    pick_up : what is left of the cut first bar is a pick-up: its groove begins with bar one
    ending : a last stroke on the beat after the last bar
    """

    count_in: int = 0
    cut: int = 0
    pick_up: bool = False
    ending: bool = True


def any_edges(meter: Meter, random: Random) -> Edges:
    """Half begin on one; the others with a count-in, a pick-up, or inside a bar."""
    ending = bool(random.random() < 0.6)
    beats = len(meter.tactus)
    drawn = random.random()
    if drawn < 0.5 or beats < 2:
        return Edges(ending=ending)
    if drawn < 0.65:
        return Edges(count_in=1, ending=ending)
    return Edges(cut=int(random.integers(1, beats)), pick_up=bool(drawn < 0.8), ending=ending)


def _grooves(passage: Passage, band: Band, random: Random) -> tuple[Groove, Rhythm, Rhythm]:
    meter = passage.meter
    groove = passage.family.groove(meter, random) if band.drums else Groove(())
    return (
        groove,
        band.bass(meter, random) if band.bass else (),
        band.chords(meter, random) if band.chords else (),
    )


def _drum_bars(passage: Passage, groove: Groove, random: Random) -> list[Strokes]:
    """Every bar of the groove; phrases end in fills and are followed by a crash."""
    phrase = int(random.choice(PHRASES.get(passage.meter.name, (4, 4, 8))))
    bars: list[Strokes] = []
    arriving = bool(random.random() < 0.4)
    for number in range(passage.bars):
        strokes = groove.bar(random)
        if arriving:
            strokes = loudest((*strokes, *arrival(random)))
        last = (number + 1) % phrase == 0
        arriving = last
        if last and passage.fills and passage.bars > 2 and random.random() < 0.7:
            start, filled = fill(passage.meter, random)
            strokes = (*(s for s in strokes if s.at < start - 1e-9), *filled)
        bars.append(strokes)
    return bars


def _tonal_bars(
    passage: Passage, band: Band, chords: Sequence[Chord], bass: Rhythm, comping: Rhythm, random: Random
) -> list[Strokes]:
    places = [tune_rhythm(passage.meter, random) for _ in range(2)]
    step = 0
    bars: list[Strokes] = []
    for number, chord in enumerate(chords):
        strokes = (*played(bass, "bass", chord, BASS_LOW), *played(comping, "chords", chord, CHORDS_LOW))
        if band.melody and band.key:
            sung = tune(places[number % 4 == 3], passage.meter, band.key, chord, step, random)
            step = int(np.clip(step + random.integers(-1, 2), 0, 5))
            strokes = (*strokes, *sung)
        bars.append(strokes)
    return bars


def compose(passages: Sequence[Passage], band: Band, edges: Edges, random: Random) -> Score:
    """Write a score of passages; a change of state lies where a passage has a `turn`."""
    start = 0.0
    bars: list[Bar] = []
    strokes: list[Stroke] = []
    for _ in range(edges.count_in):
        meter = passages[0].meter
        bars.append(Bar(meter, start, counted=False))
        strokes += [s.moved(start) for s in count_in(meter)]
        start += meter.bar_quarters
    phrase = progression(band.key, random) if band.key else ()
    harmonies: list[Harmony] = []
    begins: list[float] = []
    known: dict[tuple[Meter, str], tuple[Groove, Rhythm, Rhythm]] = {}
    for passage in passages:
        begins.append(start)
        what = (passage.meter, passage.family.name)
        if what not in known:
            known[what] = _grooves(passage, band, random)
        groove, bass, comping = known[what]
        chords = [phrase[i % len(phrase)] for i in range(passage.bars)] if phrase else []
        silent: list[Strokes] = [()] * passage.bars
        drums = _drum_bars(passage, groove, random) if band.drums else list(silent)
        tonal = _tonal_bars(passage, band, chords, bass, comping, random) if phrase else silent
        if passage.pivot:
            drums[-1] = (
                *(s for s in drums[-1] if s.instrument in ("kick", "snare")),
                *passage.pivot(passage.meter),
            )
        for number in range(passage.bars):
            bars.append(Bar(passage.meter, start))
            strokes += [s.moved(start) for s in (*drums[number], *tonal[number])]
            if chords:
                harmonies.append(Harmony(start, start + passage.meter.bar_quarters, chords[number].label))
            start += passage.meter.bar_quarters
        if passage.added:
            strokes += passage.added[2](begins[-1], start)
    return _finished(passages, begins, bars, strokes, harmonies, band, edges)


def _finished(
    passages: Sequence[Passage],
    begins: Sequence[float],
    bars: list[Bar],
    strokes: list[Stroke],
    harmonies: list[Harmony],
    band: Band,
    edges: Edges,
) -> Score:
    first, end = begins[0], bars[-1].end
    tactus = passages[0].meter.tactus
    cut = first + tactus[edges.cut] if edges.cut else 0.0
    if edges.pick_up:
        strokes = _picked_up(
            strokes, tuple(cut + p - tactus[edges.cut] for p in tactus[edges.cut :]), bars[1].start, band
        )
    if edges.ending:
        strokes += _last_beat(end, band, harmonies)
    turned = [i for i, passage in enumerate(passages) if i == 0 or passage.turn]
    ends = [*(begins[i] for i in turned[1:]), end]
    return Score(
        bars=tuple(bars),
        strokes=loudest(strokes),
        states=tuple(State(passages[i].meter, begins[i], to) for i, to in zip(turned, ends, strict=True)),
        swung=tuple(
            Swung(at, at + p.quarters, p.ratio, p.level)
            for p, at in zip(passages, begins, strict=True)
            if p.meter.unit == 4
        ),
        turns=tuple(Turn(begins[i], *turn) for i in turned[1:] if (turn := passages[i].turn)),
        layers=tuple(
            Layer(at, at + p.quarters, p.added[0], p.added[1])
            for p, at in zip(passages, begins, strict=True)
            if p.added
        ),
        chords=tuple(harmonies),
        key=band.key.name if band.key else None,
        entry=cut,
        last_beat=edges.ending,
    )


def _picked_up(strokes: list[Stroke], beats: tuple[float, ...], bar_one: float, band: Band) -> list[Stroke]:
    """The notes before bar one, of the drums the snare's way in on the beats, and all from bar one on."""
    kept = [s for s in strokes if s.at >= bar_one - 1e-9 or (s.at >= beats[0] - 1e-9 and s.pitched)]
    if not band.drums:
        return kept
    return [*kept, *on("snare", beats, 0.7), Stroke(bar_one, "crash", 0.85)]


def _last_beat(end: float, band: Band, harmonies: list[Harmony]) -> list[Stroke]:
    found = [Stroke(end, "kick", 1.0), Stroke(end, "crash", 0.8)] if band.drums else []
    if band.key:
        home = band.key.chord("I" if band.key.mode == "major" else "i")
        found += [Stroke(end, "chords", 0.8, 2.0, home.tone(i, CHORDS_LOW)) for i in range(3)]
        found.append(Stroke(end, "bass", 0.9, 2.0, home.tone(0, BASS_LOW)))
        harmonies.append(Harmony(end, end + 2.0, home.label))
    return found
