"""A take as a sheet: its hits in bars of two voices, hands above and feet below, each filling its bar exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ..errors import NothingToWrite
from ..takes import Take
from .beams import Beam, beams
from .frames import Frame, frames
from .grid import Heard, chords, slots
from .staff import Mapping, Place, place
from .swing import swung, warps
from .writing import Tuplet, written

MOST_ALIKE = 7
"""Bars in a row that may stand for the one before; then it is written out again."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A hit on the page: its place, how hard (0 to 1), when it was heard (seconds)."""

    place: Place
    velocity: float
    time_s: float


@dataclass(frozen=True, slots=True)
class Event:
    """A chord, or a rest where there are no strokes.

    Attributes
    ----------
    at, length
        From the bar's begin, and how long, in quarters.
    value, tuplet
        What is written, in quarters, and what the length is of it (actual, normal).
    opens, closes
        Whether a tuplet begins or ends here.
    """

    at: Fraction
    length: Fraction
    value: Fraction
    tuplet: Tuplet | None = None
    opens: bool = False
    closes: bool = False
    beams: tuple[Beam, ...] = ()
    strokes: tuple[Stroke, ...] = ()


Voice = tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar. `number` is 0 for a pick-up; `alike` says that it is written as the one before it."""

    number: int
    frame: Frame
    hands: Voice
    feet: Voice
    alike: bool = False

    @property
    def voices(self) -> tuple[Voice, Voice]:
        """Hands, feet."""
        return self.hands, self.feet


@dataclass(frozen=True, slots=True)
class Sheet:
    """A take's bars, the word for its swing, and what a reader should know of how it was written."""

    take: Take
    bars: tuple[Bar, ...]
    swing: str | None
    remarks: tuple[str, ...]


def notate(take: Take, mapping: Mapping = "default") -> Sheet:
    """Write a take's hits into bars.

    Raises
    ------
    NothingToWrite
        It has no hits that stand on a drum staff, or no meter and no tempo.
    """
    placed = [
        (hit, where)
        for hit in sorted(take.hits.hits, key=lambda hit: hit.time_s)
        if (where := place(hit.instrument, hit.variant, mapping)) is not None
    ]
    remarks = _left_out(take)
    if not placed:
        raise NothingToWrite(
            " ".join(["no drum hits were heard that a drum staff has a place for.", *remarks])
        )
    bars, remark = frames(take.meter, take.tempo, placed[0][0].time_s, placed[-1][0].time_s)
    heard, twice = chords([(hit.time_s, where.name) for hit, where in placed])
    beats = [beat for frame in bars for beat in frame.beats]
    inside = slots(beats, heard, warps(take.groove, beats))
    strokes = [Stroke(where, hit.velocity, hit.time_s) for hit, where in placed]
    columns, merged = _columns(inside, strokes)
    if twice + merged:
        remarks.append(
            f"Strokes too close to be written apart: {twice + merged}, each written as one with another."
        )
    filled = _without_end(_bars(bars, columns))
    return Sheet(
        take, tuple(_likened(filled)), swung(take.groove), tuple([remark, *remarks] if remark else remarks)
    )


def _left_out(take: Take) -> list[str]:
    homeless = Counter(hit.instrument for hit in take.hits.hits if place(hit.instrument, None) is None)
    if not homeless:
        return []
    named = ", ".join(f"{count} of {_safe(name)}" for name, count in sorted(homeless.items())[:8])
    return [f"Hits without a place on a drum staff are left out: {named}."]


def _safe(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "_- " else "?" for sign in name[:40])


Column = dict[Fraction, dict[str, Stroke]]
"""By place in a beat: the strokes there, by what is struck."""


def _columns(
    inside: Sequence[Sequence[tuple[Fraction, Heard]]], strokes: Sequence[Stroke]
) -> tuple[list[Column], int]:
    """Every beat's strokes by place, and how many fell on another one of the same drum; the harder one stays."""
    columns: list[Column] = [{} for _ in range(len(inside) + 1)]
    merged = 0
    for number, beat in enumerate(inside):
        for at, one in beat:
            column = (
                columns[number + 1].setdefault(Fraction(0), {})
                if at == 1
                else columns[number].setdefault(at, {})
            )
            stroke, there = strokes[one.index], column.get(one.what)
            merged += there is not None
            if there is None or stroke.velocity > there.velocity:
                column[one.what] = stroke
    return columns[:-1], merged


def _bars(bars: Iterable[Frame], columns: Sequence[Column]) -> list[Bar]:
    filled: list[Bar] = []
    first = number = 0
    for frame in bars:
        held = columns[first : first + len(frame.beats)]
        first += len(frame.beats)
        number += 0 if frame.pickup and not filled else 1
        filled.append(Bar(number, frame, _voice(frame, held, feet=False), _voice(frame, held, feet=True)))
    return filled


def _voice(frame: Frame, columns: Sequence[Column], *, feet: bool) -> Voice:
    """One voice of a bar; a bar without strokes in it is empty: a rest as long as it is."""
    mine = [
        {
            at: tuple(
                sorted(chosen, key=lambda stroke: (stroke.place.octave, "CDEFGAB".index(stroke.place.step)))
            )
            for at, strokes in sorted(column.items())
            if (chosen := [stroke for stroke in strokes.values() if stroke.place.feet == feet])
        }
        for column in columns
    ]
    if not any(mine):
        return ()
    events: list[Event] = []
    start = Fraction(0)
    for beat, held in zip(frame.beats, mine, strict=True):
        events += _beat(start, beat.length, held)
        start += beat.length
    return tuple(events)


def _beat(start: Fraction, length: Fraction, held: dict[Fraction, tuple[Stroke, ...]]) -> list[Event]:
    notes = written(length, list(held))
    hung = beams([None if note.rest else note.value for note in notes])
    last = len(notes) - 1
    return [
        Event(
            start + note.at * length,
            note.length,
            note.value,
            note.tuplet,
            note.tuplet is not None and index == 0,
            note.tuplet is not None and index == last,
            hung[index],
            () if note.rest else held[note.at],
        )
        for index, note in enumerate(notes)
    ]


def _without_end(bars: list[Bar]) -> list[Bar]:
    """Without the bars after the last note."""
    last = max(index for index, bar in enumerate(bars) if bar.hands or bar.feet)
    return bars[: last + 1]


def _likened(bars: Iterable[Bar]) -> list[Bar]:
    """With the bars marked that repeat the one before, at most `MOST_ALIKE` in a row."""
    marked: list[Bar] = []
    before: tuple[object, ...] | None = None
    run = 0
    for bar in bars:
        shape = _shape(bar)
        run = run + 1 if shape is not None and shape == before and run < MOST_ALIKE else 0
        marked.append(replace(bar, alike=run > 0))
        before = shape
    return marked


def _shape(bar: Bar) -> tuple[object, ...] | None:
    """All that is seen of a bar; None for an empty one, which is written as a rest."""
    if not bar.hands and not bar.feet:
        return None
    voices = [
        [(event.at, event.value, event.tuplet, [stroke.place for stroke in event.strokes]) for event in voice]
        for voice in bar.voices
    ]
    return bar.frame.meter, bar.frame.length, voices[0], voices[1]
