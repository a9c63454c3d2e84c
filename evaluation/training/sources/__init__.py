"""Where clips for training come from. A source makes the n-th clip of its side, seen or left out, from a seed.

A left-out clip shares no pattern family, drummer, kit or score with a seen one: what it measures is new to the
network.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evaluation.annotation import Truth
from evaluation.scenes.sounds import Samples


@dataclass(frozen=True)
class Clip:
    """A recording, mono at 44,100 samples a second, shape (n,), float32, and what is true of it."""

    samples: Samples
    truth: Truth


class Source(Protocol):
    """A maker of clips."""

    @property
    def name(self) -> str:
        """What reports call it."""

    @property
    def licence(self) -> str:
        """Under which its material may be used."""

    def clip(self, number: int, left_out: bool) -> Clip:
        """The n-th clip: the same number gives the same bytes. `left_out` draws from the side that only validates."""


def seeded(source: str, number: int, left_out: bool) -> np.random.Generator:
    """The generator of one clip."""
    return np.random.default_rng([zlib.crc32(source.encode()), number, int(left_out)])
