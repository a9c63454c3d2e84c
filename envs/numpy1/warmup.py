"""Imports what plugins of this environment use and calls each once, on noise.

Run by the build, and again by the process that workers are forked from, which has to be left with one thread.
"""

from __future__ import annotations

import numpy as np

RATE = 44100  # madmom's models and Essentia's key profiles are made for this rate


def warm() -> None:
    """Exercise madmom's beat networks and decoders and Essentia's key and onsets on two seconds of noise."""
    import essentia

    essentia.log.infoActive = False  # before the next import, which would print
    essentia.log.warningActive = False
    import essentia.standard as essentia_standard
    import madmom_compat  # noqa: F401 - before madmom
    import soundfile  # noqa: F401
    import soxr
    from madmom.audio.signal import Signal
    from madmom.features.beats import DBNBeatTrackingProcessor, RNNBeatProcessor
    from madmom.features.tempo import TempoEstimationProcessor

    y = _noise(2.0)
    activation = RNNBeatProcessor()(Signal(y, sample_rate=RATE, num_channels=1))
    DBNBeatTrackingProcessor(fps=100)(activation)
    TempoEstimationProcessor(fps=100)(activation)

    essentia_standard.KeyExtractor(profileType="bgate", sampleRate=RATE)(y)
    spectrum = essentia_standard.Spectrum()(essentia_standard.Windowing(type="hann")(y[:1024]))
    essentia_standard.OnsetDetection(method="flux", sampleRate=RATE)(spectrum, spectrum)
    essentia_standard.OnsetRate()(y)
    soxr.resample(y, RATE, 22050)


def _noise(seconds: float) -> np.ndarray:
    """Noise with a click every half second, so that trackers find something; the same each time."""
    y = np.random.default_rng(0).normal(0, 0.05, int(seconds * RATE)).astype(np.float32)
    y[:: RATE // 2] = 1.0
    return y
