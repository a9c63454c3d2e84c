"""Drum strokes by class: found within 50 ms, how loud, and whether their confidence was earned."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from evaluation.annotation import Estimate, HitMark, Truth
from evaluation.conventions import DRUM_CLASSES, drum_class, kept
from evaluation.rows import Claim, Counts, Failure, Row, Value
from evaluation.scores.matching import as_times, found, nearest_pairs, without
from evaluation.scores.options import Options

WINDOW_S = 0.050
FEWEST = 5
"""Matched strokes with both velocities that a correlation needs."""
LEVEL = 1e-6
"""Velocities that deviate by less are all the same, and correlate with nothing."""


def by_class(hits: Iterable[HitMark], options: Options) -> dict[str, list[HitMark]]:
    """The strokes of every class in order, those too close behind another of their class dropped.

    Strokes without a class are left out: they are onsets.
    """
    classes: dict[str, list[HitMark]] = {name: [] for name in DRUM_CLASSES}
    for hit in sorted(hits, key=lambda hit: hit.time_s):
        name = drum_class(hit.instrument)
        if name is not None:
            classes[name].append(hit)
    return {
        name: [marks[i] for i in kept([hit.time_s for hit in marks], options.merge_s)]
        for name, marks in classes.items()
    }


def velocity_r(pairs: list[tuple[HitMark, HitMark]]) -> float | None:
    """Pearson correlation of matched strokes' velocities; None with fewer than five, or where one side is level."""
    known = [(a.velocity, b.velocity) for a, b in pairs if a.velocity is not None and b.velocity is not None]
    if len(known) < FEWEST:
        return None
    true, told = np.transpose(np.array(known, dtype=np.float64))
    if min(float(np.std(true)), float(np.std(told))) < LEVEL:
        return None
    return float(np.clip(np.corrcoef(true, told)[0, 1], -1.0, 1.0))


def score_hits(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """Counts by class, velocity correlation over all classes, and the claims of single strokes."""
    if truth.hits is None:
        return []
    reference, answer = by_class(truth.hits, options), by_class(estimate.hits or (), options)
    rows: list[Row] = []
    both: list[tuple[HitMark, HitMark]] = []
    missed: list[tuple[float, str]] = []
    invented: list[tuple[float, str]] = []
    for name in DRUM_CLASSES:
        true, told = reference[name], answer[name]
        times = [as_times([hit.time_s for hit in hits]) for hits in (true, told)]
        counts = found(times[0], times[1], WINDOW_S)
        if counts:
            rows.append(Counts("hits.f_50ms", name, *counts))
        pairs = nearest_pairs(times[0], times[1], WINDOW_S)
        both += [(true[i], told[j]) for i, j in pairs]
        rows += _claims(told, {j for _, j in pairs})
        lost, extra = without(len(true), [i for i, _ in pairs]), without(len(told), [j for _, j in pairs])
        missed += [(true[i].time_s, f"{len(lost)} of {len(true)} {name}") for i in lost[:1]]
        invented += [(told[j].time_s, f"{len(extra)} {name}") for j in extra[:1]]
    correlation = velocity_r(both)
    if correlation is not None:
        rows.append(Value("hits.velocity_r", correlation))
    return rows + (_failure("missed", missed) or _failure("invented", invented))


def _claims(hits: list[HitMark], right: set[int]) -> list[Row]:
    return [
        Claim("hit_50ms", hit.confidence, index in right)
        for index, hit in enumerate(hits)
        if hit.confidence is not None
    ]


def _failure(verb: str, firsts: list[tuple[float, str]]) -> list[Row]:
    """The first of all classes, and how many of each class."""
    if not firsts:
        return []
    (time, first), *others = sorted(firsts)
    also = f"; also {', '.join(text for _, text in others)}" if others else ""
    return [Failure("hits.f_50ms", time, f"{verb} {first} hits, this the first{also}")]
