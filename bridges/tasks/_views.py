"""A file's samples at one rate and channel count, written as one raw float32 file per channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soxr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._output import Output


class View:
    """Streams one view; time-aligned with the file, `round(frames * rate / file_rate)` samples long.

    Parameters
    ----------
    file_rate : int
        Sample rate of what is fed.
    rate : int
        Sample rate of the view.
    mono : bool
        The mean of the channels; else all of them.
    outputs : list of Output
        One per channel of the view.
    """

    def __init__(self, file_rate: int, rate: int, mono: bool, outputs: list[Output]) -> None:
        self._mono = mono
        self._outputs = outputs
        self._file_rate, self.rate = file_rate, rate
        self._frames = 0
        self._resampler = None
        if rate != file_rate:
            self._resampler = soxr.ResampleStream(
                file_rate, rate, len(outputs), dtype="float32", quality="HQ"
            )

    @property
    def frames(self) -> int:
        """Length of the finished view in samples."""
        return round(self._frames * self.rate / self._file_rate)

    def feed(self, block: NDArray[np.float32]) -> None:
        """Take a block of shape (channels, frames)."""
        self._frames += block.shape[1]
        if self._mono and len(block) > 1:
            block = block.mean(axis=0, keepdims=True)
        self._write(block, last=False)

    def _write(self, block: NDArray[np.float32], *, last: bool) -> None:
        if self._resampler is not None:
            shaped = np.ascontiguousarray(block.T)
            block = self._resampler.resample_chunk(shaped if len(block) > 1 else shaped[:, 0], last=last)
            block = block.reshape(-1, len(self._outputs)).T
        for output, samples in zip(self._outputs, block, strict=True):
            output.append(samples.astype("<f4", copy=False))

    def finish(self) -> None:
        """Write what the resampler still holds, and make the length exact."""
        if self._resampler is not None:
            self._write(np.zeros((len(self._outputs), 0), np.float32), last=True)
        for output in self._outputs:
            output.resize(self.frames * 4)
