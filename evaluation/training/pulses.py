"""Clips as the second network meets them: what the first one heard, and the pulses that were decoded from it."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluation.training import pool
from evaluation.training.targets import Marks
from plugins.beats import network as hearing
from plugins.meter import decoding, evidence, reading

MOST = 64
"""Pulses of a clip that are kept: rests divide it into few."""


@dataclass(frozen=True)
class Pulsed:
    """A clip for the second network.

    Attributes
    ----------
    values : shape (n, columns) float16: events and bands at 50 frames a second
    pulses : units in seconds as they were decoded, one array from rest to rest
    marks : what is true
    """

    name: str
    values: npt.NDArray[np.float16]
    pulses: tuple[npt.NDArray[np.float64], ...]
    marks: Marks


@lru_cache(maxsize=1)
def _first() -> Any:
    return hearing.Network()


def heard(frames: npt.NDArray[np.float16]) -> npt.NDArray[np.float32]:
    """What the shipped first network says of a clip's frames, chunk by chunk as the plugin has it."""
    network = _first()
    return np.asarray(network.joined(len(frames), lambda first, last: frames[first:last].astype(np.float32)))


def pulsed(example: pool.Example) -> Pulsed:
    """A clip heard and decoded."""
    values = heard(example.frames)
    found = decoding.pulse(evidence.evidence_of(values, _first().names))
    columns = evidence.columns(_first().names)
    pulses = tuple(reading.pulses_of(found))
    return Pulsed(example.name, values[:, columns].astype(np.float16), pulses, example.marks)


def make(source: Path, path: Path) -> None:
    """Make one and write it whole or not at all."""
    one = pulsed(pool.read_one(source))
    arrays: dict[str, Any] = {f"event{n}": times for n, times in enumerate(one.marks.events)}
    arrays |= {f"pulse{n}": times for n, times in enumerate(one.pulses[:MOST])}
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez(file, values=one.values, meters=one.marks.meters, tempos=one.marks.tempos, **arrays)
    os.replace(unfinished, path)


def fill(clips: Path, folder: Path, jobs: int) -> int:
    """Make what is missing of all clips of a folder; how many there are afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = sorted(clips.glob("*.npz"))
    missing = [source for source in sources if not (folder / source.name).is_file()]
    with ProcessPoolExecutor(jobs) as workers:
        for _ in workers.map(make, missing, [folder / source.name for source in missing], chunksize=8):
            pass
    return len(sources)


def read(folder: Path) -> list[Pulsed]:
    """All of a folder, in the order of their names."""
    return [_read(path) for path in sorted(folder.glob("*.npz"))]


def _read(path: Path) -> Pulsed:
    with np.load(path) as arrays:
        pulses = tuple(arrays[name] for name in arrays.files if name.startswith("pulse"))
        return Pulsed(path.stem, arrays["values"], pulses, pool.marks_in(arrays))
