"""From what was heard to the result, in the file's time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from hemiola import Corrections
from hemiola.results import Meter, MeterAlternative, MeterSegment, MeterWindow, Modulation
from hemiola.results.rhythm import Hypothesis as Told

from ..runs import kind_of_step, simple_ratio
from .answering import Stretch, by_bar, joined, stretches
from .tracking import Course, Field, Window

Doubles = npt.NDArray[np.float64]

ALTERNATIVES = 8
AMBIGUOUS = 0.25
"""Two meters whose shares differ by less."""
TEMPO_STEP = 0.06
"""Tempos further apart are two."""


def meter_of(
    field: Field,
    course: Course,
    span: tuple[float, float],
    said: Corrections,
    keep: Callable[[Doubles], npt.NDArray[np.bool_]],
) -> Meter:
    """The result.

    Parameters
    ----------
    field, course
        What may be and what was heard, in seconds from the take's start.
    span : pair of float
        The take, seconds of the file.
    said : Corrections
        A person's word; the hypotheses have heeded it.
    keep : callable
        From seconds of the take, shape (k,), to where a beat may be.
    """
    start_s, end_s = span
    found = stretches(field, course, end_s - start_s)
    groups = joined(found)
    longest = max(groups, key=lambda group: group[-1].end_s - group[0].start_s)[0].bar
    shares = by_bar(field, course)
    return Meter(
        meter=longest.meter,
        grouping=said.grouping or longest.named_grouping,
        beat_times=told([s.beats for s in found], span, keep),
        unit_times=told([s.units for s in found], span, keep),
        downbeat_times=told([s.downbeats for s in found], span, keep),
        alternatives=tuple(
            MeterAlternative(meter=bar.meter, grouping=bar.named_grouping, probability=min(1.0, share))
            for bar, share in shares[:ALTERNATIVES]
        ),
        segments=tuple(segments_of(groups, span, said)),
        modulations=tuple(modulations_of(groups, start_s)),
        ambiguous=said.meter is None and is_ambiguous(field, course),
        windows=tuple(window_told(field, window, start_s) for window in course.windows),
        source="user" if said.meter is not None else "estimated",
    )


def told(
    parts: Sequence[Doubles], span: tuple[float, float], keep: Callable[[Doubles], npt.NDArray[np.bool_]]
) -> tuple[float, ...]:
    """Times of consecutive stretches as one ascending list in the file's time, none twice, none that is left out."""
    found = np.concatenate(parts)
    times = span[0] + found[keep(found)]
    times = times[(times >= span[0]) & (times <= span[1])]
    kept = np.append(True, np.diff(np.maximum.accumulate(times)) > 0.02) if len(times) else np.zeros(0, bool)
    return tuple(times[kept].tolist())


def segments_of(
    groups: Sequence[Sequence[Stretch]], span: tuple[float, float], said: Corrections
) -> list[MeterSegment]:
    """A segment for each meter and tempo; an unchanging take has one."""
    edges = [span[0], *(span[0] + group[0].start_s for group in groups[1:]), span[1]]
    return [
        MeterSegment(
            start_s=low,
            end_s=high,
            meter=group[0].bar.meter,
            grouping=said.grouping or group[0].bar.named_grouping,
            bpm=_bpm(group),
        )
        for group, (low, high) in zip(groups, pairwise(edges), strict=True)
    ]


def _bpm(group: Sequence[Stretch]) -> float:
    return float(np.median([stretch.bpm for stretch in group]))


def _tactus_bpm(group: Sequence[Stretch]) -> float:
    bar = group[0].bar
    return _bpm(group) * bar.unit / 4 * bar.beats / bar.units


def modulations_of(groups: Sequence[Sequence[Stretch]], start_s: float) -> list[Modulation]:
    """What changes from one group of stretches to the next."""
    found = []
    for before, after in pairwise(groups):
        old, new = _tactus_bpm(before), _tactus_bpm(after)
        same_quarter = abs(np.log(_bpm(after) / _bpm(before))) < TEMPO_STEP
        ratio = None if same_quarter else simple_ratio(new / old)
        kind = "meter_change" if same_quarter else kind_of_step(new / old)
        downbeats = after[0].downbeats
        time_s = start_s + float(downbeats[0] if len(downbeats) else after[0].units[0])
        found.append(
            Modulation(time_s=time_s, kind=kind, from_bpm=_bpm(before), to_bpm=_bpm(after), ratio=ratio)
        )
    return found


def is_ambiguous(field: Field, course: Course) -> bool:
    """Whether two meters, whatever their groupings, have about the same share."""
    shares: dict[str, float] = {}
    for bar, share in by_bar(field, course):
        shares[bar.meter] = shares.get(bar.meter, 0.0) + share
    first, second = sorted((*shares.values(), 0.0), reverse=True)[:2]
    return first - second < AMBIGUOUS


def window_told(field: Field, window: Window, start_s: float) -> MeterWindow:
    """A window for the debug view: periods are those of the bar's unit."""
    return MeterWindow(
        start_s=start_s + window.start_s,
        end_s=start_s + window.end_s,
        resolution_s=window.resolution_s,
        hypotheses=tuple(
            Told(
                period_s=field.pulses[found.pulse].period_s * found.count.strokes,
                beats=found.count.bar.units,
                grouping=found.count.bar.grouping,
                score=score,
                parts=parts,
            )
            for found, score, parts in window.best
        ),
    )
