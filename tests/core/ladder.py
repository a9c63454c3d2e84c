"""Synthesised recordings with known content, and their silence envelopes."""

from __future__ import annotations

import tempfile

import numpy as np
from numpy.typing import NDArray

from bridges.tasks._envelope import BANDS, Envelope
from bridges.tasks._output import Output

RATE = 44100


def envelope_of(samples: NDArray[np.float64], rate: int = RATE) -> tuple[NDArray[np.float32], float, float]:
    """Return envelope, its rate in Hz and the duration of samples of shape (n,) or (channels, n)."""
    block = np.atleast_2d(samples).astype(np.float32)
    with tempfile.TemporaryFile() as file:
        envelope = Envelope(rate, len(block), Output(file.fileno(), "ladder"))
        for start in range(0, block.shape[1], 65536):
            envelope.feed(block[:, start : start + 65536])
        envelope.finish()
        file.seek(0)
        rows = np.frombuffer(file.read(), "<f4").reshape(-1, BANDS)
    return rows, envelope.rate_hz, block.shape[1] / rate


def db(level: float) -> float:
    """Amplitude of a level in dB."""
    return float(10 ** (level / 20))


def white(seconds: float, level_db: float, seed: int = 0, rate: int = RATE) -> NDArray[np.float64]:
    """White noise with an RMS level."""
    return np.random.default_rng(seed).standard_normal(round(seconds * rate)) * db(level_db)


def coloured(
    seconds: float, level_db: float, exponent: float = 1.0, seed: int = 0, rate: int = RATE
) -> NDArray[np.float64]:
    """Noise whose power falls as 1 / f**exponent (1: pink, 2: brown) from 20 Hz up, with an RMS level."""
    count = round(seconds * rate)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / rate)
    spectrum *= np.where(frequency > 20, np.maximum(frequency, 20) ** (-exponent / 2), 0)
    noise = np.fft.irfft(spectrum, count)
    return noise * (db(level_db) / np.sqrt(np.mean(noise**2)))


def hum(seconds: float, level_db: float, mains_hz: float = 50.0, rate: int = RATE) -> NDArray[np.float64]:
    """Mains hum with ten harmonics falling by 4 dB each, with an RMS level."""
    time = np.arange(round(seconds * rate)) / rate
    tones = [db(-4 * k) * np.sin(2 * np.pi * mains_hz * (k + 1) * time + k * k) for k in range(10)]
    sound = np.sum(tones, axis=0)
    return sound * (db(level_db) / np.sqrt(np.mean(sound**2)))


def note(seconds: float, level_db: float, pitch_hz: float = 220.0, rate: int = RATE) -> NDArray[np.float64]:
    """A steady harmonic tone with 5 ms ramps, with an RMS level."""
    time = np.arange(round(seconds * rate)) / rate
    sound = np.sum([np.sin(2 * np.pi * pitch_hz * k * time) / k for k in range(1, 12)], axis=0)
    sound *= np.clip(np.minimum(time, seconds - time) / 0.005, 0, 1)
    return sound * (db(level_db) / np.sqrt(np.mean(sound**2)))


def hit(
    seconds: float, peak_db: float, decay_s: float = 0.05, seed: int = 0, rate: int = RATE
) -> NDArray[np.float64]:
    """A noise burst that decays to 1/e in `decay_s`."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(seed).uniform(-1, 1, len(time))
    return noise * np.exp(-time / decay_s) * db(peak_db)


def placed(
    seconds: float, sounds: list[tuple[float, NDArray[np.float64]]], rate: int = RATE
) -> NDArray[np.float64]:
    """Sounds at their start times, over silence."""
    whole = np.zeros(round(seconds * rate))
    for start_s, sound in sounds:
        at = round(start_s * rate)
        whole[at : at + len(sound)] += sound[: len(whole) - at]
    return whole
