"""Beats from an onset envelope by dynamic programming, with librosa, for recordings of any length.

References
----------
.. [1] D. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36(1), 2007.
.. [2] P. Grosche, M. Mueller and F. Kurth, "Cyclic tempogram: a mid-level tempo representation for music
   signals", Proc. of ICASSP, 2010.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

SIZE, HOP = 2048, 512
BLOCK = 2000  # frames: 46 s at 22.05 kHz
FLOOR = 1e-5  # of the mel power of a recording scaled to a peak of one: 84 dB below a full-scale sine
SILENT = 1e-9  # of full scale
WINDOW = 384  # frames of the tempogram's autocorrelation: 9 s
CLEAR_PULSE = 0.2  # autocorrelation of the envelope at the beat; speech and noise stay about or below it
EVEN = 0.5  # standard deviation of the envelope over its mean: noise 0.2, wind 0.5, the softest violin 0.7


def onset_envelope(
    samples: Floats, rate: int, progress: Callable[[float], None] = lambda fraction: None
) -> Floats:
    """Mean rise of the mel spectrogram in dB, shape (frames,), frame n centred on sample ``n * HOP``.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Mono, possibly memory-mapped: read block by block.
    rate : int
        Samples per second.
    progress : callable
        Told the fraction done.
    """
    import librosa

    peak = max(
        (float(np.abs(samples[i : i + (1 << 20)]).max()) for i in range(0, len(samples), 1 << 20)),
        default=0.0,
    )
    frames = 1 + len(samples) // HOP
    envelope = np.zeros(frames, np.float32)
    if peak < SILENT:
        return envelope
    mel = librosa.filters.mel(sr=rate, n_fft=SIZE)
    before: Floats | None = None
    for first in range(0, frames, BLOCK):
        last = min(frames, first + BLOCK)
        block = padded(samples, first, last) / np.float32(peak)
        power = np.abs(librosa.stft(block, n_fft=SIZE, hop_length=HOP, center=False)) ** 2
        decibels = 10 * np.log10(np.maximum(FLOOR, mel @ power))
        joined = decibels if before is None else np.concatenate((before, decibels), axis=1)
        rises = np.maximum(0.0, np.diff(joined, axis=1)).mean(axis=0)
        envelope[last - len(rises) : last] = rises
        before = decibels[:, -1:]
        progress(last / frames)
    return envelope


def padded(samples: Floats, first: int, last: int) -> Floats:
    """The samples under frames ``first .. last - 1``, zeros beyond the ends."""
    start, stop = first * HOP - SIZE // 2, (last - 1) * HOP + SIZE // 2
    block = np.zeros(stop - start, np.float32)
    low, high = max(0, start), min(len(samples), stop)
    if high > low:
        block[low - start : high - start] = samples[low:high]
    return block


def mean_tempogram(envelope: Floats, frame_rate: float) -> Doubles:
    """Autocorrelation of the envelope in 9 s windows, averaged, shape (WINDOW,), 1 at lag zero.

    Parameters
    ----------
    envelope : ndarray of shape (frames,)
    frame_rate : float
        Frames per second.
    """
    step = max(1, round(frame_rate / 2))
    padded_envelope = np.pad(envelope.astype(np.float64), WINDOW // 2)
    window = np.hanning(WINDOW)
    total, count = np.zeros(WINDOW), 0
    for start in range(0, max(1, len(envelope)), step):
        part = padded_envelope[start : start + WINDOW]
        if len(part) < WINDOW:
            part = np.pad(part, (0, WINDOW - len(part)))
        part = (part - part.mean()) * window
        spectrum = np.fft.rfft(part, 2 * WINDOW)
        correlation = np.fft.irfft(np.abs(spectrum) ** 2)[:WINDOW]
        if correlation[0] > 1e-12:
            total += correlation / correlation[0]
            count += 1
    overlap = np.correlate(window, window, "full")[WINDOW - 1 :]
    return total / max(count, 1) / np.maximum(overlap / overlap[0], 0.05)


def tempo_and_clarity(envelope: Floats, frame_rate: float, prior_bpm: float = 120.0) -> tuple[float, float]:
    """The likeliest tempo in BPM and the autocorrelation at its beat, -1 to 1; (0, 0) for an even envelope."""
    tempogram = mean_tempogram(envelope, frame_rate)
    lags = np.arange(round(60 * frame_rate / 240), min(WINDOW // 2, round(60 * frame_rate / 40)))
    bpm = 60 * frame_rate / lags
    weights = np.exp(-0.5 * (np.log2(bpm / prior_bpm) / 0.7) ** 2)
    score = np.maximum(0.0, tempogram[lags]) * weights
    if score.max() <= 0:
        return 0.0, 0.0
    best = int(score.argmax())
    lag = float(lags[best])
    if 0 < best < len(lags) - 1:
        left, middle, right = (float(tempogram[lags[best] + offset]) for offset in (-1, 0, 1))
        curve = left - 2 * middle + right
        lag += float(np.clip(0.5 * (left - right) / curve, -0.5, 0.5)) if curve < 0 else 0.0
    return 60 * frame_rate / lag, float(tempogram[lags[best]])


def steady_beats(envelope: Floats, kept: npt.NDArray[np.bool_], rate: int) -> Doubles:
    """Beat times in seconds from the envelope's first frame; none where there is no steady pulse.

    Parameters
    ----------
    envelope : ndarray of shape (frames,)
        Zero where it is not to be looked at.
    kept : ndarray of shape (frames,), bool
        Where it is.
    rate : int
        Samples per second of the recording.
    """
    none = np.zeros(0)
    heard = envelope[kept][2:]  # the first frames rise out of nothing
    if len(heard) == 0 or heard.mean() <= 0 or heard.std() < EVEN * heard.mean():
        return none
    bpm, clarity = tempo_and_clarity(envelope, rate / HOP)
    if clarity < CLEAR_PULSE:
        return none
    return track(envelope, rate, bpm)


def track(envelope: Floats, rate: int, bpm: float) -> Doubles:
    """Beat times in seconds from the envelope's first frame, by librosa's dynamic programming at a tempo."""
    import librosa

    _, frames = librosa.beat.beat_track(onset_envelope=envelope, sr=rate, hop_length=HOP, bpm=bpm, trim=True)
    return np.asarray(librosa.frames_to_time(frames, sr=rate, hop_length=HOP), np.float64)
