"""Whole pieces: passages of bars, ways to begin, entries of parts, breaks, tempo; a score and its tempo map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.scenes.composing import Change
from evaluation.scenes.meters import METERS, Meter
from evaluation.scenes.patterns.harmony import Key, any_key
from evaluation.scenes.patterns.strokes import Stroke, Strokes, loudest, on
from evaluation.scenes.score import Bar, Harmony, Score, State, Swung, Turn
from evaluation.scenes.tempo import Stage
from evaluation.training.invention.grooves import drumming, pick
from evaluation.training.invention.grooves import played as drum_bars
from evaluation.training.invention.styles import Style
from evaluation.training.invention.tonal import Changes, Parts, ensemble, harmonies, labels, tonal_bars

Random = np.random.Generator
SWING = 0.15
"""Of the songs in quarters, so many swing."""


@dataclass(frozen=True)
class Passage:
    """Bars in one meter at one tempo or ramp; `turn` is how it begins, if that is a change of state."""

    meter: Meter
    bars: int
    step: float
    from_bpm: float
    to_bpm: float
    turn: Change | None = None
    ratio: float = 1.0

    @property
    def quarters(self) -> float:
        """Its length."""
        return self.bars * self.meter.bar_quarters

    @property
    def level(self) -> Literal["8th", "16th"]:
        """What is swung: the finest division that is played."""
        return "16th" if self.step < 0.5 else "8th"


@dataclass(frozen=True)
class Song:
    """What is played at what tempo."""

    score: Score
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Opening:
    """How it begins: a count-in's bars and voice; or so many quarters into the first bar, bare if it is a pick-up."""

    count_in: int = 0
    voice: str = "sticks"
    missing: float = 0.0
    pick_up: bool = False


def any_opening(meter: Meter, random: Random) -> Opening:
    """Half begin on one; the others are counted in, or begin anywhere in a bar."""
    drawn = random.random()
    if drawn < 0.5:
        return Opening()
    if drawn < 0.64:
        return Opening(1 if random.random() < 0.8 else 2, pick("sticks sticks hihat rim cowbell", random))
    places = meter.units[1:] if drawn < 0.85 else [u + meter.unit_quarters / 2 for u in meter.units]
    return Opening(missing=float(random.choice(places)), pick_up=bool(random.random() < 0.4))


def any_meter(random: Random) -> Meter:
    """Any grouping of any meter; a fifth are in 4/4."""
    others = [name for name in METERS if name != "4/4"]
    name = "4/4" if random.random() < 0.2 else str(random.choice(others))
    return METERS[name][int(random.integers(len(METERS[name])))]


def any_step(meter: Meter, random: Random) -> float:
    """The finest division: sixteenths in two songs of five."""
    return 0.25 if random.random() < (0.45 if meter.unit == 4 else 0.25) else 0.5


SLOWEST_EIGHTH = {"12/8": 150.0, "9/8": 165.0, "10/8": 180.0, "11/8": 180.0, "8/8": 180.0}
"""Where a bar of as many quarters is usual too, eighths are faster: what tells 5/8 from 5/4 is its speed alone."""


def any_bpm(meter: Meter, step: float, random: Random) -> float:
    """Quarters a minute, evenly in their logarithm."""
    if meter.unit == 4:
        low, high = (45.0, 128.0) if step < 0.5 else (62.0, 220.0 if meter.beats in (2, 4) else 200.0)
    else:
        low, high = SLOWEST_EIGHTH.get(meter.name, 205.0) / 2, (300.0 if step < 0.5 else 440.0) / 2
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def _bars(meter: Meter, bpm: float, seconds: float, least: int = 4) -> int:
    return max(least, round(seconds * bpm / 60.0 / meter.bar_quarters))


FASTEST_SIXTEENTHS = 150.0
RATIOS = ("3:2", "2:3", "4:3", "3:4", "2:1", "1:2", "5:4", "4:5")


def passages(seconds: float, random: Random) -> list[Passage]:
    """One meter and tempo for most songs; a new meter, a modulation or a step of tempo for one in eight."""
    meter = any_meter(random)
    step = any_step(meter, random)
    bpm = any_bpm(meter, step, random)
    ratio = float(random.uniform(1.2, 2.8)) if meter.unit == 4 and random.random() < SWING else 1.0
    drawn = random.random()
    if drawn < 0.06:
        return _meters(seconds, random)
    if drawn < 0.12:
        return _tempos(meter, step, seconds, ratio, random)
    end = bpm * float(np.exp(random.uniform(-0.35, 0.35))) if drawn < 0.2 else bpm
    return [Passage(meter, _bars(meter, bpm, seconds), step, bpm, end, ratio=ratio)]


def _meters(seconds: float, random: Random) -> list[Passage]:
    bpm = float(random.uniform(104, 155))
    found: list[Passage] = []
    for part in random.dirichlet((4,) * int(random.integers(2, 5))):
        meter = any_meter(random)
        while found and meter.name == found[-1].meter.name:
            meter = any_meter(random)
        turn: Change | None = ("meter_change", None) if found else None
        found.append(Passage(meter, _bars(meter, bpm, seconds * part, 2), 0.5, bpm, bpm, turn))
    return found


def _tempos(meter: Meter, step: float, seconds: float, ratio: float, random: Random) -> list[Passage]:
    """Two tempos: the second in a ratio of small numbers to the first, or in none."""
    if random.random() < 0.6:
        name = pick(" ".join(RATIOS), random)
        new, old = (int(term) for term in name.split(":"))
        turn: Change = ("metric", name)
        factor = new / old
    else:
        turn, factor = ("tempo_step", None), float(random.choice((0.83, 0.88, 1.13, 1.18)))
    low, high = (60.0, 200.0) if meter.unit == 4 else (SLOWEST_EIGHTH.get(meter.name, 205.0) / 2, 220.0)
    low, high = max(low, low / factor), min(high, high / factor)
    bpm = float(random.uniform(low, max(low, high)))
    then = bpm * factor
    return [
        Passage(meter, _bars(meter, bpm, seconds / 2), _playable(step, bpm), bpm, bpm, ratio=ratio),
        Passage(meter, _bars(meter, then, seconds / 2), _playable(step, then), then, then, turn, ratio),
    ]


def _playable(step: float, bpm: float) -> float:
    """Sixteenths are for tempos at which hands can play them."""
    return 0.5 if bpm > FASTEST_SIXTEENTHS else step


def song(plan: Sequence[Passage], styles: Sequence[Style], parts: Parts, drums: bool, random: Random) -> Song:
    """Write it: every meter in a groove of one style, now and then of another half-way."""
    opening = any_opening(plan[0].meter, random)
    lead = opening.count_in * plan[0].meter.bar_quarters
    bars = [
        Bar(plan[0].meter, i * plan[0].meter.bar_quarters, counted=False) for i in range(opening.count_in)
    ]
    strokes: list[Stroke] = [
        Stroke(bar.start + p, opening.voice, 0.85 if p == 0 else 0.7)
        for bar in bars
        for p in bar.meter.tactus
    ]
    key = any_key(random)
    style = styles[int(random.integers(len(styles)))]
    chords: list[Harmony] = []
    begins: list[float] = []
    start = lead
    for passage in plan:
        begins.append(start)
        changes = harmonies(passage.meter, passage.bars, key, random) if parts else []
        written = _arranged(
            passage, _played(passage, style, styles, drums, parts, key, changes, random), random
        )
        for bar in written:
            bars.append(Bar(passage.meter, start))
            strokes += [s.moved(start) for s in bar]
            start += passage.meter.bar_quarters
        chords += labels(changes, passage.meter, begins[-1])
    return Song(
        _score(plan, begins, bars, strokes, chords, opening, random),
        (
            *((Stage(lead, plan[0].from_bpm, plan[0].from_bpm),) if lead else ()),
            *(Stage(p.quarters, p.from_bpm, p.to_bpm) for p in plan),
        ),
    )


def _played(
    passage: Passage,
    style: Style,
    styles: Sequence[Style],
    drums: bool,
    parts: Parts,
    key: Key,
    changes: list[Changes],
    random: Random,
) -> list[Strokes]:
    """Every bar as all play it; one song in four has a second groove from some bar on."""
    meter, step = passage.meter, passage.step
    first = passage.bars
    if passage.bars >= 8 and random.random() < 0.25:
        first = int(random.integers(4, passage.bars - 3))
    found: list[Strokes] = [()] * passage.bars
    kick: list[float] = []
    if drums:
        found = []
        for count in (first, passage.bars - first):
            groove = drumming(style, meter, step, random)
            kick = kick or sorted({s.at for s in groove.bars[0].core if s.instrument in ("kick", "low_tom")})
            found += drum_bars(groove, meter, step, count, random)
            if random.random() < 0.5:
                style = styles[int(random.integers(len(styles)))]
    if parts:
        who = ensemble(parts, meter, step, kick, not drums, random)
        tonal = tonal_bars(who, meter, key, changes, random)
        found = [(*drummed, *sung) for drummed, sung in zip(found, tonal, strict=True)]
    return found


HANDS = ("hihat", "ride", "shaker", "cowbell", "open_hihat", "pedal_hihat")
TONAL = ("bass", "chords", "melody")


def _arranged(passage: Passage, bars: list[Strokes], random: Random) -> list[Strokes]:
    """Parts that come in after some bars, one song in four; a break of a bar or two, one in five."""
    found = list(bars)
    names = {s.instrument for bar in bars for s in bar}
    groups = [g for g in (set(HANDS) & names, set(TONAL) & names, names - set(HANDS) - set(TONAL)) if g]
    if len(bars) >= 8 and len(groups) > 1 and random.random() < 0.25:
        late = groups[int(random.integers(len(groups)))]
        for number in range(int(random.choice((1, 2, 2, 4)))):
            found[number] = tuple(s for s in found[number] if s.instrument not in late)
    if len(bars) >= 8 and random.random() < 0.2:
        first = int(random.integers(4, len(bars) - 2))
        kept = (
            groups[int(random.integers(len(groups)))] if len(groups) > 1 and random.random() < 0.4 else set()
        )
        hit = random.random() < 0.5
        for number in range(first, first + int(random.choice((1, 1, 2)))):
            stays = hit and number == first
            found[number] = tuple(s for s in found[number] if s.instrument in kept or (stays and s.at == 0))
    return found


def _score(
    plan: Sequence[Passage],
    begins: Sequence[float],
    bars: Sequence[Bar],
    strokes: list[Stroke],
    chords: Sequence[Harmony],
    opening: Opening,
    random: Random,
) -> Score:
    first, end = begins[0], bars[-1].end
    entry = first + opening.missing if opening.missing else 0.0
    if opening.pick_up:
        one = first + plan[0].meter.bar_quarters
        beats = [u for u in plan[0].meter.units if u >= opening.missing - 1e-9]
        voice = pick("snare low_tom rim hihat", random)
        lead_in = on(voice, (first + p for p in beats), 0.65) if any(not s.pitched for s in strokes) else ()
        strokes = [*(s for s in strokes if s.at >= one - 1e-9 or (s.at >= entry and s.pitched)), *lead_in]
    last = [s.moved(end - begins[-1]) for s in strokes if abs(s.at - begins[-1]) < 1e-6]
    last_beat = bool(last) and bool(random.random() < 0.5)
    strokes = [*strokes, *last] if last_beat else strokes
    turned = [i for i, passage in enumerate(plan) if i == 0 or passage.turn]
    ends = [*(begins[i] for i in turned[1:]), end]
    return Score(
        bars=tuple(bars),
        strokes=loudest(strokes),
        states=tuple(State(plan[i].meter, begins[i], to) for i, to in zip(turned, ends, strict=True)),
        swung=tuple(
            Swung(at, at + p.quarters, p.ratio, p.level)
            for p, at in zip(plan, begins, strict=True)
            if p.meter.unit == 4
        ),
        turns=tuple(Turn(begins[i], *turn) for i in turned[1:] if (turn := plan[i].turn)),
        chords=tuple(chords),
        entry=entry,
        last_beat=last_beat,
    )
