"""Beats at their level and at any, units, downbeats."""

from __future__ import annotations

from fractions import Fraction

import mir_eval
import numpy as np

from evaluation.annotation import Estimate, Truth
from evaluation.conventions import ANY_LEVEL, TimesArray, at_level
from evaluation.rows import Failure, Row, Value
from evaluation.scores.events import claim_rows, event_failure, f_rows
from evaluation.scores.matching import Found, as_times, found
from evaluation.scores.options import Options

WINDOW_S = 0.07
"""The field's window around a beat."""
GOOD_F = 0.9
"""What beats must reach for their confidence to have been right."""
LEVELS = {
    Fraction(1, 3): "three times as many beats heard as there are",
    Fraction(1, 2): "twice as many beats heard as there are",
    Fraction(2): "half as many beats heard as there are",
    Fraction(3): "a third as many beats heard as there are",
}


def prepared(times: TimesArray | tuple[float, ...] | None, options: Options) -> TimesArray:
    """Beats as they are scored, shape (n,): equal ones (to the nanosecond) once, trimmed if asked."""
    beats = as_times(times)
    beats = beats[np.diff(beats, prepend=-1.0) > 1e-9]
    return np.asarray(mir_eval.beat.trim_beats(beats)) if options.trim else beats


def f_measure(reference: TimesArray, estimate: TimesArray, options: Options) -> Found:
    """Beats found within 70 ms."""
    return found(prepared(reference, options), prepared(estimate, options), WINDOW_S)


def any_level(reference: TimesArray, estimate: TimesArray, options: Options) -> tuple[float, Fraction]:
    """The best F over the levels an estimate may be at, and the factor that brought it there."""
    truth, answer = prepared(reference, options), prepared(estimate, options)
    tried = [
        (found(truth, level, WINDOW_S).f, -abs(float(factor) - 1.0), factor)
        for factor in ANY_LEVEL
        for level in at_level(answer, factor)
    ]
    best, _, factor = max(tried)
    return best, factor


def continuity(
    reference: TimesArray, estimate: TimesArray, options: Options
) -> tuple[float, float, float, float]:
    """CMLc, CMLt, AMLc, AMLt: beats that continue each other, at the right level and at any.

    The scores are ratios of intervals, so times beyond what mir_eval admits are scaled down first.

    References
    ----------
    Hainsworth 2004; Davies, Degara, Plumbley 2009, "Evaluation methods for musical audio beat tracking".
    """
    truth, answer = prepared(reference, options), prepared(estimate, options)
    if len(truth) < 2 or len(answer) < 2:
        return 0.0, 0.0, 0.0, 0.0
    scale = min(1.0, mir_eval.beat.MAX_TIME / max(truth[-1], answer[-1]) * (1.0 - 1e-9))
    scores = mir_eval.beat.continuity(truth * scale, answer * scale)
    return float(scores[0]), float(scores[1]), float(scores[2]), float(scores[3])


def score_beats(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """The tactus: F, F at any level, continuity."""
    if truth.beats is None:
        return []
    reference, answer = prepared(truth.beats, options), prepared(estimate.beats, options)
    if not len(reference):
        return _where_none_are(estimate, answer)
    f, (any_f, factor) = f_measure(reference, answer, options).f, any_level(reference, answer, options)
    rows: list[Row] = [Value("beats.f", f), Value("beats.f_any_level", any_f)]
    if len(reference) != 1:  # a single beat continues nothing
        _, cmlt, _, amlt = continuity(reference, answer, options)
        rows += [Value("beats.cmlt", cmlt), Value("beats.amlt", amlt)]
    rows += claim_rows("beats_f90", "beats", estimate, f >= GOOD_F)
    if any_f >= GOOD_F > f:
        return [*rows, Failure("beats.f", float(reference[0]), LEVELS[factor])]
    return rows + event_failure("beats.f", "beats", reference, answer, WINDOW_S)


def _where_none_are(estimate: Estimate, answer: TimesArray) -> list[Row]:
    """Nothing to tap to: an F would be 0 of 0, so whether beats are claimed is a measure of its own."""
    if not len(answer):
        return [Value("beats.false_claim", 0.0)]
    heard = f"heard {len(answer)} beats where there are none"
    rows: list[Row] = [Value("beats.false_claim", 1.0), Failure("beats.false_claim", float(answer[0]), heard)]
    return rows + claim_rows("beats_f90", "beats", estimate, False)


def score_units(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """Every unit of the meter's denominator: F."""
    if truth.units is None:
        return []
    reference, answer = prepared(truth.units, options), prepared(estimate.units, options)
    return f_rows("units.f", reference, answer, WINDOW_S)


def score_downbeats(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """Where bars begin: F."""
    if truth.downbeats is None:
        return []
    reference, answer = prepared(truth.downbeats, options), prepared(estimate.downbeats, options)
    counts = found(reference, answer, WINDOW_S)
    rows: list[Row] = [Value("downbeats.f", counts.f)] if counts else []
    if len(reference):
        rows += claim_rows("downbeats_f90", "downbeats", estimate, counts.f >= GOOD_F)
    return rows + event_failure("downbeats.f", "downbeats", reference, answer, WINDOW_S)
