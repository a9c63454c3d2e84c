"""Training is tested where it runs, in the environment `neural`, with the conftest.py of tests/ left out."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EVAL = ROOT.parent / "shared" / "eval"


@pytest.fixture(scope="session")
def eval_folder() -> Path:
    """The evaluation recordings beside the checkout."""
    if not EVAL.is_dir():
        pytest.skip("the evaluation recordings are not beside the checkout (shared/eval)")
    return EVAL
