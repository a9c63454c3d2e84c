"""What others make of the beat, for comparison: Essentia's beat tracker as published."""

from __future__ import annotations

import numpy as np

from hemiola import AudioView, Budget, Config, Context, Plugin, Region
from hemiola.results import Beats

RATE = 44100


class EssentiaBeats(Plugin[Beats, Config]):
    """Beats by Essentia's RhythmExtractor2013: of several trackers, the one that agrees best with the others.

    Notes
    -----
    The method "multifeature" with its defaults, 40 to 208 beats a minute. Its own confidence (0 to 5.3, how far the
    trackers agree) is no probability and not passed on. It follows a beat in whatever it hears, noise and
    silence as well.

    References
    ----------
    .. [1] J. Zapata, M. Davies and E. Gomez, "Multi-feature beat tracking", IEEE/ACM Transactions on Audio, Speech,
       and Language Processing 22(4), 2014.
    .. [2] D. Bogdanov et al., "Essentia: an audio analysis library for music information retrieval", Proc. of
       the 14th Int. Society for Music Information Retrieval Conf. (ISMIR), 2013.
    """

    name = "beats.essentia"
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

    def analyze(self, region: Region, context: Context) -> Beats:
        """Follow the beat of a take."""
        _, times, _, _, _ = self._extractor(np.array(region.samples, np.float32))
        return Beats(times=np.clip(region.start_s + np.asarray(times, float), region.start_s, region.end_s))
