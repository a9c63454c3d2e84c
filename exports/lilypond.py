"""LilyPond's language: the same bars on a drum staff, for PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from .notation.frames import Frame
from .notation.sheet import Bar, Event, Sheet, Voice

VERSION = "2.22.0"
STEPS = "CDEFGAB"
MIDDLE = (STEPS.index("B"), 4)
HEADS = {"normal": "()", "x": "cross", "circle-x": "xcircle", "diamond": "diamond", "triangle": "triangle"}
HEADER = """\\version "{version}"
\\header {{ title = "{title}" tagline = ##f }}
\\paper {{ indent = 0 }}
#(define drums '(
{table}))
"""


def lilypond(sheets: Sequence[Sheet], title: str) -> bytes:
    """A score: takes one after the other, each under its own mark where there are several.

    Parameters
    ----------
    sheets
        Of takes in order of time.
    title
        At the head.
    """
    lines = [HEADER.format(version=VERSION, title=_quoted(title), table=_table(sheets))]
    lines.append("\\score { \\new DrumStaff \\with { drumStyleTable = #(alist->hash-table drums) } <<")
    lines.append("\\numericTimeSignature")
    for number, name in enumerate(("hands", "feet"), 1):
        style = "\\voiceOne" if number == 1 else "\\voiceTwo"
        lines.append(f'\\new DrumVoice = "{name}" {{ {style} \\drummode {{')
        lines += _voice(sheets, number - 1)
        lines.append("} }")
    lines.append(">> \\layout { } }")
    return ("\n".join(lines) + "\n").encode()


def _table(sheets: Sequence[Sheet]) -> str:
    """How each drum looks: (name notehead articulation position), positions counted from the middle line."""
    places = {
        stroke.place
        for sheet in sheets
        for bar in sheet.bars
        for voice in bar.voices
        for event in voice
        for stroke in event.strokes
    }
    rows = []
    for place in sorted(places, key=lambda place: place.key):
        position = STEPS.index(place.step) - MIDDLE[0] + 7 * (place.octave - MIDDLE[1])
        rows.append(f"  ({place.drum} {HEADS[place.head]} #f {position})")
    return "\n".join(rows)


def _voice(sheets: Sequence[Sheet], voice: int) -> Iterator[str]:
    meter: tuple[int, int] | None = None
    for index, sheet in enumerate(sheets):
        if voice == 0:
            yield from _begin(sheet, index, several=len(sheets) > 1)
        for bar, alike in _runs(sheet.bars):
            if bar.frame.meter != meter:
                meter = bar.frame.meter
                yield f"\\time {meter[0]}/{meter[1]}"
            yield from _repeated(bar, voice, alike)
        final = sheet is sheets[-1]
        yield '\\bar "|."' if final else '\\bar "||" \\break'


def _begin(sheet: Sheet, index: int, *, several: bool) -> Iterator[str]:
    frame = sheet.bars[0].frame
    yield f"\\tempo 4 = {round(frame.bpm)}"
    if several:
        minutes, seconds = divmod(int(sheet.take.start_s), 60)
        yield f'\\mark \\markup "Take {sheet.take.number}, {minutes}:{seconds:02}"'
    if sheet.swing:
        yield f'<>^\\markup "{_quoted(sheet.swing)}"'


def _runs(bars: Sequence[Bar]) -> Iterator[tuple[Bar, int]]:
    """Bars with how many after them are written as they are."""
    at = 0
    while at < len(bars):
        stop = at + 1
        while stop < len(bars) and bars[stop].alike:
            stop += 1
        yield bars[at], stop - at - 1
        at = stop


def _repeated(bar: Bar, voice: int, alike: int) -> Iterator[str]:
    """A bar and those like it: hands carry the sign for both, or feet where hands are silent."""
    signed = alike and voice == (0 if bar.hands else 1)
    if signed:
        yield f"\\repeat percent {alike + 1} {{"
    yield from _bar(bar, bar.voices[voice])
    if signed:
        yield "}"
    elif alike:
        yield f"s{_whole(bar.frame)}*{alike} |"


def _bar(bar: Bar, events: Voice) -> Iterator[str]:
    frame = bar.frame
    if frame.pickup:
        yield f"\\partial {_whole(frame)}"
    if not events:
        # Feet that are silent all along a bar are not written.
        yield f"{'s' if bar.hands else 'R'}{_whole(frame)} |"
        return
    yield " ".join(_written(event) for event in events) + " |"


def _whole(frame: Frame) -> str:
    length = frame.length / 4
    return f"1*{length.numerator}/{length.denominator}"


def _written(event: Event) -> str:
    opening = closing = ""
    if event.tuplet is not None:
        actual, normal = event.tuplet
        opening = f"\\tuplet {actual}/{normal} {{ " if event.opens else ""
        closing = " }" if event.closes else ""
    names = " ".join(stroke.place.drum for stroke in event.strokes)
    head = "r" if not names else f"<{names}>"
    hang = {"begin": "[", "end": "]"}.get(event.beams[0], "") if event.beams else ""
    return f"{opening}{head}{_value(event.value)}{hang}{closing}"


def _value(value: Fraction) -> str:
    dotted = value.numerator == 3
    base = value * 2 / 3 if dotted else value
    whole = Fraction(4) / base
    return f"{whole.numerator}{'.' if dotted else ''}"


def _quoted(text: str) -> str:
    """Text inside LilyPond's quotation marks: nothing in it is a command."""
    safe = "".join(sign if sign >= " " else " " for sign in text)
    return safe.replace("\\", "\\\\").replace('"', '\\"')
