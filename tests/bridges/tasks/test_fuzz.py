"""Corrupted files raise IntakeFailure or decode; nothing else. In a process of its own: a decoder may crash it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.bridges.tasks.test_formats import encode, sound

ROOT = Path(__file__).parents[3]
EXAMPLES = 60


@pytest.mark.parametrize("ending", ["wav", "aiff", "flac", "ogg", "mp3", "m4a", "wv"])
def test_corrupted_files_never_raise_anything_else(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"seed.{ending}"
    if ending in ("m4a", "wv"):
        encode(path, {"m4a": "mp4"}.get(ending, ending), {"m4a": "aac", "wv": "wavpack"}[ending], False, 0.4)
    else:
        noise = np.random.default_rng(0).normal(0, 0.01, (4410, 2))
        soundfile.write(path, sound(seconds=0.1) + noise, 44100)
    run = [
        sys.executable,
        "-m",
        "tests.bridges.tasks.corruption",
        str(path),
        str(tmp_path / "out"),
        str(EXAMPLES),
    ]
    done = subprocess.run(run, capture_output=True, text=True, cwd=ROOT, timeout=300, check=False)
    # A signal is the decoder's own death, which the worker's process is there for.
    assert done.returncode <= 0, done.stdout[-2000:] + done.stderr[-4000:]
