"""Onsets: found within 25 and 50 ms, and how far off."""

from __future__ import annotations

import numpy as np

from evaluation.annotation import Estimate, Truth
from evaluation.conventions import TimesArray, merged
from evaluation.rows import Row, Value
from evaluation.scores.events import event_failure, f_rows
from evaluation.scores.matching import as_times, nearest_pairs
from evaluation.scores.options import Options

NARROW_S, WIDE_S = 0.025, 0.050


def prepared(times: TimesArray | tuple[float, ...] | None, options: Options) -> TimesArray:
    """Onsets as they are scored, shape (n,): those too close behind another are dropped."""
    return merged(as_times(times), options.merge_s)


def error_ms(reference: TimesArray, estimate: TimesArray) -> float | None:
    """Median distance of matched times (50 ms) in ms; None where none match."""
    pairs = nearest_pairs(reference, estimate, WIDE_S)
    if not pairs:
        return None
    return float(np.median([abs(reference[i] - estimate[j]) for i, j in pairs])) * 1000.0


def score_onsets(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """F at both windows and the error of those found."""
    if truth.onsets is None:
        return []
    reference, answer = prepared(truth.onsets, options), prepared(estimate.onsets, options)
    rows = f_rows("onsets.f_25ms", reference, answer, NARROW_S)
    rows += f_rows("onsets.f_50ms", reference, answer, WIDE_S)
    error = error_ms(reference, answer)
    if error is not None:
        rows.append(Value("onsets.error_ms", error))
    return rows + event_failure("onsets.f_50ms", "onsets", reference, answer, WIDE_S)
