"""`hits.annoteator`: drum strokes by the published AnNOTEator network, without the packages it came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hemiola import AudioView, Budget, Config, Context, Plugin, Region, Unavailable
from hemiola.results import Hit, Hits, Tempo

Floats = npt.NDArray[np.float32]

RATE = 44100
MODEL = "annoteator"
WEIGHTS = "complete_network.h5"
INSTRUMENTS = ("snare", "hihat", "kick", "ride", "tom", "crash")
"""In the order of the network's outputs."""
ASSUMED_BPM = 120.0
"""Where no tempo is known."""
DECIDED = 0.5
BATCH = 256
"""Clips heard together."""
ONSETS_SHARE = 0.3
"""Of the work, as progress goes."""


class Annoteator(Plugin[Hits, Config]):
    """Drum strokes by AnNOTEator: librosa's onsets, a clip of a 16th at each, and a small convolutional network.

    Notes
    -----
    The rules are the authors': onsets from the spectral flux with a hop of 512 samples above 110 BPM, else
    1024; clips that begin a quarter of a 32nd before the onset and end a 16th after it, resampled to 8820
    samples whatever they last, compressed (-27 dB, 4:1, 1 ms, 200 ms) and turned into power mel spectra; every class
    whose output rounds to one is there, and where none is, the highest. Three things differ: the tempo is that
    of the `tempo` question, 120 where it names none (`assumed_bpm` then says so); a clip that would begin before
    the recording begins with it, where the authors' program stops; and a take is heard after 93 ms of silence, since
    it begins where a sound does and librosa finds no onset in its first frames.

    `time_s` is the frame of librosa's onset, which is the peak of the flux and lies on a grid of 12 or 23 ms. The
    network names no velocity: it is taken from the energy of the clip's first 50 ms beside the strongest of
    its instrument in this take, as the square root of the ratio of amplitudes. `confidence_score` is the
    mean over onsets of the highest output, which is no probability; single strokes carry none.

    The network is the user's file, `complete_network.h5` of the authors' repository (MIT). It learned from the
    Expanded Groove MIDI set, recordings of one electronic kit's sounds: scores on performances of Groove MIDI show
    how well it remembers.

    References
    ----------
    .. [1] "AnNOTEator: deep-learning drum transcription", github.com/cb-42/AnNOTEator, 2022.
    .. [2] L. Callender, C. Hawthorne and J. Engel, "Improving perceptual quality of drum transcription with the
       Expanded Groove MIDI dataset", arXiv:2004.00188, 2020.
    """

    name = "hits.annoteator"
    version = "1.0.0"
    peer = True
    audio = AudioView(rate=RATE, channels=1, source="drums")
    uses = (Tempo,)
    environment = "neural"
    budget = Budget(seconds=30, per_audio_second=0.3)
    memory = "1 GiB"
    licence = "MIT; the method is the AnNOTEator authors'"
    model_licence = "MIT (AnNOTEator's complete_network.h5)"
    libraries = ("torch", "librosa", "h5py", "numpy")
    models = (MODEL,)

    def load(self) -> None:
        """Import torch and librosa; the network is read at the first region, which says where it lies."""
        from . import clips, network, onsets

        self._clips, self._reading, self._onsets = clips, network, onsets
        self._network: Any = None

    def analyze(self, region: Region, context: Context) -> Hits:
        """Name the strokes of a take."""
        if self._network is None:
            self._network = self._reading.read(weights_file(context))
        tempo = context.get(Tempo)
        known = tempo.bpm if tempo is not None else None
        bpm = known or ASSUMED_BPM
        samples = region.samples
        found = self._onsets.onsets(samples, bpm, lambda fraction: context.progress(ONSETS_SHARE * fraction))
        outputs, levels = self._hear(samples, found, bpm, context)
        return Hits(
            hits=named(region.start_s + found / RATE, outputs, levels),
            source=source_of(region),
            summary=counted(outputs),
            confidence_score=float(outputs.max(axis=1).mean()) if len(outputs) else None,
            assumed_bpm=None if known else ASSUMED_BPM,
        )

    def _hear(
        self, samples: Floats, found: npt.NDArray[np.int64], bpm: float, context: Context
    ) -> tuple[Floats, Floats]:
        """The network's outputs, shape (n, 6), and the level of every attack, shape (n,)."""
        outputs, levels = (
            np.zeros((len(found), len(INSTRUMENTS)), np.float32),
            np.zeros(len(found), np.float32),
        )
        for first in range(0, len(found), BATCH):
            stop = min(len(found), first + BATCH)
            clips = [self._clips.cut(samples, onset, bpm) for onset in found[first:stop]]
            outputs[first:stop] = self._network.outputs(self._clips.features(clips))
            levels[first:stop] = [self._clips.attack_level(clip, bpm) for clip in clips]
            context.progress(ONSETS_SHARE + (1 - ONSETS_SHARE) * stop / len(found))
        return outputs, levels


def weights_file(context: Context) -> Path:
    """The network's file; raises Unavailable, with what to do."""
    try:
        there = context.model(MODEL)
    except Unavailable:
        raise Unavailable(
            f"there is no AnNOTEator network: let MODEL_URI name its {WEIGHTS} (see github.com/cb-42/AnNOTEator), "
            f"or put that file into {MODEL}/ in the models folder (HEMIOLA_MODELS)"
        ) from None
    file = there / WEIGHTS if there.is_dir() else there
    if not file.is_file():
        raise Unavailable(f"the model folder {MODEL}/ holds no {WEIGHTS}: put AnNOTEator's network there")
    return file


def decided(outputs: Floats) -> npt.NDArray[np.bool_]:
    """Which classes are there, shape (n, 6): all above one half; where there is none, the highest."""
    there = outputs > DECIDED
    quiet = ~there.any(axis=1)
    there[quiet, outputs[quiet].argmax(axis=1)] = True
    return there


def named(times: npt.NDArray[np.float64], outputs: Floats, levels: Floats) -> tuple[Hit, ...]:
    """The strokes in order of time, those at one onset in the network's order of classes."""
    there = decided(outputs)
    strongest = np.where(there, levels[:, None], 0.0).max(axis=0, initial=0.0)
    return tuple(
        Hit(
            time_s=float(times[row]),
            instrument=INSTRUMENTS[column],
            velocity=float(np.sqrt(levels[row] / strongest[column])) if strongest[column] > 0 else 0.0,
        )
        for row, column in np.argwhere(there)
    )


def counted(outputs: Floats) -> dict[str, int]:
    """How many strokes each instrument has, those that have any."""
    counts = dict(zip(INSTRUMENTS, decided(outputs).sum(axis=0).tolist(), strict=True))
    return {name: count for name, count in counts.items() if count}


def source_of(region: Region) -> str:
    """Which audio a region is, in the words of `Hits.source`."""
    return region.source if region.source in ("stem", "separated", "hpss") else "mix"
