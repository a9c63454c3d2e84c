"""A feed-forward compressor with a hard knee, as the clips were put through: many of one length side by side.

The level is followed by a one-pole filter that is fast upwards and slow downwards; what it says above the
threshold is divided by the ratio. (D. Giannoulis, M. Massberg and J. Reiss, "Digital dynamic range compressor
design: a tutorial and analysis", Journal of the Audio Engineering Society 60(6), 2012.)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

THRESHOLD_DB = -27.0
RATIO = 4.0
ATTACK_MS, RELEASE_MS = 1.0, 200.0


def compressed(samples: Floats, rates: npt.NDArray[np.int64]) -> Floats:
    """Samples of shape (n, length), row by row at the rates of shape (n,), compressed; each row starts from silence."""
    threshold = 10.0 ** (THRESHOLD_DB / 20.0)
    level = np.maximum(_followed(np.abs(samples, dtype=np.float64), rates), threshold)
    return (samples * (level / threshold) ** (1.0 / RATIO - 1.0)).astype(np.float32)


def _followed(magnitude: npt.NDArray[np.float64], rates: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The level of every row: towards each magnitude by what the attack or the release leaves of the distance."""
    rising, falling = _kept(ATTACK_MS, rates), _kept(RELEASE_MS, rates)
    level = np.zeros(len(magnitude))
    columns = np.ascontiguousarray(magnitude.T)
    for column in columns:
        level = column + np.where(column > level, rising, falling) * (level - column)
        column[:] = level
    return columns.T


def _kept(time_ms: float, rates: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """What is left of a distance after one sample: the filter's corner lies at 1 / time."""
    return np.exp(-2000.0 * np.pi / (rates * time_ms))
