"""Whatever is annotated and whatever is answered, scores come out, finite and in their range."""

from __future__ import annotations

import math
from collections import Counter

from hypothesis import given, settings

from evaluation.annotation import Annotation, Estimate, Truth
from evaluation.measures import EVENTS, MEASURES
from evaluation.rows import Choice, Claim, Counts, Failure, Row, Value
from evaluation.scores import SCORERS, Options, score
from tests.evaluation.annotations import estimates, fed_back, rich, truths

OVER_ONE = {"swing.error"}
"""Ratios, which differ by as much as they like."""


def sound(row: Row) -> bool:
    """Whether a row names what there is and holds what it may."""
    match row:
        case Value(measure, value):
            lowest = -1.0 if measure == "hits.velocity_r" else 0.0
            bounded = not MEASURES[measure].unit and measure not in OVER_ONE | {"regions.count_error"}
            return math.isfinite(value) and lowest <= value <= (1.0 if bounded else math.inf)
        case Counts(measure, label, found, invented, missed):
            return measure in MEASURES and bool(label) and min(found, invented, missed) >= 0
        case Choice(measure, truth, answer, right):
            return measure in MEASURES and bool(truth) and right == (truth == answer)
        case Claim(event, confidence, _):
            return event in EVENTS and 0.0 <= confidence <= 1.0
        case Failure(measure, time_s, text):
            return measure in MEASURES and math.isfinite(time_s) and time_s >= 0.0 and bool(text)


@settings(max_examples=80, deadline=None)
@given(truths, estimates)
def test_any_answer_to_any_truth_is_scored(truth: Truth, estimate: Estimate) -> None:
    assert [row for row in score(truth, estimate) if not sound(row)] == []


@settings(max_examples=25, deadline=None)
@given(truths, estimates)
def test_at_most_one_failure_of_a_measure(truth: Truth, estimate: Estimate) -> None:
    failures = Counter(row.measure for row in score(truth, estimate) if isinstance(row, Failure))
    assert max(failures.values(), default=0) <= 1


@settings(max_examples=25, deadline=None)
@given(truths, estimates)
def test_trimming_and_no_merging_are_sound_as_well(truth: Truth, estimate: Estimate) -> None:
    assert [row for row in score(truth, estimate, Options(trim=True, merge_s=0.0)) if not sound(row)] == []


@settings(max_examples=50, deadline=None)
@given(truths)
def test_any_truth_fed_back_is_right(truth: Truth) -> None:
    rows = [row for row in score(truth, fed_back(truth)) if isinstance(row, Value)]
    higher = {row.measure: row.value for row in rows if MEASURES[row.measure].better == "higher"}
    lower = {row.measure: row.value for row in rows if MEASURES[row.measure].better == "lower"}
    assert {name: value for name, value in higher.items() if value < 1.0 - 1e-9} == {}
    assert {name: value for name, value in lower.items() if value > 1e-9} == {}


def test_every_measure_is_made_and_of_the_question_that_makes_it() -> None:
    known = rich()
    plain = known.model_copy(update={"meter": "4/4", "segments": None, "polyrhythms": ()})
    silent = known.model_copy(update={"beats": (), "tempo": None})
    made = {
        (question, row.measure)
        for truth in (known, plain, silent)
        for question, scorer in SCORERS
        for row in scorer(truth, fed_back(known), Options())
        if not isinstance(row, Claim)
    }
    assert made == {(measure.question, name) for name, measure in MEASURES.items()}


def test_nothing_annotated_is_nothing_scored() -> None:
    blank = rich().model_copy(update=dict.fromkeys(Annotation.model_fields))
    assert score(blank, fed_back(rich())) == []


def test_only_the_questions_asked_are_scored() -> None:
    rows = score(rich(), fed_back(rich()), questions=("key", "tempo"))
    assert {row.measure for row in rows if isinstance(row, Value | Choice)} == {
        "key.exact",
        "key.weighted",
        "tempo.acc1",
        "tempo.acc2",
    }
