"""Level and loudness of a recording of any length, block by block.

References
----------
.. [1] ITU-R BS.1770-4, "Algorithms to measure audio programme loudness and true-peak audio level", 2015.
.. [2] C. Steinmetz and J. Reiss, "pyloudnorm: a simple yet flexible loudness meter in Python", Audio
   Engineering Society Convention 150, 2021.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

BLOCK = 1 << 20  # samples
STEP_S = 0.1  # the gating blocks of 0.4 s overlap by three quarters
ABSOLUTE_GATE = -70.0  # LUFS
RELATIVE_GATE = -10.0  # LU


@dataclass(frozen=True)
class Level:
    """Plain measures of all samples.

    Attributes
    ----------
    rms, peak : float
        Linear, 1 being full scale.
    crossings : float
        Sign changes per sample, zeros counting as positive.
    """

    rms: float
    peak: float
    crossings: float


def blocks(samples: Floats) -> Iterator[Floats]:
    """The samples in pieces of at most BLOCK."""
    for first in range(0, len(samples), BLOCK):
        yield np.asarray(samples[first : first + BLOCK], np.float32)


def measure_level(samples: Floats) -> Level:
    """Level of `samples`, shape (n,), possibly memory-mapped; n is at least one."""
    total, peak, changes = 0.0, 0.0, 0
    before: bool | None = None
    for block in blocks(samples):
        total += float(np.sum(np.square(block, dtype=np.float64)))
        peak = max(peak, float(np.abs(block).max()))
        negative = np.signbit(block) & (block != 0)
        changes += int(np.count_nonzero(negative[1:] != negative[:-1]))
        changes += int(before is not None and before != bool(negative[0]))
        before = bool(negative[-1])
    return Level(float(np.sqrt(total / len(samples))), peak, changes / max(1, len(samples) - 1))


def decibels(value: float) -> float | None:
    """20 log10, or None for silence."""
    return float(20 * np.log10(value)) if value > 0 else None


def step_powers(samples: Floats, rate: float) -> Doubles:
    """Mean square of the K-weighted samples in steps of 0.1 s, shape (steps,)."""
    from pyloudnorm.iirfilter import IIRfilter
    from scipy.signal import lfilter

    filters = [
        IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, rate, "high_shelf"),
        IIRfilter(0.0, 0.5, 38.0, rate, "high_pass"),
    ]
    states = [np.zeros(max(len(f.a), len(f.b)) - 1) for f in filters]
    # Whole steps by their rounded borders, so that rates that 10 does not divide drift nowhere.
    borders = np.round(np.arange(int(len(samples) / (STEP_S * rate)) + 1) * STEP_S * rate).astype(np.int64)
    sums = np.zeros(len(borders))
    position = 0
    for block in blocks(samples):
        weighted: Doubles = block.astype(np.float64)
        for index, kind in enumerate(filters):
            weighted, states[index] = lfilter(kind.b, kind.a, weighted, zi=states[index])
            weighted = weighted * kind.passband_gain
        squares = np.concatenate(([0.0], np.cumsum(weighted**2)))
        inside = np.clip(borders - position, 0, len(block))
        sums[:-1] += squares[inside[1:]] - squares[inside[:-1]]
        position += len(block)
    return sums[:-1] / np.diff(borders)


def integrated_loudness(samples: Floats, rate: float) -> float | None:
    """Integrated loudness of one channel in LUFS after [1]_.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Possibly memory-mapped.
    rate : float
        Samples per second.

    Returns
    -------
    float or None
        None where there is less than one gating block (0.4 s) or nothing above the absolute gate.
    """
    if len(samples) < 0.4 * rate:
        return None
    powers = step_powers(samples, rate)
    if len(powers) < 4:
        return None
    gating = np.convolve(powers, np.full(4, 0.25), "valid")
    loud = gating[gating > 10 ** ((ABSOLUTE_GATE + 0.691) / 10)]
    if len(loud) == 0:
        return None
    relative = loud.mean() * 10 ** (RELATIVE_GATE / 10)
    return float(-0.691 + 10 * np.log10(loud[loud > relative].mean()))
