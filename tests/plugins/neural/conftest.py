"""Tests use the machine code that the environment's build has cached, as workers do; compiling takes a minute."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(sys.prefix) / "numba-cache"))
