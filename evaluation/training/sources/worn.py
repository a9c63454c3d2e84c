"""What recordings go through, laid over a clip: rooms, bands, tape, noise, clipping, coding; its times stay true.

Nothing here moves a stroke by more than a millisecond, so a worn clip keeps its truth as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from evaluation.scenes.rooms import Room, in_room
from evaluation.scenes.sounds import RATE, Samples, band_noise
from evaluation.scenes.unpulsed import babble
from evaluation.training.sources import Clip

Random = np.random.Generator
Gains = npt.NDArray[np.float64]

BLOCK = 256
"""Slow things are reckoned once in so many samples."""
CHUNK = 1 << 14
"""Spectra are taken over a whole number of these: such sizes are fast."""
QUIETEST = 1e-4
"""Noise is measured against the clip's level, and against this where the clip is more silent."""


POINTS_HZ = np.concatenate([[0.0], np.geomspace(10.0, RATE / 2, 400)])
"""Gains are drawn through these points."""


def filtered(samples: Samples, gains: Callable[[Gains], Gains]) -> Samples:
    """The samples with a gain at every frequency in Hz; no delay."""
    size = CHUNK * -(-(len(samples) + CHUNK // 4) // CHUNK)
    spectrum = np.fft.rfft(samples, size)
    bins = np.linspace(0, RATE / 2, size // 2 + 1)
    spectrum *= np.interp(bins, POINTS_HZ, gains(np.maximum(POINTS_HZ, 1.0))).astype(np.float32)
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)


def _below(hertz: Gains, edge_hz: float, steep: float) -> Gains:
    return np.asarray(1 / np.sqrt(1 + (hertz / edge_hz) ** (2 * steep)))


def _above(hertz: Gains, edge_hz: float, steep: float) -> Gains:
    return np.asarray(1 / np.sqrt(1 + (edge_hz / hertz) ** (2 * steep)))


def coloured(samples: Samples, random: Random) -> Samples:
    """A tilt of the whole spectrum, and a few broad peaks and dips."""
    tilt = float(random.uniform(-0.4, 0.4))
    bells = [(random.uniform(4.5, 9.2), random.uniform(0.2, 0.8), random.normal(0, 0.7)) for _ in range(4)]

    def gains(hertz: Gains) -> Gains:
        octaves = np.log(np.maximum(hertz, 20.0))
        level = tilt * (octaves - np.log(1000.0))
        for centre, width, size in bells:
            level += size * np.exp(-(((octaves - centre) / width) ** 2))
        return np.asarray(np.exp(level))

    return filtered(samples, gains)


def banded(samples: Samples, random: Random) -> Samples:
    """What a telephone, a small speaker, a far microphone or a low bit rate lets through."""
    sort = str(random.choice(("telephone", "small", "dull", "coded")))
    low, high, steep = {
        "telephone": (float(random.uniform(200, 400)), float(random.uniform(2800, 4000)), 6.0),
        "small": (float(random.uniform(90, 300)), float(random.uniform(8000, 16000)), 2.0),
        "dull": (20.0, float(np.exp(random.uniform(np.log(1200), np.log(6000)))), 2.0),
        "coded": (20.0, float(random.uniform(8000, 16000)), 30.0),
    }[sort]
    return filtered(samples, lambda hertz: _above(hertz, low, steep) * _below(hertz, high, steep))


def wowed(samples: Samples, random: Random) -> Samples:
    """Tape: its speed trembles by 0.15 % at the most, which moves a stroke by half a millisecond; hiss; a soft top."""
    time = np.arange(0, len(samples) + BLOCK, BLOCK) / RATE
    moved = time.copy()
    for hertz, most in ((random.uniform(0.6, 2.0), 0.0015), (random.uniform(5, 10), 0.0008)):
        depth = float(random.uniform(0.0, most)) / (2 * np.pi * hertz)
        moved += depth * np.sin(2 * np.pi * hertz * time + random.uniform(0, 6))
    index = np.arange(len(samples))
    played = np.interp(np.interp(index, time * RATE, moved * RATE), index, samples).astype(np.float32)
    edge = float(random.uniform(7000, 15000))
    soft = filtered(played, lambda hertz: _below(hertz, edge, 3.0))
    return under(soft, band_noise(min(len(samples), 5 * RATE), 800.0, 12000.0, random), 20.0, 40.0, random)


def under(samples: Samples, noise: Samples, low_db: float, high_db: float, random: Random) -> Samples:
    """The samples over a noise that goes round, between so many dB below them."""
    level = max(float(np.sqrt(np.mean(samples**2))), QUIETEST)
    own = max(float(np.sqrt(np.mean(noise**2))), 1e-9)
    gain = level / own * 10 ** (-float(random.uniform(low_db, high_db)) / 20)
    rolled = np.roll(noise, int(random.integers(len(noise))))
    return samples + np.resize(rolled * np.float32(gain), len(samples))


def noisy(samples: Samples, random: Random) -> Samples:
    """Over wind, hiss, a fan: any band of noise, that swells."""
    low = float(np.exp(random.uniform(np.log(30), np.log(3000))))
    loop = round(float(random.uniform(5, 9)) * RATE)
    noise = band_noise(loop, low, low * float(random.uniform(3, 30)), random)
    swell = np.interp(np.arange(loop), np.linspace(0, loop, 8), random.uniform(0.4, 1.0, 8))
    return under(samples, noise * swell.astype(np.float32), 5.0, 30.0, random)


def talked_over(samples: Samples, random: Random) -> Samples:
    """Over somebody speaking, or many."""
    loop = round(float(random.uniform(5, 8)) * RATE)
    voices, _ = babble(loop, random)
    for _ in range(int(random.choice((0, 0, 2, 5)))):
        voices = voices + np.roll(voices, int(random.integers(loop)))
    return under(samples, voices, 5.0, 28.0, random)


def crackling(samples: Samples, random: Random) -> Samples:
    """A record: clicks here and there, and a hum."""
    out = samples.copy()
    count = random.poisson(len(samples) / RATE * float(random.uniform(0.5, 8)))
    places = random.integers(0, max(1, len(out) - 12), count)
    peak = max(float(np.abs(samples).max()), QUIETEST)
    sizes = peak * np.clip(random.exponential(0.04, count), 0, 0.3) * random.choice((-1, 1), count)
    for offset, part in enumerate((0.6, 1.0, -0.5, 0.3, -0.15)):
        np.add.at(out, places + offset, (part * sizes).astype(np.float32))
    hum = np.sin(2 * np.pi * float(random.choice((50, 60))) * np.arange(RATE) / RATE)
    return under(out, hum.astype(np.float32), 18.0, 50.0, random)


def driven(samples: Samples, random: Random) -> Samples:
    """Clipped, softly or hard."""
    peak = max(float(np.abs(samples).max()), QUIETEST)
    drive = float(random.uniform(1.5, 6.0)) / peak
    if random.random() < 0.5:
        return np.asarray(np.tanh(samples * np.float32(drive)), dtype=np.float32)
    return np.asarray(np.clip(samples * np.float32(drive), -1.0, 1.0), dtype=np.float32)


def squeezed(samples: Samples, random: Random) -> Samples:
    """Compressed: what stands above a threshold is turned down at once and let go slowly."""
    count = -(-len(samples) // BLOCK)
    padded = np.zeros(count * BLOCK, dtype=np.float32)
    padded[: len(samples)] = np.abs(samples)
    peaks = padded.reshape(count, BLOCK).max(axis=1)
    release = np.exp(-BLOCK / RATE / float(random.uniform(0.05, 0.4)))
    envelope = np.empty(count)
    held = 0.0
    for index, peak in enumerate(peaks.tolist()):
        held = max(peak, held * release)
        envelope[index] = held
    threshold = float(random.uniform(0.05, 0.35)) * max(float(envelope.max()), QUIETEST)
    slope = 1 / float(random.uniform(2.5, 10)) - 1
    gains = (np.maximum(envelope, threshold) / threshold) ** slope
    middles = (np.arange(count) + 0.5) * BLOCK
    gain = np.interp(np.arange(len(samples)), middles, gains).astype(np.float32)
    return np.asarray(samples * gain)


FRAME = 1152


def coded(samples: Samples, random: Random) -> Samples:
    """As by a coder at a low rate: in frames, what is far below its neighbours is lost, the rest rounded."""
    half = FRAME // 2
    count = len(samples) // half + 2
    padded = np.zeros((count + 1) * half, dtype=np.float32)
    padded[half : half + len(samples)] = samples
    window = np.sin(np.pi * (np.arange(FRAME, dtype=np.float32) + 0.5) / FRAME).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::half] * window
    spectra = np.fft.rfft(frames, axis=1)[:, :half].astype(np.complex64)
    groups = spectra.reshape(len(spectra), -1, 16)
    steps = np.abs(groups).max(axis=2, keepdims=True) * np.float32(random.uniform(0.15, 0.7)) + 1e-9
    kept = (np.rint(groups.real / steps) + 1j * np.rint(groups.imag / steps)) * steps
    spectra = kept.reshape(spectra.shape).astype(np.complex64)
    spectra[:, round(float(random.uniform(9500, 16000)) / RATE * FRAME) :] = 0
    frames = np.fft.irfft(spectra, FRAME, axis=1).astype(np.float32) * window
    out = np.zeros(len(padded), dtype=np.float32)
    out[: len(frames) * half] += frames[:, :half].reshape(-1)
    out[half : (len(frames) + 1) * half] += frames[:, half:].reshape(-1)
    return out[half : half + len(samples)]


def roomed(samples: Samples, random: Random) -> Samples:
    """In a room or hall, the microphone far away."""
    wet, decay = float(random.uniform(0.1, 1.2)), float(np.exp(random.uniform(np.log(0.06), np.log(0.5))))
    return in_room(samples, Room(wet, decay, float(random.uniform(0.002, 0.03))), random)


WAYS: tuple[tuple[Callable[[Samples, Random], Samples], float], ...] = (
    (roomed, 0.25),
    (coloured, 0.4),
    (squeezed, 0.2),
    (driven, 0.12),
    (talked_over, 0.15),
    (noisy, 0.25),
    (crackling, 0.06),
    (wowed, 0.12),
    (banded, 0.22),
    (coded, 0.2),
)
"""What happens to a clip, in this order, and how often."""


def worn(clip: Clip, random: Random) -> Clip:
    """The clip as something of that left it, at some level; its truth stays."""
    samples = clip.samples
    chosen = [way for way, chance in WAYS if random.random() < chance]
    for way in chosen or [coloured]:
        samples = way(samples, random)
    peak = float(np.abs(samples).max())
    if peak > 0:
        samples = samples * np.float32(np.exp(random.uniform(np.log(0.03), 0.0)) / peak)
    return replace(clip, samples=np.asarray(samples, dtype=np.float32))
