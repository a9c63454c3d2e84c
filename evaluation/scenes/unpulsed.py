"""Recordings without a beat: noise, a drone, babble, silence, strokes in free time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from evaluation.annotation import HitMark, Labelled, Truth
from evaluation.scenes.kits import KITS
from evaluation.scenes.patterns.strokes import CLASSES
from evaluation.scenes.rendering import Rendered
from evaluation.scenes.rooms import Room, floor_noise, in_room
from evaluation.scenes.sounds import RATE, TIMBRES, Samples, band_noise, note

Random = np.random.Generator
Made = tuple[Samples, dict[str, Any]]
NOTHING: dict[str, Any] = {
    "beats": (),
    "units": (),
    "downbeats": (),
    "segments": (),
    "modulations": (),
    "polyrhythms": (),
}
"""There is no beat: an empty list says so."""


def _slow(count: int, random: Random, hertz: float) -> Samples:
    """A curve between about 0 and 1 that moves that fast."""
    knots = random.uniform(0.05, 1.0, max(4, round(count / RATE * hertz) + 3))
    return np.interp(np.linspace(0, len(knots) - 1, count), np.arange(len(knots)), knots).astype(np.float32)


def noise(count: int, random: Random) -> Made:
    """A band of noise that slowly swells: rain, a fan, tape."""
    low = float(random.choice((30.0, 300.0, 1500.0)))
    samples = band_noise(count, low, low * float(random.uniform(4, 12)), random) * (
        0.5 + 0.5 * _slow(count, random, 0.3)
    )
    return samples, {"key": "atonal", "onsets": (), "hits": (), "notes": (), "content": "noise"}


def drone(count: int, random: Random) -> Made:
    """One or two held pitches, each partial swelling in its own time."""
    time = np.arange(count) / RATE
    samples = np.zeros(count, dtype=np.float32)
    root = float(random.uniform(60, 180))
    for hertz in (root, root * 1.5)[: int(random.integers(1, 3))]:
        for k in range(1, 9):
            partial = np.sin(2 * np.pi * hertz * k * time + random.uniform(0, 6)) / k
            samples += (0.15 * partial * _slow(count, random, 0.2)).astype(np.float32)
    fade = min(2 * RATE, count // 2)
    samples[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
    return samples, {"hits": (), "content": "tone"}


def babble(count: int, random: Random) -> Made:
    """Voices without words: pulses of a gliding pitch through formants, in syllables of uneven length, with pauses."""
    samples = np.zeros(count, dtype=np.float32)
    at = round(0.2 * RATE)
    voice = float(random.uniform(95, 210))
    while at < count - RATE:
        for _ in range(int(random.integers(2, 6))):
            length = round(float(random.uniform(0.11, 0.3)) * RATE)
            spoken = syllable(length, voice, random)[: max(0, count - at)]
            samples[at : at + len(spoken)] += spoken
            at += length + round(float(random.uniform(0.0, 0.06)) * RATE)
        at += round(float(random.uniform(0.15, 0.7)) * RATE)
    return samples, {"key": "atonal", "hits": ()}


def syllable(length: int, voice: float, random: Random) -> Samples:
    """`length` samples of a voice around that pitch in Hz, through formants of its own."""
    time = np.arange(length) / RATE
    glide = voice * 2.0 ** (random.uniform(-0.25, 0.25) * time / max(time[-1], 1e-6))
    phase = 2 * np.pi * np.cumsum(glide) / RATE
    formants = random.uniform((280, 900, 2200), (800, 2200, 3000))
    samples = np.zeros(length)
    for k in range(1, int(3500 / voice)):
        gain = sum(1 / (1 + ((k * voice - formant) / 90) ** 2) for formant in formants)
        samples += gain * np.sin(k * phase)
    hump = np.sin(np.pi * np.arange(length) / length) ** 1.2
    hiss = band_noise(length, 3000, 8000, random) * np.exp(-time / 0.03) * float(random.uniform(0, 0.4))
    sung = 0.4 * samples / max(float(np.abs(samples).max()), 1e-9) * hump * random.uniform(0.5, 1)
    return np.asarray(sung + hiss, dtype=np.float32)


def silence(count: int, random: Random) -> Made:
    """Nothing but a faint floor."""
    return np.zeros(count, dtype=np.float32), {
        "key": "atonal",
        "onsets": (),
        "hits": (),
        "notes": (),
        "regions": (),
    }


def free(count: int, random: Random) -> Made:
    """Drums, or plucked notes of all twelve, in no time: the distances vary tenfold."""
    samples = np.zeros(count, dtype=np.float32)
    kit = KITS[str(random.choice(sorted(KITS)))]
    plucked = random.random() < 0.4
    piano = TIMBRES["chords"][0]
    hits: list[HitMark] = []
    times: list[float] = []
    at = 0.3
    while at < count / RATE - 1.5:
        velocity = float(random.uniform(0.3, 1.0))
        name = str(random.choice(("kick", "snare", "hihat", "ride", "low_tom", "crash", "rim")))
        struck = (
            note(piano, float(random.integers(45, 80)), 0.8)
            if plucked
            else kit.strike(name, velocity, random)
        )
        moment = round(at * RATE)
        first = moment - struck.attack
        piece = struck.samples[: count - first] * np.float32(0.4 * velocity if plucked else 1.0)
        samples[first : first + len(piece)] += piece
        times.append(round(moment / RATE, 6))
        if not plucked:
            hits.append(
                HitMark(time_s=times[-1], instrument=CLASSES.get(name, name), velocity=round(velocity, 3))
            )
        at += float(np.clip(np.exp(random.normal(-0.7, 0.8)), 0.08, 2.5))
    known = {"onsets": tuple(times), "hits": tuple(hits), "key": "atonal"}
    return samples, known if plucked else {**known, "kit": kit.name, "notes": ()}


UNPULSED: dict[str, Callable[[int, Random], Made]] = {
    "noise": noise,
    "drone": drone,
    "babble": babble,
    "silence": silence,
    "free": free,
}
"""By name."""


def unpulsed(random: Random, case: int, source: str, song: str) -> Rendered:
    """A recording of each sort in turn."""
    name = list(UNPULSED)[case % len(UNPULSED)]
    count = round(float(random.uniform(12, 20)) * RATE)
    samples, known = UNPULSED[name](count, random)
    wet = float(random.choice((0.0, 0.1)))
    quiet = name == "silence"
    room = Room(wet, 0.15, 0.01, float(random.uniform(-90, -80 if quiet else -60)))
    sound = in_room(samples, room, random)
    peak = float(np.abs(sound).max())
    sound = sound * np.float32(random.uniform(0.3, 0.8) / peak) if peak > 0 else sound
    content = known.pop("content", None)
    if content:
        known["content"] = (Labelled(start_s=0.0, end_s=round(count / RATE, 6), label=content),)
    truth = Truth(
        kind="no pulse", origin="generated", source=source, licence="CC0-1.0", song=song, **NOTHING, **known
    )
    return Rendered(sound + floor_noise(count, room, random), None, truth)
