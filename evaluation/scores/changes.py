"""Changes of tempo and meter: found within a second, of the right kind and ratio."""

from __future__ import annotations

from statistics import fmean

from evaluation.annotation import Change, Estimate, Truth
from evaluation.rows import Row, Value
from evaluation.scores.events import first_failure, kind_rows
from evaluation.scores.matching import best_pairs, without
from evaluation.scores.options import Options

TOLERANCE_S = 1.0
KINDS = ("metric", "tempo_step", "meter_change")


def distance(true: Change, told: Change) -> float | None:
    """Seconds between a change and its answer; None where they are not the same change."""
    seconds = abs(true.time_s - told.time_s)
    same = true.kind == told.kind and seconds <= TOLERANCE_S
    if true.kind == "metric" and true.ratio is not None:
        same = same and true.ratio == told.ratio
    return seconds if same else None


def score_changes(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """Changes found, invented and missed by kind, and how far off in time those found are."""
    if truth.modulations is None:
        return []
    reference, answer = truth.modulations, estimate.modulations or ()
    pairs = best_pairs(reference, answer, distance)
    missed = [reference[i] for i in without(len(reference), [i for i, _ in pairs])]
    invented = [answer[j] for j in without(len(answer), [j for _, j in pairs])]
    rows = kind_rows("modulations.f", KINDS, [reference[i] for i, _ in pairs], invented, missed)
    if pairs:
        errors = [abs(reference[i].time_s - answer[j].time_s) for i, j in pairs]
        rows.append(Value("modulations.error_s", fmean(errors)))
    when = [sorted(change.time_s for change in changes) for changes in (missed, invented)]
    return rows + first_failure("modulations.f", "changes", when[0], when[1], len(reference))
