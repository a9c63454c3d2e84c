"""Tempo from a beat activation: a bank of resonating comb filters and a histogram of which resonates most.

References
----------
.. [1] S. Boeck, F. Krebs and G. Widmer, "Accurate tempo estimation based on recurrent neural networks and
   resonating comb filters", Proc. of the 16th Int. Society for Music Information Retrieval Conf. (ISMIR), 2015.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

ALPHA = 0.79  # what a comb keeps of its past, as in madmom
SMOOTHING_S = 0.14
HISTOGRAM_BINS = 9  # width of the histogram's smoothing


def comb_histogram(
    activation: npt.NDArray[np.float32], lags: npt.NDArray[np.int64], alpha: float = ALPHA
) -> Doubles:
    """How strongly each lag resonates, summed over the frames in which it is the strongest.

    Parameters
    ----------
    activation : ndarray of shape (frames,)
    lags : ndarray of shape (k,)
        Delays of the combs ``y[n] = x[n] + alpha * y[n - lag]``, in frames, ascending.

    Returns
    -------
    ndarray of shape (k,)
    """
    longest, count = int(lags.max()), len(lags)
    ring = np.zeros((longest, count))
    columns = np.arange(count)
    histogram = np.zeros(count)
    for frame, value in enumerate(activation.tolist()):
        row = value + alpha * ring[(frame - lags) % longest, columns]
        ring[frame % longest] = row
        highest = row.max()
        histogram += np.where(row == highest, highest, 0.0)
    return histogram


def tempo_candidates(
    activation: npt.NDArray[np.float32],
    frame_rate: float = 100.0,
    min_bpm: float = 40.0,
    max_bpm: float = 250.0,
) -> list[tuple[float, float]]:
    """Tempos by strength, the same as madmom's TempoEstimationProcessor gives.

    Parameters
    ----------
    activation : ndarray of shape (frames,)
        Strength of a beat, 0 to 1.
    frame_rate : float
        Frames per second.

    Returns
    -------
    list of (bpm, strength)
        Descending; the strengths add up to one. Empty for an activation of zeros.
    """
    if not activation.any():
        return []
    lags = np.arange(int(60 * frame_rate / max_bpm), int(np.ceil(60 * frame_rate / min_bpm)) + 1)
    smooth = np.convolve(activation, np.hamming(round(frame_rate * SMOOTHING_S)), "same")
    histogram = np.convolve(comb_histogram(smooth, lags), np.hamming(HISTOGRAM_BINS), "same")
    higher = (histogram > np.roll(histogram, 1)) & (histogram > np.roll(histogram, -1))
    peaks = np.flatnonzero(higher)
    if len(peaks) == 0:
        return []
    peaks = peaks[np.argsort(-histogram[peaks], kind="stable")]
    strengths = histogram[peaks] / histogram[peaks].sum()
    return [(float(60 * frame_rate / lags[p]), float(s)) for p, s in zip(peaks, strengths, strict=True)]
