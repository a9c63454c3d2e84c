"""Stretches of one meter and tempo among decoded beats, and what changes between them.

A new state begins at its first downbeat; ratios of tempos hold within 2 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

import numpy as np

from hemiola.results import Modulation

from .decoding import Beat
from .meters import Bar

TEMPO_STEP = 0.06
"""A tempo this much faster or slower across a bar line, and steady on both sides, is another one."""
STEADY_BEATS = 4
"""Over which the tempo on either side is measured."""
WITHIN = 0.02
"""Of a simple ratio: a metric modulation."""
HIGHEST_TERM = 8
"""Of a ratio that is named."""
PLAYED_TERM = 5
"""Of one that players modulate by: 7:6 within 2 % is any faster tempo."""
FEWEST_BARS = 2
"""A stretch of fewer is no state of its own."""


@dataclass(frozen=True)
class Run:
    """Beats `first` to `last` - 1, in one meter and tempo: the bar that most are of, and quarters a minute."""

    first: int
    last: int
    bar: Bar
    bpm: float


def runs_of(beats: Sequence[Beat]) -> list[Run]:
    """The beats in stretches of one meter and tempo.

    A stretch begins at a downbeat, or after a rest. One of fewer than FEWEST_BARS bars goes to the one before it.
    """
    if not beats:
        return []
    edges = [0, *(n for n in range(1, len(beats)) if _turns(beats, n)), len(beats)]
    pieces = [(low, high) for low, high in pairwise(edges)]
    merged: list[tuple[int, int]] = []
    for low, high in pieces:
        bars = sum(beat.place == 0 for beat in beats[low:high])
        if merged and bars < FEWEST_BARS and not beats[low].entered:
            merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    runs = [_as_one(low, high, beats) for low, high in merged]
    return _same_joined(runs, beats)


def _turns(beats: Sequence[Beat], n: int) -> bool:
    """Whether another state begins with a beat: it follows a rest, is in another meter, or at another tempo."""
    if beats[n].entered or beats[n].bar.meter != beats[n - 1].bar.meter:
        return True
    if beats[n].place != 0:
        return False
    before, after = _local(beats, n - STEADY_BEATS, n), _local(beats, n, n + STEADY_BEATS)
    if before is None or after is None:
        return False
    step = abs(np.log(after[0] / before[0]))
    return bool(step > TEMPO_STEP and max(before[1], after[1]) < step / 3)


def _local(beats: Sequence[Beat], low: int, high: int) -> tuple[float, float] | None:
    """Tempo and its spread (in its logarithm) of some beats; None where there are not so many in one state."""
    if low < 0 or high >= len(beats) or any(beats[n].entered for n in range(low + 1, high + 1)):
        return None
    bpm = np.log(
        [quarters_of(beats[n]) * 60.0 / (beats[n + 1].time_s - beats[n].time_s) for n in range(low, high)]
    )
    return float(np.exp(np.median(bpm))), float(np.ptp(bpm))


def quarters_of(beat: Beat) -> float:
    """Length of a beat in quarters."""
    places = (*beat.bar.tactus, beat.bar.units)
    return (places[beat.place + 1] - places[beat.place]) * 4.0 / beat.bar.unit


def _bar(beats: Sequence[Beat]) -> Bar:
    """The bar that most of the beats are of."""
    kinds = [beat.bar for beat in beats]
    return max(dict.fromkeys(kinds), key=lambda bar: kinds.count(bar) / bar.beats)


def _bpm(beats: Sequence[Beat], low: int, high: int) -> float:
    """Median played tempo over about a bar at a time, in quarters a minute."""
    times = np.array([beat.time_s for beat in beats[low:high]])
    places = np.concatenate([[0.0], np.cumsum([quarters_of(beat) for beat in beats[low : high - 1]])])
    span = min(4, len(times) - 1)
    if span < 1:
        return beats[low].bpm
    return float(np.median(60.0 * (places[span:] - places[:-span]) / (times[span:] - times[:-span])))


def _same_joined(runs: list[Run], beats: Sequence[Beat]) -> list[Run]:
    """Neighbours in the same meter and tempo as one, a rest between them or not."""
    groups: list[list[Run]] = []
    for run in runs:
        before = groups[-1][-1] if groups else None
        if before and before.bar.meter == run.bar.meter and abs(np.log(run.bpm / before.bpm)) < TEMPO_STEP:
            groups[-1].append(run)
        else:
            groups.append([run])
    return [_as_one(group[0].first, group[-1].last, beats) if group[1:] else group[0] for group in groups]


def _as_one(first: int, last: int, beats: Sequence[Beat]) -> Run:
    return Run(first, last, _bar(beats[first:last]), _bpm(beats, first, last))


def tactus_bpm(run: Run) -> float:
    """Beats a minute, on average where they are of different lengths."""
    return run.bpm * run.bar.beats / (run.bar.units * 4.0 / run.bar.unit)


def modulations_of(runs: Sequence[Run], beats: Sequence[Beat]) -> list[Modulation]:
    """What changes where one state follows another without a rest: the meter, or the tempo alone."""
    found = []
    for before, after in pairwise(runs):
        if beats[after.first].entered:
            continue
        old, new = tactus_bpm(before), tactus_bpm(after)
        kept = min(abs(np.log(after.bpm / before.bpm)), abs(np.log(new / old))) < TEMPO_STEP
        if before.bar.meter != after.bar.meter and kept:
            kind, ratio = "meter_change", None
        else:
            kind, ratio = kind_of_step(new / old), simple_ratio(new / old)
        found.append(
            Modulation(
                time_s=beats[after.first].time_s,
                kind=kind,
                from_bpm=before.bpm,
                to_bpm=after.bpm,
                ratio=ratio,
            )
        )
    return found


def kind_of_step(ratio: float) -> Literal["metric", "tempo_step"]:
    """Whether a tempo that much faster is a metric modulation, in small whole numbers, or only another tempo."""
    return "metric" if simple_ratio(ratio, PLAYED_TERM) else "tempo_step"


def simple_ratio(ratio: float, highest: int = HIGHEST_TERM) -> str | None:
    """The simplest "new:old" with terms up to `highest` that is within 2 % of a ratio, or None; "1:1" is none."""
    terms = range(1, highest + 1)
    fractions = {Fraction(new, old) for new in terms for old in terms} - {Fraction(1)}
    near = [f for f in fractions if abs(float(f) / ratio - 1.0) <= WITHIN]
    if not near:
        return None
    best = min(near, key=lambda f: (f.numerator + f.denominator, abs(float(f) / ratio - 1.0)))
    return f"{best.numerator}:{best.denominator}"
