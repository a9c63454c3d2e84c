"""A stroke, a groove of strokes, and the notation in which grooves are written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from evaluation.scenes.meters import Meter

LOUDNESS = {"X": 1.0, "x": 0.78, "m": 0.62, "o": 0.3}
"""Signs of the notation: accent, normal, mild, ghost; a dot is a rest."""
MARKED = 0.5
"""A stroke of this velocity or more counts as an accent of its pattern; ghosts do not."""
CLASSES = {
    "open_hihat": "hihat",
    "pedal_hihat": "hihat",
    "ride_bell": "ride",
    "rim": "snare",
    "low_tom": "tom",
    "mid_tom": "tom",
    "high_tom": "tom",
}
"""The class of every voice that has another name than its class."""
TIMEKEEPERS = ("hihat", "ride")
"""Microtiming's zero is the one of these with more hits."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One event of a score.

    Attributes
    ----------
    at : quarters from the bar's start, or the score's
    instrument : a voice of a kit, or "bass", "chords", "melody"
    velocity : 0 to 1
    length, pitch : of a note, in quarters and as a MIDI number; 0 for a drum
    """

    at: float
    instrument: str
    velocity: float
    length: float = 0.0
    pitch: float = 0.0

    @property
    def pitched(self) -> bool:
        """Whether it is a note and no drum."""
        return self.pitch > 0.0

    def moved(self, quarters: float) -> Stroke:
        """The same stroke later."""
        return replace(self, at=self.at + quarters)


Strokes = tuple[Stroke, ...]


@dataclass(frozen=True)
class Groove:
    """A bar that repeats: strokes in every bar, and ornaments in some, each with its probability."""

    core: Strokes
    ornaments: tuple[tuple[Stroke, float], ...] = field(default=())

    def bar(self, random: np.random.Generator) -> Strokes:
        """One bar as it is played this time."""
        chances = random.random(len(self.ornaments))
        taken = {(stroke.at, stroke.instrument) for stroke in self.core}
        extra = (
            stroke
            for (stroke, chance), drawn in zip(self.ornaments, chances, strict=True)
            if drawn < chance and (stroke.at, stroke.instrument) not in taken
        )
        return (*self.core, *extra)


def line(instrument: str, signs: str, step: float) -> Strokes:
    """Strokes as written: one sign of LOUDNESS or a dot every `step` quarters; spaces and bars are for the eye."""
    steps = signs.replace(" ", "").replace("|", "")
    return tuple(Stroke(i * step, instrument, LOUDNESS[sign]) for i, sign in enumerate(steps) if sign != ".")


def on(instrument: str, places: Iterable[float], velocity: float = 0.78) -> Strokes:
    """Strokes at places, in quarters."""
    return tuple(Stroke(float(place), instrument, velocity) for place in places)


def steady(instrument: str, meter: Meter, step: float, accent: float = 0.8, plain: float = 0.55) -> Strokes:
    """Strokes every `step` quarters of the bar, louder on the groups and on the beats."""
    count = round(meter.bar_quarters / step)
    places = [i * step for i in range(count)]
    strong = {round(place, 6) for place in (*meter.groups, *meter.tactus)}
    return tuple(Stroke(p, instrument, accent if round(p, 6) in strong else plain) for p in places)


def loudest(strokes: Iterable[Stroke]) -> Strokes:
    """The strokes with one per instrument, pitch and place: the loudest."""
    kept: dict[tuple[float, str, float], Stroke] = {}
    for stroke in strokes:
        key = (round(stroke.at, 6), stroke.instrument, stroke.pitch)
        if key not in kept or kept[key].velocity < stroke.velocity:
            kept[key] = stroke
    return tuple(kept.values())


def repeats(strokes: Iterable[Stroke], meter: Meter) -> float | None:
    """The length in quarters of the shortest part of the bar that, repeated, gives the same accents; None if only it.

    Accents are strokes that are no ghosts, by instrument and place.
    """
    marked = {(round(s.at, 4), s.instrument) for s in strokes if s.velocity >= MARKED}
    for parts in range(meter.beats, 1, -1):
        if meter.beats % parts:
            continue
        period = meter.bar_quarters / parts
        shifted = {(round((at + period) % meter.bar_quarters, 4), name) for at, name in marked}
        if shifted == marked:
            return period
    return None


def tell_apart(groove: Groove, meter: Meter, random: np.random.Generator) -> Groove:
    """The groove with a turn at its bar's end if it repeats inside the bar: by convention its bar would be shorter."""
    if repeats(groove.core, meter) is None:
        return groove
    last = meter.groups[-1] + np.arange(1, 2 * meter.grouping[-1]) * meter.unit_quarters / 2
    whole = [p for p in last if round(p / meter.unit_quarters, 6) % 1 == 0 and p not in meter.tactus]
    places = whole if whole and meter.unit == 8 else list(last)
    names = ("kick", "kick", "snare", "low_tom", "open_hihat")
    for _ in range(20):
        turn = Stroke(float(random.choice(places)), str(random.choice(names)), 0.74)
        told = (*(s for s in groove.core if (s.at, s.instrument) != (turn.at, turn.instrument)), turn)
        if repeats(told, meter) is None:
            return replace(groove, core=told)
    return groove
