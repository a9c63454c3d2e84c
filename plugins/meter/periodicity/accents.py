"""Where something begins to sound, band by band, and what sounds: the arrays that the other steps work on.

References
----------
.. [1] A. Klapuri, A. Eronen and J. Astola, "Analysis of the meter of acoustic musical signals", IEEE Transactions
   on Audio, Speech, and Language Processing 14(1), 2006.
.. [2] S. Boeck and G. Widmer, "Maximum filter vibrato suppression for onset detection", Proc. of the
   16th Int. Conf. on Digital Audio Effects (DAFx), 2013.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

HOPS_A_SECOND = 100
PITCHES_A_SECOND = 10
BLOCK = 3000  # frames: 30 s, 12 MB of frames at a time
LAG = 2  # frames over which a rise is measured
GAIN = 20.0  # what a frame at the recording's level is scaled to before log(1 + x)
SILENT = 1e-6  # of full scale
EDGES_HZ = (30.0, 150.0, 500.0, 2500.0, 10500.0)
"""Of the bands: kick and bass; low voices, toms; voices, the snare's body; hats, cymbals, the snare's wires."""
BANDS = len(EDGES_HZ) - 1


@dataclass(frozen=True)
class Accents:
    """Accents of a recording.

    Attributes
    ----------
    bands : ndarray of shape (frames, 4)
        Rise of the log spectrum in each band of EDGES_HZ, relative to the band's own strong rises; zero where
        nothing is to be looked at.
    total : ndarray of shape (frames,)
        The same over all bands.
    frame_rate : float
        Frames a second; frame n lies at n / frame_rate.
    pitches : ndarray of shape (moments, 24)
        Loudness of the twelve pitch classes of the bass and of what lies above, 10 moments a second.
    pitch_rate : float
        Moments a second.
    relief : float
        Standard deviation of the rises over their mean: 0.5 to 1.2 in noise, 2 and more where something is struck.
    """

    bands: Floats
    total: Floats
    frame_rate: float
    pitches: Floats
    pitch_rate: float
    relief: float

    @property
    def duration_s(self) -> float:
        """Seconds that the frames cover."""
        return len(self.total) / self.frame_rate


def level(samples: Floats, rate: float) -> float:
    """The level of the loud part: 95th percentile of the RMS of 50 ms pieces, read a minute at a time."""
    piece = max(1, int(0.05 * rate))
    found = []
    for first in range(0, len(samples), 1200 * piece):
        part = np.asarray(samples[first : first + 1200 * piece], np.float32)
        part = part[: len(part) // piece * piece].reshape(-1, piece)
        found.append(np.sqrt(np.mean(np.square(part), axis=1)))
    rms = np.concatenate(found) if found else np.zeros(0)
    sounding = rms[rms > SILENT]
    return float(np.percentile(sounding, 95)) if len(sounding) else 0.0


def frames_at(samples: Floats, hop: int, size: int, first: int, last: int) -> Floats:
    """Frames ``first .. last - 1``, frame n centred on sample ``n * hop``, shape (last - first, size)."""
    start, stop = first * hop - size // 2, (last - 1) * hop + size - size // 2
    block = np.zeros(stop - start, np.float32)
    low, high = max(start, 0), min(stop, len(samples))
    if high > low:
        block[low - start : high - start] = samples[low:high]
    return np.lib.stride_tricks.sliding_window_view(block, size)[::hop]


def log_bands(rate: float, size: int, per_octave: int = 6) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Weights from FFT bins to narrow bands, shape (size // 2 + 1, narrow), and which wide band each is in."""
    bins = np.fft.rfftfreq(size, 1.0 / rate)
    top = min(EDGES_HZ[-1], 0.48 * rate)
    count = int(np.log2(top / EDGES_HZ[0]) * per_octave)
    edges = EDGES_HZ[0] * 2.0 ** (np.arange(count + 1) / per_octave)
    nearest = np.unique(np.searchsorted(bins, edges).clip(1, len(bins) - 1))
    weights = np.zeros((len(bins), len(nearest) - 1), np.float32)
    for band, (low, high) in enumerate(itertools.pairwise(nearest)):
        weights[low:high, band] = 1.0 / np.sqrt(high - low)
    middles = np.sqrt(bins[nearest[:-1]] * bins[nearest[1:]])
    return weights, np.searchsorted(np.array(EDGES_HZ[1:-1]), middles)


def rises(samples: Floats, rate: float, progress: Callable[[float], None]) -> tuple[Floats, float]:
    """Mean rise of the log spectrum in each band, shape (frames, 4), and frames a second."""
    from scipy.fft import rfft
    from scipy.ndimage import maximum_filter1d

    hop, size = max(1, round(rate / HOPS_A_SECOND)), 1 << round(np.log2(rate * 0.0464))
    count = 1 + max(0, len(samples) - 1) // hop
    weights, of_band = log_bands(rate, size)
    spread = np.zeros((weights.shape[1], BANDS), np.float32)
    spread[np.arange(len(of_band)), of_band] = 1.0
    spread /= np.maximum(1.0, spread.sum(axis=0))
    window = np.hanning(size).astype(np.float32)
    loud = level(samples, rate)
    out = np.zeros((count, BANDS), np.float32)
    if loud < SILENT:
        return out, rate / hop
    scale = np.float32(GAIN / (loud * np.sqrt(float(np.sum(window**2)))))
    for first in range(0, count, BLOCK):
        last, start = min(count, first + BLOCK), max(0, first - LAG)
        spectrum = np.abs(rfft(frames_at(samples, hop, size, start, last) * window, axis=1))
        logs = np.log1p(scale * (spectrum @ weights))
        past = np.zeros_like(logs)
        past[LAG:] = maximum_filter1d(logs, 3, axis=1)[:-LAG] if len(logs) > LAG else 0.0
        out[first:last] = (np.maximum(0.0, logs - past) @ spread)[first - start :]
        progress(last / count)
    return out, rate / hop


def pitch_classes(samples: Floats, rate: float) -> tuple[Floats, float]:
    """Loudness of pitch classes from 40 to 200 and to 1,760 Hz, shape (moments, 24), and moments a second."""
    from scipy.fft import rfft

    hop, size = max(1, round(rate / PITCHES_A_SECOND)), 1 << round(np.log2(rate * 0.186))
    count = 1 + max(0, len(samples) - 1) // hop
    bins = np.fft.rfftfreq(size, 1.0 / rate)
    weights = np.zeros((len(bins), 24), np.float32)
    heard = (bins >= 40) & (bins <= 1760)
    classes = np.round(12 * np.log2(bins[heard] / 440.0)).astype(int) % 12
    weights[np.flatnonzero(heard), classes + np.where(bins[heard] < 200, 0, 12)] = 1.0
    window = np.hanning(size).astype(np.float32)
    out = np.zeros((count, 24), np.float32)
    for first in range(0, count, 300):
        last = min(count, first + 300)
        spectrum = np.abs(rfft(frames_at(samples, hop, size, first, last) * window, axis=1))
        out[first:last] = np.sqrt(spectrum @ weights)
    return out, rate / hop


def evened(rise: Floats, frame_rate: float) -> Floats:
    """Rises less their mean over half a second, relative to strong ones (their 95th percentile), at most 2."""
    from scipy.ndimage import uniform_filter1d

    stood_out = np.maximum(0.0, rise - uniform_filter1d(rise, round(0.5 * frame_rate) | 1, axis=0))
    peaks = stood_out.reshape(len(stood_out), -1)
    strong = np.array([np.percentile(row[row > 0], 95) if (row > 0).any() else 1.0 for row in peaks.T])
    return np.asarray(
        np.minimum(2.0, stood_out / np.maximum(strong, 0.02).reshape(stood_out.shape[1:] or ())), np.float32
    )


def accents_of(
    samples: Floats, rate: float, keep: Callable[[Doubles], Bools], progress: Callable[[float], None]
) -> Accents:
    """The accents of a recording.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Mono, possibly memory-mapped: read in blocks.
    rate : float
        Samples a second.
    keep : callable
        From seconds, shape (k,), to which of them are to be looked at.
    progress : callable
        Told the fraction done.
    """
    rise, frame_rate = rises(samples, rate, progress)
    kept = keep(np.arange(len(rise)) / frame_rate)
    rise[~kept] = 0.0
    looked_at = rise[kept].mean(axis=1)[LAG + 1 :]  # the first frames rise out of nothing
    relief = float(looked_at.std() / max(float(looked_at.mean()), 1e-9)) if len(looked_at) else 0.0
    rise[: LAG + 1] = np.where(rise[: LAG + 1] > 4 * rise.std(axis=0), rise[: LAG + 1], 0.0)
    pitches, pitch_rate = pitch_classes(samples, rate)
    bands, total = evened(rise, frame_rate), evened(rise.mean(axis=1), frame_rate)
    return Accents(bands, total, frame_rate, pitches, pitch_rate, relief)
