"""Chords: share of the time with the right root, and with the right major or minor chord."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import mir_eval
import numpy as np

from evaluation.annotation import Estimate, Labelled, Truth
from evaluation.rows import Failure, Row, Value
from evaluation.scores.options import Options
from evaluation.scores.spans import Stretch, filled, flat, together

NO_CHORD, UNKNOWN = "N", "X"


@lru_cache(maxsize=4096)
def harte(label: str) -> str:
    """A label in Harte's syntax as it is; else X, which is left out of a truth and wrong in an answer.

    References
    ----------
    Harte, Sandler, Abdallah, Gomez 2005, "Symbolic representation of musical chords".
    """
    try:
        mir_eval.chord.encode(label.strip())
    except mir_eval.chord.InvalidChordException:
        return UNKNOWN
    return label.strip()


def laid(chords: Iterable[Labelled]) -> list[Stretch]:
    """Chords in order, without overlap, their labels in Harte's syntax."""
    return flat((chord.start_s, chord.end_s, harte(chord.label)) for chord in chords)


def compared(
    reference: list[Stretch], estimate: list[Stretch], comparison: str
) -> tuple[float | None, tuple[Stretch, str] | None]:
    """Share of the comparable time with the right chord, None where nothing compares; and the first that is wrong.

    Parameters
    ----------
    reference, estimate
        Flat; what the estimate leaves out of the reference's time is no chord.
    comparison
        A function of `mir_eval.chord`: "root", "majmin", "sevenths_inv" ...
    """
    if not reference:
        return None, None
    full = filled(estimate, reference[0].start_s, reference[-1].end_s, NO_CHORD)
    pieces = [(piece, told or NO_CHORD) for piece, told in together(reference, full)]
    scores = getattr(mir_eval.chord, comparison)(
        [piece.label for piece, _ in pieces], [told for _, told in pieces]
    )
    lengths = np.array([piece.end_s - piece.start_s for piece, _ in pieces])
    if not (scores >= 0).any():
        return None, None
    wrong = next((piece for piece, score in zip(pieces, scores, strict=True) if 0 <= score < 1), None)
    return min(float(mir_eval.chord.weighted_accuracy(scores, lengths)), 1.0), wrong


def score_chords(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """Root and majmin."""
    if truth.chords is None:
        return []
    reference, answer = laid(truth.chords), laid(estimate.chords or ())
    rows: list[Row] = []
    for name in ("root", "majmin"):
        share, wrong = compared(reference, answer, name)
        if share is not None:
            rows.append(Value(f"chords.{name}", share if answer else 0.0))
        if wrong is not None and name == "majmin":
            piece, told = wrong
            rows.append(
                Failure("chords.majmin", piece.start_s, f"heard {told} from here, it is {piece.label}")
            )
    return rows
