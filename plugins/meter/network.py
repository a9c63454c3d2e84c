"""The second network: which units begin bars and groups, and in which meter; it hears unit by unit, at any tempo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hemiola import onnx

from .evidence import METERS, TOLD, Told
from .units import features

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

UNITS = 160
"""Heard at once: about a minute of quarters."""
STEP = 100
"""From one window of units to the next. Of what two say the one nearer to its middle counts more."""
FEWEST = 6
FOLDER = Path(__file__).parent / "models"
MODEL = "hemiola-bars.onnx"


class BarNetwork:
    """Weights, read once.

    Raises
    ------
    Unavailable
        The model is not there.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._session = onnx.session(folder / MODEL)

    def tell(self, values: Floats, times: Doubles, columns: Sequence[int] | None = None) -> Told | None:
        """What units are, from activations at 50 frames a second and times (k,), see `features`; None for too few."""
        if len(times) <= FEWEST:
            return None
        units = len(times) - 1
        events, meters, weights = (
            np.zeros((units, len(TOLD))),
            np.zeros((units, len(METERS) + 1)),
            np.zeros(units),
        )
        for first in windows(units):
            part = features(values, times[first : first + UNITS + 1], columns)
            count = len(part)
            given = np.zeros((1, UNITS, part.shape[1]), np.float32)
            given[0, :count] = part
            there = np.zeros((1, UNITS), np.float32)
            there[0, :count] = 1.0
            said = self._session.run(["events", "meters"], {"units": given, "there": there})
            weight = np.minimum(np.arange(count), np.arange(count)[::-1]) + 1.0
            events[first : first + count] += weight[:, None] * said[0][0, :count]
            meters[first : first + count] += weight[:, None] * said[1][0, :count]
            weights[first : first + count] += weight
        shared = weights[:, None]
        return Told(times[:-1], (events / shared).astype(np.float32), (meters / shared).astype(np.float32))


def windows(count: int) -> list[int]:
    """First units of the windows, the last one reaching the end."""
    if count <= UNITS:
        return [0]
    return [*range(0, count - UNITS, STEP), count - UNITS]
