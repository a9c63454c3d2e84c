"""MusicXML: a percussion staff through music21, a few bars at a time, so that memory does not grow with the song.

What music21 cannot say is put into its elements: the sign for a bar like the one before, and which instrument of
the part a note is for. Imported in workers alone.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

from music21 import (
    bar,
    beam,
    clef,
    duration,
    expressions,
    layout,
    metadata,
    meter,
    note,
    percussion,
    stream,
    tempo,
)
from music21.musicxml.m21ToXml import ScoreExporter

from .notation.frames import Frame
from .notation.sheet import Bar, Event, Sheet
from .notation.staff import Place

AT_ONCE = 128
"""Bars held as music21's objects at a time."""
TEMPO_CHANGE = 0.05
"""Part by which the tempo has to change to be written again."""
LOUDEST, FORTE = 127, 90
"""MIDI velocities: the hardest, and the one that MusicXML's dynamics are percents of."""
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC '
    '"-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">\n'
)
PART = "P1"
UNFIT = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")

Element = ElementTree.Element
Music = Any
"""One of music21's objects; it has no types of its own."""


def musicxml(sheets: Sequence[Sheet], title: str, *, signs: bool = True) -> bytes:
    """All takes in one part, each under its own mark where there are several.

    Parameters
    ----------
    sheets
        Of takes in order of time.
    title
        At the head.
    signs
        Whether bars like the one before carry the sign for it, which programs show in place of their notes.
    """
    writer = _Writer(sheets, title, signs)
    out = io.BytesIO()
    head, measures = writer.head(), writer.measures()
    first = ElementTree.tostring(head, encoding="unicode")
    opening, _, closing = first.partition(f'<part id="{PART}" />')
    out.write(f'{HEAD}{opening}<part id="{PART}">'.encode())
    for measure in measures:
        out.write(ElementTree.tostring(measure, encoding="utf-8"))
    out.write(f"</part>{closing}\n".encode())
    return out.getvalue()


class _Writer:
    def __init__(self, sheets: Sequence[Sheet], title: str, signs: bool) -> None:
        self._sheets, self._title, self._signs = sheets, title, signs
        self._places = sorted(
            {
                stroke.place
                for sheet in sheets
                for one in sheet.bars
                for voice in one.voices
                for event in voice
                for stroke in event.strokes
            },
            key=lambda place: place.key,
        )
        self._number, self._bpm = 0, 0.0
        self._alike = False
        self._meter: tuple[int, int] | None = None

    def head(self) -> Element:
        """The score without its bars: title, who wrote it, the part with its instruments."""
        root = Element("score-partwise", version="4.0")
        ElementTree.SubElement(ElementTree.SubElement(root, "work"), "work-title").text = _xml(self._title)
        identification = ElementTree.SubElement(root, "identification")
        encoding = ElementTree.SubElement(identification, "encoding")
        ElementTree.SubElement(encoding, "software").text = "Hemiola"
        remarks = [remark for sheet in self._sheets for remark in sheet.remarks]
        if remarks:
            fields = ElementTree.SubElement(identification, "miscellaneous")
            for remark in dict.fromkeys(remarks):
                ElementTree.SubElement(fields, "miscellaneous-field", name="remark").text = _xml(remark)
        listed = ElementTree.SubElement(ElementTree.SubElement(root, "part-list"), "score-part", id=PART)
        ElementTree.SubElement(listed, "part-name").text = "Drumset"
        for place in self._places:
            one = ElementTree.SubElement(listed, "score-instrument", id=_id(place))
            ElementTree.SubElement(one, "instrument-name").text = place.name
        for place in self._places:
            one = ElementTree.SubElement(listed, "midi-instrument", id=_id(place))
            ElementTree.SubElement(one, "midi-channel").text = "10"
            ElementTree.SubElement(one, "midi-unpitched").text = str(place.key + 1)
        ElementTree.SubElement(root, "part", id=PART)
        return root

    def measures(self) -> Iterator[Element]:
        """Every bar as an element."""
        written = 0
        for index, sheet in enumerate(self._sheets):
            for start in range(0, len(sheet.bars), AT_ONCE):
                bars = sheet.bars[start : start + AT_ONCE]
                part = stream.Part(id=PART)
                for one in bars:
                    begins = one is sheet.bars[0]
                    ends = one is sheet.bars[-1]
                    part.append(self._measure(one, written, index if begins else None, ends, sheet))
                    written += 1
                yield from self._exported(part, bars)

    # -- with music21 --------------------------------------------------------------------------

    def _measure(self, one: Bar, written: int, begun: int | None, ends: bool, sheet: Sheet) -> Music:
        frame = one.frame
        number = 0 if frame.pickup and written == 0 else self._next()
        measure = stream.Measure(number=number)
        if written == 0:
            measure.insert(0, clef.PercussionClef())
        if frame.meter != self._meter:
            measure.insert(0, meter.TimeSignature(f"{frame.meter[0]}/{frame.meter[1]}"))
            self._meter = frame.meter
        if frame.pickup:
            measure.paddingLeft = float(Fraction(4 * frame.meter[0], frame.meter[1]) - frame.length)
        if begun is not None:
            self._begin(measure, begun, sheet)
        if begun is not None or abs(frame.bpm / self._bpm - 1) > TEMPO_CHANGE:
            self._mark_tempo(measure, sheet, frame)
        self._fill(measure, one)
        if ends:
            final = sheet is self._sheets[-1]
            measure.rightBarline = bar.Barline("final" if final else "double")
        return measure

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _begin(self, measure: Music, index: int, sheet: Sheet) -> None:
        if len(self._sheets) > 1:
            if index:
                measure.insert(0, layout.SystemLayout(isNew=True))
            measure.insert(
                0, expressions.RehearsalMark(f"Take {sheet.take.number}, {_clock(sheet.take.start_s)}")
            )
        if sheet.swing:
            measure.insert(0, expressions.TextExpression(sheet.swing))

    def _mark_tempo(self, measure: Music, sheet: Sheet, frame: Frame) -> None:
        """The tempo of the stretch that begins here, by the beat of the meter."""
        self._bpm = _bpm(sheet, frame)
        beat = frame.beats[0].length if frame.beats[0].length == Fraction(3, 2) else Fraction(1)
        mark = tempo.MetronomeMark(
            number=round(self._bpm / float(beat)), referent=duration.Duration(float(beat))
        )
        measure.insert(0, mark)
        self._bpm = frame.bpm if abs(frame.bpm / self._bpm - 1) > TEMPO_CHANGE else self._bpm

    def _fill(self, measure: Music, one: Bar) -> None:
        for number, events in enumerate(one.voices, 1):
            if not events and number == 2 and one.hands:
                continue  # feet that are silent all along a bar are not written
            voice = stream.Voice(id=str(number))
            for event in events or (_whole(one.frame),):
                voice.insert(event.at, _element(event, up=number == 1, whole=not events))
            measure.insert(0, voice)

    def _exported(self, part: Music, bars: Sequence[Bar]) -> Iterator[Element]:
        score = stream.Score([part])
        score.metadata = metadata.Metadata(title="")
        exporter = ScoreExporter(score, makeNotation=False)
        exporter.parse()
        for measure, one in zip(list(exporter.xmlRoot.iter("measure")), bars, strict=True):
            self._complete(measure, one)
            yield measure

    # -- what music21 does not say --------------------------------------------------------------

    def _complete(self, measure: Element, one: Bar) -> None:
        if one.frame.pickup:
            measure.set("implicit", "yes")
        notes = [note for note in measure.iter("note") if note.find("unpitched") is not None]
        strokes = [stroke for voice in one.voices for event in voice for stroke in event.strokes]
        for element, stroke in zip(notes, strokes, strict=True):
            named = Element("instrument", id=_id(stroke.place))
            element.insert([child.tag for child in element].index("duration") + 1, named)
            element.set("dynamics", f"{max(1, round(stroke.velocity * LOUDEST)) / FORTE:.2%}".rstrip("%"))
        if self._signs and one.alike != self._alike:
            _add_style(measure, one.alike)
        self._alike = one.alike


def _add_style(measure: Element, begins: bool) -> None:
    """The begin of bars like the one before, or the first bar that is written out again."""
    attributes = measure.find("attributes")
    if attributes is None:
        attributes = Element("attributes")
        after = [child for child in measure if child.tag == "print"]
        measure.insert(len(after), attributes)
    style = ElementTree.SubElement(attributes, "measure-style")
    sign = ElementTree.SubElement(style, "measure-repeat", type="start" if begins else "stop")
    sign.text = "1" if begins else None


def _element(event: Event, *, up: bool, whole: bool) -> Music:
    made: Music
    if not event.strokes:
        made = note.Rest()
        if whole:
            made.fullMeasure = True
    else:
        heads = [_head(stroke.place) for stroke in event.strokes]
        made = heads[0] if len(heads) == 1 else percussion.PercussionChord(heads)
    made.duration = _duration(event)
    if event.strokes:
        for one in [made, *(made.notes if len(event.strokes) > 1 else ())]:
            one.stemDirection = "up" if up else "down"
            if one is not made:
                one.duration = made.duration
        made.beams = _beams(event)
    return made


def _head(place: Place) -> Music:
    head = note.Unpitched(displayName=f"{place.step}{place.octave}")
    head.notehead = place.head
    return head


def _duration(event: Event) -> Music:
    made = duration.Duration(event.value)
    if event.tuplet is not None:
        actual, normal = event.tuplet
        kind = duration.durationTupleFromQuarterLength(_base(event.value)).type
        tuplet = duration.Tuplet(actual, normal, kind)
        tuplet.type = "startStop" if event.opens and event.closes else "start" if event.opens else None
        tuplet.type = "stop" if event.closes and not event.opens else tuplet.type
        made.appendTuplet(tuplet)
    return made


def _base(value: Fraction) -> Fraction:
    return value * 2 / 3 if value.numerator == 3 else value


def _beams(event: Event) -> Music:
    hung = beam.Beams()
    words = {"begin": ("start",), "continue": ("continue",), "end": ("stop",)}
    hooks = {"forward hook": ("partial", "right"), "backward hook": ("partial", "left")}
    for one in event.beams:
        hung.append(*({**words, **hooks}[one]))
    return hung


def _whole(frame: Frame) -> Event:
    return Event(Fraction(0), frame.length, frame.length)


def _bpm(sheet: Sheet, frame: Frame) -> float:
    """The tempo that the meter says for where a bar begins, or as it is played there."""
    segments = sheet.take.meter.segments if sheet.take.meter is not None else ()
    said = next((one.bpm for one in segments if one.start_s - 0.05 <= frame.start_s < one.end_s), None)
    if said is None and sheet.take.tempo is not None and sheet.bars[0].frame is frame:
        said = sheet.take.tempo.bpm
    return said if said is not None and abs(said / frame.bpm - 1) <= 2 * TEMPO_CHANGE else frame.bpm


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"


def _id(place: Place) -> str:
    return f"{PART}-I{place.key + 1}"


def _xml(text: str) -> str:
    """Text without the signs that XML cannot hold."""
    return UNFIT.sub("?", text)
