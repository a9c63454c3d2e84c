"""Coverage of what runs in workers, in the project's own tests: coverage's .pth file begins it in the zygote."""

from __future__ import annotations

import sys


def keep() -> None:
    """Write what was measured so far; a worker that is killed does not come to it."""
    if "coverage" in sys.modules:
        current = sys.modules["coverage"].Coverage.current()
        if current is not None:
            current.stop()
            current.save()
