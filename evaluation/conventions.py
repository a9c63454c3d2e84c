"""The project's conventions as pure functions, applied alike to truth and to answers.

docs/plugins.md states them in words: what an onset, a drum class, a bar's length, a key's name is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

TimesArray: TypeAlias = npt.NDArray[np.float64]
"""Ascending seconds, shape (n,)."""

MERGE_S: Final = 0.030
"""Onsets closer than this are one: the strokes of a flam fuse, and annotators write them as one."""

PLAIN_METERS: Final = frozenset({"2/4", "3/4", "4/4", "6/8", "12/8"})
"""What plain material may be answered with; anything else there is a false odd meter."""

ANY_LEVEL: Final = (Fraction(1, 3), Fraction(1, 2), Fraction(1), Fraction(2), Fraction(3))
"""Factors by which a pulse may be off and still be the same beat at another level."""

DRUM_CLASSES: Final = ("kick", "snare", "hihat", "ride", "tom", "crash")

TONICS: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def kept(times: Sequence[float] | TimesArray, merge_s: float = MERGE_S) -> list[int]:
    """Indices of the onsets that stay when those too close behind the last kept one are dropped.

    Parameters
    ----------
    times
        Shape (n,), ascending seconds.
    merge_s
        An onset within this many seconds of the last kept one is dropped; 0 keeps all.
    """
    order: list[int] = []
    last = -math.inf
    for index, time in enumerate(times):
        # A nanosecond of slack: 0.13 - 0.10 is a little less than 0.03 in floating point.
        if time - last >= merge_s - 1e-9:
            last = time
            order.append(index)
    return order


def merged(times: Sequence[float] | TimesArray, merge_s: float = MERGE_S) -> TimesArray:
    """The onsets without those within `merge_s` of the last kept one; shape (m,), m <= n. See `kept`."""
    array = np.asarray(times, dtype=np.float64)
    return array[kept(array, merge_s)]


_CODES: Final[dict[str, str | None]] = {
    # MDB Drums, classes and subclasses; side stick is snare, tambourine nothing, CY could be ride or crash.
    **dict.fromkeys(("kd", "bd"), "kick"),
    **dict.fromkeys(("sd", "sdb", "sdd", "sdf", "sdg", "sdns", "sst"), "snare"),
    **dict.fromkeys(("hh", "chh", "ohh", "phh"), "hihat"),
    **dict.fromkeys(("tt", "hit", "mht", "lmt", "mit", "lot", "hft", "lft"), "tom"),
    **dict.fromkeys(("rdc", "rdb"), "ride"),
    **dict.fromkeys(("crc", "chc", "spc"), "crash"),
    **dict.fromkeys(("tmb", "cy", "ot"), None),
    # AnNOTEator and ENST-Drums.
    **dict.fromkeys(("rc", "rc1", "rc2", "rc3", "rc4"), "ride"),
    **dict.fromkeys(("cc", "cr1", "cr2", "cr5", "c1", "c4", "ch1", "ch5", "spl1", "spl2"), "crash"),
    **dict.fromkeys(("cs", "rs"), "snare"),
    **dict.fromkeys(("ht", "mt", "lt", "ft", "ltr", "lmtr"), "tom"),
}

_OTHERS: Final = re.compile(r"\b(cowbell|cow bell|sleigh|agogo|jingle|tubular|bell tree|wood ?block)\b")

_WORDS: Final = (
    ("hihat", re.compile(r"\b(hi ?hats?|hats?)\b")),
    ("crash", re.compile(r"\b(crash(es)?|splash(es)?|china|chinese)\b")),
    ("ride", re.compile(r"\b(rides?|bow|bell)\b")),
    ("kick", re.compile(r"\b(kicks?|kick ?drum|bass ?drum)\b")),
    ("snare", re.compile(r"\b(snares?|snare ?drum|rim|rim ?shots?|(cross|side|x) ?stick)\b")),
    ("tom", re.compile(r"\b(toms?|tom ?toms?|floor)\b")),
)


@lru_cache(maxsize=4096)
def drum_class(word: str) -> str | None:
    """The class of a drum by what a source calls it; None for what has no class.

    Closed, open and pedal hats are hihat; bow and bell are ride; crash, splash and china are crash; rim and
    cross-stick are snare; floor to high toms are tom. Known are plain words ("Open Hi-Hat", "floor_tom"), the
    names of General MIDI and the codes of MDB Drums, ENST-Drums and AnNOTEator.

    Examples
    --------
    >>> drum_class("Pedal Hi-Hat"), drum_class("SDG"), drum_class("Ride Bell"), drum_class("Cowbell")
    ('hihat', 'snare', 'ride', None)
    """
    plain = re.sub(r"[\W_]+", " ", word.casefold()).strip()
    if plain in _CODES and word.strip() != "hit":  # HIT is MDB's high tom, "hit" any stroke
        return _CODES[plain]
    if _OTHERS.search(plain):
        return None
    parts = re.sub(r"(?<=[a-z])(?=\d)", " ", plain)
    return next((name for name, pattern in _WORDS if pattern.search(parts)), None)


def bar_quarters(meter: str) -> Fraction:
    """Length of a bar of "7/8" in quarter notes: 7/2. Meters of equal length differ in notation alone."""
    count, unit = meter.split("/")
    return Fraction(4 * int(count), int(unit))


def at_level(times: Sequence[float] | TimesArray, factor: Fraction) -> list[TimesArray]:
    """A pulse at another level: `factor` 2 has beats between the beats, 1/2 every second one.

    Parameters
    ----------
    times
        Shape (n,), ascending seconds.
    factor
        Of `ANY_LEVEL`: a whole number or one over a whole number.

    Returns
    -------
    list
        One array for each phase there is: a sparser level can begin at any of its first beats.
    """
    beats = np.asarray(times, dtype=np.float64)
    if factor >= 1:
        if not len(beats):
            return [beats]
        index = np.arange((len(beats) - 1) * factor.numerator + 1) / factor.numerator
        return [np.interp(index, np.arange(len(beats)), beats)]
    step = factor.denominator
    return [beats[phase::step] for phase in range(step)]


def lowest_terms(ratio: Sequence[int]) -> tuple[int, int]:
    """[6, 4] as (3, 2)."""
    fraction = Fraction(ratio[0], ratio[1])
    return fraction.numerator, fraction.denominator


def key_name(name: str) -> str:
    """A key of the schema (`annotation.KeyName`) in its one spelling: "Db major" is "C# major", "atonal" itself."""
    tonic, _, mode = name.partition(" ")
    if not mode:
        return name
    shift = {"": 0, "#": 1, "b": -1}[tonic[1:]]
    return f"{TONICS[(TONICS.index(tonic[0]) + shift) % 12]} {mode}"
