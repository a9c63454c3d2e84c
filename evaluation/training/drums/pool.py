"""Drummed clips as the drum network hears them, and their strokes, on disk; what is there is not made again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr
import torch

from evaluation.conventions import drum_class
from evaluation.scenes.sounds import RATE as MADE_RATE
from evaluation.training.sources import Source, seeded
from evaluation.training.sources.worn import worn
from plugins.hits import listening
from plugins.hits.network import DRUMS

WORN_SHARE = 0.5
"""Of the clips: through noise, tape, bands."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Drummed:
    """A clip: frames of shape (n, bands) float16, and strokes of shape (k, 3): seconds, index into DRUMS, velocity."""

    name: str
    frames: npt.NDArray[np.float16]
    strokes: npt.NDArray[np.float64]


@lru_cache(maxsize=1)
def _listener() -> listening.Listener:
    torch.set_num_threads(1)
    return listening.Listener()


def heard(samples: Floats) -> npt.NDArray[np.float16]:
    """The frames of a whole clip at 44,100 samples a second."""
    resampled = soxr.resample(samples, MADE_RATE, listening.RATE).astype(np.float32)
    count, loud = listening.frame_count(len(resampled)), listening.loudness(resampled)
    return np.asarray(_listener().frames(resampled, 0, count, loud), np.float16)


def make(source: Source, number: int, left_out: bool, path: Path) -> None:
    """Make one clip and write it whole or not at all."""
    clip = source.clip(number, left_out)
    random = seeded(f"worn drums {source.name}", number, left_out)
    if random.random() < WORN_SHARE:
        clip = worn(clip, random)
    named = [(hit, drum_class(hit.instrument)) for hit in clip.truth.hits or ()]
    strokes = [(hit.time_s, DRUMS.index(drum), hit.velocity) for hit, drum in named if drum in DRUMS]
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez(file, frames=heard(clip.samples), strokes=np.array(strokes, float).reshape(-1, 3))
    os.replace(unfinished, path)


def read(folder: Path) -> list[Drummed]:
    """All clips of a folder, in the order of their names."""
    found = []
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as arrays:
            found.append(Drummed(path.stem, arrays["frames"], arrays["strokes"]))
    return found
