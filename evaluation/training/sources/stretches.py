"""Where a written piece keeps one meter in whole bars: what a clip can be cut from."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.scenes.meters import METERS, Meter, meter
from evaluation.training.sources.corpus import Piece

LEAST_BARS = 6
CUT_TIME = {"2/2": "4/4"}
"""Signatures that are heard, and by convention written, in quarters; others with halves are left out."""
NEAR = 1e-3


@dataclass(frozen=True)
class Stretch:
    """Whole bars of a piece in one meter.

    Attributes
    ----------
    piece : its index among the pieces
    starts : where each bar starts, in quarters, ascending; shape (bars,)
    pick_up : quarters before the first bar that belong to it, 0 if there are none
    last : length of the last bar, which may lack what a pick-up has
    """

    piece: int
    meter: Meter
    starts: tuple[float, ...]
    pick_up: float
    last: float

    @property
    def end(self) -> float:
        """Where the last bar ends."""
        return self.starts[-1] + self.last

    @property
    def loops(self) -> bool:
        """Whether it can begin again where it ends: the last bar and the pick-up make one bar."""
        return abs(self.last + self.pick_up - self.meter.bar_quarters) < NEAR


def heard_meter(beats: int, unit: int) -> Meter | None:
    """The meter of a signature, in its usual grouping; None where what is heard is not sure."""
    name = CUT_TIME.get(f"{beats}/{unit}", f"{beats}/{unit}")
    return meter(name) if name in METERS else None


def stretches(piece: Piece, index: int) -> tuple[Stretch, ...]:
    """All stretches of a piece. A bar that a repeat sign divides is one bar; one of another length ends a stretch."""
    found: list[Stretch] = []
    current: list[float] = []
    kept: Meter | None = None
    pick_up = 0.0

    def close(last: float | None = None) -> None:
        nonlocal current
        if kept is not None and len(current) >= LEAST_BARS:
            found.append(Stretch(index, kept, tuple(current), pick_up, last or kept.bar_quarters))
        current = []

    rows = piece.bars.tolist()
    number = 0
    while number < len(rows):
        start, length, beats, unit = rows[number]
        signed = heard_meter(int(beats), int(unit))
        if signed != kept:
            close()
            kept, pick_up = signed, 0.0
        number += 1
        if signed is None:
            continue
        short = signed.bar_quarters - length
        if short > NEAR and number < len(rows) and abs(rows[number][1] - short) < NEAR and current:
            number += 1
        elif short > NEAR and number == len(rows) and current:
            current.append(start)
            close(length)
            break
        elif abs(short) > NEAR:
            close()
            pick_up = length if short > NEAR else 0.0
            continue
        current.append(start)
    close()
    return tuple(found)


def rows_of(piece: Piece, stretch: Stretch, turns: int) -> list[tuple[float, float, int, int]]:
    """The notes of a stretch and its pick-up, so many times over.

    Each is its start in quarters from bar one, its length, MIDI number and part.
    """
    first = stretch.starts[0] - stretch.pick_up
    inside = (piece.notes[:, 0] >= first - NEAR) & (piece.notes[:, 0] < stretch.end - NEAR)
    notes = piece.notes[inside]
    period = stretch.end - first
    return [
        (float(at) - stretch.starts[0] + turn * period, min(float(length), 8.0), int(pitch), int(part))
        for turn in range(turns)
        for at, length, pitch, part, _ in notes
    ]
