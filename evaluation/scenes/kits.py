"""Drum kits: what a kit can do (`Kit`), and those this project synthesises, by name or drawn at random."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from evaluation.scenes.sounds import Sound, Struck, drum


class Kit(Protocol):
    """Anything that turns a stroke into samples: synthesised here, sampled elsewhere."""

    @property
    def name(self) -> str:
        """What tables call it."""

    def strike(self, instrument: str, velocity: float, random: np.random.Generator) -> Struck:
        """Samples of a stroke at that velocity, 0 to 1, at 44,100 a second, and where its attack lies (`attack_of`)."""


def _metal(lowest: float, *ratios: float) -> tuple[tuple[float, float], ...]:
    return tuple((lowest * ratio, 0.3) for ratio in ratios)


STANDARD: dict[str, Sound] = {
    "kick": Sound(((52, 1.0), (108, 0.2)), 0.11, 120, 0.018, (60, 5000), 0.3, 0.006, 0.0012),
    "snare": Sound(((186, 0.6), (331, 0.35)), 0.06, 40, 0.01, (400, 11000), 1.6, 0.075, 0.0004),
    "rim": Sound(((480, 0.6), (1720, 0.7), (2410, 0.3)), 0.014, 0, 0.01, (1500, 9000), 0.5, 0.006, 0.0003),
    "hihat": Sound(
        _metal(4200, 1, 1.34, 1.71, 2.13, 2.66), 0.022, 0, 0.01, (6500, 17000), 1.2, 0.028, 0.0008
    ),
    "open_hihat": Sound(
        _metal(4200, 1, 1.34, 1.71, 2.13, 2.66), 0.2, 0, 0.01, (6000, 17000), 1.2, 0.22, 0.0012
    ),
    "pedal_hihat": Sound(_metal(3600, 1, 1.34, 1.71, 2.13), 0.018, 0, 0.01, (4000, 14000), 1.3, 0.022, 0.003),
    "ride": Sound(
        _metal(2900, 1, 1.21, 1.52, 1.97, 2.43, 3.1), 0.38, 0, 0.01, (5000, 15000), 0.35, 0.3, 0.0006
    ),
    "ride_bell": Sound(
        ((880, 0.6), (1425, 0.8), (2680, 0.5), (4210, 0.4)), 0.4, 0, 0.01, (5000, 15000), 0.2, 0.2, 0.0005
    ),
    "crash": Sound(
        _metal(2300, 1, 1.28, 1.62, 2.21, 2.9, 3.7), 0.5, 0, 0.01, (2500, 16000), 1.4, 0.5, 0.0025
    ),
    "low_tom": Sound(((88, 1.0), (141, 0.35)), 0.17, 35, 0.04, (100, 4000), 0.25, 0.02, 0.001),
    "mid_tom": Sound(((124, 1.0), (198, 0.35)), 0.15, 45, 0.04, (150, 5000), 0.25, 0.02, 0.001),
    "high_tom": Sound(((172, 1.0), (275, 0.35)), 0.13, 55, 0.04, (200, 6000), 0.25, 0.018, 0.001),
    "clap": Sound((), 0.1, 0, 0.01, (800, 6500), 1.5, 0.07, 0.0005, 3),
    "cowbell": Sound(((562, 0.7), (845, 0.7), (1690, 0.2)), 0.09, 0, 0.01, (2000, 8000), 0.2, 0.01, 0.0004),
    "shaker": Sound((), 0.1, 0, 0.01, (5500, 13000), 1.3, 0.03, 0.008),
    "sticks": Sound(
        ((1280, 0.6), (2950, 0.8), (4380, 0.3)), 0.012, 0, 0.01, (2500, 12000), 0.5, 0.005, 0.0003
    ),
}
"""Every voice, as the other kits vary it."""
LEVELS = {
    "kick": 1.0,
    "snare": 0.75,
    "rim": 0.5,
    "hihat": 0.26,
    "open_hihat": 0.3,
    "pedal_hihat": 0.24,
    "ride": 0.27,
}
LEVELS |= {"ride_bell": 0.32, "crash": 0.5, "low_tom": 0.75, "mid_tom": 0.7, "high_tom": 0.65, "clap": 0.6}
LEVELS |= {"cowbell": 0.35, "shaker": 0.2, "sticks": 0.5}
"""Peaks of the voices against each other at full velocity."""
VARIANTS = 4


@dataclass(frozen=True)
class SynthKit:
    """The standard voices, varied.

    Attributes
    ----------
    tune : factor of all frequencies
    ring : factor of all decays
    noise : factor of the noise against the tones
    bright : factor of the noise's band
    soft_s : added to every rise: brushes, a worn tape
    spread : how much each drum goes its own way about all that; drawn from the kit's name
    """

    name: str
    tune: float = 1.0
    ring: float = 1.0
    noise: float = 1.0
    bright: float = 1.0
    soft_s: float = 0.0
    spread: float = 0.1

    @cached_property
    def sounds(self) -> dict[str, Sound]:
        """The voices by name."""
        random = np.random.default_rng(zlib.crc32(self.name.encode()))
        return {name: self._varied(sound, random) for name, sound in STANDARD.items()}

    def _varied(self, sound: Sound, random: np.random.Generator) -> Sound:
        tune, ring, noise, bright = np.exp(random.normal(0, self.spread, 4))
        low, high = (float(np.clip(edge * self.bright * bright, 30, 18000)) for edge in sound.band_hz)
        return replace(
            sound,
            tones=tuple((hertz * self.tune * tune, size) for hertz, size in sound.tones),
            ring_s=sound.ring_s * self.ring * ring,
            fall_hz=sound.fall_hz * self.tune,
            band_hz=(low, max(high, 1.5 * low)),
            noise=sound.noise * self.noise * noise,
            noise_s=sound.noise_s * (0.4 + 0.6 * self.ring) * ring,
            rise_s=sound.rise_s + self.soft_s,
        )

    def strike(self, instrument: str, velocity: float, random: np.random.Generator) -> Struck:
        """See Kit."""
        if instrument not in self.sounds:
            raise ValueError(f"the kit {self.name} has no {instrument!r}; it has {', '.join(self.sounds)}")
        brightness = min(3, int(4 * velocity))
        samples, attack = drum(self.sounds[instrument], brightness, int(random.integers(VARIANTS)))
        return Struck(samples * np.float32(LEVELS[instrument] * velocity**1.4), attack)


KITS: dict[str, SynthKit] = {
    kit.name: kit
    for kit in (
        SynthKit("studio"),
        SynthKit("dry", ring=0.45, noise=0.9),
        SynthKit("long", ring=1.9, tune=0.9),
        SynthKit("noisy", noise=2.2, bright=1.2),
        SynthKit("tuned", noise=0.45, ring=1.3, tune=1.15),
        SynthKit("small", tune=1.4, ring=0.7, bright=1.25),
        SynthKit("deep", tune=0.78, ring=1.3, bright=0.75),
        SynthKit("brushes", noise=1.5, ring=0.8, soft_s=0.004, bright=0.85),
        SynthKit("dull", bright=0.5, noise=0.8, soft_s=0.002),
        SynthKit("odd", spread=0.35),
    )
}
"""Kits by name."""


def any_kit(random: np.random.Generator) -> SynthKit:
    """A kit that is none of the named ones."""
    tune, ring, noise, bright = np.exp(random.normal(0, (0.15, 0.4, 0.45, 0.25)))
    soft_s = float(random.exponential(0.0015)) if random.random() < 0.4 else 0.0
    name = f"drawn {int(random.integers(1 << 32)):08x}"
    return SynthKit(
        name, float(tune), float(ring), float(noise), float(bright), soft_s, float(random.uniform(0.05, 0.3))
    )
