"""What each frame of a recording sounds like: how much of it is sustained, struck, even, steady.

References
----------
.. [1] D. Fitzgerald, "Harmonic/percussive separation using median filtering", Proc. of the 13th Int. Conf. on
   Digital Audio Effects (DAFx), 2010.
.. [2] E. Scheirer and M. Slaney, "Construction and evaluation of a robust multifeature speech/music
   discriminator", Proc. of ICASSP, 1997.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

SIZE, HOP = 2048, 512  # 93 ms and 23 ms at 22.05 kHz
LOW_HZ, HIGH_HZ = 100.0, 8000.0
MEDIAN = 17  # frames (0.4 s) and bins (180 Hz) of the median filters
BLOCK = 1000  # frames at a time: some 20 MB
ENVELOPE_HZ = 100.0
CLEARLY = 2.0  # a bin is sustained or struck where one median is this many times the other
STEADY_CENTS = 12.0


@dataclass(frozen=True)
class FrameFeatures:
    """Per frame, shape (frames,) each, unless said otherwise.

    Attributes
    ----------
    frame_rate : float
        Frames per second; frame n begins at ``n / frame_rate``.
    energy : power between 100 Hz and 8 kHz.
    sustained, struck : the part of the energy in horizontal and in vertical lines of the spectrogram.
    evenness : spectral flatness times energy.
    moving : magnitude of the strongest partial.
    steady : the same where it stays within 12 cents until the next frame, else zero.
    narrow : energy of the eight strongest bins.
    envelope : ndarray of shape (m,)
        RMS at 100 Hz.
    """

    frame_rate: float
    energy: Doubles
    sustained: Doubles
    struck: Doubles
    evenness: Doubles
    moving: Doubles
    steady: Doubles
    narrow: Doubles
    envelope: Doubles


def frame_features(
    samples: Floats, rate: float, progress: Callable[[float], None] = lambda fraction: None
) -> FrameFeatures:
    """Measure all frames, block by block.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Mono, possibly memory-mapped.
    rate : float
        Samples per second, about 22,050.
    progress : callable
        Told the fraction done.
    """
    count = max(1, 1 + (len(samples) - SIZE) // HOP)
    scale = 1.0 / max(loudest(samples), 1e-9)
    columns = np.zeros((7, count))
    window = np.hanning(SIZE).astype(np.float32)
    half = MEDIAN // 2 + 1
    for first in range(0, count, BLOCK):
        last = min(count, first + BLOCK)
        low, high = max(0, first - half), min(count, last + half)
        magnitudes = spectrum(samples, window, scale, low, high)
        columns[:, first:last] = measures(magnitudes, rate)[:, first - low : last - low]
        progress(last / count)
    return FrameFeatures(rate / HOP, *columns, envelope=envelope_of(samples, rate, scale))


def loudest(samples: Floats) -> float:
    """Largest absolute sample, read a block at a time."""
    block = 1 << 20
    return max(
        (float(np.abs(samples[i : i + block]).max()) for i in range(0, len(samples), block)), default=0.0
    )


def spectrum(samples: Floats, window: Floats, scale: float, first: int, last: int) -> Floats:
    """Magnitudes of frames ``first .. last - 1``, shape (last - first, SIZE // 2 + 1); zeros beyond the end."""
    from scipy.fft import rfft

    block = np.zeros((last - 1 - first) * HOP + SIZE, np.float32)
    part = np.asarray(samples[first * HOP : first * HOP + len(block)], np.float32)
    block[: len(part)] = part * np.float32(scale)
    frames = np.lib.stride_tricks.sliding_window_view(block, SIZE)[::HOP]
    return np.abs(rfft(frames * window, axis=1)).astype(np.float32, copy=False)


def measures(magnitudes: Floats, rate: float) -> Doubles:
    """The seven rows of `FrameFeatures` from energy to narrow, shape (7, frames)."""
    low, high = round(LOW_HZ * SIZE / rate), round(min(HIGH_HZ, rate / 2) * SIZE / rate)
    inside = magnitudes[:, low:high]
    power = inside**2
    over_time, over_bins = running_median(inside.T).T, running_median(inside)
    energy = power.sum(axis=1) + 1e-12
    sustained = (power * (over_time > CLEARLY * over_bins)).sum(axis=1)
    struck = (power * (over_bins > CLEARLY * over_time)).sum(axis=1)
    flatness = np.exp(np.log(power + 1e-9).mean(axis=1)) / (power.mean(axis=1) + 1e-9)
    moving, steady = strongest_partial(magnitudes, low // 2 + 5, high // 3)
    narrow = np.partition(power, -8, axis=1)[:, -8:].sum(axis=1)
    return np.stack([energy, sustained, struck, flatness * energy, moving, steady, narrow]).astype(np.float64)


def running_median(rows: Floats) -> Floats:
    """The median of MEDIAN neighbours in each row, mirrored at its ends; the same shape.

    The rows are filtered as one long row: of that scipy keeps a window's order from value to value, six times as fast.
    """
    from scipy.ndimage import median_filter

    half = MEDIAN // 2
    mirrored = np.pad(rows, ((0, 0), (half, half)), mode="symmetric")
    return np.asarray(median_filter(mirrored.reshape(-1), size=MEDIAN).reshape(mirrored.shape)[:, half:-half])


def strongest_partial(magnitudes: Floats, low: int, high: int) -> tuple[Floats, Floats]:
    """Magnitude of the strongest partial between two bins, and the same where its frequency holds still.

    Speech glides, played notes do not: the partial is looked for again, within four bins, in the next
    frame, both frequencies interpolated by a parabola.
    """
    logs = np.log(magnitudes + 1e-9)
    rows = np.arange(len(logs))
    bins = logs[:, low:high].argmax(axis=1) + low
    strength = magnitudes[rows, bins]
    here = bins + vertex(logs, rows, bins)
    following = np.minimum(rows + 1, len(logs) - 1)
    offsets = np.arange(-4, 5)
    near = logs[following[:, None], np.maximum(bins[:, None] + offsets, 1)]
    moved = np.maximum(bins + offsets[near.argmax(axis=1)], 1)
    there = moved + vertex(logs, following, moved)
    cents = 1200 * np.abs(np.log2(there / here))
    return strength, np.where(cents < STEADY_CENTS, strength, 0.0)


def vertex(logs: Floats, rows: npt.NDArray[np.int64], bins: npt.NDArray[np.int64]) -> Floats:
    """Offset of a peak's true frequency from its bin, -0.5 to 0.5."""
    left, middle, right = (
        logs[rows, bins - 1],
        logs[rows, bins],
        logs[rows, np.minimum(bins + 1, logs.shape[1] - 1)],
    )
    curve = left - 2 * middle + right
    return np.clip(0.5 * (left - right) / np.where(np.abs(curve) > 1e-9, curve, 1e-9), -0.5, 0.5)


def envelope_of(samples: Floats, rate: float, scale: float) -> Doubles:
    """RMS in steps of 10 ms."""
    step = round(rate / ENVELOPE_HZ)
    count = len(samples) // step
    if count == 0:
        return np.array([scale * float(np.sqrt(np.mean(np.square(samples))))])
    envelope = np.empty(count)
    for first in range(0, count, 10_000):
        last = min(count, first + 10_000)
        block = np.asarray(samples[first * step : last * step], np.float32).reshape(-1, step) * np.float32(
            scale
        )
        envelope[first:last] = np.sqrt(np.mean(np.square(block), axis=1))
    return envelope
