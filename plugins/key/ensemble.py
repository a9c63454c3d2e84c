"""The plugin that asks both, Essentia's key profile and madmom's key network, and weighs what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hemiola import AudioView, Budget, Config, Context, Plugin, Region, Skip
from hemiola.results import Content, Key, KeyAlternative

from . import pool, profiles, spans

ESSENTIA, MADMOM = "Essentia's profile", "madmom's network"
LOUDEST = 1.0
"""Peak of what the network hears: it learned from mastered music, and its logarithm is not blind to level."""


class HalfFailed(RuntimeError):
    """One of the two could not be asked: the sentence names it, and no half answer stands for a whole one."""


@contextmanager
def asking(half: str) -> Iterator[None]:
    """Say which half an exception came from."""
    try:
        yield
    except MemoryError:
        raise  # which the worker knows as such
    except Exception as error:
        raise HalfFailed(
            f"{half} failed, and the other's answer alone is not this plugin's: {type(error).__name__}: {error}"
        ) from error


@dataclass(frozen=True)
class Opinions:
    """What both make of a recording.

    Attributes
    ----------
    correlations : ndarray of shape (2, 24)
        Of Essentia's pitch classes with both profiles of `pool`; major keys from C, then minor keys from C.
    network : ndarray of shape (24,) or None
        madmom's log-probabilities in the same order; None where the sound is too short for it.
    strength : float
        How tonal it is: bgate's best correlation times the unity of the tuning; 0 under three pitch classes.
    cents : float
        The tuning's offset from A4 = 440 Hz.
    frames : int
        Frames in which anything had a pitch class.
    """

    correlations: npt.NDArray[np.float64]
    network: npt.NDArray[np.float64] | None
    strength: float
    cents: float
    frames: int


class EnsembleKey(Plugin[Key, Config]):
    """Key from Essentia's profile and madmom's convolutional network together.

    Notes
    -----
    Both hear the same samples, without what `content` calls speech or noise, in the tuning that Essentia's
    spectral peaks have. The correlations with two published key profiles and the network's log-probabilities
    are summed with fixed weights (a logarithmic opinion pool), fitted on made music alone. `alternatives` are
    the probabilities of all keys and of none; `confidence` is the answer's.

    Whether there is a key at all is Essentia's to say, as in `key.essentia`: the network names one for noise as well.
    Between 1 and 1.6 s, which are too short for the network, Essentia answers alone, which `method` says. Where either
    fails, the plugin fails, and the next provider is asked.

    References
    ----------
    .. [1] F. Korzeniowski and G. Widmer, "Genre-agnostic key classification with convolutional neural networks",
       Proc. of the 19th Int. Society for Music Information Retrieval Conf. (ISMIR), 2018.
    .. [2] A. Faraldo, E. Gomez, S. Jorda and P. Herrera, "Key estimation in electronic dance music", Proc.
       of the 38th European Conf. on Information Retrieval (ECIR), 2016.
    .. [3] D. Temperley, "Music and Probability", MIT Press, 2007. (The Kostka-Payne profile.)
    .. [4] C. Genest and J. V. Zidek, "Combining probability distributions: a critique and an annotated
       bibliography", Statistical Science 1(1), 1986.
    """

    name = "key.ensemble"
    version = "1.0.0"
    audio = AudioView(rate=44100, channels=1)
    uses = (Content,)
    environment = "numpy1"
    budget = Budget(seconds=15, per_audio_second=0.1)
    memory = "1 GiB"
    licence = "AGPL-3.0-only (Essentia), BSD-3-Clause (madmom)"
    model_licence = "CC BY-NC-SA 4.0 (madmom's key model)"
    libraries = ("essentia", "madmom", "numpy", "scipy")
    rank = 10
    tonal_from = profiles.ESSENTIA_TONAL

    def load(self) -> None:
        """Build Essentia's chain and read the network's weights."""
        from . import cnn, hpcp

        self._hpcp = hpcp
        with asking(ESSENTIA):
            self._analysis = hpcp.PeakAnalysis()
        with asking(MADMOM):
            self._network = cnn.KeyNetwork()

    def analyze(self, region: Region, context: Context) -> Key:
        """Name the key of a take or region."""
        kept = spans.sounding_spans(region, context)
        said = self.opinions(region.samples, kept.samples, context.progress)
        if said.frames < spans.FEWEST_FRAMES:
            raise Skip("nothing with a pitch between 25 and 3,500 Hz sounds here for half a second")
        asked = f"Essentia HPCP, profiles {' and '.join(pool.PROFILES)}"
        both, alone = ", pooled with madmom CNN (2018)", ", alone: madmom's key network takes 1.6 s"
        method = asked + (alone if said.network is None else both) + kept.remark
        return answer(self.probabilities(said), profiles.tuned_a4(said.cents), method)

    def probabilities(self, said: Opinions) -> npt.NDArray[np.float64]:
        """Of the 24 keys, major ones from C first, and of none; shape (25,)."""
        return pool.pooled(said.correlations, said.network, said.strength, self.tonal_from)

    def opinions(
        self,
        samples: npt.NDArray[np.float32],
        sounding: list[tuple[int, int]],
        progress: Callable[[float], None] = lambda fraction: None,
    ) -> Opinions:
        """Ask both about the sounding ranges of samples, mono at 44.1 kHz.

        Raises
        ------
        HalfFailed
        """
        with asking(ESSENTIA):
            heard = self._hpcp.pitch_classes(
                self._analysis, samples, sounding, lambda done: progress(0.2 * done)
            )
        correlations = np.zeros((len(pool.PROFILES), 24))
        for row, profile in enumerate(pool.PROFILES):
            for guess in profiles.key_fits(heard.classes, profile):
                correlations[row, guess.tonic + 12 * (guess.mode == "minor")] = guess.fit
        if heard.frames < spans.FEWEST_FRAMES:
            return Opinions(correlations, None, 0.0, 0.0, heard.frames)
        chord = profiles.has_chord(heard.classes)
        strength = float(correlations[0].max()) * heard.tuning_unity if chord else 0.0
        with asking(MADMOM):
            network = self._network.log_probabilities(
                samples,
                sounding,
                LOUDEST / self._hpcp.loudest(samples, sounding),
                heard.tuning_cents,
                lambda done: progress(0.2 + 0.8 * done),
            )
        return Opinions(correlations, network, strength, heard.tuning_cents, heard.frames)


def answer(probabilities: npt.NDArray[np.float64], tuning_hz: float, method: str) -> Key:
    """The result for probabilities of shape (25,), as `pool.pooled` gives them."""
    keys = [
        KeyAlternative(
            tonic=profiles.TONICS[number % 12] if number < 24 else None,
            mode=("major", "minor", "atonal")[number // 12],
            probability=min(1.0, float(probability)),
        )
        for number, probability in enumerate(probabilities)
    ]
    best = int(np.argmax(probabilities))
    tonal = best < 24
    return Key(
        tonic=keys[best].tonic,
        mode=keys[best].mode,
        label=profiles.spelt(best % 12, keys[best].mode) if tonal else "atonal",
        confidence=keys[best].probability,
        alternatives=tuple(sorted(keys, key=lambda key: -key.probability)),
        tuning_hz=tuning_hz if tonal else None,
        method=method,
    )
