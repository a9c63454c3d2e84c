"""The silence envelope: the power in eight bands, every 6 ms or so, from which regions are cut.

Power, not amplitude of a mix: an out-of-phase pair is as loud here as an in-phase one. In each band the
loudest channel counts, so that a quiet voice on one channel is not buried by the noise of the others. Bands,
because hum and rumble live in the low ones only: what stands out in another is heard above them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ._output import Output

    Transform = Callable[[NDArray[np.float32]], NDArray[np.complexfloating]]

HOP_S, LEAST_HOP = 256 / 44100, 4
EDGES_HZ = (60.0, 150.0, 350.0, 800.0, 1800.0, 4000.0, 8000.0, 14000.0)
"""Lower edges; each band ends where the next begins, the last at half the sample rate."""
BANDS = len(EDGES_HZ)
WINDOW_HOPS = 4
LOWEST_BIN = 2
"""A Hann window keeps a constant offset within bins 0 and 1."""


def hop_of(rate: int) -> int:
    """Return the envelope's step in samples: near 5.8 ms, with no prime factor above 5, for a fast FFT."""
    near = rate * HOP_S
    smooth = [2**a * 3**b * 5**c for a in range(16) for b in range(9) for c in range(6)]
    return int(min((step for step in smooth if step >= LEAST_HOP), key=lambda step: (abs(step - near), step)))


class Envelope:
    """Streams band powers to an output: float32 rows of `BANDS` mean squares, the i-th centred on i * hop.

    Bands that a low sample rate does not reach are zero.

    Parameters
    ----------
    rate, channels : int
        Of the file.
    output : Output
    transform : callable, optional
        A real FFT over the last axis; SciPy's is half as fast again as NumPy's, which is always there.
    """

    def __init__(self, rate: int, channels: int, output: Output, transform: Transform | None = None) -> None:
        self._transform = transform or np.fft.rfft
        self.hop = hop_of(rate)
        self.rate_hz = rate / self.hop
        self._length = self.hop * WINDOW_HOPS
        window = np.hanning(self._length + 1)[:-1]
        # Scaled so that the bins of a real signal add up to its mean square.
        self._window = (window * np.sqrt(2.0 / (self._length * np.sum(window**2)))).astype(np.float32)
        bins = np.ceil(np.array(EDGES_HZ) * self._length / rate).astype(int)
        bins = np.maximum(bins, LOWEST_BIN)
        # The very last bins alone would fluctuate more than they tell.
        self._starts = np.unique(bins[bins < 0.9 * self._length / 2])
        self._carry = np.empty((channels, 0), np.float32)
        self._frames = 0
        self._rows = 0
        self._last = np.zeros((1, BANDS), "<f4")
        self._output = output

    def feed(self, block: NDArray[np.float32]) -> None:
        """Take a block of shape (channels, frames) of any length."""
        self._frames += block.shape[1]
        whole = np.concatenate([self._carry, block], axis=1)
        count = max(0, (whole.shape[1] - self._length) // self.hop + 1)
        if count:
            self._write(self._band_powers(whole, count))
        self._carry = whole[:, count * self.hop :].copy()

    def _band_powers(self, samples: NDArray[np.float32], count: int) -> NDArray[np.float32]:
        rows = np.zeros((count, BANDS), "<f4")
        for channel in samples:
            frames = sliding_window_view(channel, self._length)[:: self.hop][:count]
            spectrum = self._transform(frames * self._window)
            power = spectrum.real**2 + spectrum.imag**2
            bands = np.add.reduceat(power, self._starts, axis=1)
            np.maximum(rows[:, : bands.shape[1]], bands, out=rows[:, : bands.shape[1]])
        return rows

    def _write(self, rows: NDArray[np.float32]) -> None:
        """Append rows; the first whole window stands for the moments before its middle too."""
        if not self._rows:
            rows = np.concatenate([np.repeat(rows[:1], WINDOW_HOPS // 2, axis=0), rows])
        self._rows += len(rows)
        self._last = rows[-1:]
        self._output.append(rows)

    def finish(self) -> None:
        """Write the rows up to the end, for which the last whole window stands."""
        if not self._rows:
            short = np.pad(self._carry, ((0, 0), (0, self._length - self._carry.shape[1])))
            self._last = self._band_powers(short, 1)
        rest = self._frames // self.hop + 1 - self._rows
        self._output.append(np.repeat(self._last, max(0, rest), axis=0))
