"""From what is said of frames to strokes: the peaks of each drum that are high enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .network import DRUMS, Struck

APART = 3
"""Frames within which a drum is struck once."""


@dataclass(frozen=True)
class Peak:
    """A stroke: frames from the start, with a fraction; the index of its drum; velocity and probability, 0 to 1."""

    frame: float
    drum: int
    velocity: float
    probability: float


def peaks(struck: Struck, thresholds: npt.NDArray[np.float32]) -> list[Peak]:
    """All strokes, in order of time.

    Parameters
    ----------
    thresholds : ndarray of shape (drums,)
        The probability that a peak of each must reach.
    """
    found = []
    for drum in range(len(DRUMS)):
        values = struck.probabilities[:, drum]
        last = -APART
        for frame in np.flatnonzero(values >= thresholds[drum]):
            low, high = max(0, frame - APART + 1), frame + APART
            if values[frame] < values[low:high].max() or frame - last < APART:
                continue
            last = frame
            velocity = float(struck.velocities[frame, drum])
            exact = max(0.0, float(frame + struck.offsets[frame, drum]))
            found.append(Peak(exact, drum, velocity, float(values[frame])))
    return sorted(found, key=lambda peak: (peak.frame, peak.drum))


def clearness(found: Sequence[Peak]) -> float | None:
    """The mean over onsets of the highest probability there; strokes a few frames apart are one onset."""
    highest: list[float] = []
    last = -np.inf
    for peak in found:
        if peak.frame - last >= APART:
            highest.append(peak.probability)
            last = peak.frame
        else:
            highest[-1] = max(highest[-1], peak.probability)
    return float(np.mean(highest)) if highest else None


@dataclass(frozen=True)
class Scale:
    """What a network's probabilities mean, measured on clips that no training heard.

    Attributes
    ----------
    thresholds : the probability from which a peak of each drum is a stroke
    calibration : rising probabilities, and how often a stroke of each was right
    """

    thresholds: Mapping[str, float]
    calibration: tuple[tuple[float, ...], tuple[float, ...]]

    def lowest(self) -> npt.NDArray[np.float32]:
        """Thresholds by drum, shape (drums,)."""
        return np.array([self.thresholds[drum] for drum in DRUMS], np.float32)

    def confidence(self, probability: float) -> float:
        """How often a stroke of this probability is right."""
        return float(np.interp(probability, *self.calibration))
