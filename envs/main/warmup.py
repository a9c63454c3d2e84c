"""Imports what plugins of this environment use and calls each once, on noise.

`import librosa` loads nothing by itself; the first real call costs seconds. The build runs `warm` once, which
fills numba's cache; the process that workers are forked from runs it again at its start, and has to be left
with one thread.
"""

from __future__ import annotations

import importlib

import numpy as np

RATE = 22050


def warm() -> None:
    """Exercise librosa, SciPy, soxr, soundfile, PyAV and pyloudnorm on three seconds of noise with clicks."""
    import io

    import av
    import librosa
    import pyloudnorm
    import scipy.fft
    import scipy.ndimage
    import scipy.signal
    import soundfile
    import soxr

    _import_librosa_beat()
    y = _noise(3.2)
    envelope = librosa.onset.onset_strength(y=y, sr=RATE)
    librosa.onset.onset_detect(onset_envelope=envelope, sr=RATE)
    librosa.beat.beat_track(onset_envelope=envelope, sr=RATE)
    librosa.feature.tempo(onset_envelope=envelope, sr=RATE)
    librosa.feature.tempogram(onset_envelope=envelope, sr=RATE, win_length=64)
    tuning = librosa.estimate_tuning(y=y, sr=RATE)
    librosa.feature.chroma_cqt(y=y, sr=RATE, tuning=tuning)
    librosa.feature.chroma_stft(y=y, sr=RATE, tuning=0.0)
    spectrum = np.abs(librosa.stft(y))
    librosa.feature.spectral_centroid(S=spectrum, sr=RATE)
    librosa.feature.spectral_flatness(S=spectrum)
    librosa.feature.spectral_contrast(S=spectrum, sr=RATE)
    librosa.feature.zero_crossing_rate(y)
    librosa.feature.rms(y=y)
    librosa.power_to_db(spectrum)

    scipy.signal.sosfilt(scipy.signal.butter(4, 0.1, output="sos"), y)
    scipy.signal.find_peaks(envelope)
    scipy.ndimage.maximum_filter1d(spectrum, 3, axis=0)
    scipy.ndimage.median_filter(envelope, 5)
    scipy.fft.rfft(y)
    pyloudnorm.Meter(RATE).integrated_loudness(y)

    stream = soxr.ResampleStream(RATE, 16000, 1, dtype="float32")
    stream.resample_chunk(y, last=True)
    held = io.BytesIO()
    soundfile.write(held, y, RATE, format="WAV")
    held.seek(0)
    with av.open(held) as container:
        for _ in container.decode(audio=0):
            pass


def _import_librosa_beat() -> None:
    """Import librosa.beat with all it compiles cached: librosa 0.11 leaves out one function of 2 s."""
    import numba

    guvectorize = numba.guvectorize
    numba.guvectorize = lambda *args, **options: guvectorize(*args, **{**options, "cache": True})
    try:
        importlib.import_module("librosa.beat")
    finally:
        numba.guvectorize = guvectorize


def _noise(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Noise with a click every half second, so that trackers find something; the same each time."""
    y = np.random.default_rng(0).normal(0, 0.05, int(seconds * RATE)).astype(np.float32)
    y[:: RATE // 2] = 1.0
    return y
