"""A drop-in for the tests of exports: hears the same groove in every take, at 120 BPM from half a second on."""

from __future__ import annotations

from hemiola import Config, Context, Plugin, Region, hookimpl
from hemiola.results import Hit, Hits, Meter, Tempo

GROOVE = [(0.0, "kick"), (0.5, "snare"), (1.0, "kick"), (1.5, "snare"), (1.75, "tom")]
BAR_S, LEAD_S = 2.0, 0.5


class Drums(Config):
    """What to hear."""

    hits: bool = True
    bpm: float = 120.0


class Drummer(Plugin[Hits, Drums]):
    """Hears one bar again and again."""

    name = "hits.drummer"
    version = "1"
    audio = None
    memory = "128 MiB"

    def analyze(self, region: Region, context: Context) -> Hits:
        """As many bars as the take has room for."""
        bars = int((region.duration_s - LEAD_S) / BAR_S) if self.config.hits else 0
        start = region.start_s + LEAD_S
        hats = [(n * 0.25, "hihat") for n in range(8)]
        heard = sorted((start + n * BAR_S + at, what) for n in range(bars) for at, what in GROOVE + hats)
        told = tuple(Hit(time_s=at, instrument=what, velocity=0.75) for at, what in heard)
        return Hits(hits=told, source="mix", confidence_score=0.4)


class Square(Plugin[Meter, Config]):
    """Hears 4/4."""

    name = "meter.drummed"
    version = "1"
    audio = None
    memory = "128 MiB"
    peer = True

    def analyze(self, region: Region, context: Context) -> Meter:
        """All along the take."""
        start = region.start_s + LEAD_S
        units = tuple(start + n * 0.5 for n in range(int((region.duration_s - LEAD_S) * 2) + 1))
        return Meter(meter="4/4", unit_times=units, downbeat_times=units[::4])


class Even(Plugin[Tempo, Drums]):
    """Hears 120."""

    name = "tempo.drummed"
    version = "1"
    audio = None
    memory = "128 MiB"
    peer = True

    def analyze(self, region: Region, context: Context) -> Tempo:
        """The same always."""
        return Tempo(bpm=self.config.bpm, pulse_bpm=self.config.bpm)


@hookimpl
def hemiola_plugins() -> list[type]:
    """All three."""
    return [Drummer, Square, Even]
