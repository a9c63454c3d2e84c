"""From the words of annotations to those of the truth: keys, meters, levels of the beat."""

from __future__ import annotations

import itertools
import math
import re
import statistics
from collections.abc import Sequence

import mir_eval

COMPOUND = frozenset({"6/8", "9/8", "12/8", "15/8"})
"""Meters whose groups are all of three: their tactus is the dotted quarter."""

METERS_COUNTED: dict[int, tuple[str, ...]] = {
    2: ("2/4", "6/8"),
    3: ("3/4", "3/8", "9/8"),
    4: ("4/4", "12/8"),
    5: ("5/4", "5/8", "15/8"),
    6: ("6/4", "6/8"),
}
"""Meters that a count of beats in the bar may stand for.

Annotators who write a beat and its position (Ballroom, GTZAN) count what they tap, which is the tactus: three may be
3/4, 3/8 or, tapped in dotted quarters, 9/8. The denominator is not annotated, so each of them is right. From five on
eighths are counted as well as quarters, for additive meters are often tapped in their units. Halves are not listed:
by the conventions the tactus is the quarter, and 2/2 is answered as 2/4 or 4/4.
"""

UNEVEN = 1.25
"""Positions of the bar whose typical lengths differ by more are groups of two and three (1.5), not a drifting hand."""

_KEY = re.compile(r"^([A-Ga-g])\s*([#b♯♭]?)\s*[:_\-\s]?\s*(maj|major|min|minor|m)?$", re.IGNORECASE)


def key_name(text: str) -> str | None:
    """A key as the truth writes it ("A minor"), from "A minor", "A:min", "Amin", "a minor", "Am"; or None.

    A tonic without a mode is no key: it may be major, or both.
    """
    cleaned = " ".join(text.replace("\t", " ").split())
    if cleaned.lower() in ("atonal", "n"):
        return "atonal"
    match = _KEY.match(cleaned)
    if match is None or match[3] is None:
        return None
    accidental = match[2].replace("♯", "#").replace("♭", "b")
    mode = "major" if match[3].lower().startswith("maj") or match[3] == "M" else "minor"
    return f"{match[1].upper()}{accidental} {mode}"


def is_harte(label: str) -> bool:
    """Whether a label is a chord in Harte's syntax, as mir_eval reads it: what passes here is scored.

    References
    ----------
    C. Harte, M. Sandler, S. Abdallah, E. Gómez: "Symbolic representation of musical chords: a proposed syntax for
    text annotations", ISMIR 2005.
    """
    try:
        mir_eval.chord.encode(label)
    except mir_eval.chord.InvalidChordException:
        return False
    return True


def midi_pitch(frequency_hz: float) -> float:
    """A frequency as a MIDI number with its fraction; A4 = 440 Hz = 69."""
    return 69.0 + 12.0 * math.log2(frequency_hz / 440.0)


def quarters_per_beat(meter: str) -> float | None:
    """Quarters in one beat of the tactus, or None where the grouping decides."""
    if meter in COMPOUND:
        return 1.5
    numerator, denominator = meter.split("/")
    if denominator == "8":
        return 0.5 if numerator == "3" else None
    return {"1": 4.0, "2": 2.0, "4": 1.0}.get(denominator)


def median_bpm(beats: Sequence[float], meter: str) -> float | None:
    """Quarters a minute by the median distance of the tactus; None under two beats or where a beat's length varies."""
    quarters = quarters_per_beat(meter)
    gaps = [later - earlier for earlier, later in itertools.pairwise(beats) if later > earlier]
    return 60.0 * quarters / statistics.median(gaps) if quarters and gaps else None


def tactus(
    units: Sequence[tuple[float, int]], meter: str, grouping: Sequence[int] = ()
) -> list[float] | None:
    """The tactus among units of a meter.

    Parameters
    ----------
    units
        Seconds and position in the bar (from 1) of every unit of the denominator.
    meter
        "7/8".
    grouping
        (2, 2, 3); needed for eighths in groups of two and three, and for shorter units.

    Returns
    -------
    list of float or None
        Quarters in x/4 (the units of x/2 and x/1), the eighths of 3/8, else the first of every group; None where the
        grouping is not known.
    """
    numerator, denominator = (int(part) for part in meter.split("/"))
    if denominator <= 4 or meter == "3/8":
        return [time for time, _ in units]
    groups = list(grouping) or ([3] * (numerator // 3) if meter in COMPOUND else [])
    if sum(groups) != numerator:
        return None
    firsts = {1 + sum(groups[:count]) for count in range(len(groups))}
    return [time for time, position in units if position in firsts]


def meters_counted(beats: Sequence[float], positions: Sequence[int]) -> tuple[str, ...] | None:
    """The meters that positions of beats may stand for.

    Parameters
    ----------
    beats
        Seconds.
    positions
        From 1, one for each beat.

    Returns
    -------
    tuple of str or None
        See `METERS_COUNTED`; None where bars differ in length, where no bar is complete, or where the beats of the bar
        are uneven: then they are groups of two and three, and the count does not tell the meter.
    """
    ones = [index for index, position in enumerate(positions) if position == 1]
    bars = {later - earlier for earlier, later in itertools.pairwise(ones)}
    if len(bars) != 1:
        return None
    count = bars.pop()
    lengths: dict[int, list[float]] = {}
    for index, position in enumerate(positions[:-1]):
        lengths.setdefault(position, []).append(beats[index + 1] - beats[index])
    typical = [statistics.median(values) for values in lengths.values()]
    if min(typical) <= 0 or max(typical) / min(typical) > UNEVEN:
        return None
    return METERS_COUNTED.get(count, (f"{count}/4", f"{count}/8") if 7 <= count <= 16 else None)
