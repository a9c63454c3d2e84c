"""Form: boundaries within half a second and three, and which parts are the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import mir_eval
import numpy as np
import numpy.typing as npt

from evaluation.annotation import Estimate, Labelled, Truth
from evaluation.conventions import TimesArray
from evaluation.rows import Claim, Row, Value
from evaluation.scores.events import event_failure
from evaluation.scores.options import Options
from evaluation.scores.spans import Stretch, arrays, filled, flat

NARROW_S, WIDE_S = 0.5, 3.0
FRAME_S = 0.1
"""The field's frame for comparing labels."""

Scores: TypeAlias = tuple[float, float, float]
"""Precision, recall, F."""
Labels: TypeAlias = npt.NDArray[np.int64]


def adjusted(reference: list[Stretch], estimate: list[Stretch]) -> tuple[list[Stretch], list[Stretch]]:
    """Both from 0 to the end of the reference, as the field does it: what is not covered is a part of its own.

    The reference is flat and not empty, the estimate flat.
    """
    end = reference[-1].end_s
    return filled(reference, 0.0, end, "__before"), filled(estimate, 0.0, end, "__before", "__after")


def detection(reference: list[Stretch], estimate: list[Stretch], window_s: float) -> Scores:
    """Boundaries found within a window, those at the start and the end included; flat, adjusted, not empty."""
    precision, recall, f = mir_eval.segment.detection(
        arrays(reference)[0], arrays(estimate)[0], window=window_s
    )
    return float(precision), float(recall), float(f)


def pairwise(reference: list[Stretch], estimate: list[Stretch]) -> Scores | None:
    """Pairs of frames that belong together in both; None where none do in the reference.

    As `mir_eval.segment.pairwise`, counted by labels: a matrix of all pairs takes gigabytes for an hour.

    References
    ----------
    Levy, Sandler 2008, "Structural segmentation of musical audio by constrained clustering".
    """
    true, told = _frames(reference), _frames(estimate)
    both = true * (int(told.max(initial=0)) + 1) + told
    in_true, in_told, in_both = (_pairs(labels) for labels in (true, told, both))
    if not in_true:
        return None
    precision, recall = in_both / max(in_told, 1), in_both / in_true
    return precision, recall, float(mir_eval.util.f_measure(precision, recall))


def _frames(laid: list[Stretch]) -> Labels:
    """Every frame's label as a number, shape (n,), laid from 0 on; at a border the later one holds, as in mir_eval."""
    numbers: dict[str, int] = {}
    # Single precision is mir_eval's: it decides on which side of a border a frame lies.
    times = np.arange(int(laid[-1].end_s / FRAME_S), dtype=np.float32) * np.float32(FRAME_S)
    frames = np.zeros(len(times), dtype=np.int64)
    for span in laid:
        first, last = (
            np.searchsorted(times, span.start_s, "left"),
            np.searchsorted(times, span.end_s, "right"),
        )
        frames[first:last] = numbers.setdefault(span.label.lower(), len(numbers))
    return frames


def _pairs(labels: Labels) -> int:
    """Pairs of frames with the same label."""
    counts = np.unique(labels, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def score_sections(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """Boundaries at both windows, labels pairwise, and the claims of single boundaries."""
    if truth.sections is None:
        return []
    reference, answer = _flat(truth.sections), _flat(estimate.sections or ())
    rows: list[Row] = []
    if not reference:
        return [Value(measure, 0.0) for measure in ("sections.f_05s", "sections.f_3s") if answer]
    if not answer:
        measures = ["sections.f_05s", "sections.f_3s"]
        measures += ["sections.pairwise_f"] if pairwise(*adjusted(reference, reference)) else []
        rows += [Value(measure, 0.0) for measure in measures]
    else:
        true, told = adjusted(reference, answer)
        rows += [Value("sections.f_05s", detection(true, told, NARROW_S)[2])]
        rows += [Value("sections.f_3s", detection(true, told, WIDE_S)[2])]
        labels = pairwise(true, told)
        rows += [Value("sections.pairwise_f", labels[2])] if labels is not None else []
    boundaries = _boundaries(reference)
    rows += _claims(boundaries, estimate.sections or ())
    return rows + event_failure("sections.f_3s", "boundaries", boundaries, _boundaries(answer), WIDE_S)


def _flat(sections: Iterable[Labelled]) -> list[Stretch]:
    return flat((part.start_s, part.end_s, part.label) for part in sections)


def _boundaries(laid: list[Stretch]) -> TimesArray:
    return np.unique(np.array([time for span in laid for time in span[:2]], dtype=np.float64))


def _claims(boundaries: TimesArray, sections: Iterable[Labelled]) -> list[Row]:
    """A section's confidence is that of its beginning; the first begins with the music, which claims nothing."""
    later = sorted(sections, key=lambda part: part.start_s)[1:]
    return [
        Claim("boundary_3s", part.confidence, bool(np.min(np.abs(boundaries - part.start_s)) <= WIDE_S))
        for part in later
        if part.confidence is not None
    ]
