"""Integrated loudness, streamed.

References
----------
ITU-R BS.1770-4, "Algorithms to measure audio programme loudness and true-peak audio level" (2015). The
filters' analogue form, which gives BS.1770's coefficients at 48 kHz and their like at any rate: B. De Man,
"Evaluation of implementations of the EBU R128 loudness measurement", AES 145 (2018).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import sosfilt

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOWEST_RATE = 8000
"""Below this the high shelf lies too near the end of the band to mean anything."""
ABSOLUTE_GATE = -70.0
RELATIVE_GATE = -10.0
STEPS_PER_BLOCK = 4
"""A 400 ms block moves on by 100 ms."""


def k_weighting(rate: int) -> NDArray[np.float64]:
    """Return BS.1770's two filters as second-order sections, shape (2, 6), for a sample rate."""
    k = math.tan(math.pi * 1681.974450955533 / rate)
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = [
        (high + middle * k / q + k * k) / a0, 2 * (k * k - high) / a0, (high - middle * k / q + k * k) / a0,
        1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0,
    ]  # fmt: skip
    k = math.tan(math.pi * 38.13547087602444 / rate)
    q = 0.5003270373238773
    a0 = 1 + k / q + k * k
    low_cut = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]
    return np.array([shelf, low_cut])


def channel_weights(channels: int) -> NDArray[np.float64]:
    """Return BS.1770's weights: for 5.0 and 5.1 in WAV order surrounds 1.41 and LFE 0; else 1."""
    if channels == 5:
        return np.array([1, 1, 1, 1.41, 1.41])
    if channels == 6:
        return np.array([1, 1, 1, 0, 1.41, 1.41])
    return np.ones(channels)


class Loudness:
    """Integrated loudness over all channels of a stream."""

    def __init__(self, rate: int, channels: int) -> None:
        self._usable = rate >= LOWEST_RATE
        self._rate = rate
        self._weights = channel_weights(channels)
        if self._usable:
            self._sections = k_weighting(rate)
            self._state = np.zeros((2, channels, 2))
        self._frames = 0
        self._steps: list[NDArray[np.float64]] = []
        self._open = 0.0

    def feed(self, block: NDArray[np.float32]) -> None:
        """Take a block of shape (channels, frames)."""
        if not self._usable:
            return
        filtered, self._state = sosfilt(self._sections, block, axis=1, zi=self._state)
        power = np.einsum("c,cf,cf->f", self._weights, filtered, filtered)
        first = self._frames * 10 // self._rate
        self._frames += len(power)
        last = self._frames * 10 // self._rate
        edges = -(-np.arange(first + 1, last + 1) * self._rate // 10) - (self._frames - len(power))
        if not len(edges):
            self._open += float(power.sum())
            return
        starts = np.concatenate([[0], edges[edges < len(power)]])
        sums = np.add.reduceat(power, starts)
        sums[0] += self._open
        if edges[-1] == len(power):
            self._open = 0.0
        else:
            self._open = float(sums[-1])
            sums = sums[:-1]
        self._steps.append(sums)

    def integrated(self) -> float | None:
        """Return loudness in LUFS; None for less than 400 ms, or where every block is under the gate."""
        steps = np.concatenate(self._steps) if self._steps else np.zeros(0)
        if len(steps) < STEPS_PER_BLOCK:
            return None
        sums = np.concatenate([[0.0], np.cumsum(steps)])
        power = (sums[STEPS_PER_BLOCK:] - sums[:-STEPS_PER_BLOCK]) / (0.1 * STEPS_PER_BLOCK * self._rate)
        loud = power[power > _power(ABSOLUTE_GATE)]
        if not len(loud):
            return None
        gated = loud[loud > _power(_lufs(float(loud.mean())) + RELATIVE_GATE)]
        return _lufs(float(gated.mean()))


def _lufs(power: float) -> float:
    return -0.691 + 10 * math.log10(power)


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
