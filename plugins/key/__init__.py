"""The plugins that name a key: `key.ensemble`; `key.essentia` and `key.librosa` where it cannot; a peer."""

from __future__ import annotations

from typing import Any, Literal

from hemiola import AudioView, Budget, Config, Context, Plugin, Region, Skip, hookimpl
from hemiola.results import Content, Key, KeyAlternative

from . import profiles, spans
from .ensemble import EnsembleKey
from .peers import MadmomKey


class KeyConfig(Config):
    """Which key profile is correlated."""

    profile: Literal["bgate", "krumhansl"] = "bgate"


class KrumhanslConfig(Config):
    """Which key profile is correlated."""

    profile: Literal["bgate", "krumhansl"] = "krumhansl"


def answer(
    classes: Any, cents: float, unity: float, needed: float, config: KeyConfig | KrumhanslConfig, method: str
) -> Key:
    """The result for pitch classes of shape (12,)."""
    guesses = profiles.key_fits(classes, config.profile)
    best = guesses[0]
    alternatives = tuple(
        KeyAlternative(tonic=guess.name, mode=guess.mode, probability=share)
        for guess, share in profiles.shares(guesses)
    )
    tonal = best.fit * unity >= needed and profiles.has_chord(classes)
    return Key(
        tonic=best.name if tonal else None,
        mode=best.mode if tonal else "atonal",
        label=profiles.spelt(best.tonic, best.mode) if tonal else "atonal",
        alternatives=alternatives,
        tuning_hz=profiles.tuned_a4(cents) if tonal else None,
        method=method,
    )


class EssentiaKey(Plugin[Key, KeyConfig]):
    """Key from Essentia's harmonic pitch class profiles, correlated with key profiles.

    Notes
    -----
    The mean profile of the spectral peaks of 0.37 s frames, in the recording's own tuning, is
    correlated with the 24 rotations of a key profile ("bgate" unless configured). `alternatives` are
    shares of the squared positive correlations: they rank and are no probabilities yet.

    The answer is atonal where the best correlation times the unity of the tuning is under 0.08. The
    unity is the length of the mean vector of all partials' offsets from the semitones: pitched
    instruments agree on a tuning, drums, speech and noise do not. It is atonal as well where
    fewer than three pitch classes sound. Segments that `content` calls speech or noise are left
    out, which `method` says.

    References
    ----------
    .. [1] E. Gomez, "Tonal description of polyphonic audio for music content processing", INFORMS Journal
       on Computing 18(3), 2006.
    .. [2] A. Faraldo, E. Gomez, S. Jorda and P. Herrera, "Key estimation in electronic dance music", Proc.
       of the 38th European Conf. on Information Retrieval (ECIR), 2016.
    """

    name = "key.essentia"
    version = "1.0.0"
    audio = AudioView(rate=44100, channels=1)
    uses = (Content,)
    environment = "numpy1"
    budget = Budget(seconds=10, per_audio_second=0.05)
    memory = "1 GiB"
    licence = "AGPL-3.0-only (Essentia)"
    libraries = ("essentia", "numpy")
    rank = 20

    def load(self) -> None:
        """Build Essentia's chain."""
        from . import hpcp

        self._hpcp = hpcp
        self._analysis = hpcp.PeakAnalysis()

    def analyze(self, region: Region, context: Context) -> Key:
        """Name the key of a take or region."""
        kept = spans.sounding_spans(region, context)
        heard = self._hpcp.pitch_classes(self._analysis, region.samples, kept.samples, context.progress)
        if heard.frames < spans.FEWEST_FRAMES:
            raise Skip("nothing with a pitch between 25 and 3,500 Hz sounds here for half a second")
        method = f"Essentia HPCP, profile {self.config.profile}{kept.remark}"
        return answer(
            heard.classes,
            heard.tuning_cents,
            heard.tuning_unity,
            profiles.ESSENTIA_TONAL,
            self.config,
            method,
        )


class LibrosaKey(Plugin[Key, KrumhanslConfig]):
    """Key from librosa's spectra, correlated with Krumhansl's key profiles: the fallback.

    Notes
    -----
    Spectral peaks between 60 and 2,000 Hz, weighted by the root of their magnitude, are folded into
    twelve classes in the recording's own tuning. Otherwise as `key.essentia`.

    References
    ----------
    .. [1] C. Krumhansl, "Cognitive Foundations of Musical Pitch", Oxford University Press, 1990.
    .. [2] T. Fujishima, "Realtime chord recognition of musical sound: a system using Common Lisp Music",
       Proc. of the Int. Computer Music Conf. (ICMC), 1999.
    """

    name = "key.librosa"
    version = "1.0.0"
    audio = AudioView(rate=22050, channels=1)
    uses = (Content,)
    environment = "main"
    budget = Budget(seconds=15, per_audio_second=0.05)
    memory = "1 GiB"
    licence = "ISC (librosa)"
    libraries = ("librosa", "numpy", "scipy")
    rank = 50

    def load(self) -> None:
        """Import librosa."""
        from . import chroma

        self._chroma = chroma

    def analyze(self, region: Region, context: Context) -> Key:
        """Name the key of a take or region."""
        kept = spans.sounding_spans(region, context)
        heard = self._chroma.chroma_of(region.samples, region.rate, kept.samples, context.progress)
        if heard.frames < spans.FEWEST_FRAMES:
            raise Skip("nothing with a pitch between 60 and 2,000 Hz sounds here for half a second")
        method = f"librosa spectral peaks, profile {self.config.profile}{kept.remark}"
        return answer(
            heard.classes, heard.tuning_cents, heard.tuning_unity, profiles.LIBROSA_TONAL, self.config, method
        )


@hookimpl
def hemiola_plugins() -> list[type[Plugin[Any, Any]]]:
    """The plugins of this folder."""
    return [EnsembleKey, EssentiaKey, LibrosaKey, MadmomKey]
