"""`tempo.net`: the tempo of the bars that were found, and what the network thinks of half and double."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from pydantic import Field

from hemiola import Budget, Config, Context, Corrections, Plugin, Region, Skip, Unavailable
from hemiola.results import Beats, Meter, Tempo, TempoCandidate, TempoPoint

if TYPE_CHECKING:
    from . import pulse

Doubles = npt.NDArray[np.float64]

LEVELS = (1.0, 0.5, 2.0, 1 / 3, 3.0, 2 / 3, 1.5)
"""Where the same music may have another tempo."""
NEAR = 0.08
"""What the network gives to tempos within this part of one is that one's."""
SURE = 0.5
"""A tempo of less than this share is unreliable."""
STEADY = 0.3
"""So is one whose curve wanders so much that its stability is less."""
CALIBRATION = ((0.18, 0.47, 0.71, 0.81, 0.85), (0.29, 0.7, 0.85, 0.93, 0.98))
"""From the first candidate's share to how often a tempo of that share is within 4 %, on clips no training heard:
`evaluation.training.confidence`."""


class NetTempoConfig(Config):
    """Range of the tempo, in quarters a minute; with `fold_halves` one outside is doubled or halved into it."""

    min_bpm: float = Field(40.0, ge=20.0, le=120.0)
    max_bpm: float = Field(250.0, ge=130.0, le=400.0)
    fold_halves: bool = False


class NetTempo(Plugin[Tempo, NetTempoConfig]):
    """Tempo of the beats in bars, weighed against what the project's own network hears.

    Notes
    -----
    `bpm` is the median played tempo in quarters of the notated meter, `pulse_bpm` that of the tactus, `curve` the
    tempo over each four units. `candidates` are the measured tempo and its simple multiples, by the share that the
    network's tempo head gives to each. A ramp has no candidates of its own: its tempo is the median. Without a meter
    the pulse of the beats is the tempo.

    References
    ----------
    .. [1] H. Schreiber and M. Mueller, "A single-step approach to musical tempo estimation using a convolutional neural
       network", Proc. of the 19th Int. Society for Music Information Retrieval Conf. (ISMIR), 2018.
    """

    name = "tempo.net"
    version = "1.3.0"
    audio = None
    needs = (Beats,)
    uses = (Meter,)
    environment = "main"
    heeds_corrections = True
    budget = Budget(seconds=5, per_audio_second=0.02)
    memory = "512 MiB"
    licence = "MIT"
    model_licence = "MIT (trained by this project)"
    libraries = ("numpy",)
    rank = 5

    def load(self) -> None:
        """Import what measures."""
        from . import heeding, pulse

        self._heeding, self._pulse = heeding, pulse

    def analyze(self, region: Region, context: Context) -> Tempo:
        """Name the tempo of a take."""
        beats, meter = context.need(Beats), context.get(Meter)
        if beats.activation is None or not any(name.startswith("tempo ") for name in beats.activation_names):
            raise Unavailable("the beats bring no activation of the project's own network")
        said = context.corrections
        told = said.bpm is not None or said.octave is not None
        found, beats_a_quarter = self._measured(beats, meter, said)
        factor = 1.0 if told else self._folded(found.bpm)
        candidates = self._candidates(found.bpm * factor, beats)
        share = candidates[0].probability
        return Tempo(
            bpm=said.bpm or found.bpm * factor,
            pulse_bpm=found.bpm * beats_a_quarter,
            confidence=None if told else float(np.interp(share, *CALIBRATION)),
            candidates=candidates,
            curve=[
                TempoPoint(time_s=t, bpm=b * factor) for t, b in zip(found.times, found.curve, strict=True)
            ],
            stability=found.stability,
            unreliable=None if told else doubt(share, found.stability),
            source="user" if told else "estimated",
        )

    def _measured(self, beats: Beats, meter: Meter | None, said: Corrections) -> tuple[pulse.Pulse, float]:
        """The tempo in quarters a minute, and how many beats there are to a quarter.

        It is taken from the meter's units, stretch by stretch, which heed what a person says; without a meter the
        pulse is the quarter, at the level that is meant.
        """
        whole = None if meter is None or meter.meter is None else self._of_units(meter)
        if whole is not None:
            return whole
        found = self._pulse.pulse_of(np.asarray(beats.times))
        if found is None:
            raise Skip(
                f"{len(beats.times)} beats are too few for a tempo: it takes at least {self._pulse.FEWEST_BEATS}"
            )
        level = said.octave or (1.0 if said.bpm is None else self._heeding.nearest_level(said.bpm, found.bpm))
        return self._heeding.at_level(found, level), 1.0

    def _of_units(self, meter: Meter) -> tuple[pulse.Pulse, float] | None:
        units, tactus = np.asarray(meter.unit_times), np.asarray(meter.beat_times)
        curves, quarters = [], 0.0
        for segment in meter.segments:
            inside = units[(units >= segment.start_s - 1e-6) & (units <= segment.end_s + 1e-6)]
            per_quarter = int(segment.meter.split("/")[1]) / 4.0
            found = self._pulse.pulse_of(inside)
            quarters += max(0, len(inside) - 1) / per_quarter
            if found is not None:
                curves.append((found.times, found.curve / per_quarter))
        if not curves:
            return None
        times, curve = (np.concatenate(part) for part in zip(*curves, strict=True))
        return self._pulse.over(times, curve), (len(tactus) - 1) / max(quarters, 1.0)

    def _folded(self, bpm: float) -> float:
        """The factor that brings a tempo into the range where that is wished: whole octaves."""
        if not self.config.fold_halves:
            return 1.0
        factor = 1.0
        while bpm * factor < self.config.min_bpm:
            factor *= 2.0
        while bpm * factor > self.config.max_bpm:
            factor /= 2.0
        return factor

    def _candidates(self, bpm: float, beats: Beats) -> list[TempoCandidate]:
        """The tempo and its simple multiples with their shares, the tempo itself first; the shares add up to one."""
        assert beats.activation is not None
        names = beats.activation_names
        columns = [n for n, name in enumerate(names) if name.startswith("tempo ")]
        heard = np.array([float(names[n].removeprefix("tempo ")) for n in columns])
        shares = beats.activation.values.mean(axis=0, dtype=float)[columns]
        tempos = [
            bpm * level
            for level in LEVELS
            if self.config.min_bpm <= bpm * level <= self.config.max_bpm or level == 1.0
        ]
        width = np.log(heard[1] / heard[0])
        near = [np.exp(-0.5 * (np.log(heard / tempo) / width) ** 2) @ shares + 1e-6 for tempo in tempos]
        sized = sorted(zip(tempos[1:], near[1:], strict=True), key=lambda one: -one[1])
        every = [(tempos[0], near[0]), *sized]
        total = float(sum(share for _, share in every))
        return [TempoCandidate(bpm=tempo, probability=float(share) / total) for tempo, share in every]


def doubt(share: float, stability: float) -> str | None:
    """Why a tempo is not to be trusted, or None."""
    if share < SURE:
        return f"the network gives this tempo {share:.0%} and its multiples the rest: half or double may be meant"
    if stability < STEADY:
        return f"the tempo wanders: its stability is {stability:.2f}"
    return None
