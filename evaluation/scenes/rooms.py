"""Where it is played: a short room made of decaying noise, and a floor of noise under everything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.scenes.sounds import RATE, Samples, band_noise


@dataclass(frozen=True)
class Room:
    """A room and the recording's noise.

    Attributes
    ----------
    wet : energy of the room's sound against the direct sound, 0 for none
    decay_s : time constant of the room's decay
    gap_s : from the direct sound to the first of the room's
    floor_db : level of the noise (RMS, full scale 0 dB); None for none
    hum : whether there is a hum in it
    """

    wet: float = 0.0
    decay_s: float = 0.1
    gap_s: float = 0.008
    floor_db: float | None = None
    hum: bool = False


def any_room(random: np.random.Generator) -> Room:
    """Dry, a room or a hall; a floor more often than none."""
    wet = float(random.choice((0.0, random.uniform(0.02, 0.25))))
    floor = float(random.uniform(-85, -50)) if random.random() < 0.7 else None
    decay, gap = float(random.uniform(0.04, 0.3)), float(random.uniform(0.003, 0.025))
    return Room(wet, decay, gap, floor, bool(random.random() < 0.1))


BLOCK = 1 << 16
"""The room's response is convolved in blocks of this many samples."""


def in_room(samples: Samples, room: Room, random: np.random.Generator) -> Samples:
    """The direct sound, untouched, and the room's after it; the same length."""
    if room.wet <= 0.0:
        return samples
    count = min(round(5 * room.decay_s * RATE), BLOCK // 2)
    gap = round(room.gap_s * RATE)
    response = random.standard_normal(count, dtype=np.float32)
    response *= np.exp(np.arange(count, dtype=np.float32) / np.float32(-room.decay_s * RATE))
    response *= np.float32(np.sqrt(room.wet / np.sum(response.astype(float) ** 2)))
    wet = np.zeros(len(samples) + BLOCK + count, dtype=np.float32)
    step = BLOCK - count + 1
    spectrum = np.fft.rfft(response, BLOCK)
    for start in range(0, len(samples), step):
        block = samples[start : start + step]
        if np.any(block):
            wet[start : start + BLOCK] += np.fft.irfft(np.fft.rfft(block, BLOCK) * spectrum, BLOCK).astype(
                np.float32
            )
    out = samples.copy()
    out[gap:] += wet[: max(0, len(samples) - gap)]
    return out


def floor_noise(count: int, room: Room, random: np.random.Generator) -> Samples:
    """The noise under a recording: hiss, with more or less of its low end, and a hum if there is one."""
    if room.floor_db is None:
        return np.zeros(count, dtype=np.float32)
    loop = min(count, 4 * RATE)
    noise = band_noise(
        loop, float(random.choice((20.0, 200.0))), float(random.choice((4000.0, 16000.0))), random
    )
    if room.hum:
        time = np.arange(loop, dtype=np.float32) / RATE
        noise += 0.3 * np.sin(2 * np.pi * 50 * time) + 0.1 * np.sin(2 * np.pi * 150 * time)
    level = np.float32(10 ** (room.floor_db / 20) / max(float(np.sqrt(np.mean(noise**2))), 1e-9))
    return np.resize(noise * level, count).astype(np.float32)
