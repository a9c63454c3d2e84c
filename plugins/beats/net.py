"""`beats.net`: the pulse and the activation of the project's own network, on which meter and tempo go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from hemiola import AudioView, Budget, Config, Context, Frames, Plugin, Region
from hemiola.results import Beats, Content, OctaveAlternative

from . import left_out
from .network import FRAME_RATE

if TYPE_CHECKING:
    import numpy.typing as npt

    from .network import Heard

FEWEST_BEATS = 4
HEARD = 0.15
"""A beat counts as heard where the activation is above this."""
HEARD_SHARE = 0.4
"""Of the decoded beats that must be heard, or there is no pulse."""
FACTORS = (2.0, 0.5, 3.0, 1 / 3)
"""Other levels at which the same pulse may be felt."""
SHOWN = 0.01
"""Levels less probable than this are left out."""
CALIBRATION = (
    (0.56, 0.67, 0.76, 0.82, 0.84, 0.86, 0.89, 0.93),
    (0.5, 0.51, 0.58, 0.67, 0.83, 0.87, 0.91, 0.93),
)
"""From the mean activation at the pulse to how often the beats then have an F of 0.9, on clips no training heard:
`evaluation.training.confidence`."""


class NetBeatConfig(Config):
    """Range of the beat and how steady it is taken to be."""

    min_bpm: float = Field(40.0, ge=20.0, le=120.0)
    max_bpm: float = Field(250.0, ge=130.0, le=400.0)
    transition_lambda: float = Field(100.0, gt=0.0, le=1000.0)


class NetBeats(Plugin[Beats, NetBeatConfig]):
    """Beats by the project's own network and the most probable path through the periods of one pulse.

    Notes
    -----
    The network hears log-mel frames (100 a second) in overlapping chunks and says 50 times a second how probable an
    onset, a unit of the meter, a beat, a downbeat, the start of a group are, and which meter and tempo there is:
    `activation`, from which `meter.net` and `tempo.net` go on. `times` is the pulse alone, without a meter; the
    tactus of the bars is `meter.beat_times`. Stretches that `content` calls speech or noise have an activation of
    zero and no beats. When less than four in ten of the decoded beats are heard, `times` is empty. The network was
    trained by this project's own script; docs/training.md says on what.

    References
    ----------
    .. [1] S. Boeck and M. Davies, "Deconstruct, analyse, reconstruct: how to improve tempo, beat, and downbeat
       estimation", Proc. of the 21st Int. Society for Music Information Retrieval Conf. (ISMIR), 2020.
    .. [2] F. Foscarin, J. Schlueter and G. Widmer, "Beat This! Accurate beat tracking without DBN postprocessing",
       Proc. of the 25th Int. Society for Music Information Retrieval Conf. (ISMIR), 2024.
    .. [3] F. Krebs, S. Boeck and G. Widmer, "An efficient state-space model for joint tempo and meter tracking",
       Proc. of the 16th Int. Society for Music Information Retrieval Conf. (ISMIR), 2015.
    """

    name = "beats.net"
    version = "1.3.0"
    audio = AudioView(rate=44100, channels=1)
    uses = (Content,)
    environment = "main"
    budget = Budget(seconds=10, per_audio_second=0.1)
    memory = "1 GiB"
    licence = "MIT"
    model_licence = "MIT (trained by this project)"
    libraries = ("onnxruntime", "numpy")
    rank = 5

    def load(self) -> None:
        """Read the weights; without them the next provider is asked."""
        from . import dbn, network

        self._dbn = dbn
        self._heard = network.Network()

    def analyze(self, region: Region, context: Context) -> Beats:
        """Follow the beat of a take."""
        spans = left_out.silenced_spans(region, context)
        heard = self._heard.hear(region.samples, lambda fraction: context.progress(0.9 * fraction))
        frame_times = region.start_s + np.arange(len(heard.values)) / FRAME_RATE
        heard.values[~left_out.outside(frame_times, spans)] = 0.0
        times = self._pulse(heard, frame_times, region.end_s)
        tactus = heard.values[:, heard.names.index("tactus")]
        sure = float(np.interp(clearness(tactus, np.asarray(times) - region.start_s), *CALIBRATION))
        return Beats(
            times=times,
            confidence=sure if times else None,
            octave_alternatives=octaves(heard, times),
            activation=Frames(rate_hz=FRAME_RATE, start_s=region.start_s, values=heard.values),
            activation_names=heard.names,
        )

    def _pulse(self, heard: Heard, frame_times: npt.NDArray[np.float64], end_s: float) -> tuple[float, ...]:
        """Times of the pulse alone; none where too little of it is heard."""
        tactus = heard.values[:, heard.names.index("tactus")]
        model = self._dbn.BeatModel.between(
            self.config.min_bpm, self.config.max_bpm, FRAME_RATE, self.config.transition_lambda
        )
        frames = self._dbn.decode(tactus, model)
        frames = frames[tactus[frames] > 0]
        plain = int((tactus[frames] > HEARD).sum())
        if len(frames) < FEWEST_BEATS or plain < max(3, HEARD_SHARE * len(frames)):
            return ()
        times = frame_times[frames]
        return tuple(times[times <= end_s].tolist())


def clearness(tactus: npt.NDArray[np.float32], times: npt.NDArray[np.float64]) -> float:
    """Mean activation at beats, the highest within a frame of each; 0.0 without any.

    Parameters
    ----------
    tactus : ndarray of shape (n,)
        Activation at 50 frames a second.
    times : ndarray of shape (k,)
        Seconds from the first frame.
    """
    frames = np.round(times * FRAME_RATE).astype(int)
    around = np.clip(frames[:, None] + (-1, 0, 1), 0, max(0, len(tactus) - 1))
    return float(tactus[around].max(axis=1).mean()) if len(frames) else 0.0


def octaves(heard: Heard, times: tuple[float, ...]) -> list[OctaveAlternative]:
    """How probable the pulse is at other levels, by what the network's tempo head gives to each.

    Parameters
    ----------
    times : tuple of float
        The pulse, seconds; without one there are no other levels.
    """
    if len(times) < FEWEST_BEATS:
        return []
    columns = [n for n, name in enumerate(heard.names) if name.startswith("tempo ")]
    grid = np.log([float(heard.names[n].removeprefix("tempo ")) for n in columns])
    shares = heard.values.mean(axis=0, dtype=float)[columns]
    bpm = 60.0 / float(np.median(np.diff(times)))
    width = grid[1] - grid[0]
    at = {
        factor: np.exp(-0.5 * ((grid - np.log(bpm * factor)) / width) ** 2) @ shares
        for factor in (1.0, *FACTORS)
    }
    whole = max(float(sum(at.values())), 1e-9)
    found = [OctaveAlternative(factor=f, probability=min(1.0, float(at[f]) / whole)) for f in FACTORS]
    return sorted((one for one in found if one.probability >= SHOWN), key=lambda one: -one.probability)
