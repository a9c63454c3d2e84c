"""hits.json: which drum, when, how hard, for programs that read drum transcriptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .takes import Take

NAMES = {"hihat": "hihat_closed", "tom": "tom_high"}
"""Instruments whose name differs there; all others keep theirs."""


def hits_document(
    takes: Sequence[Take], duration_s: float, low_confidence_threshold: float
) -> dict[str, Any]:
    """The contents of hits.json: all takes' hits in order of time, the tempo of the longest take.

    Parameters
    ----------
    duration_s
        Length of the file, seconds.
    low_confidence_threshold
        `low_confidence` is true for a score under it; without a score it is null.

    Returns
    -------
    dict
        detected_bpm, bpm_unreliable, duration_seconds, confidence_score (mean of the takes' by their number of
        hits), low_confidence, hit_summary (count by instrument), hits: time in seconds, instrument, velocity 0 to 1.
    """
    hits = sorted((hit for take in takes for hit in take.hits.hits), key=lambda hit: hit.time_s)
    told = [
        {
            "time": round(hit.time_s, 6),
            "instrument": NAMES.get(hit.instrument, hit.instrument),
            "velocity": round(hit.velocity, 4),
        }
        for hit in hits
    ]
    longest = max(takes, key=lambda take: take.end_s - take.start_s, default=None)
    tempo = longest.tempo if longest is not None else None
    score = _score(takes)
    return {
        "detected_bpm": None if tempo is None else tempo.bpm,
        "bpm_unreliable": tempo is None or tempo.bpm is None or tempo.unreliable is not None,
        "duration_seconds": duration_s,
        "confidence_score": None if score is None else round(score, 6),
        "low_confidence": None if score is None else score < low_confidence_threshold,
        "hit_summary": dict(sorted(Counter(str(one["instrument"]) for one in told).items())),
        "hits": told,
    }


def _score(takes: Sequence[Take]) -> float | None:
    scored = [
        (take.hits.confidence_score, max(1, len(take.hits.hits)))
        for take in takes
        if take.hits.confidence_score is not None
    ]
    weight = sum(count for _, count in scored)
    return sum(score * count for score, count in scored) / weight if weight else None
