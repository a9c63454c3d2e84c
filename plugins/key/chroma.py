"""Pitch classes by librosa: chroma of the spectrum, block by block, in tune.

References
----------
.. [1] T. Fujishima, "Realtime chord recognition of musical sound: a system using Common Lisp Music", Proc. of
   the Int. Computer Music Conf. (ICMC), 1999.
.. [2] B. McFee et al., "librosa: audio and music signal analysis in Python", Proc. of the 14th Python in
   Science Conf., 2015.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Spans = list[tuple[int, int]]

SIZE, HOP = 8192, 4096  # 0.37 s at 22.05 kHz: semitones apart down to 50 Hz
BLOCK = 200  # frames: 37 s
LOW_HZ, HIGH_HZ = 60.0, 2000.0
SILENT = 1e-9  # of full scale
COMPRESSION = 0.5  # exponent of the magnitudes: loud partials do not drown the others


@dataclass(frozen=True)
class Chroma:
    """Mean chroma of the spans of a recording.

    Attributes
    ----------
    classes : ndarray of shape (12,)
        From C, the strongest being one.
    frames : int
        Frames in which anything sounded.
    tuning_cents : float
        Offset of A4 from 440 Hz, -50 to 50.
    tuning_unity : float
        0 to 1: how far the partials agree on that offset.
    """

    classes: Doubles
    frames: int
    tuning_cents: float
    tuning_unity: float


def spectra(samples: Floats, spans: Spans) -> list[tuple[int, int]]:
    """Sample ranges of at most BLOCK frames that lie inside the spans and hold at least one frame."""
    length = (BLOCK - 1) * HOP + SIZE
    step = BLOCK * HOP
    ranges = [(low, min(low + length, last)) for first, last in spans for low in range(first, last, step)]
    return [(low, high) for low, high in ranges if high - low >= SIZE]


def magnitudes(samples: Floats, low: int, high: int, scale: float) -> Floats:
    """Magnitude spectra of the frames between two samples, shape (SIZE // 2 + 1, frames)."""
    import librosa

    block = np.asarray(samples[low:high], np.float32) * np.float32(scale)
    return np.asarray(np.abs(librosa.stft(block, n_fft=SIZE, hop_length=HOP, center=False)), np.float32)


def partials(spectrum: Floats, rate: int) -> tuple[Doubles, Doubles]:
    """Frequencies (Hz, by parabolas) and magnitudes of the spectral peaks above a hundredth of the frame's maximum."""
    low, high = int(LOW_HZ * SIZE / rate), int(HIGH_HZ * SIZE / rate)
    part = spectrum[low:high]
    middle = part[1:-1]
    peak = (middle > part[:-2]) & (middle >= part[2:]) & (middle > 0.01 * spectrum.max(axis=0))
    bins, frames = np.nonzero(peak)
    left, centre, right = (
        np.log(part[bins + offset, frames] + 1e-9).astype(np.float64) for offset in (0, 1, 2)
    )
    curve = np.minimum(left - 2 * centre + right, -1e-9)
    offset = np.clip(0.5 * (left - right) / curve, -0.5, 0.5)
    return (low + 1 + bins + offset) * rate / SIZE, np.exp(centre)


def chroma_of(
    samples: Floats, rate: int, spans: Spans, progress: Callable[[float], None] = lambda fraction: None
) -> Chroma:
    """Chroma from spectral peaks, weighted by the root of their magnitude and tuned.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Mono, possibly memory-mapped.
    rate : int
        Samples per second.
    spans : list of (first, last)
        The samples to use.
    progress : callable
        Told the fraction done.
    """
    peak = max((float(np.abs(samples[low:high]).max()) for low, high in spectra(samples, spans)), default=0.0)
    if peak < SILENT:
        return Chroma(np.zeros(12), 0, 0.0, 0.0)
    # 1,200 classes of a cent each: the tuning, known only at the end, then shifts them.
    fine = np.zeros(1200)
    vector, weight, frames = 0.0 + 0.0j, 0.0, 0
    ranges = spectra(samples, spans)
    for number, (low, high) in enumerate(ranges):
        spectrum = magnitudes(samples, low, high, 1.0 / peak)
        frames += int(np.count_nonzero(spectrum.max(axis=0) > 1e-3))
        frequencies, strengths = partials(spectrum, rate)
        pitch = 1200 * np.log2(frequencies / 440.0)
        vector += complex((strengths * np.exp(2j * np.pi * pitch / 100)).sum())
        weight += float(strengths.sum())
        cents = np.mod(np.round(pitch).astype(np.int64) + 900, 1200)
        fine += np.bincount(cents, strengths**COMPRESSION, minlength=1200)
        progress((number + 1) / len(ranges))
    if weight <= 0:
        return Chroma(np.zeros(12), frames, 0.0, 0.0)
    tuning = float(np.angle(vector) / (2 * np.pi) * 100)
    return Chroma(folded(fine, tuning), frames, tuning, abs(vector) / weight)


def folded(fine: Doubles, tuning_cents: float) -> Doubles:
    """Twelve classes from classes of a cent: a raised cosine of a semitone around each tuned pitch class."""
    offsets = np.arange(-50, 51)
    window = np.cos(np.pi * offsets / 100) ** 2
    centres = np.round(np.arange(12) * 100 + tuning_cents).astype(np.int64)
    classes = (fine[np.mod(centres[:, None] + offsets, 1200)] * window).sum(axis=1)
    return np.asarray(classes / max(float(classes.max()), 1e-12))
