"""What others call onsets, for comparison: madmom's convolutional network and librosa's spectral flux as published."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hemiola import AudioView, Budget, Config, Context, Plugin, Region
from hemiola.results import Onsets

Floats = npt.NDArray[np.float32]

MADMOM_RATE = 44100
FRAME_RATE = 100
HOP = MADMOM_RATE // FRAME_RATE
BLOCK = 1500
"""Frames that the network sees together: 70 MB."""
CONTEXT = 16
"""Frames around a block: 7 that the network looks to either side, 5 that the longest spectrum reaches beyond."""
LEAD_IN_S = 0.1
"""Of silence before a region for librosa: at this length its onsets agreed best with those in uncut recordings."""


class MadmomOnsets(Plugin[Onsets, Config]):
    """Onsets by madmom's convolutional network and its peak picking, as its CNNOnsetDetector.

    Notes
    -----
    madmom's own network and peak picking with its program's defaults (threshold 0.54, smoothed over 50 ms, onsets
    within 30 ms combined); run a block at a time, which changes nothing. Times lie on a 10 ms grid.
    `strengths` is the network's activation there.

    References
    ----------
    .. [1] J. Schlueter and S. Boeck, "Musical onset detection with convolutional neural networks", Proc. of
       the 6th Int. Workshop on Machine Learning and Music, 2013.
    """

    name = "onsets.madmom"
    version = "1.0.0"
    peer = True
    audio = AudioView(rate=MADMOM_RATE, channels=1)
    environment = "numpy1"
    budget = Budget(seconds=20, per_audio_second=0.5)
    memory = "1 GiB"
    licence = "BSD-3-Clause (madmom)"
    model_licence = "CC BY-NC-SA 4.0 (madmom's onset model)"
    libraries = ("madmom", "numpy", "scipy")

    def load(self) -> None:
        """Read the network's weights."""
        import madmom_compat  # noqa: F401 - must come before madmom
        from madmom.audio.signal import Signal
        from madmom.features.onsets import CNNOnsetProcessor, OnsetPeakPickingProcessor

        self._signal = Signal
        self._network = CNNOnsetProcessor()
        frame = 1.0 / FRAME_RATE
        self._picking = OnsetPeakPickingProcessor(
            threshold=0.54, smooth=0.05, pre_max=frame, post_max=frame, fps=FRAME_RATE
        )

    def analyze(self, region: Region, context: Context) -> Onsets:
        """Find the onsets of a region."""
        heard = self._activation(region.samples, context)
        times = np.asarray(self._picking(heard), float)
        return Onsets(times=region.start_s + times, strengths=heard[np.round(times * FRAME_RATE).astype(int)])

    def _activation(self, samples: Floats, context: Context) -> Floats:
        """Probability-like strength of an onset at every frame."""
        count = -(-len(samples) // HOP)
        heard = np.empty(count, np.float32)
        for first in range(0, count, BLOCK):
            last, start = min(count, first + BLOCK), max(0, first - CONTEXT)
            block = np.array(samples[start * HOP : (last + CONTEXT) * HOP], np.float32)
            made: Any = self._network(self._signal(block, MADMOM_RATE, num_channels=1))
            heard[first:last] = np.atleast_1d(made)[first - start : last - start]
            context.progress(last / count)
        return heard


class LibrosaOnsets(Plugin[Onsets, Config]):
    """Onsets by librosa's spectral flux and its peak picking: `librosa.onset.onset_detect` with its defaults.

    Notes
    -----
    At 22,050 Hz, frames of 93 ms every 23 ms, peaks not traced back to the start of the attack. `strengths` is
    the envelope there. A region begins where a sound does, and librosa finds no onset in its first frames: 0.1 s
    of silence is put before it, so that cutting the file into regions costs librosa nothing.

    References
    ----------
    .. [1] B. McFee et al., "librosa: Audio and music signal analysis in Python", Proc. of the 14th Python in
       Science Conf. (SciPy), 2015.
    .. [2] S. Boeck, F. Krebs and M. Schedl, "Evaluating the online capabilities of onset detection methods",
       Proc. of the 13th Int. Society for Music Information Retrieval Conf. (ISMIR), 2012.
    """

    name = "onsets.librosa"
    version = "1.0.0"
    peer = True
    audio = AudioView(rate=22050, channels=1)
    environment = "main"
    budget = Budget(seconds=15, per_audio_second=0.1)
    memory = "2 GiB"
    licence = "ISC (librosa)"
    libraries = ("librosa", "numpy", "scipy")

    def load(self) -> None:
        """Import librosa."""
        import librosa

        self._librosa = librosa

    def analyze(self, region: Region, context: Context) -> Onsets:
        """Find the onsets of a region."""
        silence = round(LEAD_IN_S * region.rate)
        samples = np.pad(np.asarray(region.samples), (silence, 0))
        envelope = self._librosa.onset.onset_strength(y=samples, sr=region.rate)
        frames = self._librosa.onset.onset_detect(onset_envelope=envelope, sr=region.rate)
        times = self._librosa.frames_to_time(frames, sr=region.rate) - silence / region.rate
        return Onsets(times=region.start_s + np.maximum(times, 0.0), strengths=envelope[frames])
