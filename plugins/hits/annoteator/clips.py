"""AnNOTEator's clips: cut at an onset by the tempo, stretched to one length, compressed; their power mel spectra."""

from __future__ import annotations

from collections.abc import Sequence

import librosa
import numpy as np
import numpy.typing as npt

from . import compressor

Floats = npt.NDArray[np.float32]

RATE = 44100
LENGTH = 8820
"""Samples of a clip as the network hears it."""
N_FFT, HOP, BANDS, HIGHEST_HZ = 2048, 512, 128, 8000.0
ATTACK_S = 0.05


def lead(bpm: float) -> int:
    """Samples of a clip before its onset: a quarter of a 32nd."""
    return int(60.0 / bpm / 8 / 4 * RATE)


def window(bpm: float) -> int:
    """Samples of a clip from its onset on: a 16th."""
    return int(60.0 / bpm / 4 * RATE)


def cut(samples: Floats, onset: int, bpm: float) -> Floats:
    """The clip of an onset, a copy; it is shorter at the recording's ends."""
    return np.array(samples[max(0, onset - lead(bpm)) : onset + window(bpm)], np.float32)


def features(clips: Sequence[Floats]) -> Floats:
    """What the network hears: power mel spectra of shape (n, 128, 18).

    Clips are resampled to 8820 samples, whatever they last; the spectra take them to be at 44.1 kHz all the same.
    """
    stretched = [stretch(clip) for clip in clips]
    samples = np.stack([clip for clip, _ in stretched])
    compressed = compressor.compressed(samples, np.array([rate for _, rate in stretched]))
    return np.asarray(
        librosa.feature.melspectrogram(
            y=compressed, sr=RATE, n_fft=N_FFT, hop_length=HOP, n_mels=BANDS, fmax=HIGHEST_HZ, power=2.0
        ),
        np.float32,
    )


def stretch(clip: Floats, rate: int = RATE) -> tuple[Floats, int]:
    """A clip at so high or low a rate that it has 8820 samples, and that rate; padded or cut where one is amiss."""
    if len(clip) == LENGTH:
        return clip, rate
    wanted = int(rate * (LENGTH / len(clip)))
    resampled = librosa.resample(clip, orig_sr=rate, target_sr=wanted)
    return librosa.util.fix_length(resampled, size=LENGTH), wanted


def attack_level(clip: Floats, bpm: float) -> float:
    """Root mean square of the 50 ms from the clip's onset on."""
    attack = clip[min(lead(bpm), len(clip) // 2) :][: round(ATTACK_S * RATE)]
    return float(np.sqrt(np.mean(np.square(attack, dtype=np.float64)))) if len(attack) else 0.0
