"""Recordings for the benchmarks, synthesised: drums, a bass line and chords, of any length."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

RATE = 44100
BAR_S = 2.0


def song(path: Path, seconds: float, *, seed: int = 1, rate: int = RATE, channels: int = 2) -> Path:
    """Write a WAV of this length, bar by bar, so that no length is held in memory."""
    random = np.random.default_rng(seed)
    bars = [_bar(random, rate) for _ in range(8)]
    frames = round(seconds * rate)
    with path.open("wb") as file:
        size = frames * channels * 2
        head = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
        file.write(
            b"RIFF"
            + struct.pack("<I", min(36 + size, 0xFFFFFFFF))
            + b"WAVEfmt "
            + struct.pack("<I", 16)
            + head
        )
        file.write(b"data" + struct.pack("<I", min(size, 0xFFFFFFFF)))
        written, index = 0, 0
        while written < frames:
            bar = bars[index % len(bars)][: frames - written]
            stereo = np.repeat(bar[:, None], channels, axis=1)
            file.write(np.round(stereo * 30000).astype("<i2").tobytes())
            written, index = written + len(bar), index + 1
    return path


def _bar(random: np.random.Generator, rate: int) -> np.ndarray:
    """Two seconds of 4/4 at 120: kick on 1 and 3, snare on 2 and 4, hats on eighths, a chord."""
    length = round(BAR_S * rate)
    at = np.arange(length) / rate
    root = 110.0 * 2 ** (random.integers(0, 12) / 12)
    tones = [0.08 * np.sin(2 * np.pi * root * ratio * at) for ratio in (1.0, 1.25, 1.5, 2.0)]
    bar = np.sum(tones, axis=0)
    for eighth in range(8):
        first = round(eighth * 0.25 * rate)
        tail = np.arange(length - first) / rate
        bar[first:] += 0.1 * random.standard_normal(len(tail)) * np.exp(-tail / 0.02)
        if eighth % 4 == 0:
            bar[first:] += 0.5 * np.sin(2 * np.pi * 55 * tail) * np.exp(-tail / 0.1)
        if eighth % 4 == 2:
            bar[first:] += 0.3 * random.standard_normal(len(tail)) * np.exp(-tail / 0.06)
    return np.asarray(np.clip(bar, -1.0, 1.0))
