"""`beats.beat_this`: the beat by a Beat This! checkpoint that the user has, without the package it came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from hemiola import AudioView, Budget, Config, Context, Frames, Plugin, Region, Skip, Unavailable
from hemiola.results import Beats

RATE = 22050
MODEL = "beat_this"
SHORTEST_S = 2.0
SUFFIXES = (".ckpt", ".pt", ".pth")


class BeatThisConfig(Config):
    """Which checkpoint of the model's folder: a file's name, needed only where there are several."""

    checkpoint: str = Field("", max_length=200)


class BeatThis(Plugin[Beats, BeatThisConfig]):
    """Beats by Beat This!, a transformer over log-mel frames, picked at its peaks without a model of tempo.

    Notes
    -----
    The checkpoint is the user's: the published `final0`, `small0` and their kin, as their authors save them, in
    the folder `beat_this` among the models. The network is this project's own writing of the published
    architecture and agrees with it number for number; sizes are read from the checkpoint. Sound is heard in
    chunks of 30 s, of which each frame keeps what the first says that holds it. `activation` has 50 frames a
    second of two probabilities, "beat" and "downbeat"; a beat is a peak above one half.

    The published checkpoints learned from fifteen sets, Groove MIDI among them: scores on those show how well
    they remember.

    References
    ----------
    .. [1] F. Foscarin, J. Schlueter and G. Widmer, "Beat This! Accurate beat tracking without DBN
       postprocessing", Proc. of the 25th Int. Society for Music Information Retrieval Conf. (ISMIR), 2024.
    """

    name = "beats.beat_this"
    version = "1.0.0"
    peer = True
    audio = AudioView(rate=RATE, channels=1)
    environment = "neural"
    budget = Budget(seconds=30, per_audio_second=1.0)
    memory = "4 GiB"
    licence = "MIT; the method is by Foscarin, Schlueter and Widmer"
    model_licence = (
        "the checkpoint's own: it was published beside MIT code, trained on sets with terms of their own"
    )
    libraries = ("torch", "numpy")
    models = (MODEL,)

    def load(self) -> None:
        """Import torch; the checkpoint is read at the first region, which says where it lies."""
        from . import checkpoint, chunks, mel, peaks

        self._checkpoint, self._chunks, self._peaks = checkpoint, chunks, peaks
        self._mel = mel.LogMel()
        self._network: Any = None

    def analyze(self, region: Region, context: Context) -> Beats:
        """Follow the beat of a take."""
        if region.duration_s < SHORTEST_S:
            raise Skip(
                f"{region.duration_s:.2f} s are too short for a beat: it takes at least {SHORTEST_S:g} s"
            )
        if self._network is None:
            self._network = self._checkpoint.read(chosen(context, self.config.checkpoint))
        samples = region.samples
        logits = self._chunks.logits(
            lambda first, stop: self._mel.frames(samples, first, stop),
            self._network.logits,
            self._mel.count(len(samples)),
            context.progress,
        )
        times: npt.NDArray[np.float64] = (
            region.start_s + self._peaks.peak_frames(logits[:, 0]) / self._mel.FRAME_RATE
        )
        heard = Frames(
            rate_hz=self._mel.FRAME_RATE, start_s=region.start_s, values=self._chunks.probabilities(logits)
        )
        return Beats(
            times=times[times <= region.end_s], activation=heard, activation_names=("beat", "downbeat")
        )


def chosen(context: Context, name: str) -> Path:
    """The checkpoint to read: the one of that name, or the only one; raises Unavailable, with what to do."""
    try:
        folder = context.model(MODEL)
    except Unavailable:
        raise Unavailable(
            "there is no Beat This! checkpoint: put one of its authors' (final0.ckpt or small0.ckpt, see "
            f"github.com/CPJKU/beat_this) into {MODEL}/ in the models folder (HEMIOLA_MODELS)"
        ) from None
    there = (
        sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES) if folder.is_dir() else [folder]
    )
    found = [path for path in there if name in ("", path.name)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(path.name for path in there[:10]) or "no checkpoint"
    if name:
        raise Unavailable(f"{name!r} is not in the model folder {MODEL}/, which holds {listed}")
    if there:
        raise Unavailable(
            f"{MODEL}/ holds {listed}: name one as `checkpoint` in the settings of beats.beat_this"
        )
    raise Unavailable(f"the model folder {MODEL}/ holds no file that ends in {', '.join(SUFFIXES)}")
