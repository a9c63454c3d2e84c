"""Attacks by timbre: how far every band of the spectrum rises, frame by frame.

References
----------
.. [1] S. Boeck and G. Widmer, "Maximum filter vibrato suppression for onset detection", Proc. of the
   16th Int. Conf. on Digital Audio Effects (DAFx), 2013.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Times = npt.NDArray[np.float64]

SIZE, HOP, LAG = 1024, 128, 4
"""At 22,050 samples a second: frames of 46 ms, 5.8 ms apart; a rise is over four frames."""
GAIN = 300.0
"""A frame of the recording's loud level has a magnitude of about this in its loudest band, before log(1 + x)."""
WIDTH = 2
BLOCK_FRAMES = 2048
LATE_FRAMES = -0.4
"""How many frames after the attack the rise is steepest, for a Hann window and this lag: measured on clicks."""


@cache
def bank(rate: int) -> Floats:
    """Overlapping triangles, evenly spaced up to 260 Hz and then a quarter octave apart, shape (513, bands)."""
    bin_hz = rate / SIZE
    low = np.arange(1, 9) * 2 * bin_hz * 0.75
    high = low[-1] * 2 ** (np.arange(1, 64) / 4)
    edges = np.concatenate([[0.0], low, high])
    edges = edges[edges < 0.5 * rate]
    hertz = np.arange(SIZE // 2 + 1) * bin_hz
    bands = [np.interp(hertz, edges[i : i + 3], (0.0, 1.0, 0.0)) for i in range(len(edges) - 2)]
    return np.stack(bands, axis=1).astype(np.float32)


def level_of(samples: Floats, rate: int) -> float:
    """Root mean square of the loud half-seconds: the 90th percentile; 0.0 where there is no sound."""
    piece = rate // 2
    count = len(samples) // piece
    if count == 0:
        return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0
    powers = [float(np.mean(np.square(samples[i * piece : (i + 1) * piece]))) for i in range(count)]
    return float(np.sqrt(np.percentile(powers, 90)))


def rises(samples: Floats, rate: int, first: int, last: int, level: float) -> Floats:
    """Rise of every band in frames `first` to `last` - 1.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        The whole recording, possibly memory-mapped; only the part around the frames is read.
    rate : int
        Samples per second, 22,050.
    first, last : int
        Frame i has its steepest rise for an attack at sample `i * HOP`.
    level : float
        See `level_of`.

    Returns
    -------
    ndarray of shape (last - first, bands)
        In nepers, 0 or more.
    """
    from scipy.fft import rfft

    window = np.hanning(SIZE).astype(np.float32)
    scale = np.float32(GAIN / (level * window.sum()))
    out = np.empty((last - first, bank(rate).shape[1]), np.float32)
    for start in range(first, last, BLOCK_FRAMES):
        stop = min(last, start + BLOCK_FRAMES)
        frames = _frames(samples, start - LAG, stop)
        logs = np.log1p(scale * np.abs(rfft(frames * window, axis=1)) @ bank(rate))
        out[start - first : stop - first] = np.maximum(0.0, logs[LAG:] - logs[:-LAG])
    return out


def widened(rises: Floats) -> Floats:
    """The steepest rise of every band within WIDTH frames either way, shape (frames - 2 * WIDTH, bands).

    So a stroke may be 12 ms early or late, and its partials may not begin at once.
    """
    from scipy.ndimage import maximum_filter1d

    wide = maximum_filter1d(rises, 2 * WIDTH + 1, axis=0)
    return np.asarray(wide[WIDTH:-WIDTH], np.float32)


def _frames(samples: Floats, first: int, last: int) -> Floats:
    """Frames, shape (last - first, SIZE), of which frame i is centred LATE_FRAMES after sample `i * HOP`."""
    start = first * HOP - SIZE // 2 + round(LATE_FRAMES * HOP)
    length = (last - first - 1) * HOP + SIZE
    block = np.zeros(length, np.float32)
    low, high = max(start, 0), min(start + length, len(samples))
    if high > low:
        block[low - start : high - start] = samples[low:high]
    return np.lib.stride_tricks.sliding_window_view(block, SIZE)[::HOP]
