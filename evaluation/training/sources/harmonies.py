"""Keys, modes and chords with sevenths, and progressions that move as tonal music mostly does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.conventions import TONICS

Random = np.random.Generator

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
}
SHARES = (0.42, 0.28, 0.1, 0.1, 0.1)
FOLLOWS = {
    0: (3, 4, 5, 1, 3, 4, 2, 6),
    1: (4, 4, 6, 0),
    2: (5, 3, 0),
    3: (4, 0, 1, 4, 6),
    4: (0, 0, 0, 5, 3),
    5: (3, 1, 4, 2),
    6: (0, 0, 2, 4),
}
"""What may follow a chord on a step of the scale."""


@dataclass(frozen=True)
class Tonality:
    """A scale from a tonic, in semitones above C."""

    tonic: int
    mode: str

    @property
    def name(self) -> str | None:
        """The key as truth files spell it; None for a mode that is neither major nor minor."""
        return f"{TONICS[self.tonic]} {self.mode}" if self.mode in ("major", "minor") else None

    def step(self, index: int) -> int:
        """Semitones above the tonic of a step; step 7 is the octave, below 0 lies below the tonic."""
        return SCALES[self.mode][index % 7] + 12 * (index // 7)


@dataclass(frozen=True)
class Chord:
    """Thirds piled on a step of a scale: three or four tones."""

    tonality: Tonality
    step: int
    tones: int = 3

    @property
    def classes(self) -> tuple[int, ...]:
        """Pitch classes from the root up."""
        steps = range(self.step, self.step + 2 * self.tones, 2)
        return tuple((self.tonality.tonic + self.tonality.step(i)) % 12 for i in steps)

    def tone(self, index: int, low: int) -> float:
        """The MIDI number of a tone: 0 the root at or above `low`, then on up through the chord."""
        root = low + (self.classes[0] - low) % 12
        above = (self.classes[index % self.tones] - self.classes[0]) % 12
        return float(root + above + 12 * (index // self.tones))


def any_tonality(random: Random) -> Tonality:
    """Mostly major or minor."""
    return Tonality(int(random.integers(12)), str(random.choice(list(SCALES), p=SHARES)))


def progression(tonality: Tonality, count: int, cadence: bool, random: Random) -> tuple[Chord, ...]:
    """So many chords from the tonic; a cadence ends on the dominant and the tonic, no two neighbours are the same."""
    steps = [0]
    while len(steps) < count:
        steps.append(int(random.choice(FOLLOWS[steps[-1]])))
    if cadence and count >= 3:
        steps[-2:] = [4, 0]
        if steps[-3] == 4:
            steps[-3] = 3
    sevenths = random.random(count) < random.choice((0.0, 0.2, 0.7), p=(0.5, 0.35, 0.15))
    return tuple(
        Chord(tonality, step, 4 if seventh else 3) for step, seventh in zip(steps, sevenths, strict=True)
    )
