"""What an export is made of: the answers of one take, as the worker is handed them."""

from __future__ import annotations

from dataclasses import dataclass

from hemiola.results import Groove, Hits, Meter, Tempo


@dataclass(frozen=True, slots=True)
class Take:
    """One take's answers.

    Attributes
    ----------
    number
        Counted from 1 along the file.
    start_s, end_s
        Where it lies in the file.
    hits, meter, tempo, groove
        Its answers; None where the question has none.
    """

    number: int
    start_s: float
    end_s: float
    hits: Hits
    meter: Meter | None = None
    tempo: Tempo | None = None
    groove: Groove | None = None
