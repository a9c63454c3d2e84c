"""Signals whose truth is known: noise, drones, hits, songs in a key, something that talks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
CHORDS = {"major": (0, 3, 4, 0), "minor": (0, 3, 4, 0)}


def noise(duration_s: float, rate: int, level: float = 0.1, seed: int = 0) -> Samples:
    """White noise."""
    return np.random.default_rng(seed).normal(0, level, round(duration_s * rate)).astype(np.float32)


def drone(duration_s: float, rate: int, pitch_hz: float = 110.0) -> Samples:
    """Eight partials that hold."""
    at = np.arange(round(duration_s * rate)) / rate
    partials = (np.sin(2 * np.pi * pitch_hz * k * at + k) / k for k in range(1, 9))
    return (0.2 * sum(partials)).astype(np.float32)


def struck(
    times: npt.ArrayLike, duration_s: float, rate: int, seed: int = 0
) -> tuple[Samples, npt.NDArray[np.float64]]:
    """Hits of noise and of a falling low sine in turn, and where each first passes a tenth of its peak."""
    random = np.random.default_rng(seed)
    samples = np.zeros(round(duration_s * rate))
    at = np.arange(round(0.4 * rate)) / rate
    starts = []
    for number, time in enumerate(np.asarray(times, float)):
        bright = 0.4 * random.normal(size=len(at)) * np.exp(-at / 0.03)
        low = 0.8 * np.sin(2 * np.pi * (50 * at - 2.5 * np.exp(-at / 0.03) + 2.5)) * np.exp(-at / 0.05)
        hit = random.uniform(0.4, 1.0) * (low if number % 2 == 0 else bright)
        first = round(time * rate)
        starts.append((first + int(np.argmax(np.abs(hit) >= 0.1 * np.abs(hit).max()))) / rate)
        room = min(len(hit), len(samples) - first)
        samples[first : first + room] += hit[:room]
    return samples.astype(np.float32), np.array(starts)


def note(pitch: float, duration_s: float, rate: int, level: float = 0.12) -> npt.NDArray[np.float64]:
    """A plucked note of six partials; `pitch` is a MIDI number."""
    at = np.arange(round(duration_s * rate)) / rate
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    partials = (np.sin(2 * np.pi * frequency * k * at) / k**1.3 for k in range(1, 7))
    return level * sum(partials) * np.exp(-at / 0.5) * np.minimum(1.0, at / 0.005)


def song(
    tonic: int,
    mode: str,
    rate: int,
    *,
    bars: int = 8,
    bpm: float = 120.0,
    drums: float = 0.0,
    cents: float = 0.0,
) -> Samples:
    """Chords I IV V I with bass, a note of the chord on each beat, drums if wanted; 4/4 from time zero."""
    scale = MAJOR if mode == "major" else MINOR
    beat = 60.0 / bpm
    samples = np.zeros(round((4 * bars * beat + 1.5) * rate))
    hits, _ = struck(np.arange(4 * bars) * beat, len(samples) / rate, rate)

    def add(pitch: float, time: float, length: float, level: float) -> None:
        sound = note(tonic + pitch + cents / 100, length, rate, level)
        first = round(time * rate)
        samples[first : first + len(sound)] += sound[: len(samples) - first]

    for bar in range(bars):
        root = CHORDS[mode][bar % 4]
        chord = [scale[(root + step) % 7] + 12 * ((root + step) // 7) for step in (0, 2, 4)]
        if mode == "minor" and root == 4:
            chord[1] += 1  # the leading note
        for pitch in chord:
            add(60 + pitch, 4 * bar * beat, 3.6 * beat, 0.1)
        add(36 + chord[0], 4 * bar * beat, 3.6 * beat, 0.2)
        for step in range(4):
            add(72 + chord[step % 3], (4 * bar + step) * beat, 0.9 * beat, 0.1)
    return (samples + drums * hits).astype(np.float32)


def babble(duration_s: float, rate: int, seed: int = 0) -> Samples:
    """Something that talks: gliding voiced syllables with formants, hisses between, pauses after words."""
    from scipy.signal import lfilter

    random = np.random.default_rng(seed)
    samples = np.zeros(round(duration_s * rate))
    time = 0.05
    while time < duration_s - 0.6:
        for _ in range(random.integers(2, 5)):
            length = random.uniform(0.14, 0.26)
            at = np.arange(round(length * rate)) / rate
            pitch = random.uniform(130, 220) * 2 ** (random.choice((-0.2, -0.14, 0.12)) * at / length)
            pulses = (np.diff(np.floor(np.cumsum(pitch) / rate), prepend=0) > 0) + random.normal(
                0, 0.01, len(at)
            )
            voice = pulses.astype(float)
            for centre in (random.uniform(300, 800), random.uniform(900, 2200), random.uniform(2300, 3000)):
                radius, angle = np.exp(-np.pi * 90 / rate), 2 * np.pi * centre / rate
                voice = lfilter([1 - radius], [1, -2 * radius * np.cos(angle), radius**2], voice)
            hiss = (
                random.normal(0, 1, len(at))
                * np.minimum(1, at / 0.02)
                * np.exp(-at / 0.04)
                * random.uniform(0, 0.1)
            )
            hump = np.sin(np.pi * at / length) ** 1.3 * random.uniform(0.5, 1.0)
            first = round(time * rate)
            piece = voice / np.abs(voice).max() * hump * 0.5 + hiss * 0.2
            room = max(0, min(len(piece), len(samples) - first))
            samples[first : first + room] += piece[:room]
            time += length + random.uniform(0.0, 0.05)
        time += random.uniform(0.15, 0.5)
    return samples.astype(np.float32)
