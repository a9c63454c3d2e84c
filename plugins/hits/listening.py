"""What the network hears: log-mel frames by nnAudio, the same code on a CPU and a GPU, a stretch at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from nnAudio.features import MelSpectrogram

Floats = npt.NDArray[np.float32]

RATE = 32_000
HOP = 320
"""Samples: 100 frames a second."""
FRAME_RATE = RATE / HOP
WINDOW = 1024
BANDS = 80
LOWEST_HZ, HIGHEST_HZ = 25.0, 15_500.0
LOUD = 99.0
"""Percentile of the energies of all hops against which a recording's frames are measured."""
FLOOR = 3e-5
"""A band's power over that energy at which the logarithm begins to bend."""
SCALE = 4.0
"""What the logarithm is divided by, so that loud bands lie near 2."""
BLOCK = 3000
"""Hops whose energies are taken together."""


class Listener:
    """Frames of samples at 32 kHz, shape (m,), possibly memory-mapped."""

    def __init__(self, device: torch.device | None = None) -> None:
        self.device = device or torch.device("cpu")
        self._mel = MelSpectrogram(
            sr=RATE,
            n_fft=WINDOW,
            hop_length=HOP,
            n_mels=BANDS,
            fmin=LOWEST_HZ,
            fmax=HIGHEST_HZ,
            power=2.0,
            center=False,
            verbose=False,
        ).to(self.device)

    def frames(self, samples: Floats, first: int, last: int, loud: float) -> Floats:
        """Frames from `first` until `last`, shape (last - first, BANDS), 0 to about 4.

        The middle of frame k is sample k * HOP; beyond the ends there is silence.

        Parameters
        ----------
        loud : of the whole recording, see `loudness`
        """
        low, high = first * HOP - WINDOW // 2, (last - 1) * HOP + WINDOW // 2
        inside = np.array(samples[max(0, low) : max(0, high)], np.float32)
        padded = np.pad(inside, (max(0, -low), high - max(0, low) - len(inside)))
        with torch.inference_mode():
            powers = self._mel(torch.from_numpy(padded)[None].to(self.device))[0].T
            return np.asarray(compressed(powers.cpu().numpy(), loud))


def frame_count(length: int) -> int:
    """Frames whose middle lies within so many samples."""
    return -(-length // HOP)


def loudness(samples: Floats) -> float:
    """The energy of a loud hop, read a block at a time; 0.0 of silence."""
    count = len(samples) // HOP
    energies = np.empty(count, np.float32)
    for first in range(0, count, BLOCK):
        last = min(count, first + BLOCK)
        hops = np.asarray(samples[first * HOP : last * HOP], np.float32).reshape(-1, HOP)
        energies[first:last] = np.square(hops).mean(axis=1)
    return float(np.percentile(energies, LOUD)) if count else 0.0


def compressed(powers: Floats, loud: float) -> Floats:
    """Powers as the network is given them: their logarithm above a floor."""
    return np.asarray(np.log1p(powers / max(loud * FLOOR, 1e-12)) / SCALE, np.float32)


def expanded(frames: Floats) -> Floats:
    """The powers that were compressed, in units of the floor."""
    return np.asarray(np.expm1(SCALE * frames), np.float32)
