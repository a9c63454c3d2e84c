"""Periodicity of an accent envelope in sliding windows of four resolutions, and paths of the period through them.

References
----------
.. [1] G. Peeters, "Template-based estimation of time-varying tempo", EURASIP Journal on Advances in Signal
   Processing, 2007. (The product of spectrum and autocorrelation.)
.. [2] P. Grosche, M. Mueller and F. Kurth, "Cyclic tempogram: a mid-level tempo representation for music
   signals", Proc. of ICASSP, 2010.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

RESOLUTIONS_S = (5.0, 10.0, 20.0, 40.0)
"""Lengths of the windows."""
PER_OCTAVE = 48
SHORTEST_S, OCTAVES = 0.11, 3.6
PERIODS = SHORTEST_S * 2.0 ** (np.arange(round(OCTAVES * PER_OCTAVE)) / PER_OCTAVE)
"""Periods looked at, seconds, from 0.11 to 1.32."""
STEP_S = 1.0
"""Between the moments at which a path knows its period."""
DRIFT = 3
"""Steps of the period's grid that a path may go in a moment, 1.5 % each."""
DRIFT_COST, JUMP_COST = 0.03, 1.2
APART = 5
"""Steps that another path stays away from one already found."""


def windows_at(centres: Doubles, envelope: Floats, frame_rate: float, resolution_s: float) -> Floats:
    """Stretches of the envelope around moments, zeros beyond its ends, shape (moments, frames)."""
    size = round(resolution_s * frame_rate)
    padded = np.pad(envelope, size)
    first = np.round(centres * frame_rate).astype(int) + size - size // 2
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, size)[first], np.float32)


def periodicity(envelope: Floats, frame_rate: float, resolution_s: float, centres: Doubles) -> Floats:
    """How periodic the envelope is at every period, around moments.

    Parameters
    ----------
    envelope : ndarray of shape (frames,)
    frame_rate : float
        Frames a second.
    resolution_s : float
        Length of the windows.
    centres : ndarray of shape (moments,)
        Seconds from the first frame.

    Returns
    -------
    ndarray of shape (moments, len(PERIODS))
        Geometric mean of spectrum and autocorrelation, each 1 for a perfect pulse: the first fails at
        multiples of the period, the second at its parts [1]_.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    size = round(resolution_s * frame_rate)
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    at = np.arange(size) / frame_rate
    waves = (window[:, None] * np.exp(-2j * np.pi * at[:, None] / PERIODS)).astype(np.complex64)
    length = next_fast_len(2 * size)
    overlap = irfft(np.abs(rfft(window, length)) ** 2, length)[:size]
    lags = np.minimum(PERIODS * frame_rate, size - 2)
    low = lags.astype(int)
    part = (lags - low).astype(np.float32)
    out = np.zeros((len(centres), len(PERIODS)), np.float32)
    for first in range(0, len(centres), 64):
        pieces = windows_at(centres[first : first + 64], envelope, frame_rate, resolution_s)
        sums = np.maximum(pieces @ window, 1e-6)
        spectrum = np.abs(pieces @ waves) / sums[:, None]
        centred = (pieces - (sums / window.sum())[:, None]) * window
        power = irfft(np.abs(rfft(centred, length, axis=1)) ** 2, length, axis=1)[:, :size] / overlap
        power /= np.maximum(power[:, :1], 1e-6)
        correlation = (1 - part) * power[:, low] + part * power[:, low + 1]
        out[first : first + 64] = np.sqrt(spectrum * np.maximum(0.0, correlation))
    return out


def moments(duration_s: float) -> Doubles:
    """Where a path knows its period: seconds, every STEP_S, shape (moments,)."""
    return np.arange(0.0, max(duration_s, STEP_S), STEP_S) + STEP_S / 2


def tempogram(envelope: Floats, frame_rate: float) -> Floats:
    """Mean periodicity over the four resolutions at `moments`, shape (moments, len(PERIODS))."""
    duration_s = len(envelope) / frame_rate
    centres = moments(duration_s)
    used = [r for r in RESOLUTIONS_S if r <= max(2 * duration_s, RESOLUTIONS_S[0])]
    return np.mean([periodicity(envelope, frame_rate, r, centres) for r in used], axis=0)


def path(gram: Floats) -> Indices:
    """The strongest steady path through a tempogram, as an index into PERIODS for every moment.

    A step of the grid costs DRIFT_COST, anything beyond DRIFT steps JUMP_COST.
    """
    moments_, states = gram.shape
    came = np.zeros((moments_, states), np.int32)
    score = gram[0].astype(np.float64)
    steps = np.arange(-DRIFT, DRIFT + 1)
    reached = np.arange(states)[:, None] - steps
    costs = np.where((reached < 0) | (reached >= states), np.inf, DRIFT_COST * np.abs(steps))
    reached = reached.clip(0, states - 1)
    for moment in range(1, moments_):
        near = score[reached] - costs
        best = near.argmax(axis=1)
        stayed = near[np.arange(states), best]
        far = int(score.argmax())
        jumps = score[far] - JUMP_COST > stayed
        came[moment] = np.where(jumps, far, reached[np.arange(states), best])
        score = np.where(jumps, score[far] - JUMP_COST, stayed) + gram[moment]
    found = np.zeros(moments_, np.intp)
    found[-1] = int(score.argmax())
    for moment in range(moments_ - 1, 0, -1):
        found[moment - 1] = came[moment, found[moment]]
    return found


def paths(gram: Floats, count: int) -> list[tuple[Doubles, float]]:
    """The strongest paths, none near another: their periods in seconds, shape (moments,), and mean periodicity."""
    left, found = gram.copy(), []
    states = np.arange(gram.shape[1])
    for _ in range(count):
        way = path(left)
        strength = float(left[np.arange(len(way)), way].mean())
        if strength <= 0.05:
            break
        found.append((PERIODS[way], strength))
        left[np.abs(states - way[:, None]) <= APART] = 0.0
    return found
