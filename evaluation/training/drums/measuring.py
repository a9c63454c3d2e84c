"""What a finished drum network's probabilities mean, and how right it is, on clips that it never heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.training.confidence import table
from evaluation.training.drums.pool import Drummed
from plugins.hits.listening import FRAME_RATE
from plugins.hits.network import DRUMS, HitNetwork, hear
from plugins.hits.strokes import Scale, peaks

WINDOW_S = 0.05
LOWEST = 0.05
"""Peaks of less probability are not looked at."""
STEPS = 12
"""Of a calibration."""
WITHIN = (0.2, 0.8)
"""Where thresholds lie."""


@dataclass(frozen=True)
class Told:
    """Peaks of one drum in all clips: probability and whether there is a stroke, and how many strokes there are."""

    probabilities: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]
    strokes: int

    def claims(self) -> list[tuple[float, bool]]:
        """Each peak's probability, and whether it is right."""
        return list(zip(self.probabilities.tolist(), self.right.tolist(), strict=True))

    def even(self) -> float:
        """The probability from which peaks are right more often than wrong; a half where there are too few."""
        if len(self.right) < 2 * STEPS:
            return 0.5
        low, high = table(self.claims(), len(self.right) // STEPS)
        return float(np.clip(np.interp(0.5, high, low), *WITHIN))

    def f(self, threshold: float) -> float:
        """F of the peaks that reach a threshold."""
        chosen = self.probabilities >= threshold
        return 2.0 * float(self.right[chosen].sum()) / max(1, int(chosen.sum()) + self.strokes)


def told_of(network: HitNetwork, clips: Iterable[Drummed]) -> list[Told]:
    """What is said of each drum."""
    rows: list[list[tuple[float, bool]]] = [[] for _ in DRUMS]
    strokes = np.zeros(len(DRUMS), int)
    for clip in clips:
        frames = clip.frames.astype(np.float32)
        struck = hear(network, len(frames), lambda low, high, frames=frames: frames[low:high])
        found = peaks(struck, np.full(len(DRUMS), LOWEST, np.float32))
        for drum in range(len(DRUMS)):
            here = [peak for peak in found if peak.drum == drum]
            true = clip.strokes[clip.strokes[:, 1] == drum, 0]
            strokes[drum] += len(true)
            right = matched([peak.frame / FRAME_RATE for peak in here], true)
            rows[drum] += zip([peak.probability for peak in here], right, strict=True)
    return [
        Told(np.array([p for p, _ in row]), np.array([r for _, r in row], bool), int(count))
        for row, count in zip(rows, strokes, strict=True)
    ]


def matched(times: Sequence[float], true: npt.NDArray[np.float64]) -> list[bool]:
    """Whether each of some rising times has a stroke of its own within the window."""
    found, at = [], 0
    for time_s in times:
        while at < len(true) and true[at] < time_s - WINDOW_S:
            at += 1
        found.append(at < len(true) and true[at] <= time_s + WINDOW_S)
        at += found[-1]
    return found


def measured(told: Sequence[Told]) -> Scale:
    """The probability from which a peak of each drum is a stroke rather than not, and how often one is right."""
    lowest = {drum: one.even() for drum, one in zip(DRUMS, told, strict=True)}
    claims = [
        claim
        for drum, one in zip(DRUMS, told, strict=True)
        for claim in one.claims()
        if claim[0] >= lowest[drum]
    ]
    low, high = table(claims, max(1, len(claims) // STEPS))
    return Scale({drum: round(value, 2) for drum, value in lowest.items()}, (tuple(low), tuple(high)))
