"""What is made is written whole or not at all."""

from __future__ import annotations

import os
import wave
from pathlib import Path

import numpy as np

from evaluation.scenes.sounds import RATE, Samples


def write_whole(path: Path, content: bytes) -> None:
    """A file that nobody finds half of."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    os.replace(beside, path)


def write_wav(path: Path, samples: Samples) -> None:
    """16 bits, mono; clipped where it would pass full scale."""
    beside = path.with_name(f".{path.name}.part")
    with wave.open(str(beside), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.clip(np.round(samples * 32767.0), -32768, 32767).astype("<i2").tobytes())
    os.replace(beside, path)
