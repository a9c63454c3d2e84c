"""Workers lent to one engine after the other: their zygote has loaded what decoding imports, and no engine ends it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bridges.environments import environments
from bridges.workers import Workers, best_mode
from tests.conftest import ROOT

WARM = "def warm():\n    import av, numpy, scipy.fft, scipy.signal, soundfile, soxr\n    import hemiola.results\n"
"""A part of the environment's own warm-up; without it every decoding imports this for itself."""


class Lent(Workers):
    """Workers that outlive the engines they are lent to."""

    def stop_starting(self) -> None:
        """An engine is about to close: the next one starts workers still."""

    def close(self) -> None:
        """An engine is closed: they go on."""

    def end(self) -> None:
        """End them."""
        super().stop_starting()
        super().close()


@contextmanager
def lent(folder: Path) -> Iterator[Lent]:
    """Workers to be put in the place of those that an engine makes; only `main` is warmed, and only so far."""
    script = folder / "warmup.py"
    script.write_text(WARM)
    cold = {name: dataclasses.replace(one, warmup=None) for name, one in environments(ROOT).items()}
    found = {**cold, "main": dataclasses.replace(cold["main"], warmup=script)}
    measured = os.environ.get("HEMIOLA_COVERAGE")
    mode = best_mode(os.environ.get("HEMIOLA_SANDBOX"))
    workers = Lent(found, mode, Path(measured) if measured else None)
    yield workers
    workers.end()
