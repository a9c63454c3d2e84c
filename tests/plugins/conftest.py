"""Plugins are tested inside their environment: tests/plugins/NAME is collected by envs/NAME's Python alone."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
RUNNING_IN = Path(sys.prefix).parent.name  # envs/NAME/.venv

collect_ignore = [
    folder.name
    for folder in HERE.iterdir()
    if folder.is_dir() and folder.name not in (RUNNING_IN, "__pycache__")
]
