"""The confidences of each system about each event: calibration, risk and coverage, and whether doubt finds error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.calibration import (
    BINS,
    Claims,
    bin_of,
    brier,
    ece_of_the_perfect,
    expected_calibration_error,
    risk_coverage,
)
from evaluation.figures.compare import Flag
from evaluation.figures.places import at, places
from evaluation.figures.records import Record
from evaluation.figures.shape import Bin, Place, Reliability
from evaluation.figures.systems import QUESTION_OF_EVENT, systems_of
from evaluation.measures import EVENTS
from evaluation.statistics import Array, Interval, Sums, bounds_of, by_song, draws, intervals, of_share

CURVE_POINTS = 100


def reliabilities(records: Sequence[Record], flag: Flag, seed: int) -> list[Reliability]:
    """A table for each place, system and event that has claims, on clean audio."""
    found: list[Reliability] = []
    for place, members in places([record for record in records if not record.variant], groups=False):
        for event in EVENTS:
            for system in systems_of(members):
                own = [record for record in members if record.system == system and event in record.claims]
                if own:
                    told = flag(system, own, QUESTION_OF_EVENT[event])
                    found.append(reliability(claims_of(own, event), place, system, event, told, seed))
    return found


def claims_of(records: Sequence[Record], event: str) -> Claims:
    """The claims of some records about an event."""
    return Claims.of(
        (confidence, right, record.song) for record in records for confidence, right in record.claims[event]
    )


def reliability(
    claims: Claims, place: Place, system: str, event: str, trained_on: str = "", seed: int = 0
) -> Reliability:
    """Everything told about the claims of a system about an event; there must be at least one."""
    confidences, right = claims.confidences, claims.right
    expected, p95 = ece_of_the_perfect(confidences, seed=seed)
    coverage, risk = risk_coverage(confidences, right)
    shown = np.unique(np.linspace(0, len(risk) - 1, min(CURVE_POINTS, len(risk))).round().astype(int))
    auc = doubt_finds_error(claims, seed=seed)
    return Reliability(
        **at(place),
        event=event,
        system=system,
        n=len(claims),
        n_songs=len(np.unique(claims.songs)),
        n_right=int(right.sum()),
        bins=_bins(claims, seed),
        ece=expected_calibration_error(confidences, right),
        ece_expected=expected,
        ece_p95=p95,
        brier=brier(confidences, right),
        coverage=tuple(coverage[shown].tolist()),
        risk=tuple(risk[shown].tolist()),
        risk_area=float(risk.mean()),
        auc=None if np.isnan(auc.value) else auc.value,
        auc_low=auc.low,
        auc_high=auc.high,
        trained_on=trained_on,
    )


def doubt_finds_error(claims: Claims, *, seed: int = 0) -> Interval:
    """AUC of 1 - confidence against being wrong, with an interval from resampled songs; NaN with one class alone.

    Of the songs' replicates w it is w'Mw / (w'wrong)(w'right), where M[s, t] counts the pairs of a wrong claim of
    song s and a right one of song t with the lower confidence on the wrong side, ties as a half.
    """
    wrong, right = _histograms(claims)
    above = right.sum(axis=1, keepdims=True) - np.cumsum(right, axis=1)
    ordered = wrong @ (above + 0.5 * right).T
    errors, hits = wrong.sum(axis=1), right.sum(axis=1)
    if not errors.sum() or not hits.sum():
        return Interval(float("nan"), None, None)
    value = float(ordered.sum() / (errors.sum() * hits.sum()))
    songs = len(errors)
    if songs < 2:
        return Interval(value, None, None)
    drawn = draws(songs, seed)
    upper = np.einsum("rs,rs->r", drawn @ ordered, drawn)
    lower = (drawn @ errors) * (drawn @ hits)
    replicates = np.divide(upper, lower, out=np.full(len(upper), np.nan), where=lower > 0)
    low, high = bounds_of(replicates[:, None], songs)[0]
    return Interval(value, low, high)


def _histograms(claims: Claims) -> tuple[Array, Array]:
    """Wrong and right claims by song and ascending confidence, shape (songs, levels) each."""
    # A thousandth apart is the same doubt where there are very many levels.
    many = len(np.unique(claims.confidences)) > 1000
    levels = np.unique(np.round(claims.confidences, 3) if many else claims.confidences, return_inverse=True)[
        1
    ]
    songs = np.unique(claims.songs, return_inverse=True)[1]
    table = np.zeros((2, songs.max() + 1, levels.max() + 1))
    np.add.at(table, (claims.right.astype(int), songs, levels), 1.0)
    return table[0], table[1]


def _bins(claims: Claims, seed: int) -> tuple[Bin, ...]:
    index = bin_of(claims.confidences)
    inside = [claims.where(index == number) for number in range(BINS)]
    sums = [Sums("mean", _right_by_song(each)) for each in inside]
    shares = [
        of_share(found, each.songs) for found, each in zip(intervals(sums, seed=seed), sums, strict=True)
    ]
    return tuple(
        Bin(
            low=number / BINS,
            high=(number + 1) / BINS,
            n=len(each),
            confidence=float(each.confidences.mean()) if len(each) else None,
            right=interval.value if len(each) else None,
            right_low=interval.low,
            right_high=interval.high,
        )
        for number, (each, interval) in enumerate(zip(inside, shares, strict=True))
    )


def _right_by_song(claims: Claims) -> Array:
    parts = np.stack([claims.right.astype(float), np.ones(len(claims))], axis=-1)
    return by_song(claims.songs.tolist(), parts[:, None, None, :])
