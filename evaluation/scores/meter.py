"""Meter: exact, its bar's length whatever the notation, its grouping, over time, and odd where it is plain."""

from __future__ import annotations

import itertools
from statistics import median

from evaluation.annotation import Annotation, Estimate, Truth
from evaluation.conventions import PLAIN_METERS, bar_quarters
from evaluation.rows import Choice, Failure, Row, Value
from evaluation.scores.events import claim_rows
from evaluation.scores.matching import as_times
from evaluation.scores.options import Options
from evaluation.scores.spans import Stretch, agreement, flat
from evaluation.scores.tempo import TOLERANCE, right_tempos

ALSO_WALTZES = frozenset({"3/8", "9/8"})
"""What three counted beats may be written as besides 3/4."""


def right_meters(truth: Truth) -> tuple[str, ...]:
    """All meters that are right for the whole, the annotated one first; empty where it changes or is not known."""
    in_time = tuple(dict.fromkeys(stretch.meter for stretch in truth.segments or ()))
    if len(in_time) > 1:
        return ()
    named = (truth.meter,) if truth.meter is not None else in_time
    return tuple(dict.fromkeys((*named, *(truth.meters or ()))))


def score_meter(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """All measures of the meter for which the truth has enough."""
    meters = right_meters(truth)
    rows = _time_right(truth, estimate, meters)
    if not meters:
        return rows
    answer = estimate.meter
    exact = answer in meters
    named = answer if answer is not None and exact else meters[0]
    rows += [
        Choice("meter.exact", named, answer or "", exact),
        Value("meter.bar_length", float(bar_length_right(truth, estimate, meters))),
        *claim_rows("meter_exact", "meter", estimate, exact),
        *_grouping(truth, estimate, meters),
        *_false_odd(truth, estimate, meters),
    ]
    if not exact:
        heard = "no meter was heard" if answer is None else f"heard {answer}"
        rows.append(Failure("meter.exact", _first_downbeat(truth), f"{heard}, it is {' or '.join(meters)}"))
    return rows


def bar_length_right(truth: Truth, estimate: Estimate, meters: tuple[str, ...]) -> bool:
    """Whether a bar is as long as a right one: in seconds (4 %) where both are known so, else in quarters.

    A 7/8 heard as 7/4 of twice the tempo has the right bars; a 4/4 heard as 2/4 has not.
    """
    lengths, heard = _true_bar_seconds(truth, meters), _bar_seconds(estimate)
    if lengths and heard is not None:
        return any(heard == length or abs(heard - length) <= TOLERANCE * length for length in lengths)
    if estimate.meter is None:
        return False
    return any(bar_quarters(estimate.meter) == bar_quarters(meter) for meter in meters)


def _true_bar_seconds(truth: Truth, meters: tuple[str, ...]) -> list[float]:
    bar = _bar_by_downbeats(truth)
    if bar is not None and truth.meter is None and not truth.segments:
        return [bar]  # counted positions: one bar, which may be written in several ways
    if bar is not None:  # of the first meter: the others' bars are longer or shorter by their quarters
        return [bar * float(bar_quarters(meter) / bar_quarters(meters[0])) for meter in meters]
    return [float(bar_quarters(meter)) * 60.0 / bpm for meter in meters for bpm in right_tempos(truth)]


def _bar_seconds(estimate: Estimate) -> float | None:
    bar = _bar_by_downbeats(estimate)
    if bar is not None or estimate.meter is None or estimate.tempo is None:
        return bar
    return float(bar_quarters(estimate.meter)) * 60.0 / estimate.tempo


def _bar_by_downbeats(annotation: Annotation) -> float | None:
    downbeats = as_times(annotation.downbeats)
    bars = [float(b - a) for a, b in itertools.pairwise(downbeats) if b > a]
    return median(bars) if bars else None


def _grouping(truth: Truth, estimate: Estimate, meters: tuple[str, ...]) -> list[Row]:
    if not truth.grouping or (estimate.meter in meters and estimate.meter != meters[0]):
        return []  # the annotated grouping is of the first meter, not of another right one
    right = estimate.grouping == truth.grouping
    rows: list[Row] = [Value("meter.grouping", float(right))]
    if not right and estimate.meter in meters:
        wanted = "+".join(map(str, truth.grouping))
        heard = "+".join(map(str, estimate.grouping or ())) or "none"
        text = f"heard {estimate.meter} grouped {heard}, it is {wanted}"
        rows.append(Failure("meter.grouping", _first_downbeat(truth), text))
    return rows


def _false_odd(truth: Truth, estimate: Estimate, meters: tuple[str, ...]) -> list[Row]:
    annotated = {*meters, *(stretch.meter for stretch in truth.segments or ())}
    named = annotated - ALSO_WALTZES
    if not named or not named <= PLAIN_METERS:
        return []
    right = PLAIN_METERS | annotated
    heard = [(0.0, estimate.meter)] + [(part.start_s, part.meter) for part in estimate.segments or ()]
    odd = [(time, meter) for time, meter in heard if meter is not None and meter not in right]
    rows: list[Row] = [Value("meter.false_odd", float(bool(odd)))]
    if odd:
        rows.append(Failure("meter.false_odd", odd[0][0], f"heard {odd[0][1]}, it is plain {meters[0]}"))
    return rows


def _time_right(truth: Truth, estimate: Estimate, meters: tuple[str, ...]) -> list[Row]:
    annotated = _annotated(truth, meters)
    if not annotated:
        return []
    if estimate.segments:
        heard = flat((part.start_s, part.end_s, part.meter) for part in estimate.segments)
    elif estimate.meter is not None:
        heard = [Stretch(annotated[0].start_s, annotated[-1].end_s, estimate.meter)]
    else:
        heard = []
    also_right = set(meters)
    share, wrong = agreement(annotated, heard, lambda true, told: told == true or told in also_right)
    if share is None:
        return []
    rows: list[Row] = [Value("meter.time_right", share)]
    if wrong is not None:
        piece, told = wrong
        text = f"heard {told or 'no meter'} from here, it is {piece.label}"
        rows.append(Failure("meter.time_right", piece.start_s, text))
    return rows


def _annotated(truth: Truth, meters: tuple[str, ...]) -> list[Stretch]:
    if truth.segments:
        return flat((part.start_s, part.end_s, part.meter) for part in truth.segments)
    times = [*(truth.beats or ()), *(truth.downbeats or ())]
    return flat([(min(times), max(times), meters[0])]) if meters and times else []


def _first_downbeat(truth: Truth) -> float:
    return truth.downbeats[0] if truth.downbeats else 0.0
