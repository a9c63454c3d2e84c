"""Key: exact among 24 and atonal, and weighted by how near a wrong one is."""

from __future__ import annotations

import mir_eval

from evaluation.annotation import Estimate, Truth
from evaluation.conventions import key_name
from evaluation.rows import Choice, Failure, Row, Value
from evaluation.scores.events import claim_rows
from evaluation.scores.options import Options


def weighted(reference: str, estimate: str) -> float:
    """MIREX's score: 1 for the key, 0.5 for a fifth above, 0.3 for the relative, 0.2 for the parallel one.

    Atonal is right or wrong. Both are keys of the schema (`annotation.KeyName`).
    """
    names = ["X" if name == "atonal" else name for name in (key_name(reference), key_name(estimate))]
    return float(mir_eval.key.weighted_score(*names))


def score_key(truth: Truth, estimate: Estimate, options: Options) -> list[Row]:
    """Exact and weighted."""
    if truth.key is None:
        return []
    true = key_name(truth.key)
    told = "" if estimate.key is None else key_name(estimate.key)
    right = told == true
    rows: list[Row] = [
        Choice("key.exact", true, told, right),
        Value("key.weighted", weighted(true, told) if told else 0.0),
        *claim_rows("key_exact", "key", estimate, right),
    ]
    if not right:
        rows.append(Failure("key.exact", 0.0, f"heard {told or 'no key'}, it is {true}"))
    return rows
