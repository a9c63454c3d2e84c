"""Invented pieces without drums in every meter: a left hand's figure under a right hand's, chords by the bar.

Meters are told by what real music tells them with: where the bass falls, where the harmony changes, where figures and
rhythms come back; accents say little, and time is a player's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.scenes.meters import METERS, Meter
from evaluation.scenes.patterns.parts import BASS_LOW
from evaluation.scenes.patterns.strokes import Stroke, loudest
from evaluation.scenes.score import Bar, Score, State, Turn
from evaluation.training.sources import Clip, seeded
from evaluation.training.sources.expression import any_expression
from evaluation.training.sources.harmonies import Chord, Tonality, any_tonality, progression
from evaluation.training.sources.left_hands import LeftHand, any_left_hand
from evaluation.training.sources.recital import Programme, any_voices, record
from evaluation.training.sources.right_hands import Passage, RightHand, any_right_hand

Random = np.random.Generator

SHARES = {"4/4": 16, "3/4": 13, "2/4": 9, "6/8": 11, "9/8": 8, "12/8": 7, "3/8": 7}
"""How many of a hundred pieces are in these meters; the others share the rest evenly."""
CHANGED = 0.1
"""The part of the pieces that change their meter."""
PHRASES = {"2/4": (3, 4, 5)}
"""Bars of a phrase; often odd in 2/4, whose bars would pair into 4/4."""
QUICKEST_S = 0.09
"""No figure's notes follow each other faster."""


def any_meter(random: Random) -> Meter:
    """Any meter, in its usual grouping more often than in another."""
    rest = (100 - sum(SHARES.values())) / (len(METERS) - len(SHARES))
    weights = np.array([SHARES.get(name, rest) for name in METERS])
    groupings = METERS[str(random.choice(list(METERS), p=weights / weights.sum()))]
    return groupings[0 if random.random() < 0.4 else int(random.integers(len(groupings)))]


def any_tempo(meter: Meter, random: Random) -> float:
    """Quarters a minute, from slow to fast for what is counted in that meter."""
    if meter.unit == 4:
        middle, least, most, quarters = (135.0, 80, 220, 1.0) if meter.beats >= 6 else (100.0, 44, 190, 1.0)
    elif meter.beats == 3:
        middle, least, most, quarters = 165.0, 90, 290, 0.5
    elif set(meter.grouping) == {3}:
        middle, least, most, quarters = 74.0, 36, 150, 1.5
    else:
        middle, least, most, quarters = 215.0, 125, 400, 0.5
    return float(np.clip(middle * np.exp(random.normal(0, 0.33)), least, most) * quarters)


@dataclass(frozen=True)
class Section:
    """A phrase that may come back: its meter, hands and chords by bar."""

    meter: Meter
    left: LeftHand
    right: RightHand
    chords: tuple[tuple[tuple[float, Chord], ...], ...]
    seed: int


def _section(meter: Meter, tonality: Tonality, hands: tuple[LeftHand, RightHand], random: Random) -> Section:
    bars = int(random.choice(PHRASES.get(meter.name, (4, 4, 4, 8, 5))))
    halves = [0.0]
    if len(meter.groups) > 1 and random.random() < 0.3:
        halves.append(float(meter.groups[len(meter.groups) // 2]))
    chords = progression(tonality, bars * len(halves), bool(random.random() < 0.7), random)
    by_bar = tuple(
        tuple(zip(halves, chords[bar * len(halves) : (bar + 1) * len(halves)], strict=True))
        for bar in range(bars)
    )
    return Section(meter, hands[0], hands[1], by_bar, int(random.integers(1 << 31)))


def _written(section: Section, start: float, fastest: float) -> list[Stroke]:
    """A section's notes; the same at every return."""
    random = np.random.default_rng(section.seed)
    length = section.meter.bar_quarters
    starts = tuple(start + bar * length for bar in range(len(section.chords)))
    chords = tuple(
        (a + at, chord) for a, bar in zip(starts, section.chords, strict=True) for at, chord in bar
    )
    passage = Passage(section.meter, starts, chords, fastest)
    figure = section.left(section.meter, random)
    low = BASS_LOW + int(random.integers(0, 10))
    strokes = []
    for bar in starts:
        for tone in figure:
            chord = passage.chord(bar + tone.at)
            for step in tone.steps:
                part = "bass" if len(tone.steps) == 1 or step == min(tone.steps) <= 0 else "chords"
                strokes.append(Stroke(bar + tone.at, part, tone.velocity, tone.length, chord.tone(step, low)))
    return [*strokes, *section.right(passage, random)]


def _sections(
    tonality: Tonality, seconds: float, random: Random, left_out: bool
) -> tuple[list[Section], float]:
    """Phrases enough for so many seconds, in an order where they come back, and quarters a minute."""
    meter = any_meter(random)
    bpm = any_tempo(meter, random)
    hands = (any_left_hand(random, left_out), any_right_hand(random, left_out))
    others = (any_left_hand(random, left_out), any_right_hand(random, left_out))
    if hands[1] is others[1]:
        others = (others[0], hands[1])
    known = {"A": _section(meter, tonality, hands, random), "a": _section(meter, tonality, hands, random)}
    second = _other_meter(meter, random) if random.random() < CHANGED else meter
    known["B"] = _section(second, tonality, hands if random.random() < 0.5 else others, random)
    form = str(random.choice(("AaBAaB", "AABBAA", "ABABAB", "AaAaBB", "ABaBAB")))
    sections: list[Section] = []
    while sum(len(s.chords) * s.meter.bar_quarters for s in sections) * 60 / bpm < seconds:
        sections.append(known[form[len(sections) % len(form)]])
    return sections, bpm


def _other_meter(meter: Meter, random: Random) -> Meter:
    found = [m for group in METERS.values() for m in group if m.unit == meter.unit and m.name != meter.name]
    return found[int(random.integers(len(found)))]


def _score(
    sections: list[Section], tonality: Tonality, bpm: float, random: Random
) -> tuple[Score, list[float]]:
    """The sections one after the other, entered on one, with a pick-up or inside a bar; and where phrases begin."""
    fastest = QUICKEST_S * bpm / 60
    bars: list[Bar] = []
    strokes: list[Stroke] = []
    starts = [0.0]
    for section in sections:
        bars += [
            Bar(section.meter, starts[-1] + i * section.meter.bar_quarters)
            for i in range(len(section.chords))
        ]
        strokes += _written(section, starts[-1], fastest)
        starts.append(bars[-1].end)
    meter, entry, drawn = sections[0].meter, 0.0, random.random()
    if drawn < 0.5:
        entry = float(meter.units[int(random.integers(1, meter.beats))])
    if drawn < 0.25:
        strokes = [s for s in strokes if s.at >= meter.bar_quarters - 1e-6 or s.instrument == "melody"]
    ending = bool(random.random() < 0.6)
    if ending:
        home = Chord(tonality, 0)
        strokes += [Stroke(starts[-1], "chords", 0.6, 3.0, home.tone(i, 48)) for i in range(3)]
        strokes.append(Stroke(starts[-1], "bass", 0.6, 3.0, home.tone(0, 36)))
    states = _states(bars)
    return Score(
        bars=tuple(bars),
        strokes=loudest(s for s in strokes if 21 <= s.pitch <= 108),
        states=states,
        turns=tuple(Turn(state.start, "meter_change") for state in states[1:]),
        key=tonality.name,
        entry=entry,
        last_beat=ending,
    ), starts


def _states(bars: list[Bar]) -> tuple[State, ...]:
    first = [i for i, bar in enumerate(bars) if i == 0 or bar.meter != bars[i - 1].meter]
    ends = [*(bars[i].start for i in first[1:]), bars[-1].end]
    return tuple(State(bars[i].meter, bars[i].start, end) for i, end in zip(first, ends, strict=True))


@dataclass(frozen=True)
class InventedPiano:
    """The source "invented-piano".

    Attributes
    ----------
    sampled : whether sampled instruments play where the machine has them; else all are synthesised
    """

    sampled: bool = True
    name: str = "invented-piano"
    licence: str = "CC0-1.0"

    def clip(self, number: int, left_out: bool) -> Clip:
        """See Source; a left-out clip's hands play figures that no seen clip has."""
        random = seeded(self.name, number, left_out)
        tonality = any_tonality(random)
        sections, bpm = _sections(tonality, float(random.uniform(16, 30)), random, left_out)
        score, phrases = _score(sections, tonality, bpm, random)
        programme = Programme(
            score=score,
            bpm=bpm,
            phrases=tuple(phrases),
            expression=any_expression(random),
            voices=any_voices(random, self.sampled),
            kind="invented piano",
            source=self.name,
            licence=self.licence,
            song=f"{self.name} {'left out' if left_out else 'seen'} {number}",
        )
        return record(programme, random)
