"""Swing written as swing: the long and the short of a beat stand as equal notes under one word."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hemiola.results import Groove

from .frames import Beat
from .grid import Warp

LEAST = 1.15
"""Long to short below which nobody writes swing."""
MOST = 4.0


def warps(groove: Groove | None, beats: Sequence[Beat]) -> list[Warp | None]:
    """How each beat is bent: by the swing of its stretch, only where beats are quarters."""
    return [
        _warp(_ratio(groove, beat), groove.swing_level) if groove and beat.length == Fraction(1) else None
        for beat in beats
    ]


def swung(groove: Groove | None) -> str | None:
    """The word at the head: what swings; None for straight."""
    if groove is None or groove.swing_level is None:
        return None
    ratios = [groove.swing_ratio, *(one.swing_ratio for one in groove.segments)]
    if not any(ratio is not None and ratio >= LEAST for ratio in ratios):
        return None
    return "Swing" if groove.swing_level == "8th" else "Swing 16ths"


def _ratio(groove: Groove, beat: Beat) -> float | None:
    middle = (beat.start_s + beat.end_s) / 2
    inside = (one.swing_ratio for one in groove.segments if one.start_s <= middle < one.end_s)
    return next(inside, groove.swing_ratio)


def _warp(ratio: float | None, level: str | None) -> Warp | None:
    if ratio is None or level is None or ratio < LEAST:
        return None
    bounded = min(ratio, MOST)
    return Warp(bounded / (1 + bounded), 1 if level == "8th" else 2)
