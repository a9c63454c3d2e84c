"""Regions between silences: where they begin and end, and how many there are."""

from __future__ import annotations

import numpy as np

from evaluation.annotation import Estimate, Truth
from evaluation.rows import Row, Value
from evaluation.scores.events import first_failure
from evaluation.scores.matching import Found, as_times, found, nearest_pairs, without
from evaluation.scores.options import Options

WINDOW_S = 0.050


def score_regions(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """Beginnings and ends, matched apart, within 50 ms; their error; how many regions too many or too few."""
    if truth.regions is None:
        return []
    told_regions = estimate.regions or ()
    sides = [
        (
            as_times([getattr(r, side) for r in truth.regions]),
            as_times([getattr(r, side) for r in told_regions]),
        )
        for side in ("start_s", "end_s")
    ]
    counts, errors = Found(0, 0, 0), list[float]()
    missed, invented = list[float](), list[float]()
    for true, told in sides:
        counts = counts.plus(found(true, told, WINDOW_S))
        pairs = nearest_pairs(true, told, WINDOW_S)
        errors += [abs(float(true[i] - told[j])) for i, j in pairs]
        missed += [float(true[i]) for i in without(len(true), [i for i, _ in pairs])]
        invented += [float(told[j]) for j in without(len(told), [j for _, j in pairs])]
    rows: list[Row] = [Value("regions.count_error", float(abs(len(told_regions) - len(truth.regions))))]
    if counts:
        rows.append(Value("regions.f_50ms", counts.f))
    if errors:
        rows.append(Value("regions.error_ms", float(np.median(errors)) * 1000.0))
    bounds = 2 * len(truth.regions)
    return rows + first_failure("regions.f_50ms", "boundaries", sorted(missed), sorted(invented), bounds)
