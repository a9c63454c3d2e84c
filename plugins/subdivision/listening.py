"""Listens to a recording piece by piece: passages of it between beats, in any order, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import numpy.typing as npt

from . import attacks
from .passage import Passage

Floats = npt.NDArray[np.float32]
Times = npt.NDArray[np.float64]

Block = tuple[Floats, Floats]

KEPT_BLOCKS = 12
"""About 140 s at 28 bands: 3 MB."""
MARGIN_S = 0.1


class Listener:
    """Attacks of a recording, computed where they are asked for.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Mono, possibly memory-mapped.
    rate : int
        Samples per second, 22,050.
    """

    def __init__(self, samples: Floats, rate: int) -> None:
        self._samples, self._rate = samples, rate
        self._level = attacks.level_of(samples, rate)
        self._blocks: OrderedDict[int, Block] = OrderedDict()

    @property
    def silent(self) -> bool:
        """Whether there is nothing to hear."""
        return self._level < 1e-7

    def passage(self, beats: Times, first: int, last: int) -> Passage:
        """From beat `first` to beat `last` of a run, beats in seconds from the first sample, shape (n,)."""
        part = beats[first : last + 1]
        per_s = self._rate / attacks.HOP
        start = max(0, int((part[0] - MARGIN_S) * per_s))
        stop = max(start + 1, int((part[-1] + MARGIN_S) * per_s) + 1)
        spectra, rise = self._frames(start, stop)
        return Passage(spectra, rise, start / per_s, self._rate, part, first)

    def _frames(self, start: int, stop: int) -> Block:
        size = attacks.BLOCK_FRAMES
        numbers = range(start // size, (stop - 1) // size + 1)
        blocks = [self._block(number) for number in numbers]
        part = slice(start - numbers[0] * size, stop - numbers[0] * size)
        spectra, rise = (np.concatenate([block[i] for block in blocks]) for i in (0, 1))
        return spectra[part], rise[part]

    def _block(self, number: int) -> Block:
        if number not in self._blocks:
            first, size, width = number * attacks.BLOCK_FRAMES, attacks.BLOCK_FRAMES, attacks.WIDTH
            rises = attacks.rises(self._samples, self._rate, first - width, first + size + width, self._level)
            self._blocks[number] = attacks.widened(rises), rises[width:-width].sum(axis=1)
            while len(self._blocks) > KEPT_BLOCKS:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]
