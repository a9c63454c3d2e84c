"""Reads tunes in ABC notation, as far as collections of fiddle tunes use it: one voice, its bars, its notes.

References
----------
C. Walshaw et al., "The ABC music standard 2.1", 2011.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SHARPS_IN_ORDER = "FCGDAEB"
MAJOR_SHARPS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F#": 6, "C#": 7}
MAJOR_SHARPS |= {"F": -1, "Bb": -2, "Eb": -3, "Ab": -4, "Db": -5, "Gb": -6, "Cb": -7}
MODES = {
    "maj": 0,
    "ion": 0,
    "mix": -1,
    "dor": -2,
    "min": -3,
    "aeo": -3,
    "m": -3,
    "phr": -4,
    "loc": -5,
    "lyd": 1,
}
ACCIDENTALS = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}
TUPLET_TIME = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
"""In how much time so many notes are played; 5, 7 and 9 depend on the meter."""

_NOTE = r"(?P<accidental>\^\^|\^|__|_|=)?(?P<letter>[A-Ga-g])(?P<octave>[,']*)"
_LENGTH = r"(?P<length>[0-9]*/*[0-9]*)"
TOKENS = re.compile(
    r"(?P<text>\"[^\"]*\"|![^!\n]*!|\+[a-z]+\+|\{[^}]*\})"
    r"|(?P<field>\[[A-Za-z]:[^\]]*\])"
    r"|(?P<bar>:*\|+[\]:|]*|:+\|?:*|\[\|)(?P<ending>\s*\[?[0-9][0-9,.-]*)?"
    r"|(?P<other_ending>\[[0-9][0-9,-]*)"
    rf"|(?P<note>{_NOTE}{_LENGTH})"
    r"|(?P<rest>[zx](?P<rest_length>[0-9]*/*[0-9]*))"
    r"|\((?P<tuplet>[2-9])(?P<tuplet_more>(?::[0-9]*){0,2})"
    r"|(?P<chord>\[[^\]|:]*\])(?P<chord_length>[0-9]*/*[0-9]*)"
    r"|(?P<broken>>+|<+)|(?P<tie>-)|(?P<other>.)",
    re.S,
)


class UnreadableError(ValueError):
    """What is written is more than this reader reads."""


@dataclass
class Tune:
    """A tune as written, repeats not expanded.

    Attributes
    ----------
    notes : onset and duration in quarters, MIDI number, number of the bar
    bars : start and length in quarters, beats and unit of the signature
    key : tonic and mode as written ("D", "dor"), or None
    """

    notes: list[tuple[Fraction, Fraction, int, int]] = field(default_factory=list)
    bars: list[tuple[Fraction, Fraction, int, int]] = field(default_factory=list)
    key: tuple[str, str] | None = None


def signature(text: str) -> tuple[int, int]:
    """The two numbers of a field M."""
    text = text.split("%")[0].strip()
    if text in ("C", "C|"):
        return (4, 4) if text == "C" else (2, 2)
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if not found:
        raise UnreadableError(f"the signature {text!r} is no fraction")
    return int(found[1]), int(found[2])


def key_of(text: str) -> tuple[str, str, dict[str, int]]:
    """Tonic, mode and the accidentals of a field K."""
    found = re.match(r"\s*([A-G][#b]?)\s*([A-Za-z]*)", text)
    if not found:
        if text.strip().lower().startswith(("hp", "none")) or not text.strip():
            return "", "", ({"F": 1, "C": 1} if text.strip().lower().startswith("hp") else {})
        raise UnreadableError(f"the key {text!r} is none")
    tonic, mode = found[1], found[2].lower()[:3] if found[2].lower() != "m" else "m"
    shift = MODES.get(mode, 0)
    sharps = MAJOR_SHARPS.get(tonic, 0) + shift
    letters = SHARPS_IN_ORDER[:sharps] if sharps > 0 else SHARPS_IN_ORDER[::-1][:-sharps]
    altered = dict.fromkeys(letters, 1 if sharps > 0 else -1)
    for sign, letter in re.findall(r"([\^_=]+)([a-gA-G])\b", text[found.end() :]):
        altered[letter.upper()] = ACCIDENTALS.get(sign, 0)
    return tonic, mode, altered


def _fraction(text: str) -> Fraction:
    """A length: "3", "/", "//", "3/2"."""
    if not text:
        return Fraction(1)
    above, slash, below = text.partition("/")
    if not slash:
        return Fraction(int(above))
    halves = 2 ** (1 + below.count("/"))
    digits = below.strip("/")
    return Fraction(int(above or 1), int(digits) if digits else halves)


class Reader:
    """Goes through a tune's tokens; `tune` is what was read."""

    def __init__(self, text: str) -> None:
        self.tune = Tune()
        self.unit = Fraction(0)
        self.meter = (0, 0)
        self.altered: dict[str, int] = {}
        self.here: dict[tuple[str, int], int] = {}
        self.now = self.bar_start = Fraction(0)
        self.tuplet: tuple[int, Fraction] = (0, Fraction(1))
        self.broken = Fraction(1)
        self.tied: dict[int, int] = {}
        self.tie_now = False
        self.last: list[int] = []
        self.last_start = Fraction(0)
        for line in text.splitlines():
            self._line(line)
        self._bar_ends()

    def _line(self, line: str) -> None:
        if re.match(r"[A-Za-z]:", line) and not line.startswith("|:"):
            self._field(line[0], line[2:])
            return
        if self.tune.key is None and not self.unit and not self.meter[0]:
            return
        if not line.startswith("%"):
            self._body(line.split("%")[0])

    def _field(self, name: str, value: str) -> None:
        if name == "M":
            self.meter = signature(value)
            if not self.unit:
                self.unit = Fraction(4, 16) if Fraction(*self.meter) < Fraction(3, 4) else Fraction(4, 8)
        elif name == "L":
            found = re.match(r"\s*(\d+)/(\d+)", value)
            if found:
                self.unit = 4 * Fraction(int(found[1]), int(found[2]))
        elif name == "K":
            tonic, mode, self.altered = key_of(value.split("%")[0])
            self.tune.key = self.tune.key or (tonic, mode)
        elif name == "V":
            raise UnreadableError("it has several voices")

    def _body(self, line: str) -> None:
        for token in TOKENS.finditer(line):
            kind = token.lastgroup
            if token["field"]:
                self._field(token["field"][1], token["field"][3:-1])
            elif token["bar"]:
                self._bar_ends()
            elif token["note"]:
                pitch = self._pitch(token["accidental"], token["letter"], token["octave"])
                self._sound([pitch], _fraction(token["length"]))
            elif token["rest"]:
                self._sound([], _fraction(token["rest_length"]))
            elif token["chord"]:
                self._chord(token["chord"], token["chord_length"])
            elif token["tuplet"]:
                self._begin_tuplet(int(token["tuplet"]), token["tuplet_more"])
            elif token["broken"]:
                self._break(token["broken"])
            elif token["tie"]:
                self.tie_now = True
            elif kind == "other" and token["other"] == "&":
                raise UnreadableError("it has several voices")

    def _begin_tuplet(self, count: int, more: str) -> None:
        given = [int(n) if n else 0 for n in more.split(":")[1:]]
        compound = self.meter[1] == 8 and self.meter[0] % 3 == 0
        time = (given[0] if given else 0) or TUPLET_TIME.get(count, 3 if compound else 2)
        self.tuplet = (given[1] if len(given) > 1 and given[1] else count, Fraction(time, count))

    def _break(self, sign: str) -> None:
        """`a>b`: the note before is lengthened by what the next one loses."""
        part = Fraction(1, 2 ** len(sign))
        before, after = (2 - part, part) if sign[0] == ">" else (part, 2 - part)
        if not self.last and self.last_start == self.now:
            raise UnreadableError("a broken rhythm has nothing before it")
        length = self.now - self.last_start
        for index in self.last:
            onset, _, pitch, bar = self.tune.notes[index]
            self.tune.notes[index] = (onset, length * before, pitch, bar)
        self.now = self.last_start + length * before
        self.broken = after

    def _pitch(self, accidental: str | None, letter: str, octave: str) -> int:
        upper = letter.upper()
        height = 12 * (letter.islower() + octave.count("'") - octave.count(","))
        if accidental:
            self.here[upper, height] = ACCIDENTALS[accidental]
        altered = self.here.get((upper, height), self.altered.get(upper, 0))
        return 60 + NATURAL[upper] + height + altered

    def _chord(self, text: str, length: str) -> None:
        found = list(re.finditer(_NOTE + _LENGTH, text))
        if not found:
            return
        pitches = [self._pitch(n["accidental"], n["letter"], n["octave"]) for n in found]
        self._sound(pitches, _fraction(found[0]["length"]) * _fraction(length))

    def _sound(self, pitches: list[int], length: Fraction) -> None:
        left, factor = self.tuplet
        duration = length * self.unit * self.broken * (factor if left else 1)
        self.tuplet, self.broken = (max(left - 1, 0), factor), Fraction(1)
        tied = self.tied if self.tie_now else {}
        self.tie_now, self.last, self.last_start = False, [], self.now
        for pitch in pitches:
            if pitch in tied:
                onset, before, _, bar = self.tune.notes[tied[pitch]]
                self.tune.notes[tied[pitch]] = (onset, before + duration, pitch, bar)
                continue
            self.last.append(len(self.tune.notes))
            self.tune.notes.append((self.now, duration, pitch, len(self.tune.bars)))
        self.tied = {
            p: tied.get(p, i) for p, i in zip(pitches, self.last or [0] * len(pitches), strict=False)
        }
        self.now += duration

    def _bar_ends(self) -> None:
        self.here = {}
        if self.now > self.bar_start:
            self.tune.bars.append((self.bar_start, self.now - self.bar_start, *self.meter))
            self.bar_start = self.now


def read_tune(text: str) -> Tune:
    """A tune from its text.

    Raises
    ------
    UnreadableError : it has several voices, or a field that cannot be read
    """
    return Reader(text).tune
