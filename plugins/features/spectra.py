"""Onset envelope, chroma, timbre and tuning from librosa's spectra, block by block.

References
----------
.. [1] B. McFee et al., "librosa: audio and music signal analysis in Python", Proc. of the 14th Python in
   Science Conf., 2015.
.. [2] S. Boeck and G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx, 2013.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

SIZE, HOP = 2048, 512
BLOCK = 2000  # frames: 46 s at 22.05 kHz
FLOOR = 1e-5  # of the mel power of a recording scaled to a peak of one: 84 dB below a full-scale sine
AUDIBLE_DB = 60.0  # frames that far below the loudest have no timbre
TUNING_EVERY = 3  # blocks: a third of a long recording settles the tuning


@dataclass(frozen=True)
class Spectra:
    """What librosa's spectra say about a recording.

    Attributes
    ----------
    frame_rate : float
        Frames per second; frame n is centred on ``n / frame_rate``.
    onset_envelope : ndarray of shape (frames,), float32
    chroma : ndarray of shape (frames, 12), float32
        From C, the strongest of a frame being one; zeros for silent frames.
    centroid_hz, flatness : float or None
        Means over the audible frames; None where there is none.
    tuning_cents : float or None
        Offset from A4 = 440 Hz; None where no pitch was found.
    """

    frame_rate: float
    onset_envelope: Floats
    chroma: Floats
    centroid_hz: float | None
    flatness: float | None
    tuning_cents: float | None


def frame_count(length: int) -> int:
    """Frames of `length` samples, centred and so as many as librosa makes."""
    return 1 + length // HOP


def padded(samples: Floats, first: int, last: int) -> Floats:
    """The samples under frames ``first .. last - 1``, zeros beyond the ends, as float32."""
    start, stop = first * HOP - SIZE // 2, (last - 1) * HOP + SIZE // 2
    block = np.zeros(stop - start, np.float32)
    low, high = max(0, start), min(len(samples), stop)
    if high > low:
        block[low - start : high - start] = samples[low:high]
    return block


def power_spectrum(samples: Floats, scale: float, first: int, last: int) -> Floats:
    """Power of frames ``first .. last - 1``, shape (SIZE // 2 + 1, frames)."""
    import librosa

    block = padded(samples, first, last) * np.float32(scale)
    return np.asarray(np.abs(librosa.stft(block, n_fft=SIZE, hop_length=HOP, center=False)) ** 2, np.float32)


def tuning_of(samples: Floats, rate: float, scale: float) -> float | None:
    """Offset of the partials from equal temperament at 440 Hz in cents, by the fullest of 100 bins."""
    import librosa

    counts = np.zeros(100)
    frames = frame_count(len(samples))
    for number, first in enumerate(range(0, frames, BLOCK)):
        if number % TUNING_EVERY:
            continue
        power = power_spectrum(samples, scale, first, min(frames, first + BLOCK))
        pitches, strengths = librosa.piptrack(
            S=power, sr=rate, n_fft=SIZE, hop_length=HOP, fmin=150, fmax=4000
        )
        found = pitches > 0
        if found.any():
            strong = found & (strengths >= np.median(strengths[found]))
            semitones = 12 * np.log2(pitches[strong] / 440.0)
            offsets = np.mod(semitones + 0.5, 1.0) - 0.5
            counts += np.histogram(offsets, bins=100, range=(-0.5, 0.5))[0]
    if not counts.any():
        return None
    around = counts + np.roll(counts, 1) + np.roll(counts, -1)
    return float(np.argmax(around) - 50 + 0.5)


def measure_spectra(
    samples: Floats, rate: int, peak: float, progress: Callable[[float], None] = lambda fraction: None
) -> Spectra:
    """Measure a recording block by block.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Mono, possibly memory-mapped; not all zeros.
    rate : int
        Samples per second.
    peak : float
        Its largest absolute sample.
    progress : callable
        Told the fraction done.
    """
    import librosa

    scale = 1.0 / peak
    cents = tuning_of(samples, rate, scale)
    frames = frame_count(len(samples))
    envelope, chroma = np.zeros(frames, np.float32), np.zeros((frames, 12), np.float32)
    energy, centroid, flatness = np.zeros(frames), np.zeros(frames), np.zeros(frames)
    mel = librosa.filters.mel(sr=rate, n_fft=SIZE)
    pitch = librosa.filters.chroma(sr=rate, n_fft=SIZE, tuning=(cents or 0.0) / 100)
    frequencies = librosa.fft_frequencies(sr=rate, n_fft=SIZE)[:, None]
    before: Floats | None = None
    for first in range(0, frames, BLOCK):
        last = min(frames, first + BLOCK)
        power = power_spectrum(samples, scale, first, last)
        decibels = 10 * np.log10(np.maximum(FLOOR, mel @ power))
        joined = decibels if before is None else np.concatenate((before, decibels), axis=1)
        rises = np.maximum(0.0, np.diff(joined, axis=1)).mean(axis=0)
        envelope[last - len(rises) : last] = rises
        before = decibels[:, -1:]
        chroma[first:last] = normalised((pitch @ power).T)
        energy[first:last] = power.sum(axis=0)
        magnitude = np.sqrt(power)
        total = magnitude.sum(axis=0, dtype=np.float64)
        centroid[first:last] = (magnitude * frequencies).sum(axis=0, dtype=np.float64) / np.maximum(
            total, 1e-20
        )
        flatness[first:last] = np.exp(np.log(power + 1e-10).mean(axis=0)) / (power.mean(axis=0) + 1e-10)
        progress(last / frames)
    audible = energy > energy.max() * 10 ** (-AUDIBLE_DB / 10)
    heard = bool(energy.max() > 0) and bool(audible.any())
    return Spectra(
        frame_rate=rate / HOP,
        onset_envelope=envelope,
        chroma=chroma,
        centroid_hz=float(centroid[audible].mean()) if heard else None,
        flatness=float(np.clip(flatness[audible].mean(), 0.0, 1.0)) if heard else None,
        tuning_cents=cents,
    )


def normalised(chroma: Floats) -> Floats:
    """Rows scaled to a maximum of one; rows without energy stay zero. Shape (frames, 12)."""
    highest = chroma.max(axis=1, keepdims=True)
    return np.where(highest > 1e-8, chroma / np.maximum(highest, 1e-8), 0.0).astype(np.float32)
