"""Decoding is tested inside the environment it runs in: `main`, which has soundfile, PyAV, soxr and SciPy.

Run there with --confcutdir=tests/bridges/tasks: the conftest.py above needs what only the host has.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EVAL = HERE.parents[3] / "shared" / "eval"

collect_ignore_glob = [] if all(find_spec(name) for name in ("soundfile", "av", "soxr")) else ["test_*.py"]


@pytest.fixture(scope="session")
def eval_folder() -> Path:
    """The evaluation recordings beside the checkout."""
    if not EVAL.is_dir():
        pytest.skip("the evaluation recordings are not beside the checkout (shared/eval)")
    return EVAL
