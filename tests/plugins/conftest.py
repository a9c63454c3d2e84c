"""Plugins are tested inside their environment: tests/plugins/NAME is collected in envs/NAME alone.

Run there with --confcutdir=tests/plugins: the conftest.py above needs what only the host has.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EVAL = HERE.parents[2] / "shared" / "eval"
RUNNING_IN = Path(sys.prefix).parent.name  # envs/NAME/.venv

collect_ignore = [
    folder.name
    for folder in HERE.iterdir()
    if folder.is_dir() and folder.name not in (RUNNING_IN, "__pycache__")
]


@pytest.fixture(scope="session")
def eval_folder() -> Path:
    """The evaluation recordings beside the checkout."""
    if not EVAL.is_dir():
        pytest.skip("the evaluation recordings are not beside the checkout (shared/eval)")
    return EVAL
