"""The plugins that find onsets: `onsets.superflux`, and `onsets.essentia`; two peers."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from hemiola import AudioView, Budget, Config, Context, Plugin, Region, Skip, hookimpl
from hemiola.results import Onsets

from .peers import LibrosaOnsets, MadmomOnsets

SHORTEST_S = 0.02


class SuperfluxConfig(Config):
    """How far the detection function must stand above its local mean; lower finds softer onsets."""

    threshold: float = Field(0.022, gt=0.0, le=1.0)


class SuperfluxOnsets(Plugin[Onsets, SuperfluxConfig]):
    """Onsets by SuperFlux, refined to the sample where each attack first passes a tenth of its peak.

    Notes
    -----
    A logarithmic spectrogram in quarter tones, 200 frames a second, relative to the recording's own
    level; a maximum filter over bands keeps vibrato from counting. `strengths` is the mean rise per band
    in log10 units. Onsets are at least 30 ms apart.

    References
    ----------
    .. [1] S. Boeck and G. Widmer, "Maximum filter vibrato suppression for onset detection", Proc. of the
       16th Int. Conf. on Digital Audio Effects (DAFx), 2013.
    """

    name = "onsets.superflux"
    version = "1.0.0"
    audio = AudioView(rate=22050, channels=1)
    environment = "main"
    budget = Budget(seconds=10, per_audio_second=0.1)
    memory = "1 GiB"
    licence = "MIT"
    libraries = ("numpy", "scipy")
    rank = 10

    def load(self) -> None:
        """Import the method."""
        from . import superflux

        self._superflux = superflux

    def analyze(self, region: Region, context: Context) -> Onsets:
        """Find the onsets of a region."""
        check_length(region)
        times, strengths = self._superflux.detect(
            region.samples, region.rate, threshold=self.config.threshold
        )
        return Onsets(times=region.start_s + times, strengths=strengths)


class EssentiaOnsets(Plugin[Onsets, Config]):
    """Onsets by Essentia's high-frequency content and complex-domain functions.

    Notes
    -----
    The chain of Essentia's OnsetRate, run minute by minute: frames of 23 ms every 12 ms, two
    detection functions, the same peak picking. Times are as Essentia gives them, not refined;
    `strengths` is the mean of both functions, each relative to its maximum.

    References
    ----------
    .. [1] P. Brossier, J. Bello and M. Plumbley, "Fast labelling of notes in music signals", Proc. of the 5th
       Int. Conf. on Music Information Retrieval (ISMIR), 2004.
    """

    name = "onsets.essentia"
    version = "1.0.0"
    audio = AudioView(rate=44100, channels=1)
    environment = "numpy1"
    budget = Budget(seconds=10, per_audio_second=0.1)
    memory = "1 GiB"
    licence = "AGPL-3.0-only (Essentia)"
    libraries = ("essentia", "numpy")
    rank = 50

    def load(self) -> None:
        """Build Essentia's chain."""
        from . import hfc

        self._hfc = hfc
        self._detection = hfc.Detection()

    def analyze(self, region: Region, context: Context) -> Onsets:
        """Find the onsets of a region."""
        check_length(region)
        times, strengths = self._hfc.detect(self._detection, region.samples, context.progress)
        return Onsets(times=region.start_s + times, strengths=strengths)


def check_length(region: Region) -> None:
    """Raise Skip for a region shorter than one attack."""
    if region.duration_s < SHORTEST_S:
        raise Skip(f"{1000 * region.duration_s:.1f} ms are too short for an onset")


@hookimpl
def hemiola_plugins() -> list[type[Plugin[Any, Any]]]:
    """The plugins of this folder."""
    return [SuperfluxOnsets, EssentiaOnsets, MadmomOnsets, LibrosaOnsets]
