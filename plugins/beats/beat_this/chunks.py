"""A network that hears 30 s at a time, over a recording of any length: overlapping chunks, made as they are needed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

LENGTH = 1500
"""Frames of a chunk: 30 s, as in training."""
BORDER = 6
"""Frames at either end of a chunk whose answers are not used: the loss allowed shifts by so much there."""


def chunk_starts(count: int) -> list[int]:
    """First frame of every chunk of a recording of `count` frames; the first begins before it.

    The last is moved back, so that it ends with the recording and is no shorter than the others.
    """
    starts = list(range(-BORDER, count - BORDER, LENGTH - 2 * BORDER))
    if count > LENGTH - 2 * BORDER:
        starts[-1] = count - (LENGTH - BORDER)
    return starts


def logits(
    frames: Callable[[int, int], Floats],
    network: Callable[[Floats], Floats],
    count: int,
    progress: Callable[[float], None],
) -> Floats:
    """A network's logits for a whole recording, shape (count, 2).

    Parameters
    ----------
    frames
        Gives the frames from one to another, shape (n, bands).
    network
        From a chunk's frames to its logits, shape (n, 2).
    count
        Frames of the recording.
    progress
        Told how far it is.

    Notes
    -----
    Where chunks overlap, the earlier one's answer stands. Silence beyond the recording's ends is frames of zero.
    """
    out = np.empty((count, 2), np.float32)
    known = 0
    for start in chunk_starts(count):
        stop = min(start + LENGTH, count)
        after = min(BORDER, start + LENGTH - stop)
        heard = np.pad(frames(max(start, 0), stop), ((max(0, -start), after), (0, 0)))
        said = network(heard)[BORDER:-BORDER]
        end = start + BORDER + len(said)
        out[known:end] = said[known - start - BORDER :]
        known = end
        progress(known / count)
    return out


def probabilities(logits: Floats) -> Floats:
    """The logistic function of logits, which may be far from zero."""
    return np.exp(-np.logaddexp(np.float32(0.0), -logits))
