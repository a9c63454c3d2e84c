"""Synthesised strokes: a voice is a few numbers, one formula makes its samples, each knows where its attack lies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

RATE = 44100
"""Samples a second of everything rendered."""
ATTACK = 0.1
"""An onset is where a stroke's own samples first reach this part of their peak."""
SILENT = 1e-3
"""A stroke ends where it has decayed to this part of its start (-60 dB)."""


class Struck(NamedTuple):
    """A stroke's samples, shape (n,), and the index at which its attack first passes a tenth of its peak."""

    samples: Samples
    attack: int


def attack_of(samples: Samples) -> int:
    """The first index at which the magnitude reaches a tenth of its peak."""
    size = np.abs(samples)
    return int(np.argmax(size >= ATTACK * size.max()))


@dataclass(frozen=True)
class Sound:
    """A drum voice: decaying partials that may fall in pitch, and a band of noise.

    Attributes
    ----------
    tones : frequency in Hz and amplitude of each partial
    ring_s : time constant of the partials' decay
    fall_hz, fall_s : how far above its frequency a partial begins, and the time constant of its fall
    band_hz : lowest and highest frequency of the noise
    noise : its amplitude against the partials'
    noise_s : time constant of its decay
    rise_s : from silence to full
    bursts : a clap has several, 11 ms apart
    """

    tones: tuple[tuple[float, float], ...] = ()
    ring_s: float = 0.1
    fall_hz: float = 0.0
    fall_s: float = 0.02
    band_hz: tuple[float, float] = (1000.0, 16000.0)
    noise: float = 0.0
    noise_s: float = 0.05
    rise_s: float = 0.0005
    bursts: int = 1


@lru_cache(maxsize=512)
def drum(sound: Sound, brightness: int, variant: int) -> Struck:
    """A stroke at full level, peak 1.

    Parameters
    ----------
    sound : the voice
    brightness : 0 to 3; a soft stroke has less noise and less of its top
    variant : strokes of a drum differ: the noise's seed, and some cents of tuning
    """
    random = np.random.default_rng([variant, brightness, round(1e6 * sound.noise_s)])
    longest = max(sound.ring_s if sound.tones else 0.0, sound.noise_s if sound.noise else 0.0)
    count = round(min(2.5, -np.log(SILENT) * longest + 0.03) * RATE)
    time = _seconds(count)
    samples: Samples = np.zeros(count, dtype=np.float32)
    tune = 2.0 ** (random.normal(0, 8) / 1200)
    fall = sound.fall_hz * sound.fall_s * (1 - np.exp(-time / sound.fall_s)) if sound.fall_hz else 0.0
    for index, (frequency, amplitude) in enumerate(sound.tones):
        phase = 2 * np.pi * (frequency * tune * time + fall)
        decay = np.exp(-time / (sound.ring_s / (1 + 0.15 * index)))
        samples += (amplitude * np.sin(phase) * decay).astype(np.float32)
    if sound.noise:
        low, high = sound.band_hz
        hiss = band_noise(count, low, low + (high - low) * (0.4 + 0.2 * brightness), random)
        samples += sound.noise * (0.55 + 0.15 * brightness) * hiss * _decay(sound, time)
    samples *= 1 - np.exp(-time / sound.rise_s)
    samples[-64:] *= np.linspace(1, 0, 64, dtype=np.float32)
    samples /= np.abs(samples).max()
    samples.setflags(write=False)
    return Struck(samples, attack_of(samples))


def _seconds(count: int) -> Samples:
    return np.asarray(np.arange(count) / RATE, dtype=np.float32)


def _decay(sound: Sound, time: Samples) -> Samples:
    envelope = np.zeros_like(time)
    for burst in range(sound.bursts):
        late = time - 0.011 * burst
        last = burst == sound.bursts - 1
        envelope = np.where(
            late >= 0, np.exp(-np.maximum(late, 0) / (sound.noise_s if last else 0.004)), envelope
        )
    return envelope


def band_noise(count: int, low_hz: float, high_hz: float, random: np.random.Generator) -> Samples:
    """White noise between two frequencies with soft edges, standard deviation 0.3."""
    size = 1 << max(1, (count - 1).bit_length())
    spectrum = np.fft.rfft(random.standard_normal(size, dtype=np.float32))
    frequency = np.fft.rfftfreq(size, 1 / RATE)
    low = 1 / (1 + (low_hz / np.maximum(frequency, 1.0)) ** 4)
    high = 1 / (1 + (frequency / high_hz) ** 6)
    noise = np.fft.irfft(spectrum * low * high, size)[:count]
    return np.asarray(noise * (0.3 / max(float(noise.std()), 1e-9)), dtype=np.float32)


@dataclass(frozen=True)
class Timbre:
    """A pitched voice: how its partials fall off, ring, begin.

    Attributes
    ----------
    partials : how many
    roll : the k-th partial has amplitude k ** -roll
    ring_s : time constant of the first partial's decay at middle C; 0 holds the note (an organ)
    damp : how much faster higher partials decay
    rise_s : from silence to full
    odd : only odd partials (a clarinet's)
    stretch : inharmonicity of a string
    """

    name: str
    partials: int = 8
    roll: float = 1.2
    ring_s: float = 0.6
    damp: float = 0.3
    rise_s: float = 0.004
    odd: bool = False
    stretch: float = 0.0


RELEASE_S = 0.03


@lru_cache(maxsize=160)
def _held(timbre: Timbre, pitch: float, seconds: float) -> Samples:
    time = _seconds(round(seconds * RATE))
    frequency = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
    samples = np.zeros(len(time), dtype=np.float32)
    for k in range(1, 2 * timbre.partials, 2) if timbre.odd else range(1, timbre.partials + 1):
        hertz = frequency * k * np.sqrt(1 + timbre.stretch * k * k)
        if hertz > 0.42 * RATE:
            break
        partial = np.sin(np.float32(2 * np.pi * hertz) * time + np.float32(0.7 * k * k)) * np.float32(
            k**-timbre.roll
        )
        if timbre.ring_s:
            ring = timbre.ring_s * (261.6 / frequency) ** 0.3 / (1 + timbre.damp * (k - 1))
            partial *= np.exp(time * np.float32(-1 / ring))
        samples += partial
    samples *= np.minimum(time / np.float32(timbre.rise_s), 1)
    samples /= np.abs(samples).max()
    samples.setflags(write=False)
    return samples


def note(timbre: Timbre, pitch: float, seconds: float) -> Struck:
    """A note at full level, peak 1, let go after some seconds."""
    count = max(round(seconds * RATE), round(0.04 * RATE))
    whole = _held(timbre, pitch, 0.5 * np.ceil((seconds + RELEASE_S + 0.04) / 0.5))
    released = round(RELEASE_S * RATE)
    samples = whole[: count + released].copy()
    samples[count:] *= np.linspace(1, 0, len(samples) - count, dtype=np.float32)
    return Struck(samples, attack_of(samples))


TIMBRES: dict[str, tuple[Timbre, ...]] = {
    "bass": (
        Timbre("finger bass", 7, 1.4, 0.7, 0.5, 0.006),
        Timbre("synth bass", 12, 1.0, 0.0, 0.0, 0.005),
        Timbre("upright bass", 5, 1.7, 0.45, 0.7, 0.009),
    ),
    "chords": (
        Timbre("piano", 9, 1.2, 0.9, 0.35, 0.003, stretch=0.0004),
        Timbre("electric piano", 4, 1.8, 1.1, 0.8, 0.004),
        Timbre("organ", 6, 0.9, 0.0, 0.0, 0.012),
        Timbre("guitar", 12, 1.1, 0.5, 0.4, 0.002),
        Timbre("strings", 10, 1.3, 0.0, 0.0, 0.05),
    ),
    "melody": (
        Timbre("flute", 3, 1.9, 0.0, 0.0, 0.025),
        Timbre("reed", 6, 1.1, 0.0, 0.0, 0.015, odd=True),
        Timbre("lead", 12, 1.0, 1.5, 0.05, 0.004),
        Timbre("bell", 4, 1.4, 0.8, 0.5, 0.002, stretch=0.02),
        Timbre("piano", 9, 1.2, 0.8, 0.35, 0.003, stretch=0.0004),
    ),
}
"""Voices for each part."""
