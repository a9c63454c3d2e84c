"""Tapes of several sounds with gaps between them over a floor of noise, and where each sound stands above it."""

from __future__ import annotations

import numpy as np

from evaluation.annotation import Labelled, Truth
from evaluation.scenes.kits import KITS
from evaluation.scenes.patterns.harmony import Chord
from evaluation.scenes.rendering import Rendered
from evaluation.scenes.rooms import Room, floor_noise
from evaluation.scenes.sounds import RATE, TIMBRES, Samples, band_noise, note
from evaluation.scenes.unpulsed import syllable

Random = np.random.Generator
GAPS_S = (0.12, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.4, 2.0)
"""Between the end of one sound and the start of the next."""
FLOORS_DB = (-80.0, -70.0, -60.0, -50.0, -40.0)
"""Levels of the floor."""
ABOVE_DB = 6.0
"""A sound begins and ends where its level, over LEVEL_S, stands this far above the floor ..."""
LEVEL_S = 0.01
QUIETEST_DB = -75.0
"""... or above this, where the floor lies lower: what is quieter ends in nothing that anyone hears."""
PAUSE_S, SHORTEST_S = 0.06, 0.15
"""A sound ends where it sinks into the floor for longer than the first; shorter sounds than the second are not used."""


def loop(random: Random) -> Samples:
    """A bar or two of drums."""
    kit = KITS[str(random.choice(sorted(KITS)))]
    step, count = float(random.uniform(0.11, 0.2)), int(random.choice((8, 16)))
    out = np.zeros(round((step * count + 1.2) * RATE), dtype=np.float32)
    for i in range(count):
        name = "kick" if i % 8 in (0, 5) else "snare" if i % 8 == 4 else "hihat"
        samples = kit.strike(name, float(random.uniform(0.6, 1.0)), random).samples
        first = round(i * step * RATE)
        out[first : first + len(samples)] += samples[: len(out) - first]
    return out


def chord(random: Random) -> Samples:
    """A struck or held chord."""
    timbre = TIMBRES["chords"][int(random.integers(len(TIMBRES["chords"])))]
    triad = Chord(int(random.integers(12)), str(random.choice(("maj", "min"))))
    seconds = float(random.uniform(0.4, 1.6))
    notes = [note(timbre, triad.tone(step, 50), seconds).samples for step in range(3)]
    return np.asarray(sum(notes) / np.float32(3), dtype=np.float32)


def hiss(random: Random) -> Samples:
    """A burst of noise with hard edges."""
    return band_noise(round(float(random.uniform(0.2, 1.0)) * RATE), 300.0, 9000.0, random)


def word(random: Random) -> Samples:
    """A few syllables, run together."""
    voice = float(random.uniform(100, 200))
    lengths = random.integers(round(0.12 * RATE), round(0.25 * RATE), int(random.integers(1, 4)))
    return np.concatenate([syllable(int(length), voice, random) for length in lengths])


SOUNDS = (loop, chord, hiss, word)


def span_above(samples: Samples, level_db: float) -> tuple[int, int] | None:
    """First sample, and the one after the last, of what stands above a level without a pause; None where none does."""
    window = round(LEVEL_S * RATE)
    power = np.concatenate([[0.0], np.cumsum(samples.astype(float) ** 2)])
    after = np.clip(np.arange(len(samples)) + window // 2, 0, len(samples))
    before = np.clip(after - window, 0, len(samples))
    above = np.flatnonzero(power[after] - power[before] > window * 10 ** (level_db / 10))
    if not len(above):
        return None
    pauses = np.flatnonzero(np.diff(above) > PAUSE_S * RATE)
    last = above[pauses[0]] if len(pauses) else above[-1]
    return int(above[0]), int(last) + 1


def heard_sound(floor_db: float, random: Random) -> Samples:
    """A sound at some level, cut to what stands above the floor; drawn again while little of it does."""
    audible_db = max(floor_db + ABOVE_DB, QUIETEST_DB)
    while True:
        sound = SOUNDS[int(random.integers(len(SOUNDS)))](random)
        peak_db = float(random.uniform(max(floor_db + 22.0, -30.0), -2.0))
        sound = sound * np.float32(10 ** (peak_db / 20) / np.abs(sound).max())
        span = span_above(sound, audible_db)
        if span is not None and span[1] - span[0] > SHORTEST_S * RATE:
            heard = sound[span[0] : span[1]].copy()
            edge = round(0.002 * RATE)
            heard[-edge:] *= np.linspace(1, 0, edge, dtype=np.float32)
            return heard


def tape(random: Random, case: int, source: str, song: str) -> Rendered:
    """Seven to ten sounds over a floor; `regions` has one stretch for each, however short the gap before it.

    A gap is counted from where one sound sinks into the floor to where the next rises from it. Their
    peaks are 22 dB above the floor's level or more.
    """
    floor_db = FLOORS_DB[case % len(FLOORS_DB)]
    pieces: list[Samples] = []
    regions: list[Labelled] = []
    at = round(float(random.uniform(1.0, 1.6)) * RATE)
    pieces.append(np.zeros(at, dtype=np.float32))
    for gap in (*random.permutation(GAPS_S)[: int(random.integers(6, 9))], 1.0):
        heard = heard_sound(floor_db, random)
        regions.append(Labelled(start_s=round(at / RATE, 6), end_s=round((at + len(heard)) / RATE, 6)))
        silent = np.zeros(round(float(gap) * RATE), dtype=np.float32)
        pieces += [heard, silent]
        at += len(heard) + len(silent)
    clean = np.concatenate(pieces)
    room = Room(floor_db=floor_db, hum=bool(case % 3 == 2))
    truth = Truth(
        kind=f"regions over {floor_db:.0f} dB",
        origin="generated",
        source=source,
        licence="CC0-1.0",
        song=song,
        regions=tuple(regions),
    )
    return Rendered(clean + floor_noise(len(clean), room, random), None, truth)
