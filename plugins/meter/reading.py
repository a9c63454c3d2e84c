"""From decoded beats to the answer: downbeats, units, alternatives with their probabilities, segments, windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from hemiola.results import Hypothesis, MeterAlternative, MeterSegment, MeterWindow, Modulation

from .decoding import Beat, Decoded
from .evidence import METERS, Evidence
from .meters import BARS
from .runs import Run, quarters_of
from .states import FRAME_RATE, SLOW, blocks

Doubles = npt.NDArray[np.float64]

UNHEARD = 0.3
"""A bar that begins with less than this part of the usual downbeat is a count-in's."""
AMBIGUOUS = 0.25
"""Two meters whose probabilities differ by less."""
SHOWN = 0.02
"""Alternatives below this are not shown."""
LEAST = 1e-3
"""Blocks that every bar counts as decoded, so that a meter that never was has a grouping too."""
WINDOW_S = 8.0
"""Of the windows for the debug view."""
SHOWN_BARS = 6
"""In each."""
CALIBRATION = (
    (0.23, 0.43, 0.51, 0.64, 0.77, 0.86, 0.91, 0.95, 0.97, 0.98),
    (0.36, 0.37, 0.44, 0.64, 0.68, 0.81, 0.9, 0.92, 0.95, 0.98),
)
"""From the mean share that the second network gives to a meter to how often a meter of that share is right, on clips no
training heard: `evaluation.training.confidence`."""
DOWNBEATS_CALIBRATION = (
    (0.45, 0.59, 0.68, 0.76, 0.79, 0.83, 0.89, 0.95),
    (0.37, 0.43, 0.44, 0.69, 0.79, 0.83, 0.88, 0.9),
)
"""From the F that downbeats may be expected to have to how often it is 0.9 or more, on the same clips."""

P = TypeVar("P", MeterSegment, Modulation)


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


def expected_f(
    downbeats: Sequence[float], units: Sequence[float], probabilities: npt.NDArray[np.float32]
) -> float:
    """The F of downbeats if every unit is one as probably as is heard: its right ones, over what was named and what is.

    Parameters
    ----------
    downbeats, units : sequence of float
        Seconds from the start of the take; the units hold all that could be a downbeat.
    probabilities : ndarray of shape (n,)
        Of a downbeat in what is heard, 50 frames a second.
    """
    right = sum(_around(probabilities, time) for time in downbeats)
    there = sum(_around(probabilities, time) for time in units)
    return min(1.0, 2.0 * right / max(len(downbeats) + there, 1e-9))


def downbeat_confidence_of(
    downbeats: Sequence[float], units: Sequence[float], probabilities: npt.NDArray[np.float32]
) -> float | None:
    """Probability that the downbeats have an F of 0.9, as measured on left-out rhythms; None without any."""
    if not downbeats:
        return None
    return float(np.interp(expected_f(downbeats, units, probabilities), *DOWNBEATS_CALIBRATION))


def _around(values: npt.NDArray[np.float32], time_s: float) -> float:
    at = round(time_s * FRAME_RATE)
    return float(values[max(0, at - 2) : at + 3].max(initial=0.0))


def units_of(beats: Sequence[Beat]) -> list[float]:
    """Every unit of the denominator: the beats, and between them what they are divided in; none across a rest."""
    times: list[float] = []
    for beat, following in pairwise(beats):
        count = round(quarters_of(beat) * beat.bar.unit / 4.0)
        step = (following.time_s - beat.time_s) / count
        whole = count if not following.entered else 1
        times += [beat.time_s + n * step for n in range(whole)]
    return [*times, beats[-1].time_s] if beats else times


def pulses_of(beats: Sequence[Beat]) -> list[Doubles]:
    """The units from rest to rest, seconds."""
    edges = [0, *(n for n in range(1, len(beats)) if beats[n].entered), len(beats)]
    return [np.asarray(units_of(beats[low:high])) for low, high in pairwise(edges) if high > low]


def alternatives_of(
    decoded: Decoded, heard: Evidence, start_s: float, end_s: float
) -> list[MeterAlternative]:
    """Meters with their groupings by probability, from one time to another.

    The second network says how probable a meter is, what was decoded how its bars are grouped. The posteriors of the
    bars say so of meters only where a person has named those that there may be: unit after unit says the same of one
    pattern, which forward and backward take for independent, so nearly all of them lie at one.
    """
    shares = decoded.shares[blocks(start_s, end_s)].sum(axis=0, dtype=float)
    if decoded.bars == BARS:
        told = heard.shares_of_meters(start_s, end_s)
        meters = np.array([METERS.index(bar.meter) for bar in BARS])
        shares += LEAST
        shares *= (told / np.bincount(meters, shares))[meters]
    if shares.sum() <= 0.0:
        return []
    order = np.argsort(-shares, kind="stable")
    found = [(decoded.bars[n], min(1.0, float(shares[n] / shares.sum()))) for n in order]
    return [
        MeterAlternative(meter=bar.meter, grouping=bar.named_grouping, probability=share)
        for bar, share in found
        if share >= SHOWN
    ]


def is_ambiguous(alternatives: Sequence[MeterAlternative], meter: str) -> bool:
    """Whether another meter is about as probable as the one named, or more."""
    shares = {meter: 0.0}
    for one in alternatives:
        shares[one.meter] = shares.get(one.meter, 0.0) + one.probability
    return shares.pop(meter) - max(shares.values(), default=0.0) < AMBIGUOUS


def segments_of(
    runs: Sequence[Run],
    beats: Sequence[Beat],
    duration_s: float,
    confidence: Callable[[str, float, float], float | None],
) -> list[MeterSegment]:
    """The stretches, each until the next or to the end of its last bar; `confidence` is asked of a meter in a span."""
    found = []
    for n, run in enumerate(runs):
        start_s, last = beats[run.first].time_s, beats[run.last - 1]
        if n + 1 < len(runs) and not beats[runs[n + 1].first].entered:
            stop = beats[runs[n + 1].first].time_s
        else:
            stop = min(duration_s, last.time_s + quarters_of(last) * 60.0 / run.bpm)
        found.append(
            MeterSegment(
                start_s=start_s,
                end_s=max(stop, start_s),
                meter=run.bar.meter,
                grouping=run.bar.named_grouping,
                bpm=run.bpm,
                confidence=confidence(run.bar.meter, start_s, last.time_s),
            )
        )
    return found


def windows_of(decoded: Decoded, start_s: float) -> list[MeterWindow]:
    """Window by window the bars that were most probable there; times from the file's start, which is `start_s` away."""
    times = np.array([beat.time_s for beat in decoded.beats])
    bpms = np.array([beat.bpm for beat in decoded.beats])
    size = round(WINDOW_S * FRAME_RATE / SLOW)
    found = []
    for first in range(0, len(decoded.shares), size):
        shares = decoded.shares[first : first + size].mean(axis=0, dtype=float)
        low, high = (SLOW * at / FRAME_RATE for at in (first, min(len(decoded.shares), first + size)))
        inside = bpms[(times >= low) & (times < high)]
        if not len(inside):
            continue
        quarter_s = 60.0 / float(np.median(inside))
        best = [n for n in np.argsort(-shares, kind="stable")[:SHOWN_BARS] if shares[n] >= SHOWN]
        hypotheses = [
            Hypothesis(
                period_s=quarter_s * 4.0 / bar.unit,
                beats=bar.units,
                grouping=bar.grouping,
                score=float(shares[n]),
                parts={"probability": float(shares[n])},
            )
            for n in best
            for bar in (decoded.bars[n],)
        ]
        span = {"start_s": start_s + low, "end_s": start_s + high}
        found.append(MeterWindow(**span, resolution_s=WINDOW_S, hypotheses=hypotheses))
    return found


def confidence_of(heard: Evidence, meter: str, start_s: float, end_s: float) -> float | None:
    """Probability that the meter is exactly right, as measured on left-out rhythms; None for one no network knows."""
    if meter not in METERS:
        return None
    share = heard.shares_of_meters(start_s, end_s)[METERS.index(meter)]
    return float(np.interp(share, *CALIBRATION))


def later(part: P, seconds: float) -> P:
    """A piece of a result that much later."""
    names = [name for name in ("start_s", "end_s", "time_s") if name in type(part).model_fields]
    return part.model_copy(update={name: getattr(part, name) + seconds for name in names})
