"""From decoded beats to the answer: segments, changes, alternatives, what a count-in is.

Conventions are those of docs/plugins.md: the tactus, the first downbeat of a new state, ratios within 2 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from hemiola.results import MeterAlternative, MeterSegment, Modulation

from .decoding import Beat, Decoded
from .meters import Bar
from .states import FRAME_RATE

Doubles = npt.NDArray[np.float64]

TEMPO_STEP = 0.06
"""A tempo this much faster or slower across a bar line, and steady on both sides, is another one."""
STEADY_BEATS = 4
"""Over which the tempo on either side is measured."""
WITHIN = 0.02
"""Of a simple ratio: a metric modulation."""
HIGHEST_TERM = 5
"""Of a ratio that players make: 7:6 within 2 % is any faster tempo."""
FEWEST_BARS = 2
"""A stretch of fewer is no state of its own."""
UNHEARD = 0.3
"""A bar that begins with less than this part of the usual downbeat is a count-in's."""
AMBIGUOUS = 0.25
"""Two meters whose probabilities differ by less."""
SHOWN = 0.02
"""Alternatives below this are not shown."""
CALIBRATION = ((0.0, 1.0), (0.0, 1.0))
"""From a share of the probability to how often a meter of that share is right."""

P = TypeVar("P", MeterSegment, Modulation)


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
    runs = [Run(low, high, _bar(beats[low:high]), _bpm(beats, low, high)) for low, high in merged]
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
        [_quarters(beats[n]) * 60.0 / (beats[n + 1].time_s - beats[n].time_s) for n in range(low, high)]
    )
    return float(np.exp(np.median(bpm))), float(np.ptp(bpm))


def _quarters(beat: Beat) -> float:
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
    places = np.concatenate([[0.0], np.cumsum([_quarters(beat) for beat in beats[low : high - 1]])])
    span = min(4, len(times) - 1)
    if span < 1:
        return beats[low].bpm
    return float(np.median(60.0 * (places[span:] - places[:-span]) / (times[span:] - times[:-span])))


def _same_joined(runs: list[Run], beats: Sequence[Beat]) -> list[Run]:
    """Neighbours in the same meter and tempo as one, a rest between them or not."""
    joined: list[Run] = []
    for run in runs:
        before = joined[-1] if joined else None
        if before and before.bar.meter == run.bar.meter and abs(np.log(run.bpm / before.bpm)) < TEMPO_STEP:
            bar = _bar(beats[before.first : run.last])
            joined[-1] = Run(before.first, run.last, bar, _bpm(beats, before.first, run.last))
        else:
            joined.append(run)
    return joined


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
        if before.bar.meter != after.bar.meter and abs(np.log(after.bpm / before.bpm)) < TEMPO_STEP:
            kind, ratio = "meter_change", None
        else:
            ratio = simple_ratio(new / old)
            kind = "metric" if ratio else "tempo_step"
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


def simple_ratio(ratio: float) -> str | None:
    """The simplest "new:old" with terms up to five that is within 2 % of a ratio, or None; "1:1" is none."""
    fractions = {Fraction(a, b) for a in range(1, HIGHEST_TERM + 1) for b in range(1, HIGHEST_TERM + 1)} - {
        Fraction(1)
    }
    near = [f for f in fractions if abs(float(f) / ratio - 1.0) <= WITHIN]
    if not near:
        return None
    best = min(near, key=lambda f: (f.numerator + f.denominator, abs(float(f) / ratio - 1.0)))
    return f"{best.numerator}:{best.denominator}"


def downbeats_of(beats: Sequence[Beat], probabilities: npt.NDArray[np.float32]) -> list[float]:
    """The downbeats from bar one on: leading bars whose ones nothing marks are a count-in's.

    Parameters
    ----------
    probabilities : ndarray of shape (n,)
        Of a downbeat in what is heard, 50 frames a second.
    """
    ones = [beat for beat in beats if beat.place == 0]
    if len(ones) < 4:
        return [beat.time_s for beat in ones]
    heard = np.array([_around(probabilities, beat.time_s) for beat in ones])
    usual = float(np.median(heard[1:]))
    first = 0
    while first < min(2, len(ones) - 3) and heard[first] < UNHEARD * usual:
        first += 1
    return [beat.time_s for beat in ones[first:]]


def _around(values: npt.NDArray[np.float32], time_s: float) -> float:
    at = round(time_s * FRAME_RATE)
    return float(values[max(0, at - 2) : at + 3].max(initial=0.0))


def units_of(beats: Sequence[Beat]) -> list[float]:
    """Every unit of the denominator: the beats, and between them what they are divided in; none across a rest."""
    times: list[float] = []
    for beat, following in pairwise(beats):
        count = round(_quarters(beat) * beat.bar.unit / 4.0)
        step = (following.time_s - beat.time_s) / count
        whole = count if not following.entered else 1
        times += [beat.time_s + n * step for n in range(whole)]
    return [*times, beats[-1].time_s] if beats else times


def alternatives_of(decoded: Decoded, run: Run | None = None) -> list[MeterAlternative]:
    """Meters with their groupings by probability, over all that is played or over one stretch."""
    shares = decoded.shares
    if run is not None:
        low, high = (round(decoded.beats[n].time_s * FRAME_RATE) for n in (run.first, run.last - 1))
        shares = shares[low : high + 1]
    sums = shares.sum(axis=0, dtype=float)
    if sums.sum() <= 0.0:
        return []
    order = np.argsort(-sums, kind="stable")
    found = [(decoded.bars[n], min(1.0, float(sums[n] / sums.sum()))) for n in order]
    return [
        MeterAlternative(meter=bar.meter, grouping=bar.named_grouping, probability=share)
        for bar, share in found
        if share >= SHOWN
    ]


def meter_probability(alternatives: Sequence[MeterAlternative], meter: str) -> float:
    """Of a meter in any of its groupings."""
    return min(1.0, sum(one.probability for one in alternatives if one.meter == meter))


def is_ambiguous(alternatives: Sequence[MeterAlternative], meter: str) -> bool:
    """Whether another meter is about as probable as the one named."""
    others = {one.meter for one in alternatives} - {meter}
    best = max((meter_probability(alternatives, other) for other in others), default=0.0)
    return meter_probability(alternatives, meter) - best < AMBIGUOUS


def segments_of(runs: Sequence[Run], decoded: Decoded, end_s: float) -> list[MeterSegment]:
    """The stretches: each lasts until the next one, or to the end of its last bar."""
    found = []
    for n, run in enumerate(runs):
        beats = decoded.beats
        if n + 1 < len(runs) and not beats[runs[n + 1].first].entered:
            stop = beats[runs[n + 1].first].time_s
        else:
            last = beats[run.last - 1]
            stop = min(end_s, last.time_s + _quarters(last) * 60.0 / run.bpm)
        alternatives = alternatives_of(decoded, run)
        found.append(
            MeterSegment(
                start_s=beats[run.first].time_s,
                end_s=max(stop, beats[run.first].time_s),
                meter=run.bar.meter,
                grouping=run.bar.named_grouping,
                bpm=run.bpm,
                confidence=meter_probability(alternatives, run.bar.meter),
            )
        )
    return found


def confidence_of(alternatives: Sequence[MeterAlternative], meter: str) -> float | None:
    """Probability that the meter is exactly right, as measured on left-out rhythms; None where there is none."""
    if not alternatives:
        return None
    return float(np.interp(meter_probability(alternatives, meter), *CALIBRATION))


def later(part: P, seconds: float) -> P:
    """A piece of a result that much later."""
    names = [name for name in ("start_s", "end_s", "time_s") if name in type(part).model_fields]
    return part.model_copy(update={name: getattr(part, name) + seconds for name in names})
