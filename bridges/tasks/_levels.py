"""What a file's samples measure up to: the waveform's peaks and blocks, and its levels."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._output import Output

SAMPLES_PER_BLOCK = 256
FULL_SCALE = 32767 / 32768
"""16-bit's largest value: a sample here or beyond is counted as clipped."""
MAX_LEVEL = 1e9
"""Beyond 180 dB over full scale a sample is no sound but a damaged number."""
PEAKS_HEADER = struct.Struct("<iIiiI")
EIGHT_BITS = 1


def without_nonsense(block: NDArray[np.float32]) -> int:
    """Replace, in place, what is no number (NaN, infinity, absurd size) by silence; return how many."""
    if np.abs(block).max(initial=0.0) <= MAX_LEVEL:
        return 0
    wrong = ~(np.abs(block) <= MAX_LEVEL)
    block[wrong] = 0.0
    return int(np.count_nonzero(wrong))


class Waveform:
    """Min, max and RMS per 256 samples: audiowaveform's 8-bit .dat, and the same unrounded.

    An out-of-phase pair cancels in a mono mix, so min and max run over all channels; RMS is that of all
    channels' mean power.

    References
    ----------
    audiowaveform, doc/DataFormat.md (version 1: a 20-byte header, then int8 min and max by turns).
    """

    def __init__(self, rate: int, peaks: Output, blocks: Output) -> None:
        self._rate = rate
        self._peaks = peaks
        self._blocks = blocks
        self._length = 0
        peaks.append(np.zeros(PEAKS_HEADER.size, np.uint8))

    def feed(self, block: NDArray[np.float32]) -> None:
        """Take a block of shape (channels, frames), frames a multiple of 256 but for the last block."""
        whole = block.shape[1] // SAMPLES_PER_BLOCK * SAMPLES_PER_BLOCK
        if whole:
            self._write(block[:, :whole].reshape(len(block), -1, SAMPLES_PER_BLOCK))
        if whole < block.shape[1]:
            self._write(block[:, whole:][:, np.newaxis])

    def _write(self, cells: NDArray[np.float32]) -> None:
        """Write one row per cell; `cells` has shape (channels, cells, samples)."""
        rows = np.empty((cells.shape[1], 3), "<f4")
        rows[:, 0] = cells.min(axis=(0, 2))
        rows[:, 1] = cells.max(axis=(0, 2))
        power = np.einsum("cis,cis->i", cells, cells, dtype=np.float64)
        rows[:, 2] = np.sqrt(power / (cells.shape[0] * cells.shape[2]))
        self._blocks.append(rows)
        self._peaks.append(np.clip(np.rint(rows[:, :2] * 128.0), -128, 127).astype(np.int8))
        self._length += len(rows)

    def finish(self) -> None:
        """Write the header of the peaks."""
        header = PEAKS_HEADER.pack(1, EIGHT_BITS, self._rate, SAMPLES_PER_BLOCK, self._length)
        self._peaks.overwrite(0, header)


class Levels:
    """Peak, DC offset and clipping over a whole file."""

    def __init__(self, channels: int) -> None:
        self._sums = np.zeros(channels)
        self._frames = 0
        self._peak = 0.0
        self.clipped_samples = 0

    def feed(self, block: NDArray[np.float32]) -> None:
        """Take a block of shape (channels, frames)."""
        self._sums += block.sum(axis=1, dtype=np.float64)
        self._frames += block.shape[1]
        peak = float(max(block.max(), -block.min()))
        if peak >= FULL_SCALE:
            self.clipped_samples += int(np.count_nonzero(np.abs(block) >= FULL_SCALE))
        self._peak = max(self._peak, peak)

    @property
    def peak_db(self) -> float | None:
        """Largest sample in dB of full scale; None for digital silence."""
        return 20.0 * math.log10(self._peak) if self._peak > 0 else None

    @property
    def dc_offset(self) -> float:
        """Mean of the channel that lies furthest from zero, full scale at 1."""
        means = self._sums / max(1, self._frames)
        return float(means[np.argmax(np.abs(means))])
