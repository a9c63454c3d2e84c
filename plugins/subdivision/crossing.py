"""What runs against the beat in a recording: stretches with a polyrhythm or a polymeter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from . import cycles, layers
from .grid import Run
from .listening import Listener

Heard = TypeVar("Heard", layers.Layer, cycles.Cycle)

WINDOW, STEP = 16, 4
"""Beats in which a layer is looked for, and from one such passage to the next."""
LEAST_LAYER, LEAST_COMPOUND, LEAST_LATE, LEAST_ASTRIDE = 1.35, 1.4, 1.65, 1.85
"""How strong a layer must be in one passage at least, see `layers.Layer`: one whose cycles begin with the bars; one
whose three strokes lie on the eighths of a compound meter, as those of any part may; one that begins elsewhere in the
bar; and one that goes across the bars, which syncopation and wrong beats make more often than players do."""
PLAINEST, LEAST_PLAINEST = (2, 3), 1.55
"""Two strokes in three beats: a bass drum on one and after two is in half of all waltzes and is no layer. It must begin
with the bars, not be the lowest drum, and gives way to any other answer."""
LOWEST = 0.06
"""Share of the lowest bands in the rise of a layer's strokes; a bass drum has twice as much or more."""
WEAKER = 0.8
"""Beside such a passage the layer may be so strong only."""
LEAST_STEADY = 1.15
"""How strong it must be in the mean of all passages that lie in its stretch: a coincidence is strong in one of them.
Set on drummers and other recordings without a layer, and on generated ones with one, that judge nothing."""
LEAST_BARS, LEAST_S = 2, 8.5
MISSES = 2
"""A layer ends where more strokes in a row than these have not its timbre, but for the one on the beat."""


@dataclass(frozen=True)
class Crossing:
    """A stretch with a layer of k strokes in n beats, or a figure of k beats over bars of n."""

    kind: Literal["polyrhythm", "polymeter"]
    ratio: tuple[int, int]
    start_s: float
    end_s: float
    strength: float


def crossings(
    listener: Listener,
    runs: Iterable[Run],
    progress: Callable[[float], None],
    end_s: float,
    figures: bool = True,
) -> list[Crossing]:
    """All crossings of a recording, in order of time; of two at a time the stronger one. `figures`: polymeters too."""
    found: list[Crossing] = []
    for run in runs:
        found += _polymeters(listener, run) if figures else []
        found += _polyrhythms(listener, run)
        progress(min(1.0, float(run.beats[-1]) / end_s))
    kept: list[Crossing] = []
    for one in sorted(found, key=lambda crossing: (crossing.ratio == PLAINEST, -crossing.strength)):
        if all(one.end_s <= other.start_s or one.start_s >= other.end_s for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda crossing: crossing.start_s)


def _polyrhythms(listener: Listener, run: Run) -> list[Crossing]:
    count = len(run.beats) - 1
    heard: dict[tuple[int, int, int], list[layers.Layer]] = {}
    for first in range(0, max(1, count - WINDOW + 1), STEP):
        passage = listener.passage(run.beats, first, min(first + WINDOW, count))
        for layer in layers.layers(passage):
            if layer.strength > WEAKER:
                heard.setdefault((layer.k, layer.n, layer.offset), []).append(layer)
    found = []
    for k, n, parts in _together(heard, lambda layer: layer.strokes[0][0] / layer.k):
        best = max(parts, key=lambda layer: layer.strength)
        if best.strength > _least(best, run):
            strokes = _any_heard(((place / k, has) for place, has in layer.strokes) for layer in parts)
            found += [
                Crossing("polyrhythm", (k, n), start, end, best.strength)
                for start, end in _held(run, strokes, n / k, 2 * n - 2 * n / k)
                if _steadiness(parts, run, start, end) >= LEAST_STEADY
            ]
    return found


def _steadiness(parts: list[layers.Layer], run: Run, start_s: float, end_s: float) -> float:
    """Mean strength of a layer in the passages of a stretch, 0 where it was not found; its best where none lies in."""
    count = len(run.beats) - 1
    start, end = np.interp([start_s, end_s], run.beats, np.arange(len(run.beats)))
    inside = [
        first
        for first in range(0, max(1, count - WINDOW + 1), STEP)
        if start - STEP / 2 <= first and first + WINDOW <= end + STEP / 2
    ]
    strengths = {layer.first: layer.strength for layer in parts}
    if not inside:
        return max(strengths.values())
    return float(np.mean([strengths.get(first, 0.0) for first in inside]))


def _least(layer: layers.Layer, run: Run) -> float:
    """How strong a layer must be to be believed."""
    beats = np.array([beat for beat in layer.beats if 0 <= beat < len(run.bars)], int)
    bars = set(run.bars[beats].tolist())
    fits = len(beats) > 0 and all(layer.n % bar == 0 or bar % layer.n == 0 for bar in bars)
    begins = fits and _begins_with_bars(layer, beats, run)
    if (layer.k, layer.n) == PLAINEST:
        return LEAST_PLAINEST if begins and bars == {3} and layer.low < LOWEST else np.inf
    if fits and layer.k == 3 and run.compound[beats].all():
        return LEAST_COMPOUND
    return LEAST_LAYER if begins else LEAST_LATE if fits else LEAST_ASTRIDE


def _begins_with_bars(layer: layers.Layer, beats: npt.NDArray[np.int64], run: Run) -> bool:
    """Whether cycles begin with bars, or bars with cycles, whichever is the longer."""
    downbeats = np.flatnonzero(run.downbeats)
    inside = downbeats[(downbeats >= beats[0]) & (downbeats <= beats[-1])]
    together = run.downbeats[beats] if layer.n >= run.bars[beats].max() else np.isin(inside, beats)
    return len(together) > 0 and float(np.mean(together)) >= 0.8


def _polymeters(listener: Listener, run: Run) -> list[Crossing]:
    heard: dict[tuple[int, int, int], list[cycles.Cycle]] = {}
    for first in _bar_starts(run):
        bar = int(run.bars[first])
        for figure, span in cycles.against(bar):
            if first + span <= len(run.bars) and (run.bars[first : first + span] == bar).all():
                phases = cycles.cycles(listener.passage(run.beats, first, first + span), figure)
                cycle = max(phases, key=cycles.Cycle.excess)
                if cycle.strength > WEAKER:
                    heard.setdefault((figure, bar, cycle.offset), []).append(cycle)
    found = []
    for figure, bar, parts in _together(heard, lambda cycle: cycle.rounds[0][0]):
        best = max(parts, key=cycles.Cycle.excess)
        if best.excess() > 0 and _carried(listener, run, best, bar):
            rounds = _any_heard(((float(beat), has) for beat, has in cycle.rounds) for cycle in parts)
            found += [
                Crossing("polymeter", (figure, bar), start, end, best.strength)
                for start, end in _held(run, rounds, figure, 3 * figure)
            ]
    return found


def _bar_starts(run: Run) -> list[int]:
    """The beats on which passages begin: the downbeats, where there are any, but no two within three beats."""
    starts: list[int] = []
    every = range(0, len(run.bars), STEP)
    for first in np.flatnonzero(run.downbeats).tolist() or every:
        if not starts or first - starts[-1] >= 3:
            starts.append(first)
    return starts


def _together(
    heard: dict[tuple[int, int, int], list[Heard]], start: Callable[[Heard], float]
) -> Iterator[tuple[int, int, list[Heard]]]:
    """The passages with one and the same layer, apart where it pauses for longer than a passage."""
    for (ratio, beats, _), found in heard.items():
        parts = found[:1]
        for one in found[1:]:
            if start(one) - start(parts[-1]) > WINDOW:
                yield ratio, beats, parts
                parts = []
            parts.append(one)
        yield ratio, beats, parts


def _any_heard(passages: Iterable[Iterable[tuple[float, bool]]]) -> dict[float, bool]:
    """Whether each stroke, told in beats, was heard in any of the passages that it lies in."""
    heard: dict[float, bool] = {}
    for strokes in passages:
        for place, has in strokes:
            heard[place] = heard.get(place, False) or has
    return heard


def _carried(listener: Listener, run: Run, cycle: cycles.Cycle, bar: int) -> bool:
    """Whether the bar goes on under the figure, where the figure was clearest."""
    count = len(run.beats) - 1
    middle = (cycle.rounds[0][0] + cycle.rounds[-1][0] + cycle.length) // 2
    wide = max(cycle.rounds[-1][0] + cycle.length - cycle.rounds[0][0], cycles.LEAST_ROUNDS * bar)
    first = max(0, min(middle - wide // 2, count - wide))
    return cycles.is_carried(listener.passage(run.beats, first, min(first + wide, count)), bar, cycle.length)


def _held(run: Run, strokes: dict[float, bool], period: float, least: float) -> list[tuple[float, float]]:
    """Stretches in seconds in which strokes, told in beats, go on for LEAST_S, two bars and at least so many beats."""
    pieces: list[list[float]] = []
    for place in sorted(place for place, has in strokes.items() if has):
        if not pieces or place - pieces[-1][-1] > (MISSES + 2) * period:
            pieces.append([])
        pieces[-1].append(place)
    numbers = np.arange(len(run.beats))
    found = []
    for piece in pieces:
        bar = int(run.bars[min(int(piece[0]), len(run.bars) - 1)])
        first, last = piece[0], min(piece[-1] + period, len(run.beats) - 1.0)
        start, end = np.interp([first, last], numbers, run.beats)
        if last - first >= max(LEAST_BARS * bar - 2 * period, least) and end - start >= LEAST_S:
            found.append((float(start), float(end)))
    return found
