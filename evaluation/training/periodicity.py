"""Fits the weights of meter.periodicity: python -m evaluation.training.periodicity, in an environment with SciPy.

A conditional logit: of all hypotheses about a clip, those that are true should have the greatest scores. Fitted on
seen clips of the source "generated"; what it prints is measured on left-out ones.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evaluation.annotation import Truth
from evaluation.scores.matching import as_times, found
from evaluation.training.sources import Clip, Source
from evaluation.training.sources.generated import Generated
from plugins.meter.meters import BARS
from plugins.meter.periodicity import accents, answering, hypotheses, scores

Doubles = npt.NDArray[np.float64]

LIMITS = (40.0, 240.0)
TRUE_F = 0.75
"""A hypothesis is true where its meter, its grouping and so many of its downbeats are."""
WINDOW_S = 0.07
KEPT = 700
"""False hypotheses kept of a clip, drawn evenly and weighed for the others."""
RIDGE = 3.0


@dataclass(frozen=True)
class Heard:
    """The hypotheses about a clip: parts, shape (n, WIDTH); over eighths; meter; true; log of how many each is for."""

    parts: Doubles
    eighths: npt.NDArray[np.bool_]
    meters: npt.NDArray[np.intp]
    true: npt.NDArray[np.bool_]
    stands_for: Doubles


def heard(clip: Clip, random: np.random.Generator) -> Heard | None:
    """What may be said of a clip; None where it has not one meter, or nothing true is among it."""
    from scipy.signal import resample_poly

    truth = clip.truth
    if truth.meter is None or not truth.downbeats or len(truth.segments or ()) != 1:
        return None
    samples = np.asarray(resample_poly(clip.samples, 1, 2), np.float32)
    loud = accents.accents_of(samples, 22050.0, lambda at: np.ones(len(at), bool), lambda done: None)
    rows: list[tuple[Doubles, bool, int, npt.NDArray[np.bool_]]] = []
    for pulse in answering.pulses_of(loud):
        folds = hypotheses.folds(BARS, pulse.period_s, *LIMITS)
        for fold, parts in zip(folds, scores.all_parts(pulse, folds), strict=True):
            for count, of_count in zip(fold.counts, parts, strict=True):
                right = np.array(
                    [_true(truth, count, pulse.times[p :: fold.length]) for p in range(fold.length)]
                )
                rows.append((of_count, count.bar.unit == 8, scores.METERS.index(count.bar.meter), right))
    true = np.concatenate([row[3] for row in rows]) if rows else np.zeros(0, bool)
    if not true.any():
        return None
    lengths = [len(row[3]) for row in rows]
    false = np.flatnonzero(~true)
    kept = np.append(np.flatnonzero(true), random.choice(false, min(KEPT, len(false)), replace=False))
    return Heard(
        np.concatenate([row[0] for row in rows])[kept],
        np.repeat([row[1] for row in rows], lengths)[kept],
        np.repeat([row[2] for row in rows], lengths)[kept],
        true[kept],
        np.where(true[kept], 0.0, np.log(max(1.0, len(false) / KEPT))),
    )


def _true(truth: Truth, count: hypotheses.Count, downbeats: Doubles) -> bool:
    bar, grouping = count.bar, tuple(truth.grouping or ())
    if bar.meter not in (truth.meters or (truth.meter,)) or (grouping and grouping != bar.grouping):
        return False
    return found(as_times(truth.downbeats), downbeats, WINDOW_S).f > TRUE_F


def gathered(source: Source, count: int, left_out: bool) -> list[Heard]:
    """What is heard in the first clips of a side."""
    random = np.random.default_rng(0)
    found = (heard(source.clip(number, left_out), random) for number in range(count))
    return [one for one in found if one is not None]


def fitted(clips: list[Heard]) -> tuple[Doubles, Doubles]:
    """Weights over quarters and over eighths, shape (2, WIDTH), and of every meter."""
    from scipy.optimize import minimize

    width = scores.WIDTH
    every = {unit: np.concatenate([c.parts[c.eighths == unit] for c in clips]) for unit in (False, True)}
    scale = np.maximum(np.stack([every[False].std(axis=0), every[True].std(axis=0)]), 1e-3)

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        weights, meters = flat[: 2 * width].reshape(2, width) / scale, flat[2 * width :]
        total, slope, meter_slope = 0.0, np.zeros((2, width)), np.zeros(len(meters))
        for clip in clips:
            values = _values(clip, weights, meters) + clip.stands_for
            share = np.exp(values - values.max())
            right = share * clip.true
            total += float(np.log(share.sum()) - np.log(right.sum() + 1e-300))
            pull = share / share.sum() - right / (right.sum() + 1e-300)
            for unit in (0, 1):
                slope[unit] += (pull * (clip.eighths == unit)) @ clip.parts
            meter_slope += np.bincount(clip.meters, pull, minlength=len(meters))
        slopes = np.append((slope / scale).ravel(), meter_slope)
        return (total + 0.5 * RIDGE * float(flat @ flat)) / len(clips), (slopes + RIDGE * flat) / len(clips)

    start = np.zeros(2 * width + len(scores.METERS))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return found[: 2 * width].reshape(2, width) / scale, found[2 * width :]


def _values(clip: Heard, weights: Doubles, meters: Doubles) -> Doubles:
    by_unit = clip.parts @ weights.T
    return np.asarray(np.where(clip.eighths, by_unit[:, 1], by_unit[:, 0]) + meters[clip.meters])


def share_right(clips: list[Heard], weights: Doubles, meters: Doubles) -> float:
    """Of the clips, those whose best hypothesis is true."""
    return float(np.mean([clip.true[_values(clip, weights, meters).argmax()] for clip in clips]))


def main() -> None:
    """Fit, print what it is worth on left-out clips, and write the weights."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.training.periodicity", description=__doc__)
    parser.add_argument("--count", type=int, default=600, help="clips to fit on")
    parser.add_argument("--check", type=int, default=150, help="left-out clips to measure on")
    parser.add_argument("--to", type=Path, default=scores.WEIGHTS, help="where the weights are written")
    asked = parser.parse_args()
    seen, left_out = gathered(Generated(), asked.count, False), gathered(Generated(), asked.check, True)
    weights, meters = fitted(seen)
    for name, clips in (("seen", seen), ("left out", left_out)):
        print(
            f"{name}: the best hypothesis is true in {share_right(clips, weights, meters):.3f} of {len(clips)}"
        )
    names = (*scores.CONTRAST_PARTS, *scores.SIMPLE)
    rows = {
        f"{n}/{u}": round(float(w), 3)
        for u, row in zip((4, 8), weights, strict=True)
        for n, w in zip(names, row, strict=True)
    }
    rows |= {f"meter.{m}": round(float(w), 3) for m, w in zip(scores.METERS, meters, strict=True)}
    asked.to.write_text(json.dumps(rows, indent=0) + "\n")


if __name__ == "__main__":
    main()
