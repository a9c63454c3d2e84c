"""Pitch classes by Essentia: harmonic pitch class profiles of spectral peaks, block by block, in tune.

References
----------
.. [1] E. Gomez, "Tonal description of polyphonic audio for music content processing", INFORMS Journal on
   Computing 18(3), 2006.
.. [2] D. Bogdanov et al., "Essentia: an audio analysis library for music information retrieval", Proc. of
   the 14th Int. Society for Music Information Retrieval Conf. (ISMIR), 2013.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Spans = list[tuple[int, int]]

RATE = 44100
FRAME, HOP = 16384, 8192  # 0.37 s: partials of neighbouring semitones stay apart down to the bass
LOW_HZ, HIGH_HZ = 25.0, 3500.0
SILENT = 1e-9  # of full scale
MAX_PEAKS = 60
TUNING_EVERY = 2  # frames: half of them settles the tuning


@dataclass(frozen=True)
class PitchClasses:
    """What was heard in a recording.

    Attributes
    ----------
    classes : ndarray of shape (12,)
        Mean strength from C, the strongest one.
    frames : int
        Frames in which anything had a pitch class.
    tuning_cents : float
        Offset of A4 from 440 Hz, -50 to 50.
    tuning_unity : float
        0 to 1: how far the partials agree on that offset.
    """

    classes: Doubles
    frames: int
    tuning_cents: float
    tuning_unity: float


class PeakAnalysis:
    """Essentia's chain from a frame to its spectral peaks."""

    def __init__(self) -> None:
        import essentia
        import essentia.standard as standard

        essentia.log.infoActive = False
        essentia.log.warningActive = False
        self._standard = standard
        self._window = standard.Windowing(type="blackmanharris62", size=FRAME)
        self._spectrum = standard.Spectrum(size=FRAME)
        self._peaks = standard.SpectralPeaks(
            orderBy="magnitude",
            magnitudeThreshold=1e-4,
            minFrequency=LOW_HZ,
            maxFrequency=HIGH_HZ,
            maxPeaks=MAX_PEAKS,
            sampleRate=RATE,
        )
        self._whitening = standard.SpectralWhitening(maxFrequency=HIGH_HZ, sampleRate=RATE)

    def profile(self, reference_hz: float) -> Any:
        """Essentia's HPCP with A4 at `reference_hz`."""
        return self._standard.HPCP(
            size=12,
            referenceFrequency=reference_hz,
            bandPreset=False,
            minFrequency=LOW_HZ,
            maxFrequency=HIGH_HZ,
            weightType="cosine",
            nonLinear=False,
            windowSize=1.0,
            sampleRate=RATE,
            normalized="none",
        )

    def peaks(self, frame: Floats) -> tuple[Floats, Floats, Floats]:
        """Frequencies, magnitudes and whitened magnitudes of the peaks of a frame."""
        spectrum = self._spectrum(self._window(frame))
        frequencies, magnitudes = self._peaks(spectrum)
        if len(frequencies) == 0:
            return frequencies, magnitudes, magnitudes
        return frequencies, magnitudes, self._whitening(spectrum, frequencies, magnitudes)


def frames_of(samples: Floats, spans: Spans, scale: float, every: int = 1) -> Iterator[Floats]:
    """Frames of FRAME samples inside the spans, scaled, read one at a time from the map."""
    for first, last in spans:
        for start in range(first, last - FRAME + 1, HOP * every):
            yield np.array(samples[start : start + FRAME], np.float32) * np.float32(scale)


def loudest(samples: Floats, spans: Spans) -> float:
    """Largest absolute sample inside the spans, read a block at a time."""
    block = 1 << 20
    starts = ((low, min(low + block, last)) for first, last in spans for low in range(first, last, block))
    return max((float(np.abs(samples[low:high]).max()) for low, high in starts), default=0.0)


def tuning(analysis: PeakAnalysis, samples: Floats, spans: Spans, scale: float) -> tuple[float, float]:
    """Offset from A4 = 440 Hz in cents and the unity of the partials about it: a weighted circular mean."""
    total, weight = 0.0 + 0.0j, 0.0
    for frame in frames_of(samples, spans, scale, TUNING_EVERY):
        frequencies, magnitudes, _ = analysis.peaks(frame)
        if len(frequencies):
            semitones = 12 * np.log2(np.asarray(frequencies, np.float64) / 440.0)
            total += complex((magnitudes * np.exp(2j * np.pi * semitones)).sum())
            weight += float(magnitudes.sum())
    if weight <= 0:
        return 0.0, 0.0
    return float(np.angle(total) / (2 * np.pi) * 100), abs(total) / weight


def pitch_classes(
    analysis: PeakAnalysis,
    samples: Floats,
    spans: Spans,
    progress: Callable[[float], None] = lambda fraction: None,
) -> PitchClasses:
    """Mean pitch classes of the spans of a recording.

    Two views are averaged: every frame's profile scaled to a maximum of one, so that a loud chord
    counts no more than a soft one, and the profile of whitened peaks, in which bass and treble
    count alike. Each alone gave one or two errors more on recordings and on generated songs.

    Parameters
    ----------
    analysis : PeakAnalysis
    samples : ndarray of shape (n,)
        Mono, 44.1 kHz, possibly memory-mapped.
    spans : list of (first, last)
        The samples to use.
    progress : callable
        Told the fraction done.
    """
    peak = loudest(samples, spans)
    if peak < SILENT:
        return PitchClasses(np.zeros(12), 0, 0.0, 0.0)
    scale = 0.5 / peak
    cents, unity = tuning(analysis, samples, spans, scale)
    progress(0.3)
    profile = analysis.profile(440.0 * 2.0 ** (cents / 1200.0))
    plain, white = np.zeros(12), np.zeros(12)
    frames = 0
    for frame in frames_of(samples, spans, scale):
        frequencies, magnitudes, whitened = analysis.peaks(frame)
        heard = np.asarray(profile(frequencies, magnitudes), np.float64)
        if heard.max() <= 0:
            continue
        frames += 1
        plain += heard / heard.max()
        white += profile(frequencies, whitened)
    # Essentia counts pitch classes from A.
    classes = np.roll(unit(plain) + unit(white), -3)
    return PitchClasses(unit(classes), frames, cents, unity)


def unit(values: Doubles) -> Doubles:
    """Scaled to a maximum of one; zeros stay zeros."""
    highest = float(values.max())
    return values / highest if highest > 0 else values
