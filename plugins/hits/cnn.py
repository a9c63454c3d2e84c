"""The plugin `hits.cnn`."""

from __future__ import annotations

from collections import Counter

from hemiola import AudioView, Budget, Config, Context, Plugin, Region
from hemiola.results import Hit, Hits

RATE = 32_000


class CnnHits(Plugin[Hits, Config]):
    """Six drums by this project's own convolutional network.

    Notes
    -----
    The network hears 80 mel bands, 100 frames a second, measured against the loudest of the recording, and says of each
    frame how probable a stroke of every drum is, how hard it is, and how far from the frame's middle. A peak above its
    drum's threshold is a stroke; `confidence` is how often one of that probability was right on left-out clips.
    `velocity` is the stroke's as the network hears it: of the touch, not of the level in the mix.

    References
    ----------
    .. [1] R. Vogl, M. Dorfer, G. Widmer and P. Knees, "Drum transcription via joint beat and drum modeling using
       convolutional recurrent neural networks", Proc. of the 18th Int. Society for Music Information Retrieval Conf.
       (ISMIR), 2017.
    """

    name = "hits.cnn"
    version = "1.0.0"
    audio = AudioView(rate=RATE, channels=1)
    environment = "neural"
    budget = Budget(seconds=20, per_audio_second=0.1)
    memory = "1 GiB"
    licence = "MIT"
    model_licence = "MIT (trained by this project)"
    libraries = ("torch", "nnAudio", "numpy")
    rank = 10

    def load(self) -> None:
        """Import torch and read the weights."""
        from . import listening, network, strokes, weights

        self._listening, self._hear, self._strokes = listening, network.hear, strokes
        self._drums = network.DRUMS
        self._network, self._scale = weights.read()
        self._listener = listening.Listener()

    def analyze(self, region: Region, context: Context) -> Hits:
        """Find the strokes of a take."""
        samples = region.samples
        loud = self._listening.loudness(samples)
        struck = self._hear(
            self._network,
            self._listening.frame_count(len(samples)),
            lambda first, last: self._listener.frames(samples, first, last, loud),
            context.progress,
        )
        rate, last = self._listening.FRAME_RATE, region.duration_s
        found = [
            peak for peak in self._strokes.peaks(struck, self._scale.lowest()) if peak.frame / rate <= last
        ]
        hits = tuple(
            Hit(
                time_s=region.start_s + peak.frame / rate,
                instrument=self._drums[peak.drum],
                velocity=peak.velocity,
                confidence=self._scale.confidence(peak.probability),
            )
            for peak in found
        )
        return Hits(
            hits=hits,
            source="mix",
            summary=dict(Counter(hit.instrument for hit in hits)),
            confidence_score=self._strokes.clearness(found),
        )
