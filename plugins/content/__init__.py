"""The plugin that says what kind of sound is heard when: `content.spectral`."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hemiola import AudioView, Budget, Config, Context, Plugin, Region, Skip, hookimpl
from hemiola.results import Content, ContentSegment, Transition

SHORTEST_S = 0.5


class SpectralContent(Plugin[Content, Config]):
    """Segments of music, speech, noise, tone or percussion by spectral measures.

    Notes
    -----
    A heuristic, not a trained model, so `confidence` is None. Windows of 3 s are judged by how much of
    the energy is sustained, struck or neither, by whether the strongest partial holds its pitch, by
    pauses, attacks, flatness and bandwidth. Music is what no other label explains: speech over
    music, singing and soft voices in noise are called music, birds may be. Borders are good to about
    a second, segments shorter than about four are swallowed.

    References
    ----------
    .. [1] E. Scheirer and M. Slaney, "Construction and evaluation of a robust multifeature speech/music
       discriminator", Proc. of ICASSP, 1997.
    .. [2] D. Fitzgerald, "Harmonic/percussive separation using median filtering", Proc. of the 13th Int.
       Conf. on Digital Audio Effects (DAFx), 2010.
    """

    name = "content.spectral"
    version = "1.0.0"
    audio = AudioView(rate=22050, channels=1)
    environment = "main"
    budget = Budget(seconds=10, per_audio_second=0.15)
    memory = "1 GiB"
    licence = "MIT"
    libraries = ("numpy", "scipy")
    rank = 10

    def load(self) -> None:
        """Import the measures."""
        from . import spectral

        self._spectral = spectral

    def analyze(self, region: Region, context: Context) -> Content:
        """Cut a take into labelled segments."""
        if region.duration_s < SHORTEST_S:
            raise Skip(f"{region.duration_s:.2f} s are too short to tell music from speech")
        found = self._spectral.segments_of(region.samples, region.rate, context.progress)
        if not found:
            raise Skip("nothing sounds between 100 Hz and 8 kHz here")
        begin, end = region.start_s, region.end_s
        segments = tuple(
            ContentSegment(start_s=begin + s.start_s, end_s=min(end, begin + s.end_s), label=s.label)
            for s in found
        )
        transitions = tuple(
            Transition(time_s=after.start_s, from_=before.label, to=after.label)
            for before, after in pairwise(segments)
        )
        return Content(segments=segments, transitions=transitions)


@hookimpl
def hemiola_plugins() -> list[type[Plugin[Any, Any]]]:
    """The plugins of this folder."""
    return [SpectralContent]
