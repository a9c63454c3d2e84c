"""From evidence to beats in bars: which states are worth having, and takes of any length a stretch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .evidence import Evidence
from .meters import BARS, Bar
from .model import Model
from .pointer import Event, Pointer
from .states import FRAME_RATE, SLOW, States, tempo_grid

Doubles = npt.NDArray[np.float64]

STRETCH = 9000
"""Frames decoded at once: three minutes."""
OVERLAP = 1500
"""Of neighbouring stretches; they are joined at a downbeat on which both agree."""
SAME = 2
"""Frames by which the same downbeat may differ."""
MOST_STATES = 3000
"""Beats times tempos; with more, the least likely bars are left out."""
POSSIBLE = 0.3
"""A meter or tempo whose share never reaches this part of an even one is not tried."""
USUAL = {"4/4": 20.0, "3/4": 6.0, "6/8": 6.0, "12/8": 4.0, "2/4": 3.0}
"""How much more probable than others these are before anything is heard."""


@dataclass(frozen=True)
class Limits:
    """What may be found: quarters a minute, and meters with groupings (None: any).

    `certain`: a person has said so, and what the evidence says against it does not count.
    """

    slowest: float = 40.0
    fastest: float = 250.0
    bars: tuple[Bar, ...] | None = None
    certain: bool = False


@dataclass(frozen=True)
class Beat:
    """A beat as decoded: seconds from the start of the take, its bar, its place among the bar's beats, its tempo.

    `bpm` is in quarters a minute; `entered` says that it follows a rest.
    """

    time_s: float
    bar: Bar
    place: int
    bpm: float
    entered: bool


@dataclass(frozen=True)
class Decoded:
    """The beats of a take, and how probable each bar was along it.

    Attributes
    ----------
    beats : in order
    bars : all bars that were tried anywhere
    shares : shape (m, len(bars)): probability in each block of SLOW frames that one of each is played
    """

    beats: tuple[Beat, ...]
    bars: tuple[Bar, ...]
    shares: npt.NDArray[np.float32]


Progress = Callable[[float], None]


@dataclass(frozen=True)
class Stretch:
    """A part of a take that has been gone through forward: frames from `first` on, and all beats until its end."""

    first: int
    pointer: Pointer
    beats: list[Beat]
    joined_s: float


def decode(
    evidence: Evidence,
    limits: Limits | None = None,
    progress: Progress = lambda fraction: None,
) -> Decoded:
    """The most probable beats and bars of a take of any length, memory flat.

    Parameters
    ----------
    evidence : Evidence
        At n frames of 20 ms.
    progress : callable
        Told the fraction done.
    """
    bars = (limits or Limits()).bars or BARS
    shares = np.zeros((len(evidence.meters), len(bars)), np.float32)
    beats: list[Beat] = []
    for stretch in _gone_through(evidence, limits, progress):
        beats, first = stretch.beats, stretch.first // SLOW
        begin = max(first, round(stretch.joined_s * FRAME_RATE / SLOW))
        found = stretch.pointer.backward()
        shares[begin:] = 0.0
        columns = [bars.index(bar) for bar in stretch.pointer.states.bars]
        shares[begin : first + len(found), columns] = found[begin - first :]
        del stretch  # its table, before the next one's is made
    return Decoded(tuple(beats), tuple(bars), shares)


def pulse(
    evidence: Evidence,
    limits: Limits | None = None,
    progress: Progress = lambda fraction: None,
) -> list[Beat]:
    """The beats of `decode` alone, in half the time."""
    beats: list[Beat] = []
    for stretch in _gone_through(evidence, limits, progress):
        beats = stretch.beats
        del stretch
    return beats


def _gone_through(evidence: Evidence, limits: Limits | None, progress: Progress) -> Iterator[Stretch]:
    limits = limits or Limits()
    count = len(evidence.odds["tactus"])
    beats: list[Beat] = []
    for first in stretches(count):
        last = min(count, first + STRETCH)
        part = evidence.between(first, last)
        states = states_for(part, limits.bars or BARS, limits)
        pointer = Pointer(states, part, Model(certain=limits.certain), prior_of(states.bars))
        pointer.forward()
        beats, joined_s = _joined(beats, _beats(pointer.way(), states, part, first), first)
        yield Stretch(first, pointer, beats, joined_s)
        del pointer
        progress(last / count)


def stretches(count: int) -> list[int]:
    """First frames of the stretches: evenly a step apart, at the beginning of a block of SLOW frames."""
    if count <= STRETCH:
        return [0]
    pieces = -(-(count - OVERLAP) // (STRETCH - OVERLAP))
    last = -(-(count - STRETCH) // SLOW)
    return [SLOW * round(n * last / (pieces - 1)) for n in range(pieces)]


def prior_of(bars: Sequence[Bar]) -> Doubles:
    """Probability of each bar before anything is heard: meters by habit, groupings of a meter alike."""
    names = [bar.meter for bar in bars]
    weights = np.array([USUAL.get(name, 1.0) / names.count(name) for name in names])
    return np.asarray(weights / weights.sum())


def states_for(evidence: Evidence, bars: Sequence[Bar], limits: Limits) -> States:
    """The states that the evidence leaves possible; always some."""
    grid = tempo_grid(limits.slowest, limits.fastest)
    likely = np.exp(evidence.of_tempos(grid).max(axis=0))
    near = np.flatnonzero(likely > POSSIBLE)
    if len(near):
        grid = grid[max(0, near[0] - 4) : near[-1] + 5]
    best = np.exp(evidence.of_bars(bars).max(axis=0))
    order = np.argsort(-best, kind="stable")
    kept: list[int] = []
    for index in order:
        beats = sum(bars[i].beats for i in [*kept, index])
        if kept and (beats * len(grid) > MOST_STATES or (best[index] <= POSSIBLE and len(kept) >= 3)):
            break
        kept.append(int(index))
    return States.of([bars[i] for i in sorted(kept)], grid)


def _beats(events: Sequence[Event], states: States, evidence: Evidence, first: int) -> list[Beat]:
    heard = evidence.odds["tactus"]
    found = []
    for event in events:
        bar = int(states.bar[event.state])
        time_s = (first + _peak(heard, event.frame)) / FRAME_RATE
        place = int(event.state - states.first[bar])
        if found and time_s <= found[-1].time_s:
            continue
        found.append(Beat(time_s, states.bars[bar], place, float(states.tempos[event.tempo]), event.entered))
    return found


def _peak(odds: Doubles, frame: int) -> float:
    """Where about a frame the evidence is highest, between frames; the frame itself where it is nowhere."""
    low, high = max(0, frame - 2), min(len(odds), frame + 3)
    around = odds[low:high]
    if around.max() < -2.0:
        return float(frame)
    weights = np.exp(around - around.max())
    return float(low + (weights * np.arange(high - low)).sum() / weights.sum())


def _joined(before: list[Beat], after: list[Beat], first: int) -> tuple[list[Beat], float]:
    """Beats of two stretches as one, and the second at which they were joined."""
    start_s = first / FRAME_RATE
    if not before:
        return after, start_s
    middle = start_s + OVERLAP / FRAME_RATE / 2
    ones = [beat for beat in before if beat.place == 0 and beat.time_s >= start_s]
    common = [
        new.time_s
        for new in after
        for old in ones
        if new.place == 0 and abs(new.time_s - old.time_s) <= SAME / FRAME_RATE
    ]
    common = [time for time in common if time < start_s + OVERLAP / FRAME_RATE]
    at = min(common, key=lambda time: abs(time - middle)) if common else middle
    kept = [beat for beat in before if beat.time_s < at - SAME / FRAME_RATE]
    return [*kept, *(beat for beat in after if beat.time_s >= at - SAME / FRAME_RATE)], at
