"""The project's own network over a recording of any length: chunks that overlap, joined where both know enough.

Each chunk is as long as those that the network was trained on, since it looks at all of it at once; what it says
near a chunk's ends, where it sees one side only, is left to its neighbour.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hemiola import onnx

from . import logmel

Floats = npt.NDArray[np.float32]

FRAME_RATE = 50.0
CHUNK = 2560
"""Frames heard at once: 25.6 s."""
STEP = 1600
"""From one chunk to the next: neighbours share 9.6 s."""
BANDS_JOINED = 3
"""Neighbouring bands of which the loudest goes on to whoever asks for the meter."""
TEMPOS_JOINED = 3
"""Neighbouring tempos whose shares are added up: a fifth of an octave is fine enough beside the beats themselves."""
FOLDER = Path(__file__).parent / "models"
MODEL = "hemiola-beats"


@dataclass(frozen=True)
class Heard:
    """What the network says, and what it heard, coarsely.

    Attributes
    ----------
    values : shape (n, k) at 50 a second
    names : the k columns: probabilities of onset, unit, tactus, downbeat, group; shares of "tempo 97.5" in quarters
        a minute; log-mel loudness of "band 440" in Hz
    """

    values: Floats
    names: tuple[str, ...]


class Network:
    """Weights and names, read once.

    Raises
    ------
    Unavailable
        The model is not there.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._session = onnx.session(folder / f"{MODEL}.onnx")
        described = json.loads((folder / f"{MODEL}.json").read_text())
        bpm = np.array(described["tempos"]).reshape(-1, TEMPOS_JOINED)
        tempos = (f"tempo {np.exp(np.log(row).mean()):.2f}" for row in bpm)
        bands = (f"band {hertz:.0f}" for hertz in logmel.centres().reshape(-1, BANDS_JOINED).mean(axis=1))
        self.names: tuple[str, ...] = (*described["events"], *tempos, *bands)

    def hear(self, samples: Floats, progress: Callable[[float], None] = lambda fraction: None) -> Heard:
        """Listen to mono samples at 44.1 kHz, shape (n,), possibly memory-mapped: a chunk is read at a time.

        Parameters
        ----------
        progress : callable
            Told the fraction done.
        """
        level = logmel.loudness(samples)
        count = logmel.frame_count(len(samples))

        def frames(first: int, last: int) -> Floats:
            progress(last / count)
            return logmel.frames(samples, first, last, level)

        return Heard(self.joined(count, frames), self.names)

    def joined(self, count: int, frames: Callable[[int, int], Floats]) -> Floats:
        """What is said of so many frames, shape (count / 2, k); `frames` gives those from one to another."""
        values = np.zeros((-(-count // 2), len(self.names)), np.float32)
        for first in starts(count):
            chunk = np.zeros((CHUNK, logmel.BANDS), np.float32)
            last = min(count, first + CHUNK)
            chunk[: last - first] = frames(first, last)
            said = self.say(chunk)
            begin = first // 2 + (CHUNK - STEP) // 4 if first else 0
            end = min(len(values), first // 2 + CHUNK // 2)
            values[begin:end] = said[begin - first // 2 : end - first // 2]
        return values

    def say(self, frames: Floats) -> Floats:
        """What is said of a chunk: frames of shape (CHUNK, bands) to values of shape (CHUNK / 2, k)."""
        events, tempos = (
            part[0] for part in self._session.run(["events", "tempos"], {"frames": frames[None]})
        )
        tempos = tempos.reshape(len(tempos), -1, TEMPOS_JOINED).sum(axis=2)
        return np.concatenate([events, tempos, coarse(frames)], axis=1)


def coarse(frames: Floats) -> Floats:
    """The loudest of two frames and of three neighbouring bands: shape (n, 81) to (n / 2, 27)."""
    return np.asarray(frames.reshape(len(frames) // 2, 2, -1, BANDS_JOINED).max(axis=(1, 3)))


def starts(count: int) -> list[int]:
    """First frames of the chunks: evenly a step apart, the last one reaching the end; even numbers; none of nothing."""
    if count <= CHUNK:
        return [0] if count else []
    last = count - CHUNK + count % 2
    return [*range(0, last, STEP), last]
