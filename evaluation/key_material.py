"""Music and other sounds whose key is known, harder than the scenes': what the key pool's weights are fitted on.

The scenes' pieces stay in their key and play plain triads. These have dominants of other steps, borrowed chords,
a middle part in a related key, modes, chromatic tunes, one voice alone; and recordings are out of tune, noisy,
thin, faint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluation.conventions import TONICS
from evaluation.scenes.meters import METERS
from evaluation.scenes.patterns.harmony import SCALES, any_key
from evaluation.scenes.rendering import render
from evaluation.scenes.scenarios import in_meter, keys
from evaluation.scenes.setting import Lineup
from evaluation.scenes.sounds import RATE, TIMBRES, Samples, note
from evaluation.scenes.unpulsed import unpulsed

Random = np.random.Generator
ATONAL = "atonal"
CHORDS = {
    "major": {
        "I": (0, 4, 7), "ii": (2, 5, 9), "iii": (4, 7, 11), "IV": (5, 9, 12), "V": (7, 11, 14), "V7": (7, 11, 14, 17),
        "vi": (9, 12, 16), "vii": (11, 14, 17), "V/V": (2, 6, 9), "V/vi": (4, 8, 11), "V/ii": (9, 13, 16),
        "V/IV": (0, 4, 7, 10), "iv": (5, 8, 12), "bVII": (10, 14, 17), "bVI": (8, 12, 15),
    },
    "minor": {
        "i": (0, 3, 7), "ii": (2, 5, 8), "III": (3, 7, 10), "iv": (5, 8, 12), "V": (7, 11, 14), "V7": (7, 11, 14, 17),
        "v": (7, 10, 14), "VI": (8, 12, 15), "VII": (10, 14, 17), "vii": (11, 14, 17), "N": (1, 5, 8),
        "V/iv": (0, 4, 7), "V/V": (2, 6, 9), "IV": (5, 9, 12),
    },
}  # fmt: skip
"""Semitones above the tonic."""
WEIGHTS = {
    "major": (6, 3, 1, 4, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1, 0.5),
    "minor": (6, 1.5, 2, 4, 3, 3, 1, 3, 2, 1, 0.7, 0.7, 0.7, 0.7),
}
"""How often each of them comes, in their order."""
RELATED = {
    "major": ((7, "major"), (5, "major"), (9, "minor"), (0, "minor"), (2, "minor")),
    "minor": ((3, "major"), (7, "minor"), (5, "minor"), (0, "major"), (8, "major")),
}
"""Where a middle part goes, from the tonic."""


@dataclass(frozen=True)
class Sounding:
    """A recording, mono at 44,100 samples a second, its key ("F# minor", "atonal") and what kind of case it is."""

    samples: Samples
    key: str
    kind: str


def phrase(mode: str, bars: int, random: Random) -> list[tuple[int, ...]]:
    """Chords of a phrase, one a bar: mostly home first, then any, and mostly by a dominant home again."""
    home = "I" if mode == "major" else "i"
    odds = np.array(WEIGHTS[mode]) / sum(WEIGHTS[mode])
    names = [str(name) for name in random.choice(list(CHORDS[mode]), bars, p=odds)]
    if random.random() < 0.75:
        names[0] = home
    if random.random() < 0.7:
        modal = {"major": ("bVII", "IV"), "minor": ("VII", "v")}[mode]
        names[-2:] = [str(random.choice(("V", "V7") if random.random() < 0.8 else modal)), home]
    return [CHORDS[mode][name] for name in names]


def composed(random: Random) -> Sounding:
    """A piece of two to five phrases; in every second a middle phrase is in a related key."""
    key = any_key(random)
    count = int(random.integers(2, 6))
    parts = [(key.tonic, key.mode)] * count
    if count > 2 and random.random() < 0.6:
        shift, mode = RELATED[key.mode][int(random.choice(5, p=(0.35, 0.2, 0.25, 0.1, 0.1)))]
        parts[int(random.integers(1, count - 1))] = ((key.tonic + shift) % 12, mode)
    beat, beats = float(60 / random.uniform(70, 150)), int(random.choice((2, 3, 4)))
    bars = int(random.choice((3, 4, 4, 5)))
    whole = round((count * bars * beats * beat + 2.5) * RATE)
    samples = np.zeros(whole, np.float32)
    voices = {part: found[int(random.integers(len(found)))] for part, found in TIMBRES.items()}
    texture = str(
        random.choice(("block", "broken", "bass and chords", "tune alone"), p=(0.3, 0.35, 0.25, 0.1))
    )

    def add(part: str, pitch: float, at: float, length: float, level: float) -> None:
        struck = note(voices[part], pitch, length * beat)
        first = round((0.1 + at * beat) * RATE)
        end = min(whole, first + len(struck.samples))
        samples[first:end] += np.float32(level * random.uniform(0.8, 1.2)) * struck.samples[: end - first]

    at = 0.0
    step = int(random.integers(8))
    for tonic, mode in parts:
        for chord in phrase(mode, bars, random):
            if texture != "tune alone":
                _accompanied(add, texture, tonic, chord, at, beats, random)
            step = _sung(add, tonic, mode, chord, at, beats, step, random)
            at += beats
    return Sounding(samples * np.float32(0.6 / np.abs(samples).max()), key.name, f"composed, {texture}")


Add = Callable[[str, float, float, float, float], None]


def _accompanied(
    add: Add, texture: str, tonic: int, chord: tuple[int, ...], at: float, beats: int, random: Random
) -> None:
    """A bar of accompaniment."""
    root, low = 36 + (tonic + chord[0]) % 12, 48 + tonic % 12
    if texture == "block":
        for tone in chord:
            add("chords", low + tone % 12, at, 0.95 * beats, 0.2)
    elif texture == "broken":
        for number in range(2 * beats):
            add("chords", low + chord[(0, 2, 1, 2)[number % 4]], at + number / 2, 0.9, 0.25)
    else:
        for number in range(1, beats):
            for tone in chord:
                add("chords", low + tone % 12, at + number, 0.6, 0.15)
    if texture != "broken" or random.random() < 0.6:
        inverted = random.random() < 0.2
        add("bass", root + (chord[1] - chord[0] if inverted else 0), at, 0.9 * beats, 0.4)


def _sung(
    add: Add, tonic: int, mode: str, chord: tuple[int, ...], at: float, beats: int, step: int, random: Random
) -> int:
    """A bar of tune: chord tones where it begins, then steps of the scale, some of them altered; where it ends."""
    place = 0.0
    classes = {tone % 12 for tone in chord}
    while place < beats - 1e-9:
        length = min(float(random.choice((0.5, 0.5, 1.0, 1.5))), beats - place)
        step = int(np.clip(step + random.integers(-2, 3), -2, 9))
        while place == 0.0 and SCALES[mode][step % 7] not in classes and random.random() < 0.8:
            step = int(np.clip(step + random.choice((-1, 1)), -2, 9))
        pitch = SCALES[mode][step % 7] + 12 * (step // 7)
        raised = mode == "minor" and 11 in classes and pitch % 12 == 10
        pitch += 1 if raised or random.random() < 0.05 else 0
        add("melody", 66 + tonic % 12 - 6 + pitch, at + place, 0.9 * length, 0.3)
        place += length
    return step


def scene(random: Random, number: int) -> Sounding:
    """A scene of the set `builtin` with pitches: a cadence, a mix with drums, or a band without."""
    if number % 3 == 0:
        made, kind = keys(random, number // 3), "cadence"
    else:
        of = list(METERS.values())[int(random.integers(len(METERS)))][0]
        lineup: Lineup = "mix" if number % 3 == 1 else "melodic"
        made, kind = in_meter("", of, random, lineup), lineup
    assert made.score.key is not None
    return Sounding(render(made).samples, made.score.key, kind)


def pitchless(random: Random, number: int) -> Sounding:
    """Drums alone, noise, or someone speaking."""
    if number % 2:
        made = unpulsed(random, number // 2, "", "")
        if made.truth.key == ATONAL:
            return Sounding(made.samples, ATONAL, "no pulse")
    of = list(METERS.values())[int(random.integers(len(METERS)))][0]
    return Sounding(render(in_meter("", of, random, "drums")).samples, ATONAL, "drums")


def worn(samples: Samples, random: Random) -> tuple[Samples, str]:
    """As it was played in half of all cases; else out of tune, noisy, thin or faint, and in what way."""
    how = str(random.choice(("plain", "detuned", "noisy", "thin", "faint"), p=(0.5, 0.2, 0.1, 0.1, 0.1)))
    if how == "detuned":
        ratio = 2 ** (random.uniform(-45, 45) / 1200)
        places = np.arange(0, len(samples) - 1, ratio)
        samples = np.interp(places, np.arange(len(samples)), samples).astype(np.float32)
    elif how == "noisy":
        level = float(np.sqrt(np.mean(samples**2)) * 10 ** (-random.uniform(3, 20) / 20))
        samples = samples + random.normal(0, level, len(samples)).astype(np.float32)
    elif how == "thin":
        samples = banded(samples, random.uniform(150, 400), random.uniform(1500, 5000))
    elif how == "faint":
        samples = samples * np.float32(10 ** (-random.uniform(20, 45) / 20))
    return samples, how


def banded(samples: Samples, low_hz: float, high_hz: float) -> Samples:
    """Only what lies between two frequencies, as through a small loudspeaker."""
    size = 1 << (len(samples) - 1).bit_length()
    spectrum = np.fft.rfft(samples, size)
    frequency = np.fft.rfftfreq(size, 1 / RATE)
    spectrum /= 1 + (low_hz / np.maximum(frequency, 1.0)) ** 4
    spectrum /= 1 + (frequency / high_hz) ** 6
    return np.asarray(np.fft.irfft(spectrum, size)[: len(samples)], np.float32)


def case(seed: int, number: int) -> Sounding:
    """Of ten cases five are composed, three scenes, two without a pitch; the same for the same seed and number."""
    random = np.random.default_rng([seed, number, 77])
    kind = number % 10
    if kind < 5:
        made = composed(random)
    elif kind < 8:
        made = scene(random, 3 * (number // 10) + kind - 5)
    else:
        made = pitchless(random, number // 10 * 2 + kind - 8)
    samples, how = worn(made.samples, random)
    return Sounding(samples, made.key, f"{made.kind}; {how}")


def number_of(key: str) -> int:
    """A key's place among the 24 (major from C, then minor from C); 24 is atonal."""
    if key == ATONAL:
        return 24
    tonic, mode = key.split()
    return TONICS.index(tonic) + (12 if mode == "minor" else 0)
