"""Where no beats are wanted: what `content` calls speech or noise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hemiola import Context, Region, Skip
from hemiola.results import Content

SHORTEST_S = 2.0
LABELS = ("speech", "noise")
Spans = list[tuple[float, float]]


def spans_left_out(content: Content | None, start_s: float, end_s: float) -> Spans:
    """Stretches of speech or noise between two times, in seconds of the file, ascending."""
    segments = content.segments if content else ()
    cut = [(max(s.start_s, start_s), min(s.end_s, end_s)) for s in segments if s.label in LABELS]
    return sorted((low, high) for low, high in cut if high > low)


def labels_left_out(content: Content | None) -> str:
    """Their labels, for a sentence."""
    found = dict.fromkeys(s.label for s in (content.segments if content else ()) if s.label in LABELS)
    return " and ".join(found)


def length(spans: Spans) -> float:
    """Seconds that the spans cover."""
    covered, until = 0.0, -np.inf
    for low, high in spans:
        covered += max(0.0, high - max(low, until))
        until = max(until, high)
    return covered


def outside(times: npt.NDArray[np.float64], spans: Spans) -> npt.NDArray[np.bool_]:
    """Which times lie in none of the spans, shape (n,)."""
    keep = np.ones(len(times), bool)
    for low, high in spans:
        keep &= (times < low) | (times >= high)
    return keep


def silenced_spans(region: Region, context: Context) -> Spans:
    """Where speech or noise is left out; raises Skip where too little else remains."""
    if region.duration_s < SHORTEST_S:
        raise Skip(f"{region.duration_s:.2f} s are too short for a beat: it takes at least {SHORTEST_S:g} s")
    content = context.get(Content)
    spans = spans_left_out(content, region.start_s, region.end_s)
    if region.duration_s - length(spans) < SHORTEST_S:
        raise Skip(f"nothing but {labels_left_out(content)} here, which has no beat")
    return spans
