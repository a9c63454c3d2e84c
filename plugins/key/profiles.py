"""Keys from twelve pitch classes: correlation with key profiles, the spelling of keys, and when there is none.

References
----------
.. [1] C. Krumhansl, "Cognitive Foundations of Musical Pitch", Oxford University Press, 1990.
.. [2] A. Faraldo, E. Gomez, S. Jorda and P. Herrera, "Key estimation in electronic dance music", Proc. of
   the 38th European Conf. on Information Retrieval (ECIR), 2016. (The profile "bgate" is theirs.)
.. [3] D. Temperley, "Music and Probability", MIT Press, 2007. ("kostka-payne": how often each degree sounds in the
   examples of S. Kostka and D. Payne, "Tonal Harmony".)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MAJOR_SPELT = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_SPELT = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")

ESSENTIA_TONAL = 0.08
"""Fit of the best key times unity of the tuning: real mixes 0.09 and more, drums, birds and noise less than 0.08."""
LIBROSA_TONAL = 0.055
"""The same for librosa's spectra: real mixes 0.066 and more, drums and noise less than 0.045."""

PROFILES: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "bgate": (
        (1.00, 0.00, 0.42, 0.00, 0.53, 0.37, 0.00, 0.77, 0.00, 0.38, 0.21, 0.30),
        (1.00, 0.00, 0.36, 0.39, 0.00, 0.38, 0.00, 0.74, 0.27, 0.00, 0.42, 0.23),
    ),
    "krumhansl": (
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ),
    "kostka-payne": (
        (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
        (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
    ),
}


@dataclass(frozen=True)
class KeyGuess:
    """One of the 24 keys and how well its profile fits, -1 to 1."""

    tonic: int
    mode: str
    fit: float

    @property
    def name(self) -> str:
        """The tonic with sharps, as stored."""
        return TONICS[self.tonic]


def key_fits(pitch_classes: Doubles, profile: str = "bgate") -> list[KeyGuess]:
    """All 24 keys by the correlation of their profile with the pitch classes.

    Parameters
    ----------
    pitch_classes : ndarray of shape (12,)
        Strength of C, C# ... B.
    profile : str
        A name of `PROFILES`.

    Returns
    -------
    list of KeyGuess
        Descending by fit; equal fits in the order of the tonics, major first. All fits are zero
        where the pitch classes are all equal.
    """
    centred = pitch_classes - pitch_classes.mean()
    length = float(np.linalg.norm(centred))
    guesses = []
    for tonic in range(12):
        for mode, weights in zip(("major", "minor"), PROFILES[profile], strict=True):
            expected = np.roll(np.asarray(weights) - np.mean(weights), tonic)
            scale = length * float(np.linalg.norm(expected))
            fit = float(centred @ expected) / scale if scale > 1e-12 else 0.0
            guesses.append(KeyGuess(tonic, mode, fit))
    return sorted(guesses, key=lambda guess: -guess.fit)


def shares(guesses: list[KeyGuess], count: int = 5) -> list[tuple[KeyGuess, float]]:
    """The best `count` keys with their share of all positive fits, squared so that near misses weigh less.

    These shares rank; they are no calibrated probabilities.
    """
    weights = np.maximum(0.0, np.array([guess.fit for guess in guesses])) ** 2
    total = float(weights.sum())
    if total <= 0:
        return []
    return [(guess, float(w / total)) for guess, w in list(zip(guesses, weights, strict=True))[:count]]


def spelt(tonic: int, mode: str) -> str:
    """The key as a musician writes it: Bb major rather than A# major, F# minor rather than Gb minor."""
    return f"{(MAJOR_SPELT if mode == 'major' else MINOR_SPELT)[tonic]} {mode}"


def tuned_a4(cents: float) -> float:
    """Frequency of A4 in Hz at an offset in cents from 440 Hz."""
    return float(440.0 * 2.0 ** (cents / 1200.0))


def has_chord(pitch_classes: Doubles) -> bool:
    """Whether at least three pitch classes sound: a lone tone and its octaves have no key."""
    return int(np.count_nonzero(pitch_classes >= 0.05 * pitch_classes.max())) >= 3
