"""Confidences: whether they mean what they say, and fits that are not judged by their own material."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.calibration import (
    Calibration,
    Claims,
    FittedOnThese,
    bin_of,
    brier,
    cross_fitted,
    ece_of_the_perfect,
    expected_calibration_error,
    fit,
    fit_isotonic,
    fit_temperature,
    risk_coverage,
)


def drawn(n: int, *, sharper: float = 1.0, seed: int = 0, songs: int = 20) -> Claims:
    """Claims whose log-odds are `sharper` times too large: over-confident above 1, perfect at 1."""
    random = np.random.default_rng(seed)
    true = random.uniform(0.02, 0.98, n)
    odds = np.log(true / (1 - true)) * sharper
    right = random.random(n) < true
    return Claims(1 / (1 + np.exp(-odds)), right, np.array([f"song {index % songs}" for index in range(n)]))


def test_a_perfect_system_has_about_the_expected_ece() -> None:
    worlds = [drawn(300, seed=seed) for seed in range(60)]
    errors = [expected_calibration_error(each.confidences, each.right) for each in worlds]
    expected, p95 = ece_of_the_perfect(worlds[0].confidences)
    assert np.mean(errors) == pytest.approx(expected, rel=0.12)
    assert np.mean(np.array(errors) < p95) > 0.85


def test_few_claims_make_chance_look_like_miscalibration() -> None:
    few, many = (ece_of_the_perfect(drawn(n).confidences)[0] for n in (20, 2000))
    assert few > 5 * many


def test_overconfidence_lies_above_what_chance_gives() -> None:
    claims = drawn(500, sharper=3.0)
    error = expected_calibration_error(claims.confidences, claims.right)
    assert error > 2 * ece_of_the_perfect(claims.confidences)[1]


def test_very_many_claims_are_simulated_as_well() -> None:
    claims = drawn(20_000)
    assert 0.0 < ece_of_the_perfect(claims.confidences)[0] < 0.01


def test_ece_and_brier_of_a_known_case() -> None:
    confidences, right = np.array([0.75, 0.75, 0.25, 0.25]), np.array([True, False, False, False])
    assert expected_calibration_error(confidences, right) == pytest.approx(0.25)
    assert brier(confidences, right) == pytest.approx((0.0625 + 0.5625 + 0.0625 + 0.0625) / 4)


def test_a_tenth_lies_in_its_own_bin_and_certainty_in_the_last() -> None:
    assert bin_of(np.array([0.0, 0.1, 0.3, 0.7, 0.29999, 1.0])).tolist() == [0, 1, 3, 7, 2, 9]


def test_risk_grows_as_less_confident_claims_are_kept() -> None:
    coverage, risk = risk_coverage(np.array([0.9, 0.5, 0.8, 0.6]), np.array([True, False, True, False]))
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk == pytest.approx([0, 0, 1 / 3, 0.5])


def test_equal_confidences_are_in_no_order() -> None:
    _, risk = risk_coverage(np.full(4, 0.5), np.array([True, True, False, False]))
    assert risk == pytest.approx([0.5] * 4)


def test_a_temperature_undoes_overconfidence() -> None:
    claims = drawn(4000, sharper=2.5)
    assert fit_temperature(claims.confidences, claims.right) == pytest.approx(2.5, rel=0.12)
    other = fit(claims, "meter_exact").applied_to(renamed(drawn(2000, sharper=2.5, seed=1)))
    assert expected_calibration_error(other.confidences, other.right) < 0.05


def test_a_temperature_of_certainties_is_bounded() -> None:
    right = np.array([True, False])
    assert np.isfinite(fit_temperature(np.array([1.0, 0.0]), right))
    assert np.isfinite(fit_temperature(np.array([0.0, 1.0]), right))


def renamed(claims: Claims) -> Claims:
    return Claims(claims.confidences, claims.right, np.char.add("other ", claims.songs))


def test_isotonic_undoes_any_monotone_distortion() -> None:
    claims = drawn(4000)
    distorted = Claims(claims.confidences**3, claims.right, claims.songs)
    other = drawn(2000, seed=1)
    fitted = fit(distorted, "meter_exact", "isotonic")
    scored = fitted.applied_to(renamed(Claims(other.confidences**3, other.right, other.songs)))
    assert expected_calibration_error(scored.confidences, scored.right) < 0.05


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=60))
def test_isotonic_ascends_and_keeps_the_mean(rows: list[tuple[int, bool]]) -> None:
    confidences = np.array([step / 20 for step, _ in rows])
    right = np.array([outcome for _, outcome in rows])
    knots = np.array(fit_isotonic(confidences, right))
    assert np.all(np.diff(knots[:, 0]) > 0) and np.all(np.diff(knots[:, 1]) >= -1e-12)
    assert np.mean(np.interp(confidences, *knots.T)) == pytest.approx(right.mean())


def test_isotonic_of_a_known_case() -> None:
    knots = fit_isotonic(np.array([0.1, 0.2, 0.3, 0.4]), np.array([False, True, False, True]))
    assert knots == ((0.1, 0.0), (0.2, 0.5), (0.3, 0.5), (0.4, 1.0))


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_a_calibration_refuses_what_it_was_fitted_on(method: str) -> None:
    claims = drawn(200, songs=10)
    fitted = fit(claims, "meter_exact", method)  # type: ignore[arg-type]
    with pytest.raises(FittedOnThese, match="song 0, song 1, song 2 and 7 more"):
        fitted.applied_to(claims)
    one_shared = Claims.of([(0.5, True, "new"), (0.5, False, "song 3")])
    with pytest.raises(FittedOnThese, match=r"fitted on song 3: .* Score it on other songs"):
        fitted.applied_to(one_shared)
    assert len(fitted.applied_to(renamed(claims))) == 200


def test_renaming_songs_does_not_help_where_the_audio_is_marked() -> None:
    marked = Claims.of([(0.5, True, "a"), (0.6, False, "b")], marks=["sha256:1"])
    again = Claims.of([(0.5, True, "c")], marks=["sha256:1"])
    with pytest.raises(FittedOnThese, match="sha256:1"):
        fit(marked, "meter_exact").applied_to(again)


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_a_calibration_survives_json(method: str) -> None:
    fitted = fit(drawn(200), "meter_exact", method)  # type: ignore[arg-type]
    again = Calibration.model_validate_json(fitted.model_dump_json())
    assert again == fitted
    assert again.apply(np.array([0.3, 0.9])).tolist() == fitted.apply(np.array([0.3, 0.9])).tolist()


@pytest.mark.parametrize("right", [True, False])
def test_one_sided_claims_cannot_be_fitted(right: bool) -> None:
    with pytest.raises(ValueError, match="takes right and wrong ones"):
        fit(Claims.of([(0.5, right, "a"), (0.7, right, "b")]), "meter_exact")


def test_no_claims_cannot_be_fitted() -> None:
    with pytest.raises(ValueError, match="0 claims"):
        fit(Claims.of([]), "meter_exact")


def test_cross_fitting_scores_each_song_by_the_others() -> None:
    claims = drawn(2000, sharper=3.0)
    better = cross_fitted(claims, "meter_exact")
    assert len(better) == len(claims)
    before = expected_calibration_error(claims.confidences, claims.right)
    assert expected_calibration_error(better.confidences, better.right) < before / 2


def test_cross_fitting_takes_two_songs() -> None:
    with pytest.raises(ValueError, match="at least two"):
        cross_fitted(drawn(20, songs=1), "meter_exact")


def test_a_confidence_outside_0_to_1_is_refused() -> None:
    for wrong in (1.2, -0.1, float("nan")):
        with pytest.raises(ValueError, match="between 0 and 1"):
            Claims.of([(wrong, True, "a")])
