"""Intervals by resampling songs."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.statistics import (
    Interval,
    Sums,
    bounds_of,
    by_song,
    draws,
    expanded_level,
    intervals,
    of_share,
    value_of,
)


def means(values: np.ndarray, songs: list[str]) -> Sums:
    parts = np.stack([values, np.ones_like(values)], axis=-1)
    return Sums("mean", by_song(songs, parts[:, None, None, :]))


def counts(*songs: tuple[int, int, int], formula: str = "f") -> Sums:
    return Sums(formula, np.array(songs, dtype=float)[:, None, None, :])  # type: ignore[arg-type]


@pytest.mark.parametrize(("songs", "least"), [(8, 0.90), (40, 0.925)])
def test_an_interval_covers_the_mean_in_about_95_of_100_worlds(songs: int, least: float) -> None:
    random = np.random.default_rng(5)
    names = [f"song {index // 4}" for index in range(songs * 4)]
    worlds = [
        means(np.repeat(random.normal(0.7, 0.1, songs), 4) + random.normal(0, 0.02, songs * 4), names)
        for _ in range(400)
    ]
    found = intervals(worlds)
    share = np.mean([each.low <= 0.7 <= each.high for each in found])  # type: ignore[operator]
    assert least <= share <= 0.985


def test_items_of_one_song_are_no_independent_evidence() -> None:
    random = np.random.default_rng(1)
    values = np.repeat(random.normal(0.7, 0.1, 10), 10)
    clustered = intervals([means(values, [f"{index // 10}" for index in range(100)])])[0]
    as_if_free = intervals([means(values, [f"{index}" for index in range(100)])])[0]
    assert width(clustered) > 2 * width(as_if_free)


def width(interval: Interval) -> float:
    assert interval.low is not None and interval.high is not None
    return interval.high - interval.low


def test_one_song_has_a_value_and_no_interval() -> None:
    assert intervals([means(np.array([0.2, 0.4]), ["a", "a"])]) == [Interval(pytest.approx(0.3), None, None)]


def test_no_song_has_no_number() -> None:
    found = intervals([Sums("mean", np.zeros((0, 1, 1, 2)))])[0]
    assert np.isnan(found.value) and found.low is None


def test_equal_seeds_give_equal_intervals_whatever_else_is_asked_beside() -> None:
    songs = [f"{index:02}" for index in range(20)]
    figure, other = (means(np.random.default_rng(seed).random(20), songs) for seed in (0, 1))
    alone = intervals([figure], seed=3)[0]
    assert intervals([other, figure], seed=3)[1] == alone
    assert intervals([figure], seed=4)[0] != alone


def test_counts_are_summed_before_their_ratio() -> None:
    assert value_of(counts((9, 1, 0), (0, 0, 10))) == pytest.approx(2 * 9 / (18 + 1 + 10))
    assert value_of(counts((9, 1, 0), (0, 0, 10), formula="precision")) == pytest.approx(0.9)
    assert value_of(counts((9, 1, 0), (0, 0, 10), formula="recall")) == pytest.approx(9 / 19)


def test_nothing_claimed_has_a_precision_of_zero_and_nothing_to_find_no_f() -> None:
    assert value_of(counts((0, 0, 5), formula="precision")) == 0.0
    assert np.isnan(value_of(counts((0, 3, 0))))


def macro(*songs: tuple[tuple[int, int], tuple[int, int]]) -> Interval:
    """Of (right, n) for two classes."""
    return intervals([Sums("mean", np.array(songs, dtype=float)[:, None])])[0]


def test_a_mean_over_classes_does_not_lean_to_the_larger_one() -> None:
    large, small = ((1, 1), (0, 0)), ((0, 0), (0, 1))
    found = macro(*[large] * 20, small, small)
    assert found.value == 0.5
    assert found.low == pytest.approx(0.5) and found.high == pytest.approx(0.5)


def test_a_class_of_a_single_song_leaves_no_interval() -> None:
    large, small = ((1, 1), (0, 0)), ((0, 0), (0, 1))
    assert macro(*[large] * 20, small) == Interval(0.5, None, None)


def test_both_sides_of_a_difference_draw_the_same_songs() -> None:
    random = np.random.default_rng(0)
    hard = random.normal(0.6, 0.2, 30)
    sides = np.stack([hard + 0.01, hard], axis=1)
    parts = np.stack([sides, np.ones_like(sides)], axis=-1)[:, :, None, :]
    found = intervals([Sums("mean", parts)])[0]
    assert found.value == pytest.approx(0.01)
    assert found.low == pytest.approx(0.01) and found.high == pytest.approx(0.01)


def test_draws_are_of_as_many_songs_as_there_are() -> None:
    assert np.all(draws(7, 0).sum(axis=1) == 7)


def test_few_songs_move_the_ends_outwards() -> None:
    assert expanded_level(3) < expanded_level(10) < expanded_level(1000) < 0.025
    assert expanded_level(1000) == pytest.approx(0.025, abs=2e-4)


def test_replicates_without_a_number_are_left_out() -> None:
    samples = np.array([[np.nan, np.nan], [1.0, np.nan], [1.0, np.nan]])
    assert bounds_of(samples, 3) == [(1.0, 1.0), (None, None)]


def test_a_share_on_which_all_songs_agree_is_not_certain() -> None:
    found = of_share(Interval(1.0, 1.0, 1.0), 20)
    assert found.high == 1.0 and found.low == pytest.approx(0.025 ** (1 / 20))
    assert of_share(Interval(0.0, 0.0, 0.0), 20).high == pytest.approx(1 - 0.025 ** (1 / 20))
    assert of_share(Interval(0.5, 0.5, 0.5), 20).low == 0.5
