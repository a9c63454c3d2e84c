"""Feel: how far off the swing ratio and the microtiming are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import fmean

from evaluation.annotation import Estimate, Lag, Truth
from evaluation.conventions import drum_class
from evaluation.rows import Row, Value
from evaluation.scores.options import Options
from evaluation.scores.spans import flat, together

FARTHEST_MS = 1e9
"""The longest file in ms: no lag is off by more, whatever numbers were written down."""


def swing_error(truth: Truth, estimate: Estimate) -> float | None:
    """Mean distance of swing ratios over the annotated time that was answered; None where nothing was.

    The truth's stretches, where it has them, against the answer's stretches that overlap, else against its
    ratio for the whole.
    """
    if not truth.swing_segments:
        return None if truth.swing is None or estimate.swing is None else abs(truth.swing - estimate.swing)
    # Labels carry the index of the stretch: ratios may be equal.
    true = flat((part.start_s, part.end_s, str(i)) for i, part in enumerate(truth.swing_segments))
    told_parts = estimate.swing_segments or ()
    told = flat((part.start_s, part.end_s, str(i)) for i, part in enumerate(told_parts))
    seconds = weighted = 0.0
    for piece, index in together(true, told):
        ratio = estimate.swing if index is None else told_parts[int(index)].swing_ratio
        if ratio is not None:
            length = piece.end_s - piece.start_s
            seconds += length
            weighted += length * abs(truth.swing_segments[int(piece.label)].swing_ratio - ratio)
    return weighted / seconds if seconds > 0.0 else None


def microtiming_error_ms(true: Iterable[Lag], told: Iterable[Lag]) -> float | None:
    """Mean distance of mean lags over the instruments and positions that both have, ms; None where they share none."""
    reference, answer = _by_place(true), _by_place(told)
    shared = reference.keys() & answer.keys()
    errors = [min(abs(reference[place] - answer[place]), FARTHEST_MS) for place in shared]
    return fmean(errors) if errors else None


def _by_place(lags: Iterable[Lag]) -> dict[tuple[str, str], float]:
    places: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for lag in lags:
        instrument = drum_class(lag.instrument) or lag.instrument.strip().casefold()
        places[instrument, lag.position.strip().casefold()].append(
            max(-FARTHEST_MS, min(lag.mean_ms, FARTHEST_MS))
        )
    return {place: fmean(means) for place, means in places.items()}


def score_groove(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """Errors of swing and microtiming, where both sides have them."""
    errors = {
        "swing.error": swing_error(truth, estimate),
        "microtiming.error_ms": microtiming_error_ms(truth.microtiming or (), estimate.microtiming or ()),
    }
    return [Value(measure, error) for measure, error in errors.items() if error is not None]
