"""The project's own network over a recording of any length: chunks that overlap, joined where both know enough.

Each chunk is as long as those that the network was trained on, since it looks at all of it at once; what it says
near a chunk's ends, where it sees one side only, is left to its neighbour.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import logmel

Floats = npt.NDArray[np.float32]

FRAME_RATE = 50.0
CHUNK = 2560
"""Frames heard at once: 25.6 s."""
STEP = 1600
"""From one chunk to the next: neighbours share 9.6 s."""
TEMPOS_JOINED = 3
"""Neighbouring tempos whose shares are added up: a fifth of an octave is fine enough beside the beats themselves."""
FOLDER = Path(__file__).parent / "models"
MODEL = "hemiola-beats"


@dataclass(frozen=True)
class Heard:
    """What the network says.

    Attributes
    ----------
    values : shape (n, k) at 50 a second
    names : the k heads: onset, unit, tactus, downbeat, group; "meter 7/8", "meter none"; "tempo 97.5" in quarters a
        minute; "bar 2.07" in seconds
    """

    values: Floats
    names: tuple[str, ...]


class Network:
    """Weights and names, read once.

    Raises
    ------
    FileNotFoundError
        The model is not there.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        described = json.loads((folder / f"{MODEL}.json").read_text())
        self._session: Any = onnxruntime.InferenceSession(
            str(folder / f"{MODEL}.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.events: tuple[str, ...] = tuple(described["events"])
        self.meters: tuple[str, ...] = tuple(described["meters"])
        bpm = np.array(described["tempos"]).reshape(-1, TEMPOS_JOINED)
        self.tempos = tuple(float(round(np.exp(np.log(row).mean()), 2)) for row in bpm)
        self.bars: tuple[float, ...] = tuple(described["bars"])

    @property
    def names(self) -> tuple[str, ...]:
        """The heads, in the order of the values' columns."""
        meters = (f"meter {name}" for name in self.meters)
        tempos, bars = (
            (f"tempo {bpm:g}" for bpm in self.tempos),
            (f"bar {seconds:g}" for seconds in self.bars),
        )
        return (*self.events, *meters, "meter none", *tempos, *bars)

    def hear(self, samples: Floats, progress: Callable[[float], None] = lambda fraction: None) -> Heard:
        """Listen to mono samples at 44.1 kHz, shape (n,), possibly memory-mapped: a chunk is read at a time.

        Parameters
        ----------
        progress : callable
            Told the fraction done.
        """
        level = logmel.loudness(samples)
        count = logmel.frame_count(len(samples))
        values = np.zeros((-(-count // 2), len(self.names)), np.float32)
        done = 0
        for first in starts(count):
            frames = np.zeros((1, CHUNK, logmel.BANDS), np.float32)
            last = min(count, first + CHUNK)
            frames[0, : last - first] = logmel.frames(samples, first, last, level)
            said = self._session.run(["events", "meters", "tempos", "bars"], {"frames": frames})
            joined = self._joined(said)
            begin = first // 2 + (CHUNK - STEP) // 4 if first else 0
            end = min(len(values), first // 2 + CHUNK // 2)
            values[begin:end] = joined[begin - first // 2 : end - first // 2]
            done = last
            progress(done / count)
        return Heard(values, self.names)

    def _joined(self, said: list[Floats]) -> Floats:
        events, meters, tempos, bars = (part[0] for part in said)
        tempos = tempos.reshape(len(tempos), -1, TEMPOS_JOINED).sum(axis=2)
        return np.concatenate([events, meters, tempos, bars], axis=1)


def starts(count: int) -> list[int]:
    """First frames of the chunks: evenly a step apart, the last one reaching the end; even numbers; none of nothing."""
    if count <= CHUNK:
        return [0] if count else []
    last = count - CHUNK + count % 2
    return [*range(0, last, STEP), last]
