"""The latest frames of an array over states, in a row on which one index finds what began a beat ago."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class Recent:
    """The latest frames of an array over states, each blurred over its neighbours in time; what is older is dropped."""

    def __init__(self, shape: tuple[int, int], longest: int) -> None:
        self._longest, self._size = longest, shape[0] * shape[1]
        self._rows = np.zeros((3 * longest, *shape), np.float32)
        self._flat = self._rows.reshape(-1)
        self._shift = -longest
        self._last = np.zeros(shape, np.float32)
        self._taken = np.zeros(shape, np.float32)

    def index(self, offsets: Ints) -> Ints:
        """Where the values of frame + offset lie, relative to the frame, shape (s, p)."""
        return np.asarray(offsets * self._size + np.arange(self._size).reshape(offsets.shape))

    def taken(self, frame: int, index: Ints) -> Floats:
        """The values at those places; overwritten by the next call."""
        self._turn(frame)
        return np.take(self._flat, index + (frame - self._shift) * self._size, out=self._taken, mode="clip")

    def put(self, frame: int, values: Floats, neighbour: np.float32) -> None:
        """Write a frame; it and the one before it count as a little of each other."""
        row = frame - self._shift
        part = neighbour * values
        self._rows[row] = (1 - 2 * neighbour) * values + neighbour * self._last
        self._rows[row - 1] += part
        self._last = values

    def divide(self, by: float) -> None:
        """Divide all that is kept."""
        self._rows *= np.float32(1.0 / by)
        self._last = self._last / np.float32(by)

    def _turn(self, frame: int) -> None:
        if frame - self._shift < len(self._rows):
            return
        self._rows[: self._longest] = self._rows[-self._longest :]
        self._shift += len(self._rows) - self._longest
