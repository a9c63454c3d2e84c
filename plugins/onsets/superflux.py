"""SuperFlux: an onset detection function that vibrato does not disturb, in blocks, and its peaks.

References
----------
.. [1] S. Boeck and G. Widmer, "Maximum filter vibrato suppression for onset detection", Proc. of the
   16th Int. Conf. on Digital Audio Effects (DAFx), 2013.
.. [2] S. Boeck, F. Krebs and M. Schedl, "Evaluating the online capabilities of onset detection
   methods", Proc. of the 13th Int. Society for Music Information Retrieval Conf. (ISMIR), 2012.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Samples = npt.NDArray[np.float32]

SILENT = 1e-9  # of full scale
BLOCK_FRAMES = 4096  # about 20 s: 16 MB of frames at a time
THRESHOLD = 0.022  # F of drum tracks, mixes and piano is flat from 0.02 to 0.03; noise gives less than 0.02


@dataclass(frozen=True)
class Grid:
    """Where the analysis frames lie.

    Attributes
    ----------
    rate : float
        Samples per second.
    hop, size : int
        Samples between frames, samples in a frame. Frame n is centred on sample ``n * hop``.
    """

    rate: float
    hop: int
    size: int

    @classmethod
    def at(cls, rate: float) -> Grid:
        """200 frames a second of 46 ms each, as in [1]_."""
        return cls(rate=float(rate), hop=max(1, round(rate / 200)), size=1 << round(np.log2(rate * 0.0464)))

    @property
    def frame_rate(self) -> float:
        """Frames per second."""
        return self.rate / self.hop


def frame_count(length: int, grid: Grid) -> int:
    """Frames whose centres lie within `length` samples."""
    return 0 if length <= 0 else 1 + (length - 1) // grid.hop


def frames_between(samples: Samples, grid: Grid, first: int, last: int) -> Samples:
    """Frames ``first .. last - 1`` as an array (last - first, size), zeros beyond the ends."""
    start = first * grid.hop - grid.size // 2
    stop = (last - 1) * grid.hop + grid.size - grid.size // 2
    block = np.zeros(stop - start, np.float32)
    low, high = max(start, 0), min(stop, len(samples))
    if high > low:
        block[low - start : high - start] = samples[low:high]
    return np.lib.stride_tricks.sliding_window_view(block, grid.size)[:: grid.hop]


def filterbank(
    grid: Grid, bands_per_octave: int = 24, low_hz: float = 30.0, high_hz: float = 17000.0
) -> Floats:
    """Overlapping triangles, quarter tones apart, each with a peak of one.

    Returns
    -------
    ndarray of shape (size // 2, bands)
        One column per band; bands that fall on the same FFT bin are merged.
    """
    bins = grid.size // 2
    high_hz = min(high_hz, grid.rate / 2)
    octaves = np.log2(high_hz / low_hz)
    centres = low_hz * 2 ** (np.arange(int(octaves * bands_per_octave) + 1) / bands_per_octave)
    centres_bin = np.unique(np.clip(np.round(centres / (grid.rate / 2) * bins).astype(int), 1, bins - 1))
    bank = np.zeros((bins, len(centres_bin) - 2), np.float32)
    for band, (left, middle, right) in enumerate(
        zip(centres_bin, centres_bin[1:], centres_bin[2:], strict=False)
    ):
        bank[left:middle, band] = np.linspace(0, 1, middle - left, endpoint=False)
        bank[middle:right, band] = np.linspace(1, 0, right - middle, endpoint=False)
    return bank


def block_bounds(count: int, block: int = BLOCK_FRAMES) -> Iterator[tuple[int, int]]:
    """Frames 0 to `count` in pieces of at most `block`."""
    for first in range(0, count, block):
        yield first, min(count, first + block)


def band_magnitudes(
    samples: Samples, grid: Grid, bank: Floats, window: Floats, first: int, last: int
) -> Floats:
    """Magnitudes of frames ``first .. last - 1`` in the bands of `bank`, shape (last - first, bands)."""
    from scipy.fft import rfft

    spectrum = np.abs(rfft(frames_between(samples, grid, first, last) * window, axis=1))[:, : grid.size // 2]
    return spectrum.astype(np.float32, copy=False) @ bank


def reference_level(samples: Samples, grid: Grid) -> float:
    """The level of the loud part of a recording: 95th percentile of the RMS of 50 ms pieces.

    The spectrogram's logarithm is taken relative to it, so that the same playing 60 dB softer gives
    the same onsets.
    """
    piece = max(1, int(0.05 * grid.rate))
    count = max(1, len(samples) // piece)
    per_block = 4096
    levels = []
    for first in range(0, count, per_block):
        part = np.asarray(samples[first * piece : min(count, first + per_block) * piece], np.float32)
        if len(part) < piece:
            levels.append(np.array([np.sqrt(np.mean(np.square(part)))]))
            continue
        levels.append(np.sqrt(np.mean(np.square(part.reshape(-1, piece)), axis=1)))
    rms = np.concatenate(levels)
    sounding = rms[rms > 0]
    return float(np.percentile(sounding, 95)) if len(sounding) else 0.0


def superflux(
    samples: Samples,
    rate: float,
    *,
    max_bins: int = 3,
    diff_ratio: float = 0.5,
    gain: float = 20.0,
) -> Floats:
    """The SuperFlux onset detection function.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Mono samples, possibly memory-mapped: they are read block by block.
    rate : float
        Samples per second.
    max_bins : int
        Width of the maximum filter over bands, which lets a partial wander by a band unnoticed.
    diff_ratio : float
        The lag of the difference reaches to where the window has this height.
    gain : float
        Magnitudes are scaled so that a frame at the recording's reference level has about this
        magnitude before ``log10(1 + x)``.

    Returns
    -------
    ndarray of shape (frames,)
        Mean positive log-magnitude rise per band, at ``Grid.at(rate).frame_rate``.
    """
    grid = Grid.at(rate)
    count = frame_count(len(samples), grid)
    level = reference_level(samples, grid)
    flux = np.zeros(count, np.float32)
    if level < SILENT:
        return flux
    window = np.hanning(grid.size).astype(np.float32)
    bank = filterbank(grid)
    lag = max(1, round((grid.size / 2 - np.argmax(window > diff_ratio)) / grid.hop))
    scale = gain / (level * np.sqrt(float(np.sum(window**2))))
    for first, last in block_bounds(count):
        start = max(0, first - lag)
        logs = np.log10(1 + scale * band_magnitudes(samples, grid, bank, window, start, last))
        flux[first:last] = rise(logs, lag, max_bins, first - start)
    return flux


def rise(logs: Floats, lag: int, max_bins: int, context: int) -> Floats:
    """Mean over bands of what frame n has above the band-wise widened frame n - lag.

    Parameters
    ----------
    logs : ndarray of shape (frames, bands)
    context : int
        Leading frames that serve only as the past of the others. With less context than `lag`
        (the recording's beginning) the missing past is silence.
    """
    from scipy.ndimage import maximum_filter1d

    widened = maximum_filter1d(logs, max_bins, axis=1)
    past = np.zeros_like(logs)
    past[lag:] = widened[:-lag] if lag < len(logs) else past[lag:]
    return np.maximum(0, logs - past)[context:].mean(axis=1)


def pick_peaks(
    flux: Floats,
    frame_rate: float,
    *,
    threshold: float,
    pre_max_s: float = 0.03,
    post_max_s: float = 0.03,
    pre_avg_s: float = 0.10,
    post_avg_s: float = 0.07,
    combine_s: float = 0.03,
) -> npt.NDArray[np.int64]:
    """Frames where the flux is the largest around and stands `threshold` above its local mean.

    Returns
    -------
    ndarray of shape (peaks,)
        Frame numbers, ascending, at least `combine_s` apart.
    """
    from scipy.ndimage import maximum_filter, uniform_filter

    if len(flux) == 0:
        return np.zeros(0, np.int64)
    pre, post = round(pre_max_s * frame_rate), round(post_max_s * frame_rate)
    highest = maximum_filter(flux, pre + post + 1, mode="constant", origin=(pre - post) // 2)
    pre, post = round(pre_avg_s * frame_rate), round(post_avg_s * frame_rate)
    average = uniform_filter(flux, pre + post + 1, mode="constant", origin=(pre - post) // 2)
    peaks = np.flatnonzero((flux == highest) & (flux > 0) & (flux >= average + threshold))
    kept: list[int] = []
    for peak in peaks:
        if not kept or peak - kept[-1] > combine_s * frame_rate:
            kept.append(int(peak))
    return np.array(kept, np.int64)


def detect(samples: Samples, rate: float, *, threshold: float = THRESHOLD) -> tuple[Floats, Floats]:
    """Onset times and strengths.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Mono samples, possibly memory-mapped.
    rate : float
        Samples per second.
    threshold : float
        How far the flux must stand above its local mean.

    Returns
    -------
    times : ndarray of shape (k,), float64
        Seconds from the first sample, ascending, at least 30 ms apart: where each attack first
        passes a tenth of its peak.
    strengths : ndarray of shape (k,), float64
        The flux at the onset: mean rise per band in log10 units.
    """
    from . import attack

    grid = Grid.at(rate)
    flux = superflux(samples, rate)
    peaks = pick_peaks(flux, grid.frame_rate, threshold=threshold)
    peaks = without_cuts(peaks, flux, grid, len(samples))
    starts = attack.attack_starts(samples, rate, peaks * grid.hop)
    times, strengths = starts / rate, flux[peaks].astype(np.float64)
    order = np.argsort(times, kind="stable")
    kept: list[int] = []
    for index in order:
        if not kept or times[index] - times[kept[-1]] >= 0.03:
            kept.append(int(index))
    return times[kept], strengths[kept]


def without_cuts(
    peaks: npt.NDArray[np.int64], flux: Floats, grid: Grid, length: int
) -> npt.NDArray[np.int64]:
    """Drop peaks that the cuts at both ends make rather than an attack.

    Before the first sample there is silence, so whatever sounds there rises out of it. It counts as
    an onset when it rises at least a quarter as far as the strongest onset does. What breaks off
    at the last sample splashes over the whole spectrum: frames that reach beyond it are not
    believed, unless the recording is shorter than two frames.
    """
    if length >= 2 * grid.size:
        peaks = peaks[peaks * grid.hop <= length - grid.size // 2]
    if len(peaks) > 1 and peaks[0] * grid.hop < grid.size / 2 and flux[peaks[0]] < 0.25 * flux[peaks].max():
        return peaks[1:]
    return peaks
