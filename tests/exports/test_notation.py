"""The quantiser: bars from the meter, slots by evidence, voices that fill their bars exactly."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from exports.errors import NothingToWrite
from exports.notation import Sheet, notate
from exports.notation.beams import beams
from exports.notation.staff import place
from exports.notation.writing import plain
from hemiola.results import Groove, Hit, Hits, Meter, Tempo
from tests.exports.grooves import ROCK, Stroke, hits, meter, repeated, take

NAMES = {
    "Bass Drum": "kick",
    "Snare Drum": "snare",
    "Closed Hi-Hat": "hihat",
    "Ride Cymbal": "ride",
    "High Tom": "tom",
    "Crash Cymbal": "crash",
}


def strokes(sheet: Sheet, pickup: Fraction = Fraction(0)) -> list[Stroke]:
    """What is written, in quarters from the first downbeat, `pickup` quarters before it."""
    found, start = [], -pickup
    for bar in sheet.bars:
        for voice in bar.voices:
            found += [(start + event.at, NAMES[one.place.name]) for event in voice for one in event.strokes]
        start += bar.frame.length
    return sorted(found)


def check_filled(sheet: Sheet) -> None:
    """Every voice fills its bar without a gap, and every value can be written."""
    for bar in sheet.bars:
        for voice in bar.voices:
            at = Fraction(0)
            for event in voice:
                assert event.at == at and plain(event.value)
                actual, normal = event.tuplet or (1, 1)
                assert event.length == event.value * normal / actual
                at += event.length
            assert not voice or at == bar.frame.length


@pytest.mark.parametrize("bpm", [70.0, 120.0, 180.0])
def test_a_played_groove_is_written_as_it_was_meant(bpm: float) -> None:
    meant = repeated(ROCK, 8)
    sheet = notate(take(hits(meant, bpm, jitter_s=0.008), meter([("4/4", 9)], bpm)))
    assert strokes(sheet) == meant
    check_filled(sheet)
    assert len(sheet.bars) == 8 and not sheet.remarks and sheet.swing is None


def test_triplets_sextuplets_and_sixteenths_stand_in_one_bar() -> None:
    meant = sorted(
        [(Fraction(n, 4), "hihat") for n in range(4)]
        + [(1 + Fraction(n, 3), "snare") for n in range(3)]
        + [(2 + Fraction(n, 6), "tom") for n in range(6)]
        + [(Fraction(3), "kick")]
    )
    sheet = notate(take(hits(meant, 100.0, jitter_s=0.004), meter([("4/4", 2)], 100.0)))
    assert strokes(sheet) == meant
    check_filled(sheet)
    assert [event.tuplet for event in sheet.bars[0].hands[4:7]] == [(3, 2)] * 3
    assert {event.tuplet for event in sheet.bars[0].hands[7:13]} == {(6, 4)}


def test_a_lone_late_hit_makes_no_triplet_and_a_shuffle_stays_one() -> None:
    straight = repeated([(Fraction(n, 2), "hihat") for n in range(8)], 4)
    late = [
        (at + (Fraction(7, 100) if number == 13 else 0), what) for number, (at, what) in enumerate(straight)
    ]
    assert strokes(notate(take(hits(late), meter([("4/4", 5)])))) == straight
    shuffle = [(Fraction(n) + part, "ride") for n in range(16) for part in (Fraction(0), Fraction(2, 3))]
    assert strokes(notate(take(hits(shuffle, jitter_s=0.008), meter([("4/4", 5)])))) == shuffle


def test_swing_is_written_as_equal_eighths_under_a_word() -> None:
    played = [(n + part, "ride") for n in range(16) for part in (Fraction(0), Fraction(64, 100))]
    groove = Groove(swing_ratio=64 / 36, swing_level="8th")
    sheet = notate(take(hits(played, jitter_s=0.005), meter([("4/4", 5)]), groove=groove))
    assert strokes(sheet) == [(Fraction(n, 2), "ride") for n in range(32)]
    assert sheet.swing == "Swing" and not any(event.tuplet for bar in sheet.bars for event in bar.hands)


def test_a_played_triplet_in_swing_is_a_triplet() -> None:
    played = [(n + part, "ride") for n in range(12) for part in (Fraction(0), Fraction(2, 3))]
    played += [(12 + Fraction(n, 3), "snare") for n in range(12)]
    groove = Groove(swing_ratio=2.0, swing_level="8th")
    sheet = notate(take(hits(played, jitter_s=0.004), meter([("4/4", 5)]), groove=groove))
    assert {event.tuplet for event in sheet.bars[3].hands} == {(3, 2)}
    assert {event.tuplet for event in sheet.bars[0].hands} == {None}


def test_hits_before_the_first_downbeat_are_a_pickup() -> None:
    meant = [(Fraction(-1), "snare"), (Fraction(-1, 2), "snare"), *repeated(ROCK, 2)]
    sheet = notate(take(hits(meant, start_s=2.0), meter([("4/4", 3)], start_s=2.0)))
    first = sheet.bars[0]
    assert (first.number, first.frame.pickup, first.frame.length) == (0, True, 1)
    assert strokes(sheet, Fraction(1)) == meant and [bar.number for bar in sheet.bars] == [0, 1, 2]
    check_filled(sheet)


def test_hits_long_before_the_first_downbeat_are_whole_bars_and_a_pickup() -> None:
    meant = [(Fraction(-9), "kick"), (Fraction(0), "kick")]
    sheet = notate(take(hits(meant, start_s=9.0), meter([("4/4", 2)], start_s=9.0)))
    assert [bar.frame.length for bar in sheet.bars] == [1, 4, 4, 4]
    assert strokes(sheet, Fraction(9)) == meant


def test_a_bar_of_15_16_has_fifteen_sixteenths() -> None:
    meant = repeated([(Fraction(n, 4), "hihat") for n in range(15)], 3, Fraction(15, 4))
    for grouping in ((), (4, 4, 4, 3), (3, 3, 3, 3, 3)):
        sheet = notate(take(hits(meant, 90.0), meter([("15/16", 4)], 90.0, grouping=grouping)))
        assert strokes(sheet) == meant
        assert {bar.frame.meter for bar in sheet.bars} == {(15, 16)}
        check_filled(sheet)


def test_meters_change_in_the_middle() -> None:
    meant = repeated(ROCK, 2)
    meant += [
        (8 + at, what)
        for at, what in repeated([(Fraction(n, 2), "ride") for n in range(7)], 2, Fraction(7, 2))
    ]
    meant += [(15 + Fraction(n, 2), "tom") for n in range(6)]
    answer = meter([("4/4", 2), ("7/8", 2), ("6/8", 2)], grouping=(2, 2, 3))
    sheet = notate(take(hits(meant, jitter_s=0.005), answer))
    assert [bar.frame.meter for bar in sheet.bars] == [(4, 4)] * 2 + [(7, 8)] * 2 + [(6, 8)]
    assert [beat.length for beat in sheet.bars[2].frame.beats] == [1, 1, Fraction(3, 2)]
    assert strokes(sheet) == meant
    check_filled(sheet)


def test_a_bar_with_a_beat_less_has_a_meter_of_its_own() -> None:
    answer = meter([("4/4", 2), ("3/4", 1), ("4/4", 2)])
    whole = answer.model_copy(update={"segments": ()})
    sheet = notate(take(hits([(Fraction(n), "kick") for n in range(19)]), whole))
    assert [bar.frame.meter[0] for bar in sheet.bars] == [4, 4, 3, 4, 4]


def test_an_accelerating_drummer_is_followed() -> None:
    times = [1.0]
    for n in range(64):
        times.append(times[-1] + 0.6 - 0.003 * n)
    heard = Hits(
        hits=tuple(Hit(time_s=t, instrument="kick", velocity=0.5) for t in times[:-1]), source="stem"
    )
    answer = Meter(meter="4/4", unit_times=times, downbeat_times=times[::4])
    assert strokes(notate(take(heard, answer))) == [(Fraction(n), "kick") for n in range(64)]


def test_hits_a_millisecond_apart_are_a_chord_and_of_one_drum_one_note() -> None:
    heard = [(1.0, "kick"), (1.001, "hihat"), (1.5, "snare"), (1.501, "snare")]
    told = tuple(Hit(time_s=t, instrument=what, velocity=0.5) for t, what in heard)
    sheet = notate(take(Hits(hits=told, source="mix"), meter([("4/4", 2)])))
    assert strokes(sheet) == [(Fraction(0), "hihat"), (Fraction(0), "kick"), (Fraction(1), "snare")]
    assert "too close" in sheet.remarks[0]


def test_without_a_meter_it_is_four_four_at_the_tempo_with_a_remark() -> None:
    meant = repeated(ROCK, 2)
    sheet = notate(take(hits(meant), None, Tempo(bpm=120.0, pulse_bpm=120.0)))
    assert strokes(sheet) == meant and "No meter was found" in sheet.remarks[0]


def test_without_a_meter_and_a_tempo_it_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(NothingToWrite, match="--bpm"):
        notate(take(hits(ROCK)))


def test_without_hits_there_is_nothing_to_write() -> None:
    with pytest.raises(NothingToWrite, match="no drum hits"):
        notate(take(Hits(hits=(), source="mix"), meter([("4/4", 2)])))


def test_what_has_no_place_is_left_out_and_told() -> None:
    sheet = notate(take(hits([*ROCK, (Fraction(3), "cow<bell>")]), meter([("4/4", 2)])))
    assert sheet.remarks == ("Hits without a place on a drum staff are left out: 1 of cow?bell?.",)


def test_bars_that_repeat_are_marked_and_written_out_again_in_time() -> None:
    sheet = notate(take(hits(repeated(ROCK, 10)), meter([("4/4", 11)])))
    assert [bar.alike for bar in sheet.bars] == [False] + [True] * 7 + [False, True]


def test_drums_stand_where_drummers_read_them() -> None:
    def read(*named: str | None) -> str:
        found = place(*named)  # type: ignore[arg-type]
        assert found is not None
        return f"{found.step}{found.octave} {found.head}"

    usual = {
        "kick": "F4 normal",
        "snare": "C5 normal",
        "hihat": "G5 x",
        "ride": "F5 x",
        "crash": "A5 x",
        "tom": "E5 normal",
    }
    assert {name: read(name, None) for name in usual} == usual
    assert read("hihat", "open") == "G5 circle-x" and read("tom", "floor") == "A4 normal"
    assert read("ride", None, "annoteator") == "G5 x" and read("snare", "who knows") == "C5 normal"
    assert place("triangle", None) is None


def test_beams_join_a_beat_with_hooks_where_they_belong() -> None:
    eighth, sixteenth = Fraction(1, 2), Fraction(1, 4)
    assert beams([eighth, sixteenth, sixteenth]) == [("begin",), ("continue", "begin"), ("end", "end")]
    assert beams([Fraction(3, 4), sixteenth]) == [("begin",), ("end", "backward hook")]
    assert beams([eighth, None, sixteenth]) == [(), (), ()]


@settings(max_examples=150, deadline=None)
@given(
    some.lists(
        some.tuples(
            some.floats(0, 30),
            some.sampled_from(["kick", "snare", "hihat", "tom", "cough"]),
            some.floats(0, 1),
        ),
        min_size=1,
        max_size=60,
    ),
    some.lists(some.floats(0.0, 30), max_size=30),
    some.lists(some.floats(0.0, 30), max_size=60),
    some.sampled_from(["4/4", "3/4", "7/8", "6/8", "5/4", "15/16", "2/2", "4/1", "13/32", "1/8"]),
)
def test_whatever_is_heard_fills_its_bars(
    heard: list[tuple[float, str, float]], downs: list[float], units: list[float], name: str
) -> None:
    told = tuple(Hit(time_s=t, instrument=what, velocity=v) for t, what, v in sorted(heard))
    answer = Meter(meter=name, downbeat_times=sorted(downs), unit_times=sorted(units))
    try:
        sheet = notate(take(Hits(hits=told, source="mix"), answer, Tempo(bpm=100.0, pulse_bpm=100.0)))
    except NothingToWrite:
        assert all(what == "cough" for _, what, _ in heard)
        return
    check_filled(sheet)
    kept = sum(len(event.strokes) for bar in sheet.bars for voice in bar.voices for event in voice)
    left = sum(int(r.split("apart: ")[1].split(",")[0]) for r in sheet.remarks if "apart: " in r)
    assert kept + left == sum(what != "cough" for _, what, _ in heard)


def test_two_hours_of_hits_are_quantised_in_seconds() -> None:
    meant = repeated(ROCK, 3600)[:50_000]
    heard = take(hits(meant, jitter_s=0.006), meter([("4/4", 3601)]))
    started = time.process_time()
    sheet = notate(heard)
    assert time.process_time() - started < 20
    assert strokes(sheet) == meant
