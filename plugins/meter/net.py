"""`meter.net`: meter, beats and downbeats from what the project's own network heard, by a bar-pointer model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from hemiola import Budget, Config, Context, Corrections, Plugin, Region, Skip, Unavailable
from hemiola.results import Beats, Meter

from .states import FRAME_RATE

if TYPE_CHECKING:
    import numpy.typing as npt

    from .decoding import Decoded, Limits
    from .evidence import Evidence

    Floats = npt.NDArray[np.float32]

SHORTEST_S = 3.0
FEWEST_BEATS = 4
HEARD_SHARE = 0.3
"""Of the decoded beats that the network must have heard, or there is no pulse."""
HEARD = 0.1


class MeterConfig(Config):
    """Range of the tempo, in quarters a minute."""

    min_bpm: float = Field(40.0, ge=20.0, le=120.0)
    max_bpm: float = Field(250.0, ge=130.0, le=400.0)


class NetMeter(Plugin[Meter, MeterConfig]):
    """Meter by a hidden semi-Markov bar pointer over what the project's own two networks say.

    Notes
    -----
    The first network's beats (`beats.net`) give a pulse; the second hears it unit by unit, the same at any tempo, and
    says which units begin bars and groups, and in which meter; then the bars are decoded once more.
    A state is a beat of a bar of fifteen meters with their groupings, at a tempo. Forward and backward through all of
    them give the most probable beats, and `windows`: how probable each bar was there. `alternatives` and `ambiguous`
    are by what the second network gives to each meter, `confidence` by how often it was right; `downbeat_confidence`
    is by the F that its downbeats would make one expect. A bar may change at a bar line only, which is dear; so is a
    jump of the tempo. A count-in's beats are beats, its ones no downbeats.
    `beats.net` must have answered: with beats of another tracker this one is unavailable.

    References
    ----------
    .. [1] N. Whiteley, A. T. Cemgil and S. Godsill, "Bayesian modelling of temporal structure in musical audio", Proc.
       of the 7th Int. Conf. on Music Information Retrieval (ISMIR), 2006.
    .. [2] F. Krebs, S. Boeck, M. Dorfer and G. Widmer, "Downbeat tracking using beat-synchronous features and recurrent
       neural networks", Proc. of the 17th Int. Society for Music Information Retrieval Conf. (ISMIR), 2016.
    .. [3] S. Boeck and M. Davies, "Deconstruct, analyse, reconstruct: how to improve tempo, beat, and downbeat
       estimation", Proc. of the 21st Int. Society for Music Information Retrieval Conf. (ISMIR), 2020.
    """

    name = "meter.net"
    version = "1.3.0"
    audio = None
    needs = (Beats,)
    environment = "main"
    heeds_corrections = True
    budget = Budget(seconds=10, per_audio_second=0.2)
    memory = "1 GiB"
    licence = "MIT"
    model_licence = "MIT (trained by this project)"
    libraries = ("onnxruntime", "numpy")
    rank = 10

    def load(self) -> None:
        """Import the model's parts."""
        from . import decoding, evidence, given, network, reading, runs

        self._decoding, self._evidence, self._given = decoding, evidence, given
        self._reading, self._runs = reading, runs
        self._network = network.BarNetwork()

    def analyze(self, region: Region, context: Context) -> Meter:
        """Name the meter of a take."""
        if region.duration_s < SHORTEST_S:
            raise Skip(
                f"{region.duration_s:.2f} s are too short for a meter: it takes at least {SHORTEST_S:g} s"
            )
        beats = context.need(Beats)
        if beats.activation is None or "downbeat" not in beats.activation_names:
            raise Unavailable("the beats bring no activation of the project's own network")
        said = context.corrections
        limits = self._given.limits(said, self.config.min_bpm, self.config.max_bpm)
        heard, decoded = self._decoded(beats.activation.values, beats.activation_names, limits, context)
        if said.octave is not None and decoded.beats:
            bpm = float(np.median([beat.bpm for beat in decoded.beats])) * said.octave
            limits = self._given.around(limits, bpm)
            heard, decoded = self._decoded(beats.activation.values, beats.activation_names, limits, context)
        self._check_pulse(decoded, heard)
        return self._answer(decoded, heard, region, said)

    def _decoded(
        self, values: Floats, names: Sequence[str], limits: Limits, context: Context
    ) -> tuple[Evidence, Decoded]:
        """A pulse, what the second network makes of its units, and the bars that follow from both."""
        first = self._evidence.evidence_of(values, names)
        pulse = self._decoding.pulse(first, limits, progress=lambda done: context.progress(0.4 * done))
        columns = self._evidence.columns(names)
        told = [self._network.tell(values, units, columns) for units in self._reading.pulses_of(pulse)]
        heard = self._evidence.retold(first, [part for part in told if part is not None])
        bars = self._decoding.decode(heard, limits, progress=lambda done: context.progress(0.4 + 0.6 * done))
        return heard, bars

    def _check_pulse(self, decoded: Decoded, heard: Evidence) -> None:
        """Raise Skip where no beat is heard, or what was decoded is mostly not."""
        frames = np.array([round(beat.time_s * FRAME_RATE) for beat in decoded.beats], int)
        odds = heard.odds["tactus"]
        found = int((odds[np.clip(frames, 0, len(odds) - 1)] > np.log(HEARD / (1 - HEARD))).sum())
        if len(frames) < FEWEST_BEATS or found < HEARD_SHARE * len(frames):
            raise Skip(f"no steady pulse is heard here: {found} beats in {len(odds) / FRAME_RATE:.0f} s")

    def _answer(self, decoded: Decoded, heard: Evidence, region: Region, said: Corrections) -> Meter:
        reading, beats = self._reading, decoded.beats
        runs = self._runs.runs_of(beats)

        def confidence(meter: str, start_s: float, end_s: float) -> float | None:
            return reading.confidence_of(heard, meter, start_s, end_s) if said.meter is None else None

        segments = reading.segments_of(runs, beats, region.duration_s, confidence)
        longest = max(segments, key=lambda one: one.end_s - one.start_s)
        whole = beats[0].time_s, beats[-1].time_s
        alternatives = reading.alternatives_of(decoded, heard, *whole)
        ones, units = heard.probability("downbeat"), reading.units_of(beats)
        downbeats = reading.downbeats_of(beats, ones)
        grouping = said.grouping if said.meter is not None and said.grouping else longest.grouping
        return Meter(
            meter=longest.meter,
            grouping=grouping,
            confidence=confidence(longest.meter, *whole),
            beat_times=[region.start_s + beat.time_s for beat in beats],
            unit_times=[region.start_s + time for time in units],
            downbeat_times=[region.start_s + time for time in downbeats],
            downbeat_confidence=reading.downbeat_confidence_of(downbeats, units, ones),
            alternatives=alternatives,
            segments=[reading.later(segment, region.start_s) for segment in segments],
            modulations=[
                reading.later(change, region.start_s) for change in self._runs.modulations_of(runs, beats)
            ],
            ambiguous=said.meter is None and reading.is_ambiguous(alternatives, longest.meter),
            windows=reading.windows_of(decoded, region.start_s),
            source="user" if said.meter is not None else "estimated",
        )
