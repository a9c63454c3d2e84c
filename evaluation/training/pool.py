"""Clips as features and marks on disk, made once by all cores; what is there is not made again."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluation.training.sources import Source, seeded
from evaluation.training.sources.worn import worn
from evaluation.training.targets import EVENTS, Marks, marks_of
from plugins.beats import logmel

WORN_SHARE = 0.5
"""Of the clips: through noise, tape, bands."""


@dataclass(frozen=True)
class Example:
    """A clip as the network hears it, shape (frames, bands) float16, and what is true of it."""

    name: str
    frames: npt.NDArray[np.float16]
    marks: Marks


def heard(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float16]:
    """The frames of a whole clip."""
    whole = logmel.frames(samples, 0, logmel.frame_count(len(samples)), logmel.loudness(samples))
    return np.asarray(whole, np.float16)


def make(source: Source, number: int, left_out: bool, path: Path) -> None:
    """Make one clip and write it whole or not at all."""
    clip = source.clip(number, left_out)
    random = seeded(f"worn {source.name}", number, left_out)
    if random.random() < WORN_SHARE:
        clip = worn(clip, random)
    marks = marks_of(clip.truth)
    arrays: dict[str, Any] = {f"event{n}": times for n, times in enumerate(marks.events)}
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez(file, frames=heard(clip.samples), meters=marks.meters, tempos=marks.tempos, **arrays)
    os.replace(unfinished, path)


Make = Callable[[Source, int, bool, Path], None]
"""Makes one clip of a source, the n-th of a side, and writes it to a file."""


def fill(
    folder: Path,
    sources: Sequence[Source],
    counts: Mapping[str, int],
    left_out: bool,
    jobs: int,
    make: Make = make,
) -> int:
    """Make what is missing, the sources in turn; the number of clips that are there afterwards.

    Parameters
    ----------
    make : callable
        At the top of a module: it is called in other processes.

    Raises
    ------
    RuntimeError
        A clip could not be made; the message names it. Those before it stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [
        (source, number, folder / f"{source.name}-{number:05d}.npz")
        for number in range(max(counts.values(), default=0))
        for source in sources
        if number < counts.get(source.name, 0)
    ]
    missing = [(source, number, path) for source, number, path in wanted if not path.is_file()]
    with ProcessPoolExecutor(jobs) as pool:
        making = {pool.submit(make, source, number, left_out, path): path for source, number, path in missing}
        for done in as_completed(making):
            if (error := done.exception()) is not None:
                pool.shutdown(cancel_futures=True)
                raise RuntimeError(f"{making[done].stem} could not be made: {error}") from error
    return len(wanted)


def read(folder: Path) -> list[Example]:
    """All clips of a folder, in the order of their names."""
    return [read_one(path) for path in sorted(folder.glob("*.npz"))]


def read_one(path: Path) -> Example:
    """A clip."""
    with np.load(path) as arrays:
        return Example(path.stem, arrays["frames"], marks_in(arrays))


def marks_in(arrays: Mapping[str, Any]) -> Marks:
    """The marks in a file of arrays."""
    events = tuple(arrays[f"event{n}"] for n in range(len(EVENTS)))
    return Marks(events, arrays["meters"], arrays["tempos"])
