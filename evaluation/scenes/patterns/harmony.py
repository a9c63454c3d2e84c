"""Keys, chords and progressions that say their key."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.conventions import TONICS

SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
PROGRESSIONS = {
    "major": ("I IV V I", "I V vi IV", "I vi IV V", "I ii V I", "I IV I V", "I iii IV V", "I IV ii V", "I V"),
    "minor": ("i iv V i", "i VI VII i", "i VI iv V", "i VII VI V", "i iv VII i", "i iv i V", "i V"),
}
"""From the tonic and, by a dominant or a plagal step, back to it; a minor key's V has its leading note."""
_DEGREES = ("i", "ii", "iii", "iv", "v", "vi", "vii")


@dataclass(frozen=True)
class Key:
    """A tonic, as semitones above C, and a mode."""

    tonic: int
    mode: str

    @property
    def name(self) -> str:
        """As truth files spell it: "F# minor"."""
        return f"{TONICS[self.tonic]} {self.mode}"

    def degree(self, step: int) -> int:
        """Semitones from the tonic of a step of the scale; step 7 is the octave."""
        return SCALES[self.mode][step % 7] + 12 * (step // 7)

    def chord(self, numeral: str) -> Chord:
        """The chord of a Roman numeral; upper case is major."""
        root = (self.tonic + self.degree(_DEGREES.index(numeral.lower()))) % 12
        return Chord(root, "maj" if numeral.isupper() else "min")


@dataclass(frozen=True)
class Chord:
    """A major or minor triad on a root, as semitones above C."""

    root: int
    quality: str

    @property
    def label(self) -> str:
        """In Harte's syntax: "A:min"."""
        return f"{TONICS[self.root]}:{self.quality}"

    def tone(self, index: int, low: int) -> float:
        """The MIDI number of a tone: 0 the root at or above `low`, then third, fifth, octave and on up."""
        third = 4 if self.quality == "maj" else 3
        base = low + (self.root - low) % 12
        return float(base + (0, third, 7)[index % 3] + 12 * (index // 3))


def any_key(random: np.random.Generator) -> Key:
    """One of the 24."""
    return Key(int(random.integers(12)), "major" if random.random() < 0.5 else "minor")


def progression(key: Key, random: np.random.Generator) -> tuple[Chord, ...]:
    """Chords of a phrase, one for a bar."""
    return tuple(key.chord(numeral) for numeral in str(random.choice(PROGRESSIONS[key.mode])).split())
