"""What a caller may choose about scoring; the defaults are the conventions."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.conventions import MERGE_S


@dataclass(frozen=True, slots=True)
class Options:
    """How to score.

    Attributes
    ----------
    trim : leave out beats, units and downbeats of the first five seconds, as mir_eval's own evaluation does
    merge_s : onsets and hits of a class within this many seconds of the last kept one are dropped first
    """

    trim: bool = False
    merge_s: float = MERGE_S
