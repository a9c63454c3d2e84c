"""The plugins that follow the beat: `beats.net`; `beats.madmom` and `beats.librosa` where it is not there; peers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from hemiola import AudioView, Budget, Config, Context, Frames, Plugin, Region, hookimpl
from hemiola.results import Beats, Content

from . import left_out
from .beat_this import BeatThis
from .net import NetBeats
from .peers import EssentiaBeats

FEWEST_BEATS = 4
FEWEST_HEARD = 3
HEARD = 0.1
"""A beat counts as heard where the activation is above this."""
HEARD_SHARE = 0.4
"""Of the decoded beats that must be heard, or there is no pulse. Music has 0.47 and more, noise and drones 0.1,
speech in noise 0.33."""


class BeatConfig(Config):
    """Range of the beat and how steady it is taken to be."""

    min_bpm: float = Field(55.0, ge=30.0, le=120.0)
    max_bpm: float = Field(215.0, ge=130.0, le=300.0)
    transition_lambda: float = Field(100.0, gt=0.0, le=1000.0)


class MadmomBeats(Plugin[Beats, BeatConfig]):
    """Beats by madmom's recurrent networks and the most probable path through bar-pointer states.

    Notes
    -----
    `activation` (100 frames a second, one head "beat") is what the ensemble of eight networks gives;
    `tempo.madmom` goes on from it. Stretches that `content` calls speech or noise have an activation of
    zero, which says nothing for or against a beat, and no beats. When less than four in ten of the
    decoded beats are heard in the activation, `times` is empty: there is no pulse in noise or a drone.
    `confidence` is None until a calibration exists.

    The networks run in sections of 15 minutes and equal madmom's own within 1e-5 up to that length;
    beyond it 97 % of the beats were the same on half an hour of recordings.

    References
    ----------
    .. [1] S. Boeck and M. Schedl, "Enhanced beat tracking with context-aware neural networks", Proc. of the
       14th Int. Conf. on Digital Audio Effects (DAFx), 2011.
    .. [2] F. Krebs, S. Boeck and G. Widmer, "An efficient state-space model for joint tempo and meter
       tracking", Proc. of the 16th Int. Society for Music Information Retrieval Conf. (ISMIR), 2015.
    """

    name = "beats.madmom"
    version = "1.0.0"
    audio = AudioView(rate=44100, channels=1)
    uses = (Content,)
    environment = "numpy1"
    budget = Budget(seconds=20, per_audio_second=0.3)
    memory = "1 GiB"
    licence = "BSD-3-Clause (madmom)"
    model_licence = "CC BY-NC-SA 4.0 (madmom's beat models)"
    libraries = ("madmom", "numpy", "scipy")
    rank = 10

    def load(self) -> None:
        """Read the weights of the eight networks."""
        from . import activation, dbn

        self._activation, self._dbn = activation, dbn
        self._networks = activation.BeatNetworks()

    def analyze(self, region: Region, context: Context) -> Beats:
        """Follow the beat of a take."""
        spans = left_out.silenced_spans(region, context)
        rate = self._activation.FRAME_RATE
        heard = self._activation.beat_activation(
            self._networks, region.samples, lambda fraction: context.progress(0.9 * fraction)
        )
        frame_times = region.start_s + np.arange(len(heard)) / rate
        heard[~left_out.outside(frame_times, spans)] = 0.0
        limits = {"min_bpm": self.config.min_bpm, "max_bpm": self.config.max_bpm}
        model = self._dbn.BeatModel.between(transition_lambda=self.config.transition_lambda, **limits)
        frames = self._dbn.decode(heard, model)
        frames = frames[heard[frames] > 0]
        times = frame_times[frames]
        plain = int((heard[frames] > HEARD).sum())
        pulse = len(frames) >= FEWEST_BEATS and plain >= max(FEWEST_HEARD, HEARD_SHARE * len(frames))
        return Beats(
            times=times if pulse else (),
            activation=Frames(rate_hz=rate, start_s=region.start_s, values=heard),
            activation_names=("beat",),
        )


class LibrosaBeats(Plugin[Beats, Config]):
    """Beats by dynamic programming over an onset envelope, at one tempo for the whole take: the fallback.

    Notes
    -----
    The tempo is the peak of the mean autocorrelation of the envelope in 9 s windows, weighted towards 120
    a minute. Where the envelope is even (noise, drones) or its autocorrelation at the beat is under
    0.2 (speech), `times` is empty. There is no `activation`. Beats in stretches that `content` calls
    speech or noise are left out.

    References
    ----------
    .. [1] D. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36(1), 2007.
    """

    name = "beats.librosa"
    version = "1.0.0"
    audio = AudioView(rate=22050, channels=1)
    uses = (Content,)
    environment = "main"
    budget = Budget(seconds=15, per_audio_second=0.1)
    memory = "1 GiB"
    licence = "ISC (librosa)"
    libraries = ("librosa", "numpy")
    rank = 50

    def load(self) -> None:
        """Import librosa."""
        from . import envelope

        self._envelope = envelope

    def analyze(self, region: Region, context: Context) -> Beats:
        """Follow the beat of a take."""
        spans = left_out.silenced_spans(region, context)
        onset = self._envelope.onset_envelope(region.samples, region.rate, context.progress)
        frame_rate = region.rate / self._envelope.HOP
        frame_times = region.start_s + np.arange(len(onset)) / frame_rate
        kept = left_out.outside(frame_times, spans)
        onset[~kept] = 0.0
        times: npt.NDArray[np.float64] = region.start_s + self._envelope.steady_beats(
            onset, kept, region.rate
        )
        times = times[left_out.outside(times, spans) & (times <= region.end_s)]
        return Beats(times=times if len(times) >= FEWEST_BEATS else ())


@hookimpl
def hemiola_plugins() -> list[type[Plugin[Any, Any]]]:
    """The plugins of this folder."""
    return [NetBeats, MadmomBeats, LibrosaBeats, EssentiaBeats, BeatThis]
