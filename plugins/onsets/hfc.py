"""Onsets by Essentia: high-frequency content and complex domain, frame by frame, for any length.

References
----------
.. [1] P. Brossier, J. Bello and M. Plumbley, "Fast labelling of notes in music signals", Proc. of the 5th Int.
   Conf. on Music Information Retrieval (ISMIR), 2004.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

RATE = 44100
SIZE, HOP = 1024, 512
LIMIT = 1e-6  # of full scale: softer frames are digital silence
METHODS = ("hfc", "complex")


class Detection:
    """Essentia's chain from a frame to the detection functions, and its peak picking."""

    def __init__(self) -> None:
        import essentia

        essentia.log.infoActive = False
        essentia.log.warningActive = False
        import essentia.standard as standard

        self._standard = standard
        self._window = standard.Windowing(type="hann", size=SIZE)
        self._fft = standard.FFT(size=SIZE)
        self._polar = standard.CartesianToPolar()

    def functions(self) -> list[Any]:
        """Fresh detection functions: the complex one remembers the frames before."""
        return [self._standard.OnsetDetection(method=method, sampleRate=RATE) for method in METHODS]

    def values(self, functions: list[Any], frame: Floats) -> list[float]:
        """Each function's value for a frame of SIZE samples."""
        magnitude, phase = self._polar(self._fft(self._window(frame)))
        return [float(function(magnitude, phase)) for function in functions]

    def picked(self, curves: Floats) -> Doubles:
        """Onset times in seconds from the curves, shape (methods, frames)."""
        picking = self._standard.Onsets(frameRate=RATE / HOP, silenceThreshold=0.02, alpha=0.1, delay=5)
        return np.asarray(picking(curves, np.ones(len(curves), np.float32)), np.float64)


def detection_curves(detection: Detection, samples: Floats, progress: Callable[[float], None]) -> Floats:
    """The detection functions at all frames, shape (methods, frames); the samples are read frame by frame.

    Frame n is centred on sample ``n * HOP``. Frames that reach beyond the last sample stay zero: breaking off
    is no onset.
    """
    count = 1 + len(samples) // HOP
    functions = detection.functions()
    curves = np.zeros((len(METHODS), count), np.float32)
    frame = np.zeros(SIZE, np.float32)
    for index in range(1 + max(0, len(samples) - SIZE // 2) // HOP):
        inside = samples[max(0, index * HOP - SIZE // 2) : index * HOP + SIZE // 2]
        frame[SIZE - len(inside) :] = inside
        frame[: SIZE - len(inside)] = 0.0
        if np.abs(frame).max() > LIMIT:
            curves[:, index] = detection.values(functions, frame)
        if index % 5000 == 0:
            progress(index / count)
    return curves


def detect(
    detection: Detection, samples: Floats, progress: Callable[[float], None] = lambda fraction: None
) -> tuple[Doubles, Doubles]:
    """Onset times in seconds and strengths, each of shape (k,).

    Parameters
    ----------
    detection : Detection
    samples : ndarray of shape (n,)
        Mono, 44.1 kHz, possibly memory-mapped.
    progress : callable
        Told the fraction done.
    """
    curves = detection_curves(detection, samples, progress)
    highest = curves.max(axis=1, keepdims=True)
    if not (highest > 0).any() or curves.shape[1] < 3:
        return np.zeros(0), np.zeros(0)
    times = np.unique(np.clip(detection.picked(curves), 0.0, len(samples) / RATE))
    mean = (curves / np.where(highest > 0, highest, 1.0)).mean(axis=0)
    frames = np.clip(np.round(times * RATE / HOP).astype(int), 0, curves.shape[1] - 1)
    near = np.stack([mean[np.clip(frames + offset, 0, len(mean) - 1)] for offset in (-1, 0, 1, 2)])
    return times, near.max(axis=0).astype(np.float64)
