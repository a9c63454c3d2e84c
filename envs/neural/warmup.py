"""Imports what plugins of this environment use and calls each once, on noise, with one thread.

A process that has used torch with more than one thread cannot be forked: the child hangs in its first parallel
operation. One thread, set before the first operation, leaves a fork safe.
"""

from __future__ import annotations

import numpy as np

RATE = 44100


def warm() -> None:
    """Exercise torch, nnAudio's CQT, demucs (untrained, of the smallest kind) and librosa on a second of noise."""
    import torch

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)

    import demucs.api  # noqa: F401
    import h5py  # noqa: F401
    import librosa
    from demucs.hdemucs import HDemucs
    from nnAudio.features.cqt import CQT2010v2

    y = torch.from_numpy(np.random.default_rng(0).normal(0, 0.05, (1, RATE)).astype(np.float32))
    with torch.no_grad():
        CQT2010v2(sr=RATE, verbose=False)(y)
        HDemucs(["drums", "rest"], channels=4, audio_channels=1).eval()(y[:, None])

    samples = y[0].numpy()
    librosa.onset.onset_detect(onset_envelope=librosa.onset.onset_strength(y=samples, sr=RATE), sr=RATE)
    librosa.feature.melspectrogram(y=librosa.resample(samples, orig_sr=RATE, target_sr=RATE // 2), sr=RATE)
