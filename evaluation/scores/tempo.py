"""One tempo for the whole: right, right but for the level, or claimed where there is none."""

from __future__ import annotations

import mir_eval
import numpy as np
import numpy.typing as npt

from evaluation.annotation import Estimate, Truth
from evaluation.rows import Failure, Row, Value
from evaluation.scores.events import claim_rows
from evaluation.scores.options import Options

TOLERANCE = 0.04
"""The field's tolerance of a tempo."""
LEVELS = (1.0, 2.0, 3.0, 1 / 2, 1 / 3)
"""Acc2 takes these multiples of a right tempo for right."""


def detection(
    reference: npt.NDArray[np.float64],
    weight: float,
    estimate: npt.NDArray[np.float64],
    tolerance: float = TOLERANCE,
) -> tuple[float, bool, bool]:
    """P-score, and whether one or both of two tempos are within a tolerance.

    Parameters
    ----------
    reference, estimate
        Shape (2,), BPM; 0 where there is but one.
    weight
        Of the first reference tempo, 0 to 1.
    """
    with np.errstate(over="ignore"):  # a tempo may be as small as it likes: infinitely far off is wrong
        p_score, one, both = mir_eval.tempo.detection(reference, weight, estimate, tol=tolerance)
    return float(p_score), bool(one), bool(both)


def within(reference_bpm: float, estimate_bpm: float) -> bool:
    """Whether a tempo is within 4 % of another; of none (0) nothing is."""
    return (
        reference_bpm > 0.0
        and detection(np.array([reference_bpm, 0.0]), 1.0, np.array([estimate_bpm, 0.0]))[1]
    )


def right_tempos(truth: Truth) -> tuple[float, ...]:
    """All tempos that are right, the annotated one first."""
    return (*(() if truth.tempo is None else (truth.tempo,)), *(truth.tempos or ()))


def score_tempo(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """Acc1 and Acc2, or a claim where there is no beat."""
    tempos, answer = right_tempos(truth), estimate.tempo
    if not tempos:
        return _where_none_is(truth, estimate)
    acc1 = answer is not None and any(within(bpm, answer) for bpm in tempos)
    acc2 = answer is not None and any(within(bpm * level, answer) for bpm in tempos for level in LEVELS)
    rows: list[Row] = [Value("tempo.acc1", float(acc1)), Value("tempo.acc2", float(acc2))]
    rows += claim_rows("tempo_4pct", "tempo", estimate, acc1)
    if not acc1:
        heard = "no tempo was heard" if answer is None else f"heard {answer:.1f} BPM"
        rows.append(
            Failure("tempo.acc1", 0.0, f"{heard}, it is {' or '.join(f'{bpm:.1f}' for bpm in tempos)}")
        )
    return rows


def _where_none_is(truth: Truth, estimate: Estimate) -> list[Row]:
    if truth.beats is None or len(truth.beats):
        return []
    if estimate.tempo is None:
        return [Value("tempo.false_claim", 0.0)]
    heard = f"heard {estimate.tempo:.1f} BPM where there is no beat"
    rows: list[Row] = [Value("tempo.false_claim", 1.0), Failure("tempo.false_claim", 0.0, heard)]
    return rows + claim_rows("tempo_4pct", "tempo", estimate, False)
