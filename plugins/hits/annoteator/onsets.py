"""AnNOTEator's onsets: librosa's spectral flux and peak picking, a block of frames at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import librosa
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

RATE = 44100
FAST_BPM = 110.0
FAST_HOP, SLOW_HOP = 512, 1024
N_FFT = 2048
BLOCK = 2048
"""Frames analysed together."""
FLOOR_DB = 80.0
"""Below the loudest band of the whole recording nothing is heard."""
QUIETEST = 1e-10
"""Power that counts as silence."""
LEAD_IN = 4096
"""Samples of silence before a take, whole hops: it begins where a sound does, and librosa finds no onset in its first
frames."""


def hop_at(bpm: float) -> int:
    """Samples from frame to frame."""
    return FAST_HOP if bpm > FAST_BPM else SLOW_HOP


def onsets(
    samples: Floats, bpm: float, progress: Callable[[float], None] = lambda fraction: None
) -> npt.NDArray[np.int64]:
    """Samples at which strokes begin, as the authors' program picks them.

    Parameters
    ----------
    samples
        Shape (n,), 44.1 kHz, possibly memory-mapped: a block is read at a time.
    bpm
        Decides the hop.
    progress
        Told the fraction done.

    Notes
    -----
    `onset_detect` is told of no hop, and so measures its windows as if it were 512: so does the published
    program.
    """
    hop = hop_at(bpm)
    envelope = strength(samples, hop, progress)
    frames = librosa.onset.onset_detect(onset_envelope=envelope, sr=RATE)
    return np.maximum(0, np.asarray(frames, np.int64) * hop - LEAD_IN)


def strength(samples: Floats, hop: int, progress: Callable[[float], None] = lambda fraction: None) -> Floats:
    """`librosa.onset.onset_strength` of a recording of any length after a lead-in of silence, shape (frames,).

    The floor stands below the loudest band of all, so that the spectra are gone through twice.
    """
    count = 1 + (LEAD_IN + len(samples)) // hop
    floor = -np.inf
    for first, level in _levels(samples, hop, count):
        floor = max(floor, float(level.max()) - FLOOR_DB)
        progress(0.5 * first / count)
    rises = np.zeros(count, np.float32)
    before: Floats | None = None
    for first, level in _levels(samples, hop, count):
        level = np.maximum(level, np.float32(floor))
        known = level if before is None else np.concatenate([before, level], axis=1)
        risen = np.maximum(0.0, np.diff(known, axis=1)).mean(axis=0)
        rises[first + level.shape[1] - len(risen) : first + level.shape[1]] = risen
        before = level[:, -1:]
        progress(0.5 + 0.5 * first / count)
    late = N_FFT // (2 * hop)  # librosa's: what a centred frame hears before its time
    return np.concatenate([np.zeros(late, np.float32), rises])[:count]


def _levels(samples: Floats, hop: int, count: int) -> Iterator[tuple[int, Floats]]:
    """Blocks of frames in dB: the first frame's number, and shape (128, up to BLOCK); zeros around the recording."""
    for first in range(0, count, BLOCK):
        last = min(count, first + BLOCK)
        start, stop = (
            frame * hop - LEAD_IN + sign * N_FFT // 2 for frame, sign in ((first, -1), (last - 1, 1))
        )
        heard = np.asarray(samples[max(0, start) : max(0, stop)], np.float32)
        before = min(max(0, -start), stop - start)
        padded = np.pad(heard, (before, stop - start - before - len(heard)))
        power = librosa.feature.melspectrogram(
            y=padded, sr=RATE, n_fft=N_FFT, hop_length=hop, center=False, fmax=0.5 * RATE
        )
        yield first, 10.0 * np.log10(np.maximum(QUIETEST, power))
