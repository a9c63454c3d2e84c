"""Content: how much of the time has the right label."""

from __future__ import annotations

from evaluation.annotation import Estimate, Labelled, Truth
from evaluation.rows import Claim, Failure, Row, Value
from evaluation.scores.options import Options
from evaluation.scores.spans import Stretch, agreement, flat

MOST = 0.5
"""Share of a label's annotated time that must be right for its confidence to have been."""


def _laid(parts: tuple[Labelled, ...]) -> list[Stretch]:
    return flat((part.start_s, part.end_s, part.label.strip().casefold()) for part in parts)


def _claims(truth: list[Stretch], parts: tuple[Labelled, ...]) -> list[Row]:
    rows: list[Row] = []
    for part in parts:
        lies_on = [
            Stretch(max(span.start_s, part.start_s), min(span.end_s, part.end_s), span.label)
            for span in truth
            if span.start_s < part.end_s and span.end_s > part.start_s
        ]
        share, _ = agreement(lies_on, _laid((part,)), str.__eq__)
        if part.confidence is not None and share is not None:
            rows.append(Claim("content_right", part.confidence, share >= MOST))
    return rows


def score_content(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """Share of the annotated time under the right label, and the claims of single labels."""
    if truth.content is None:
        return []
    reference, parts = _laid(truth.content), estimate.content or ()
    share, wrong = agreement(reference, _laid(parts), str.__eq__)
    if share is None:
        return []
    rows: list[Row] = [Value("content.time_right", share), *_claims(reference, parts)]
    if wrong is not None:
        piece, told = wrong
        text = f"heard {told or 'nothing'} from here, it is {piece.label}"
        rows.append(Failure("content.time_right", piece.start_s, text))
    return rows
