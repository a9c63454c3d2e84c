"""Peaks of a network's logits, as Beat This! picks them: no tempo, no memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

REACH = 3
"""A peak is the highest within so many frames on either side: 60 ms."""


def peak_frames(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Frames of local maxima above zero (a probability of one half); equal neighbours count as one between them.

    Parameters
    ----------
    logits : (frames,)
    """
    padded = np.pad(logits, REACH, constant_values=-np.inf)
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * REACH + 1).max(axis=1)
    found: list[float] = []
    equals = 0
    for frame in np.flatnonzero((logits == highest) & (logits > 0)):
        if equals and frame - found[-1] <= 1:
            equals += 1
            found[-1] += (frame - found[-1]) / equals
        else:
            found.append(float(frame))
            equals = 1
    return np.array(found, dtype=float)
