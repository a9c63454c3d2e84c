"""`meter.beat_this`: the downbeats that Beat This! hears, for comparison; `beats.beat_this` runs its network."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hemiola import Budget, Config, Context, Plugin, Region, Unavailable
from hemiola.results import Beats, Meter

HEADS = ("beat", "downbeat")
FRAME_RATE = 50
REACH = 3
"""A peak is the highest within so many frames on either side: 60 ms."""


class BeatThisMeter(Plugin[Meter, Config]):
    """Downbeats by Beat This!: the peaks of its downbeat head, each moved to the nearest beat.

    Notes
    -----
    As its authors pick them. It says where bars begin and names no meter; its beats are the tactus. It is handed
    the beats of `beats.beat_this`: name both.

    References
    ----------
    .. [1] F. Foscarin, J. Schlueter and G. Widmer, "Beat This! Accurate beat tracking without DBN
       postprocessing", Proc. of the 25th Int. Society for Music Information Retrieval Conf. (ISMIR), 2024.
    """

    name = "meter.beat_this"
    version = "1.0.0"
    peer = True
    audio = None
    needs = (Beats,)
    environment = "main"
    budget = Budget(seconds=5, per_audio_second=0.01)
    memory = "512 MiB"
    licence = "MIT; the method is by Foscarin, Schlueter and Widmer"
    libraries = ("numpy",)

    def analyze(self, region: Region, context: Context) -> Meter:
        """Say where the bars of a take begin."""
        beats = context.need(Beats)
        heard = beats.activation
        if heard is None or beats.activation_names != HEADS or heard.rate_hz != FRAME_RATE:
            raise Unavailable(
                "it reads the network of beats.beat_this, and these beats are another's: name both, as with "
                "--only beats.beat_this --only meter.beat_this"
            )
        peaks = heard.start_s + peak_frames(heard.values[:, 1]) / FRAME_RATE
        times = np.asarray(beats.times)
        return Meter(
            meter=None, beat_times=beats.times, downbeat_times=tuple(on_beats(peaks, times).tolist())
        )


def peak_frames(probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    """Frames where a probability, shape (frames,), is above one half and the highest around."""
    padded = np.pad(probabilities, REACH)
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * REACH + 1).max(axis=1)
    return np.flatnonzero((probabilities == highest) & (probabilities > 0.5))


def on_beats(downbeats: npt.NDArray[np.float64], beats: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The beats nearest to the downbeats, each once; none where there is no beat."""
    if not len(beats) or not len(downbeats):
        return np.empty(0)
    return np.unique(beats[np.abs(beats[None, :] - downbeats[:, None]).argmin(axis=1)])
