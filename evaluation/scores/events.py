"""Rows that several questions make alike: F of events, the first that went wrong, a confidence and its outcome."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.annotation import Change, Estimate
from evaluation.conventions import TimesArray
from evaluation.rows import Claim, Counts, Failure, Row, Value
from evaluation.scores.matching import found, nearest_pairs, without
from hemiola.results.rhythm import Polyrhythm


def f_rows(measure: str, reference: TimesArray, estimate: TimesArray, window_s: float) -> list[Row]:
    """F of events within a window; no row where there is none and none was heard."""
    counts = found(reference, estimate, window_s)
    return [Value(measure, counts.f)] if counts else []


def event_failure(
    measure: str, noun: str, reference: TimesArray, estimate: TimesArray, window_s: float
) -> list[Row]:
    """Where the first event was missed, or else invented."""
    pairs = nearest_pairs(reference, estimate, window_s)
    missed = [float(reference[i]) for i in without(len(reference), [i for i, _ in pairs])]
    invented = [float(estimate[j]) for j in without(len(estimate), [j for _, j in pairs])]
    return first_failure(measure, noun, missed, invented, len(reference))


def first_failure(
    measure: str, noun: str, missed: list[float], invented: list[float], true: int
) -> list[Row]:
    """A row to listen to: the first missed, or else the first invented, and how many there are."""
    if missed:
        also = f"; {len(invented)} invented" if invented else ""
        return [Failure(measure, missed[0], f"missed {len(missed)} of {true} {noun}, this the first{also}")]
    if invented:
        return [Failure(measure, invented[0], f"invented {len(invented)} {noun}, this the first")]
    return []


def kind_rows(
    measure: str,
    kinds: Sequence[str],
    found: Sequence[Change | Polyrhythm],
    invented: Sequence[Change | Polyrhythm],
    missed: Sequence[Change | Polyrhythm],
) -> list[Row]:
    """Events counted by kind; no row for a kind that nobody names."""
    rows: list[Row] = []
    for kind in kinds:
        counts = [sum(one.kind == kind for one in ones) for ones in (found, invented, missed)]
        if any(counts):
            rows.append(Counts(measure, kind, *counts))
    return rows


def claim_rows(event: str, question: str, estimate: Estimate, right: bool) -> list[Row]:
    """The confidence of a question's answer, if it has one, and whether its event came true."""
    confidence = estimate.confidences.get(question)
    return [] if confidence is None else [Claim(event, confidence, right)]
