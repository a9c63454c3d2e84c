"""Polyrhythms and polymeters: found with their ratio over at least half their time, or heard where none is."""

from __future__ import annotations

from evaluation.annotation import Estimate, Truth
from evaluation.conventions import lowest_terms
from evaluation.rows import Failure, Row, Value
from evaluation.scores.events import first_failure, kind_rows
from evaluation.scores.matching import best_pairs, without
from evaluation.scores.options import Options
from hemiola.results import Polyrhythm

KINDS = ("polyrhythm", "polymeter")
OVERLAP = 0.5


def _ratio(one: Polyrhythm) -> tuple[int, int]:
    # A polymeter's ratio is the lengths of its cycles: 6 against 4 beats is not 3 against 2.
    return lowest_terms(one.ratio) if one.kind == "polyrhythm" else one.ratio


def distance(true: Polyrhythm, told: Polyrhythm) -> float | None:
    """Seconds of the true one that the answer leaves out; None where they are not the same."""
    if true.kind != told.kind or _ratio(true) != _ratio(told):
        return None
    length = true.end_s - true.start_s
    shared = min(true.end_s, told.end_s) - max(true.start_s, told.start_s)
    return length - shared if shared >= OVERLAP * length else None


def score_polyrhythms(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """Found, invented and missed by kind; a false alarm where there is none at all."""
    if truth.polyrhythms is None:
        return []
    reference, answer = truth.polyrhythms, estimate.polyrhythms or ()
    rows: list[Row] = [] if reference else [Value("polyrhythms.false_alarm", float(bool(answer)))]
    pairs = best_pairs(reference, answer, distance)
    missed = [reference[i] for i in without(len(reference), [i for i, _ in pairs])]
    invented = [answer[j] for j in without(len(answer), [j for _, j in pairs])]
    rows += kind_rows("polyrhythms.f", KINDS, [reference[i] for i, _ in pairs], invented, missed)
    if not reference and answer:
        first = min(answer, key=lambda one: one.start_s)
        text = f"heard a {first.kind} {first.ratio[0]}:{first.ratio[1]} where there is none"
        return [*rows, Failure("polyrhythms.false_alarm", first.start_s, text)]
    when = [sorted(one.start_s for one in ones) for ones in (missed, invented)]
    return rows + first_failure("polyrhythms.f", "polyrhythms", when[0], when[1], len(reference))
