"""A tempo that a person names, over beats that were heard: the level that comes nearest, and the curve at it."""

from __future__ import annotations

import math

import numpy as np

from .pulse import Pulse

LEVELS = (1.0, 2.0, 0.5, 3.0, 1 / 3, 4.0, 0.25, 1.5, 2 / 3)
"""How many times the beats a tempo may be that counts the same music."""
FASTEST_BPM = 2000.0
"""The most that a result can say, were two beats ever so close."""


def nearest_level(bpm: float, heard_bpm: float) -> float:
    """The ratio of tempos by which what was heard comes nearest to what is meant.

    Examples
    --------
    >>> nearest_level(118.0, 60.0)
    2.0
    """
    return min(LEVELS, key=lambda level: abs(math.log(heard_bpm * level / bpm)))


def at_level(found: Pulse, level: float) -> Pulse:
    """The same pulse, `level` times as fast."""
    curve = np.minimum(found.curve * level, FASTEST_BPM)
    return Pulse(min(found.bpm * level, FASTEST_BPM), found.times, curve, found.stability)
