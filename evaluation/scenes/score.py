"""A score: bars, strokes at places in quarters, and what is true of them before anybody plays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from evaluation.scenes.meters import Meter
from evaluation.scenes.patterns.strokes import Strokes


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the score; a count-in's bar is not `counted`: it has beats and no downbeat."""

    meter: Meter
    start: float
    counted: bool = True

    @property
    def end(self) -> float:
        """Where the next one starts."""
        return self.start + self.meter.bar_quarters


@dataclass(frozen=True, slots=True)
class State:
    """A stretch of one meter and one tempo or ramp, from `start` to `end`; whole bars, counted ones alone."""

    meter: Meter
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Swung:
    """A stretch whose beats (level "8th") or half beats ("16th") are divided `ratio` to one."""

    start: float
    end: float
    ratio: float
    level: Literal["8th", "16th"] = "8th"

    @property
    def divided(self) -> float:
        """Length in quarters of what is divided in two."""
        return 1.0 if self.level == "8th" else 0.5


@dataclass(frozen=True, slots=True)
class Turn:
    """A change to a new state at its first downbeat; `ratio` new to old tempo of the tactus, of a metric modulation."""

    at: float
    kind: Literal["metric", "tempo_step", "meter_change"]
    ratio: str | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A polyrhythm [k, n] or polymeter while it is held."""

    start: float
    end: float
    ratio: tuple[int, int]
    kind: Literal["polyrhythm", "polymeter"]


@dataclass(frozen=True, slots=True)
class Harmony:
    """A chord by its label while it lasts."""

    start: float
    end: float
    label: str


@dataclass(frozen=True)
class Score:
    """What is to be played; places in quarters from the start of the first bar.

    Attributes
    ----------
    bars : the bars in order, without gaps, a count-in first
    states : what changes divide the counted bars into; one if nothing changes
    entry : where the recording begins; what lies before it is not in it (a bar cut by it has no downbeat)
    last_beat : whether the music ends on a beat after the last bar, which is then a beat and a downbeat
    key : "C# minor", "atonal", or None if it is not to be asked
    """

    bars: tuple[Bar, ...]
    strokes: Strokes
    states: tuple[State, ...]
    swung: tuple[Swung, ...] = ()
    turns: tuple[Turn, ...] = ()
    layers: tuple[Layer, ...] = ()
    chords: tuple[Harmony, ...] = ()
    key: str | None = None
    entry: float = 0.0
    last_beat: bool = False

    @property
    def end(self) -> float:
        """The end of the last bar."""
        return self.bars[-1].end

    def inside(self, places: Iterable[float]) -> list[float]:
        """Those places that the recording holds."""
        return [place for place in places if place >= self.entry - 1e-9]

    def beats(self) -> list[float]:
        """The tactus, a count-in's included."""
        found = [bar.start + place for bar in self.bars for place in bar.meter.tactus]
        return self.inside(found + [self.end] * self.last_beat)

    def units(self) -> list[float]:
        """Every unit of the denominator, a count-in's included."""
        found = [bar.start + place for bar in self.bars for place in bar.meter.units]
        return self.inside(found + [self.end] * self.last_beat)

    def downbeats(self) -> list[float]:
        """From bar one on: neither a count-in nor a pick-up has one."""
        found = [bar.start for bar in self.bars if bar.counted]
        return self.inside(found + [self.end] * self.last_beat)
