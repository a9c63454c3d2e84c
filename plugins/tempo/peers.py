"""What others make of the tempo, for comparison: Essentia's rhythm extractor as published."""

from __future__ import annotations

import numpy as np

from hemiola import AudioView, Budget, Config, Context, Plugin, Region, Skip
from hemiola.results import Tempo

RATE = 44100


class EssentiaTempo(Plugin[Tempo, Config]):
    """Tempo by Essentia's RhythmExtractor2013, which needs no beats of others.

    Notes
    -----
    The method "multifeature" with its defaults, 40 to 208 beats a minute: `bpm` is what Essentia's MusicExtractor
    reports. (Its PercivalBpmEstimator was right as often on a handful of drum performances, loops and mixes.)
    It names a tempo for whatever it hears, noise and silence as well.

    References
    ----------
    .. [1] J. Zapata, M. Davies and E. Gomez, "Multi-feature beat tracking", IEEE/ACM Transactions on Audio, Speech,
       and Language Processing 22(4), 2014.
    .. [2] D. Bogdanov et al., "Essentia: an audio analysis library for music information retrieval", Proc. of
       the 14th Int. Society for Music Information Retrieval Conf. (ISMIR), 2013.
    """

    name = "tempo.essentia"
    version = "1.0.0"
    peer = True
    audio = AudioView(rate=RATE, channels=1)
    environment = "numpy1"
    budget = Budget(seconds=10, per_audio_second=0.2)
    memory = "2 GiB"
    licence = "AGPL-3.0-only (Essentia)"
    libraries = ("essentia", "numpy")

    def load(self) -> None:
        """Build Essentia's extractor."""
        import essentia

        essentia.log.infoActive = False  # before the next import, which would print
        essentia.log.warningActive = False
        import essentia.standard

        self._extractor = essentia.standard.RhythmExtractor2013(method="multifeature")

    def analyze(self, region: Region, context: Context) -> Tempo:
        """Name the tempo of a take."""
        bpm, _, _, _, _ = self._extractor(np.array(region.samples, np.float32))
        if bpm <= 0:
            raise Skip(f"Essentia finds no beat in {region.duration_s:.2f} s, and so no tempo")
        return Tempo(bpm=float(bpm), pulse_bpm=float(bpm))
