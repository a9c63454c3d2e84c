"""The plugin that tells what runs against the beat: `subdivision.grid`."""

from __future__ import annotations

from typing import Any

from hemiola import AudioView, Budget, Config, Context, Plugin, Region, Skip, hookimpl
from hemiola.results import Meter, Polyrhythm, Subdivision

SURE = 0.5
"""Confidence of a meter below which no figure is called strange to it."""


class GridSubdivision(Plugin[Subdivision, Config]):
    """Polyrhythms and polymeters over the beats of the meter, by the timbre of the layer that is added.

    Notes
    -----
    A polyrhythm k:n is k even strokes in n beats. For every ratio and phase the attack spectra at its strokes beside
    the beats are told from those of all other attacks by a linear discriminant; there is such a layer where every
    place of the cycle has the timbre learned from the others, and nothing else has. So straight or swung divisions,
    triplets and syncopation, which share their timbre with other places or leave places out, are none. A polymeter is
    a figure of f beats over bars of b: in every round the beat with its accent is the one that the other rounds point
    to, while the bar's own cycle goes on; it is looked for only where the meter is sure. `layers` and `relations` are
    left empty.

    References
    ----------
    .. [1] R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7, 1936.
    """

    name = "subdivision.grid"
    version = "1.2.0"
    audio = AudioView(rate=22050, channels=1)
    needs = (Meter,)
    environment = "main"
    budget = Budget(seconds=10, per_audio_second=0.1)
    memory = "1 GiB"
    licence = "MIT"
    libraries = ("numpy", "scipy")
    rank = 10

    def load(self) -> None:
        """Import the method."""
        from . import crossing, grid, listening

        self._crossing, self._grid, self._listening = crossing, grid, listening

    def analyze(self, region: Region, context: Context) -> Subdivision:
        """Find what runs against the beat in a take."""
        meter = context.need(Meter)
        if len(meter.beat_times) < 8:
            raise Skip(f"{len(meter.beat_times)} beats are too few to tell what runs against them")
        listener = self._listening.Listener(region.samples, int(region.rate))
        if listener.silent:
            raise Skip("there is no sound")
        sure = not meter.ambiguous and (meter.confidence is None or meter.confidence >= SURE)
        found = self._crossing.crossings(
            listener, self._grid.runs(meter, region.start_s), context.progress, region.duration_s, sure
        )
        return Subdivision(
            polyrhythms=tuple(
                Polyrhythm(
                    ratio=one.ratio,
                    kind=one.kind,
                    start_s=max(region.start_s, region.start_s + one.start_s),
                    end_s=min(region.end_s, region.start_s + one.end_s),
                )
                for one in found
            )
        )


@hookimpl
def hemiola_plugins() -> list[type[Plugin[Any, Any]]]:
    """The plugins of this folder."""
    return [GridSubdivision]
