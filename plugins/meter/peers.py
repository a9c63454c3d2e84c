"""What others make of the meter, for comparison: madmom's joint tracking of beats and downbeats as published."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from hemiola import AudioView, Budget, Config, Context, Plugin, Region, Unavailable
from hemiola.results import Meter, MeterSegment

Floats = npt.NDArray[np.float32]

RATE = 44100
FRAME_RATE = 100
HOP = RATE // FRAME_RATE
BLOCK = 1500
"""Frames whose spectrograms are made together: 65 MB."""
CONTEXT = 16
"""Frames around a block that its spectrograms and their differences reach into."""
DECODER_BYTES = 3 << 30
"""What madmom's decoder may take: it keeps four bytes for every state and frame, 357 MB a minute in bars of 4."""


class MadmomMeterConfig(Config):
    """Bar lengths, in beats, among which one is chosen for the whole take; 3 and 4 in madmom's own program."""

    beats_per_bar: Annotated[
        tuple[Annotated[int, Field(ge=2, le=12)], ...], Field(min_length=1, max_length=8)
    ] = (
        3,
        4,
    )


class MadmomMeter(Plugin[Meter, MadmomMeterConfig]):
    """Meter by madmom's downbeat networks and its dynamic Bayesian network over bars, as its DBNDownBeatTracker.

    Notes
    -----
    madmom's own networks and decoder with its program's defaults; only the spectrograms are made a block at a time,
    which changes nothing. One bar length holds for the whole take and is said as N/4, since madmom knows
    beats, not denominators: its beats are the tactus and the units. No meter is named where less than a
    whole bar is found. A take too long for the decoder's memory (nine minutes in bars of up to 4) is left out.

    References
    ----------
    .. [1] S. Boeck, F. Krebs and G. Widmer, "Joint beat and downbeat tracking with recurrent neural networks",
       Proc. of the 17th Int. Society for Music Information Retrieval Conf. (ISMIR), 2016.
    """

    name = "meter.madmom"
    version = "1.0.0"
    peer = True
    audio = AudioView(rate=RATE, channels=1)
    environment = "numpy1"
    budget = Budget(seconds=30, per_audio_second=1.0)
    memory = "4 GiB"
    licence = "BSD-3-Clause (madmom)"
    model_licence = "CC BY-NC-SA 4.0 (madmom's downbeat models)"
    libraries = ("madmom", "numpy", "scipy")

    def load(self) -> None:
        """Read the weights of the eight networks and build the bars' states."""
        import madmom_compat  # noqa: F401 - must come before madmom
        from madmom.audio.signal import Signal
        from madmom.features.downbeats import DBNDownBeatTrackingProcessor, RNNDownBeatProcessor

        self._signal = Signal
        self._front_end, self._ensemble, self._without_nothing = RNNDownBeatProcessor().processors
        self._decoder = DBNDownBeatTrackingProcessor(
            beats_per_bar=list(self.config.beats_per_bar), fps=FRAME_RATE
        )

    def analyze(self, region: Region, context: Context) -> Meter:
        """Name the meter of a take."""
        frames = -(-len(region.samples) // HOP)
        self._check_length(frames)
        found = self._decoder(self._activation(self._features(region.samples, frames), context))
        times = np.clip(region.start_s + found[:, 0], region.start_s, region.end_s)
        return answer(times, found[:, 1].astype(int), (region.start_s, region.end_s))

    def _check_length(self, frames: int) -> None:
        states = max(int(hmm.transition_model.num_states) for hmm in self._decoder.hmms)
        if 4 * states * frames > DECODER_BYTES:
            longest = DECODER_BYTES / (4 * states * FRAME_RATE) / 60
            raise Unavailable(
                f"{frames / FRAME_RATE / 60:.0f} minutes are too long for madmom's decoder: with these bar lengths "
                f"its {DECODER_BYTES >> 30} GiB last for {longest:.0f}"
            )

    def _features(self, samples: Floats, count: int) -> Floats:
        """Log spectrograms of three frame sizes and their rise, shape (frames, 314), made a block at a time."""
        rows = []
        for first in range(0, count, BLOCK):
            last, start = min(count, first + BLOCK), max(0, first - CONTEXT)
            block = np.array(samples[start * HOP : (last + CONTEXT) * HOP], np.float32)
            made = self._front_end(self._signal(block, RATE, num_channels=1))
            rows.append(np.asarray(made[first - start : last - start], np.float32))
        return np.concatenate(rows)

    def _activation(self, features: Floats, context: Context) -> Any:
        """Probability-like strength of a beat and of a downbeat at every frame, shape (frames, 2)."""
        parallel, average = self._ensemble.processors
        heard = []
        for number, network in enumerate(parallel.processors, 1):
            heard.append(network(features))
            context.progress(0.8 * number / len(parallel.processors))
        return self._without_nothing(average(heard))


def answer(times: npt.NDArray[np.float64], places: npt.NDArray[np.int_], span: tuple[float, float]) -> Meter:
    """The result for beats and their places in the bar, from 1; one bar length holds for all."""
    downbeats = np.flatnonzero(places == 1)
    beats = tuple(times.tolist())
    heard = {"beat_times": beats, "unit_times": beats, "downbeat_times": tuple(times[downbeats].tolist())}
    if len(downbeats) < 2:
        return Meter(meter=None, **heard)
    meter = f"{int(np.diff(downbeats)[0])}/4"
    bpm = 60.0 / float(np.median(np.diff(times)))
    segment = MeterSegment(start_s=span[0], end_s=span[1], meter=meter, grouping=(), bpm=bpm)
    return Meter(meter=meter, segments=(segment,), **heard)
