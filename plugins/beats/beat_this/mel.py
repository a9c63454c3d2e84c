"""What Beat This! hears: the logarithm of mel bands, 50 frames a second, made for any stretch of frames.

.. [1] F. Foscarin, J. Schlueter and G. Widmer, "Beat This! Accurate beat tracking without DBN postprocessing", Proc. of
   the 25th Int. Society for Music Information Retrieval Conf. (ISMIR), 2024. (The front end of its code.)
.. [2] M. Slaney, "Auditory toolbox, version 2", technical report 1998-010, Interval Research Corporation. (The scale.)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

RATE = 22050
SIZE = 1024
HOP = 441
FRAME_RATE = RATE / HOP
BANDS = 128
LOWEST_HZ, HIGHEST_HZ = 30.0, 11000.0
GAIN = 1000.0
"""A band's magnitude is multiplied by this before its logarithm."""
LINEAR_HZ = 200 / 3
"""Width of a mel below 1,000 Hz; above, 27 mels make a factor of 6.4."""
BEND_HZ = 1000.0
STEP = np.log(6.4) / 27


def mels(hz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Frequencies on Slaney's mel scale."""
    hz = np.asarray(hz, float)
    return np.where(
        hz < BEND_HZ, hz / LINEAR_HZ, BEND_HZ / LINEAR_HZ + np.log(np.maximum(hz, 1.0) / BEND_HZ) / STEP
    )


def hertz(mel: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Frequencies of places on Slaney's mel scale."""
    mel = np.asarray(mel, float)
    bend = BEND_HZ / LINEAR_HZ
    return np.where(mel < bend, mel * LINEAR_HZ, BEND_HZ * np.exp(STEP * (mel - bend)))


def bank() -> Floats:
    """Triangles of height one between neighbouring mels, shape (SIZE / 2 + 1, BANDS)."""
    corners = hertz(np.linspace(mels(LOWEST_HZ), mels(HIGHEST_HZ), BANDS + 2))
    bins = np.linspace(0.0, RATE / 2, SIZE // 2 + 1)[:, None]
    rising = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)


class LogMel:
    """The front end. Frame i is centred on sample i * HOP; beyond its ends the signal is mirrored."""

    FRAME_RATE = FRAME_RATE

    def __init__(self) -> None:
        turn = 2 * np.pi * np.arange(SIZE) / SIZE
        self._window = (0.5 - 0.5 * np.cos(turn)).astype(np.float32)
        self._bank = bank()

    def count(self, length: int) -> int:
        """How many frames a signal of that many samples has."""
        return 1 + length // HOP

    def frames(self, samples: Floats, first: int, stop: int) -> Floats:
        """Frames `first` to `stop` of a signal, shape (stop - first, BANDS).

        Parameters
        ----------
        samples : (n,), at RATE; more than half a window of them
        """
        places = np.abs(np.arange(first * HOP - SIZE // 2, (stop - 1) * HOP + SIZE // 2))
        last = len(samples) - 1
        heard = np.asarray(samples[np.where(places > last, 2 * last - places, places)], np.float32)
        cut = np.lib.stride_tricks.sliding_window_view(heard, SIZE)[::HOP] * self._window
        magnitude = np.abs(np.fft.rfft(cut, axis=1)) / np.sqrt(SIZE)
        return np.log1p(GAIN * (magnitude.astype(np.float32) @ self._bank))
