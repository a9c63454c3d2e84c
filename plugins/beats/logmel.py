"""What the project's own network hears: log-filtered mel frames, a hundred a second, made block by block.

References
----------
.. [1] S. Davis and P. Mermelstein, "Comparison of parametric representations for monosyllabic word recognition in
   continuously spoken sentences", IEEE Transactions on Acoustics, Speech, and Signal Processing 28(4), 1980.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

RATE = 44100
FRAME_RATE = 100
HOP = RATE // FRAME_RATE
WINDOW = 2048
BANDS = 81
LOWEST_HZ, HIGHEST_HZ = 30.0, 16000.0
GAIN = 1000.0
"""Before the logarithm; frames are relative to the loudness of the whole, so a tape's level does not matter."""
BLOCK = 2000
"""Frames made together: 16 MB of windows."""
QUIETEST = 1e-5
"""Loudness below which nothing is amplified any more."""


def _edges() -> npt.NDArray[np.float64]:
    """Hertz, evenly spaced in mel: each band begins at one, is centred at the next and ends at the one after."""
    ends = (2595.0 * np.log10(1.0 + hertz / 700.0) for hertz in (LOWEST_HZ, HIGHEST_HZ))
    return np.asarray(700.0 * (10.0 ** (np.linspace(*ends, BANDS + 2) / 2595.0) - 1.0))


def centres() -> npt.NDArray[np.float64]:
    """Middle of each band in Hz, shape (BANDS,)."""
    return _edges()[1:-1]


@lru_cache(maxsize=1)
def filters() -> Floats:
    """Triangles evenly spaced in mel, shape (WINDOW // 2 + 1, BANDS); each adds up to one."""
    edges = _edges()
    bins = np.fft.rfftfreq(WINDOW, 1.0 / RATE)[:, None]
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    # A triangle narrower than a bin still takes the bin next to it.
    width = RATE / WINDOW
    rising = (bins - low) / np.maximum(middle - low, width)
    falling = (high - bins) / np.maximum(high - middle, width)
    triangles = np.maximum(0.0, np.minimum(rising, falling) + 1e-9 * (np.abs(bins - middle) < width))
    return np.asarray(triangles / np.maximum(triangles.sum(axis=0), 1e-9), np.float32)


def loudness(samples: Floats) -> float:
    """Root mean square of mono samples, shape (n,), read a block at a time."""
    total = 0.0
    for first in range(0, len(samples), BLOCK * HOP):
        block = np.asarray(samples[first : first + BLOCK * HOP], np.float64)
        total += float(block @ block)
    return max(QUIETEST, float(np.sqrt(total / max(1, len(samples)))))


def frame_count(length: int) -> int:
    """Frames of `length` samples: the last one is centred within them."""
    return -(-length // HOP)


def frames(samples: Floats, first: int, last: int, level: float) -> Floats:
    """Frames `first` to `last - 1`, as if made from the whole; frame n is centred at n hundredths of a second.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Mono, 44.1 kHz, possibly memory-mapped: only what is needed is read.
    level : float
        Loudness of the whole (see `loudness`), which is taken as 1.

    Returns
    -------
    ndarray of shape (last - first, BANDS), float32
        Natural logarithm of 1 + GAIN times the amplitude in each band.
    """
    made = np.empty((last - first, BANDS), np.float32)
    for start in range(first, last, BLOCK):
        stop = min(last, start + BLOCK)
        made[start - first : stop - first] = _block(samples, start, stop, level)
    return made


@lru_cache(maxsize=1)
def _window() -> Floats:
    window = np.hanning(WINDOW + 1)[:-1]
    return np.asarray(window / window.sum() * 2.0, np.float32)


def _block(samples: Floats, first: int, last: int, level: float) -> Floats:
    start, stop = first * HOP - WINDOW // 2, (last - 1) * HOP + WINDOW // 2
    inside = np.asarray(samples[max(0, start) : max(0, min(len(samples), stop))], np.float32)
    padded = np.pad(inside, (max(0, -start), max(0, stop - max(len(samples), 0))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    spectrum = np.abs(np.fft.rfft(windows * _window(), axis=1)).astype(np.float32, copy=False)
    bands = spectrum @ filters()
    return np.asarray(np.log1p(bands * np.float32(GAIN / 10.0 / level)), np.float32)
