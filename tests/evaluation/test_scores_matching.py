"""Matching is one to one, within the window, as large as can be and as near as can be; stretches lie flat."""

from __future__ import annotations

import mir_eval
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.scores.matching import Found, best_pairs, found, nearest_pairs
from evaluation.scores.spans import Stretch, agreement, filled, flat

ticks = st.lists(st.integers(0, 60), max_size=14).map(lambda given: np.array(sorted(given)) / 100.0)
WINDOW = 0.05


def total(reference: np.ndarray, estimate: np.ndarray, pairs: list[tuple[int, int]]) -> float:
    return float(sum(abs(reference[i] - estimate[j]) for i, j in pairs))


@settings(max_examples=150, deadline=None)
@given(ticks, ticks)
def test_the_nearest_pairs_are_as_many_as_mir_eval_matches(
    reference: np.ndarray, estimate: np.ndarray
) -> None:
    matched = (
        len(mir_eval.util.match_events(reference, estimate, WINDOW))
        if reference.size and estimate.size
        else 0
    )
    assert len(nearest_pairs(reference, estimate, WINDOW)) == matched
    assert found(reference, estimate, WINDOW).found == matched


@settings(max_examples=150, deadline=None)
@given(ticks, ticks)
def test_no_other_matching_as_large_is_nearer(reference: np.ndarray, estimate: np.ndarray) -> None:
    near = np.abs(np.subtract.outer(reference, estimate))
    within = [np.searchsorted(reference, [told - WINDOW, told + WINDOW]) for told in estimate]
    inside = {(i, j) for j, (a, b) in enumerate(within) for i in range(a, b)}
    inside |= set(nearest_pairs(reference, estimate, WINDOW))
    best = best_pairs(
        range(len(reference)),
        range(len(estimate)),
        lambda i, j: float(near[i, j]) if (i, j) in inside else None,
    )
    pairs = nearest_pairs(reference, estimate, WINDOW)
    assert total(reference, estimate, pairs) <= total(reference, estimate, best) + 1e-9


@given(ticks, ticks)
def test_pairs_are_one_to_one_and_within_the_window(reference: np.ndarray, estimate: np.ndarray) -> None:
    pairs = nearest_pairs(reference, estimate, WINDOW)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(abs(reference[i] - estimate[j]) <= WINDOW + 1e-9 for i, j in pairs)


def test_the_nearer_of_two_is_the_match() -> None:
    # mir_eval takes the first that fits: 1.00, an error of 40 ms where there is none.
    assert nearest_pairs(np.array([1.00, 1.04]), np.array([1.04]), 0.05) == [(1, 0)]


def test_nothing_in_common_has_no_f_but_zero() -> None:
    assert Found(0, 0, 0).f == Found(0, 3, 2).f == 0.0
    assert not Found(0, 0, 0)


def test_where_stretches_overlap_the_one_that_began_last_holds() -> None:
    laid = flat([(0.0, 10.0, "music"), (2.0, 3.0, "speech"), (5.0, 5.0, "empty")])
    assert laid == [Stretch(0.0, 2.0, "music"), Stretch(2.0, 3.0, "speech"), Stretch(3.0, 10.0, "music")]


def test_equal_neighbours_keep_their_border() -> None:
    assert len(flat([(0.0, 1.0, "A"), (1.0, 2.0, "A")])) == 2


def test_gaps_are_filled_and_ends_are_cut() -> None:
    laid = flat([(1.0, 2.0, "A"), (3.0, 9.0, "B")])
    assert [span.label for span in filled(laid, 0.0, 5.0, "-")] == ["-", "A", "-", "B"]
    assert filled(laid, 0.0, 5.0, "-")[-1].end_s == 5.0


def test_time_that_is_not_answered_is_wrong() -> None:
    share, wrong = agreement(flat([(0.0, 4.0, "A")]), flat([(0.0, 1.0, "A"), (2.0, 3.0, "A")]), str.__eq__)
    assert share == 0.5
    assert wrong == (Stretch(1.0, 2.0, "A"), None)
