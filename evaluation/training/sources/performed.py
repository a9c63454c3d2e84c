"""The source "performed": drummers' timing and touch in their own meters and others, with a band or without."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from evaluation.scenes.composing import Band, Edges, Passage, any_band, compose
from evaluation.scenes.kits import Kit
from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.families import families
from evaluation.scenes.patterns.strokes import Stroke
from evaluation.scenes.playing import Event, human, perform
from evaluation.scenes.rendering import any_timbres, on_samples, sounding
from evaluation.scenes.rooms import any_room, floor_noise, in_room
from evaluation.scenes.score import Score
from evaluation.scenes.sounds import RATE, Samples
from evaluation.scenes.tempo import Stage, TempoMap, drifting, staged
from evaluation.scenes.truths import truth_of
from evaluation.training.sources import Clip, drummers, kits, recutting, seeded
from evaluation.training.sources.drummers import Floats, Played
from evaluation.training.sources.recutting import Recipe

Random = np.random.Generator

SECONDS = (20.0, 38.0)
"""How long the music of a clip lasts."""
LEAST_SECONDS = 12.0
KEPT = {"4/4": 0.33, "3/4": 0.05, "6/8": 0.04, "12/8": 0.04, "5/4": 0.01, "5/8": 0.01}
"""How many clips keep the meter in which they were played; where nobody played in it they are cut into it."""
MADE = {"2/4": 0.03, "3/4": 0.08, "4/4": 0.02, "5/4": 0.08, "6/4": 0.05, "7/4": 0.06}
MADE |= {
    "5/8": 0.05,
    "6/8": 0.04,
    "7/8": 0.07,
    "8/8": 0.01,
    "9/8": 0.05,
    "10/8": 0.02,
    "11/8": 0.03,
    "12/8": 0.01,
}
"""How many are cut into a meter from another."""
TRIES = 60
"""How many performances and recipes are tried for a meter."""
WITH_BAND = 0.4
FILLED = 0.5
"""In how many left-out clips every fourth bar is somebody else's fill."""
STRETCH = (0.8, 1.25)
COUNTED_IN, INSIDE = 0.08, 0.5
"""How many clips begin with a count-in, and how many inside a bar."""


@dataclass(frozen=True)
class Cut:
    """Bars that came out of a recipe: strokes by their places in quarters, microtiming included.

    Attributes
    ----------
    bars : how many
    bpm : quarters a minute as it was played
    """

    played: Played
    meter: Meter
    bars: int
    places: Floats
    voices: tuple[str, ...]
    velocities: Floats

    @property
    def repeats_inside(self) -> bool:
        """Whether its bars are heard as two or more shorter ones."""
        return recutting.repeats_inside(self.places, self.voices, self.velocities, self.meter)


@dataclass(frozen=True)
class Performed:
    """See the module; `folder` holds Groove MIDI, `kits` drum kits of Hydrogen's."""

    folder: Path = drummers.FOLDER
    kits: Path = kits.FOLDER

    @property
    def name(self) -> str:
        """See Source."""
        return "performed"

    @property
    def licence(self) -> str:
        """See Source."""
        return "CC BY 4.0 (Groove MIDI Dataset, Google LLC); kits under their own licences"

    def clip(self, number: int, left_out: bool) -> Clip:
        """See Source."""
        random = seeded(self.name, number, left_out)
        while (found := self.drawn(left_out, random)) is None:
            pass
        return self._recorded(found, left_out, random)

    def drawn(self, left_out: bool, random: Random) -> Cut | None:
        """Bars in a meter that is drawn first, or None if nothing that makes it says it."""
        goals = [(name, True) for name in KEPT] + [(name, False) for name in MADE]
        odds = np.array([*KEPT.values(), *MADE.values()])
        name, keeps = goals[int(random.choice(len(goals), p=odds / odds.sum()))]
        side = [drummers.played(row, self.folder) for row in drummers.of_side(left_out, self.folder)]
        side = [played for played in side if played.bars >= drummers.LEAST_BARS]
        own = [played for played in side if played.meter.name == name]
        keeps = keeps and bool(own)
        able = [p for p in side if p.meter.name != name and recutting.makes(p.meter, p.whole, name)]
        among = own if keeps else able
        for _ in range(TRIES if among else 0):
            played = among[int(random.integers(len(among)))]
            if left_out and played.meter.name == "4/4" and random.random() < FILLED:
                played = drummers.with_fills(played, self._fills(played.bpm), random)
            recipe = (
                recutting.uncut(played.meter) if keeps else recutting.recipe_for(played.meter, name, random)
            )
            cut = _cut(played, recipe, random)
            if cut is not None and (keeps or not cut.repeats_inside):
                return cut
        return None

    def _fills(self, bpm: float) -> list[Played]:
        """Fills in 4/4 that were played about that fast."""
        every = (drummers.played(row, self.folder) for row in drummers.fills(self.folder))
        return [p for p in every if p.meter.name == "4/4" and 0.75 < p.bpm / bpm < 1.33]

    def _recorded(self, cut: Cut, left_out: bool, random: Random) -> Clip:
        band = any_band(random, "mix") if random.random() < WITH_BAND else Band(False)
        score = _score(cut, replace(band, drums=False), random)
        tempo = _tempo(cut, score, random).beginning(score.entry, float(random.uniform(0.15, 0.9)))
        drums = _drums(cut, score, tempo)
        tonal = perform(score, tempo, human(random), random) if score.strokes else ()
        events = on_samples(sorted((*drums, *tonal), key=lambda event: event.time_s))
        end_s = float(tempo.at(score.end)) + float(random.uniform(0.0, 1.0))
        kit = kits.training_kit(random, left_out, self.kits)
        samples = _sound(events, kit, round(end_s * RATE), random)
        truth = truth_of(
            replace(score, swung=()),
            tempo,
            events,
            kind=self.name,
            source=f"Groove MIDI {cut.played.id}",
            song=cut.played.id,
            kit=kit.name,
        )
        told = {"origin": "human", "licence": self.licence, "notes": None, "polyrhythms": None}
        return Clip(samples, truth.model_copy(update=told))


def _cut(played: Played, recipe: Recipe, random: Random) -> Cut | None:
    """Some bars of a performance by a recipe, or None where the drummer rests or leaves the click."""
    bars = _some_bars(played, recipe, random)
    taken, places = recutting.cut(played.places, played.meter.bar_quarters, recipe, bars)
    clicks, velocities = played.places[taken] / played.click, played.velocities[taken]
    if len(taken) < drummers.LEAST_HITS_A_BAR * len(bars) or not drummers.on_click(
        clicks, velocities, played.whole
    ):
        return None
    voices = tuple(played.voices[i] for i in taken)
    return Cut(played, recipe.meter, len(bars), places, voices, velocities)


def _some_bars(played: Played, recipe: Recipe, random: Random) -> list[int]:
    """Bars in a row, from anywhere, for as long as a clip lasts; a short performance is played again."""
    seconds = random.uniform(*SECONDS)
    wanted = max(drummers.LEAST_BARS, int(seconds * played.bpm / 60.0 / recipe.meter.bar_quarters))
    there = played.bars
    if there >= wanted:
        first = int(random.integers(there - wanted + 1))
        return list(range(first, first + wanted))
    return (list(range(there)) * 3)[: min(wanted, 3 * there)]


def _score(cut: Cut, band: Band, random: Random) -> Score:
    """The bars, what the band plays in them, and where the recording begins: half of the time inside a bar."""
    passage = Passage(cut.meter, families(cut.meter)[0], cut.bars, ratio=cut.played.ratio, fills=False)
    counted = int(random.random() < COUNTED_IN)
    score = compose([passage], band, Edges(count_in=counted, ending=False), random)
    if counted or random.random() >= INSIDE:
        return score
    units = cut.meter.units
    return replace(score, entry=float(units[int(random.integers(1, len(units)))]))


def _tempo(cut: Cut, score: Score, random: Random) -> TempoMap:
    """The drummer's tempo, faster or slower; a swung one stays. Some drift, some ramp by a few per cent."""
    factor = 1.0 if cut.played.whole else float(np.exp(random.uniform(*np.log(STRETCH))))
    bpm = cut.played.bpm * factor
    ramp = float(random.uniform(-0.06, 0.06)) if random.random() < 0.15 else 0.0
    tempo = staged([Stage(score.end, bpm, bpm * (1.0 + ramp))])
    return drifting(tempo, float(random.uniform(0.004, 0.03)), random) if random.random() < 0.5 else tempo


def _drums(cut: Cut, score: Score, tempo: TempoMap) -> list[Event]:
    first = score.states[0].start
    heard = np.flatnonzero(cut.places + first >= score.entry - recutting.EARLY)
    places = cut.places[heard] + first
    times = np.maximum(tempo.at(places), 0.002)
    return [
        Event(Stroke(float(place), cut.voices[i], float(cut.velocities[i])), float(time), float(time))
        for i, place, time in zip(heard, places, times, strict=True)
    ]


def _sound(events: tuple[Event, ...], kit: Kit, count: int, random: Random) -> Samples:
    room = any_room(random)
    drums = sounding([e for e in events if not e.stroke.pitched], kit, {}, count, random)
    tonal = [e for e in events if e.stroke.pitched]
    if tonal:
        notes = sounding(tonal, kit, dict(any_timbres(random)), count, random)
        drums += notes * np.float32(10 ** (random.uniform(-9, 4) / 20))
    wet = in_room(drums, room, random)
    gain = np.float32(random.uniform(0.35, 0.9) / max(float(np.abs(wet).max()), 1e-9))
    return np.asarray(wet * gain + floor_noise(count, room, random), dtype=np.float32)
