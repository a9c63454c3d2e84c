"""MusicXML: valid by the schema, and read back by music21 as the same notes."""

from __future__ import annotations

import time
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from music21 import converter, stream

from exports.document import export
from exports.errors import NothingToWrite
from exports.lilypond import lilypond
from exports.musicxml import musicxml
from exports.notation import notate
from exports.sheets import sheets_of
from hemiola.results import Groove, Hits, Meter, Tempo
from tests.exports.grooves import ROCK, Stroke, hits, meter, repeated, take
from tests.exports.schema import validate

PLACES = {"F4": "kick", "C5": "snare", "G5": "hihat", "F5": "ride", "E5": "tom", "A5": "crash"}


def score(*sheets: object) -> stream.Score:
    made = musicxml(sheets, "A song")  # type: ignore[arg-type]
    validate(made)
    return converter.parse(made, format="musicxml")


def strokes(read: stream.Score, pickup: Fraction = Fraction(0)) -> list[Stroke]:
    """Every note as it was read back, in quarters from the first downbeat."""
    found = []
    for measure in read.parts[0].getElementsByClass("Measure"):
        for one in measure.recurse().notes:
            at = Fraction(measure.offset).limit_denominator(96) + Fraction(
                one.getOffsetInHierarchy(measure)
            ).limit_denominator(96)
            heads = one.notes if hasattr(one, "notes") else [one]
            found += [(at - pickup, PLACES[head.displayName]) for head in heads]
    return sorted(found)


@pytest.mark.parametrize("bars", [1, 9, 150])
def test_a_groove_is_read_back_as_the_same_notes(bars: int) -> None:
    meant = repeated(ROCK, bars)
    read = score(notate(take(hits(meant, jitter_s=0.007), meter([("4/4", bars + 1)]))))
    assert strokes(read) == meant


def test_tuplets_pickup_odd_and_changing_meters_are_read_back() -> None:
    meant: list[Stroke] = [(Fraction(-1, 2), "snare")]
    meant += [(Fraction(n, 3), "tom") for n in range(6)] + [(2 + Fraction(n, 6), "snare") for n in range(12)]
    meant += [(4 + Fraction(n, 4), "hihat") for n in range(15)]
    meant += [(Fraction(31, 4) + Fraction(n, 2), "ride") for n in (0, 3, 6)]
    meant += [(Fraction(31, 4) + Fraction(9, 2) + Fraction(n, 2), "kick") for n in (0, 2, 4)]
    answer = meter([("4/4", 1), ("15/16", 1), ("9/8", 1), ("7/8", 1)], 80.0, start_s=3.0)
    sheet = notate(take(hits(meant, 80.0, start_s=3.0), answer))
    read = score(sheet)
    assert strokes(read, Fraction(1)) == sorted(meant)
    names = [one.ratioString for one in read.recurse().getElementsByClass("TimeSignature")]
    assert names == ["4/4", "15/16", "9/8", "7/8"]


def test_empty_bars_of_any_meter_are_rests_as_long_as_they_are() -> None:
    parts = [("4/4", 1), ("5/4", 1), ("7/8", 1), ("15/16", 1), ("13/8", 1), ("4/4", 1)]
    end = Fraction(4 + 5) + Fraction(7, 2) + Fraction(15, 4) + Fraction(13, 2)
    read = score(notate(take(hits([(Fraction(0), "kick"), (end, "snare")]), meter(parts))))
    assert strokes(read) == [(Fraction(0), "kick"), (end, "snare")]


def test_chords_voices_stems_and_heads_are_as_drummers_write_them() -> None:
    made = musicxml([notate(take(hits(ROCK), meter([("4/4", 2)])))], "A song")
    first = next(ElementTree.fromstring(made).iter("measure"))
    notes = [note for note in first.iter("note") if note.find("unpitched") is not None]
    told = {
        (
            f"{note.findtext('unpitched/display-step')}{note.findtext('unpitched/display-octave')}",
            note.findtext("voice"),
            note.findtext("stem"),
            note.findtext("notehead"),
        )
        for note in notes
    }
    assert told == {
        ("A5", "1", "up", "x"),
        ("G5", "1", "up", "x"),
        ("C5", "1", "up", None),
        ("F4", "2", "down", None),
    }
    assert sum(note.find("chord") is not None for note in notes) == 2
    assert all(20 < float(note.get("dynamics", 0)) < 142 for note in notes)


def test_bars_like_the_one_before_carry_the_sign_for_it() -> None:
    made = musicxml([notate(take(hits(repeated(ROCK, 10)), meter([("4/4", 11)])))], "A song")
    signs = {
        measure.get("number"): sign.get("type")
        for measure in ElementTree.fromstring(made).iter("measure")
        for sign in measure.iter("measure-repeat")
    }
    assert signs == {"2": "start", "9": "stop", "10": "start"}


def test_several_takes_stand_one_after_the_other_under_their_marks() -> None:
    first = take(hits(ROCK), meter([("4/4", 2)]))
    second = take(hits(ROCK, 90.0, start_s=70.0), meter([("4/4", 2)], 90.0, start_s=70.0), number=2)
    nothing = take(Hits(hits=(), source="mix"), number=3)
    made = export("musicxml", [first, second, nothing], "Tape & co <1>\x00")
    validate(made.content)
    root = ElementTree.fromstring(made.content)
    assert [mark.text for mark in root.iter("rehearsal")] == ["Take 1, 0:00", "Take 2, 0:00"]
    assert [mark.text for mark in root.iter("per-minute")] == ["120", "90"]
    assert root.findtext("work/work-title") == "Tape & co <1>?"
    assert made.remarks == ("Take 3 is left out: no drum hits were heard that a drum staff has a place for.",)
    with pytest.raises(NothingToWrite):
        export("musicxml", [nothing], "x")


def test_a_swung_and_an_assumed_sheet_say_so() -> None:
    played = [(n + part, "ride") for n in range(8) for part in (Fraction(0), Fraction(2, 3))]
    groove = Groove(swing_ratio=2.0, swing_level="8th")
    made = musicxml([notate(take(hits(played), None, Tempo(bpm=120.0, pulse_bpm=120.0), groove))], "x")
    validate(made)
    text = made.decode()
    assert ">Swing</words>" in text and "No meter was found: written in 4/4 at 120 BPM" in text


def test_the_mapping_of_the_program_annoteator_puts_the_ride_on_g5() -> None:
    heard = [take(hits([(Fraction(0), "ride")]), meter([("4/4", 2)]))]
    assert b"<display-step>G</display-step>" in export("musicxml", heard, "x", "annoteator").content
    assert b"<display-step>F</display-step>" in export("musicxml", heard, "x").content


def test_the_same_hits_give_the_same_bytes() -> None:
    heard = [take(hits(repeated(ROCK, 3), jitter_s=0.005), meter([("4/4", 4)]))]
    for format in ("musicxml", "midi", "svg"):
        assert export(format, heard, "x") == export(format, heard, "x"), format  # type: ignore[arg-type]


def test_a_long_score_is_written_in_bounded_time() -> None:
    heard = take(hits(repeated(ROCK, 600), jitter_s=0.006), meter([("4/4", 601)]))
    sheet = notate(heard)
    started = time.process_time()
    made = musicxml([sheet], "x")
    assert time.process_time() - started < 60
    assert len(made) < 8_000_000


def test_a_drawing_holds_every_note() -> None:
    heard = [take(hits(repeated(ROCK, 3)), meter([("4/4", 4)]))]
    drawn = export("svg", heard, "x").content
    classes = [one.get("class") or "" for one in ElementTree.fromstring(drawn).iter()]
    assert sum("note" in name.split() for name in classes) == 3 * len(ROCK)


def test_lilypond_is_given_the_same_bars_and_no_commands_in_a_title() -> None:
    heard = [take(hits(repeated(ROCK, 3)), Meter.model_validate(meter([("4/4", 4)])))]
    title = 'a" #(system "x") \\include'
    text = lilypond(sheets_of(heard).sheets, title).decode()
    assert r'title = "a\" #(system \"x\") \\include"' in text
    assert r"\repeat percent 3 {" in text and "<bassdrum>4" in text and "\\time 4/4" in text
