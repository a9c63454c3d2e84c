"""MIDI: read back by mido, every hit is where it was heard, and bars lie where the meter has them."""

from __future__ import annotations

import io
from fractions import Fraction

import mido
import pytest

from exports.midi import midi
from exports.notation import notate
from hemiola.results import Hits, Meter
from tests.exports.grooves import ROCK, hits, meter, repeated, take

KEYS = {36: "kick", 38: "snare", 42: "hihat", 51: "ride", 50: "tom", 49: "crash"}
Struck = list[tuple[float, str, float]]


def read(made: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(made))


def struck(file: mido.MidiFile) -> Struck:
    """Seconds, drum and velocity of every note."""
    found, now = [], 0.0
    for message in file:
        now += message.time
        if message.type == "note_on" and message.velocity:
            assert message.channel == 9
            found.append((now, KEYS[message.note], message.velocity / 127))
    return found


def same(found: Struck, *heard: Hits) -> None:
    """Whether all hits are there, within a millisecond."""
    wanted = sorted((hit.time_s, hit.instrument, hit.velocity) for one in heard for hit in one.hits)
    assert len(found) == len(wanted)
    by_drum = lambda one: (one[1], one[0])  # noqa: E731
    for got, want in zip(sorted(found, key=by_drum), sorted(wanted, key=by_drum), strict=True):
        assert got[1] == want[1]
        assert got[0] == pytest.approx(want[0], abs=0.001) and got[2] == pytest.approx(want[2], abs=0.005)


@pytest.mark.parametrize(("bpm", "start_s"), [(120.0, 1.0), (73.3, 0.0), (187.0, 61.37)])
def test_every_hit_is_where_it_was_heard(bpm: float, start_s: float) -> None:
    heard = hits(repeated(ROCK, 8), bpm, start_s, jitter_s=0.01)
    same(struck(read(midi([notate(take(heard, meter([("4/4", 9)], bpm, start_s)))], "x"))), heard)


def test_bars_begin_where_the_meter_has_them_through_changes_of_tempo_and_meter() -> None:
    first = meter([("4/4", 2), ("7/8", 2)], 120.0, 2.0)
    start = 2.0 + 15 * 0.5
    second = meter([("3/4", 2)], 90.0, start)
    joined = Meter(
        meter="4/4",
        unit_times=first.unit_times + second.unit_times,
        downbeat_times=first.downbeat_times + second.downbeat_times,
        segments=first.segments + second.segments,
    )
    heard = hits([(Fraction(n, 2), "kick") for n in range(38)], 120.0, 2.0)
    file = read(midi([notate(take(heard, joined))], "x"))
    same(struck(file), heard)
    tick, now, signs = 0, 0.0, []
    tempo = 500_000
    for message in mido.merge_tracks(file.tracks):
        tick += message.time
        now += mido.tick2second(message.time, file.ticks_per_beat, tempo)
        if message.type == "set_tempo":
            tempo = message.tempo
        if message.type == "time_signature":
            signs.append((round(now, 3), f"{message.numerator}/{message.denominator}"))
    assert signs == [(0.0, "4/4"), (6.0, "7/8"), (9.5, "3/4")]


def test_two_takes_lie_where_they_are_in_the_file() -> None:
    first = hits(repeated(ROCK, 2), jitter_s=0.005)
    second = hits(repeated(ROCK, 3), 90.0, 70.0, jitter_s=0.005)
    sheets = [
        notate(take(first, meter([("4/4", 3)]))),
        notate(take(second, meter([("4/4", 4)], 90.0, 70.0), number=2)),
    ]
    same(struck(read(midi(sheets, "Tape “1”"))), first, second)


def test_two_hours_are_written_without_drift() -> None:
    heard = hits(repeated(ROCK, 3600)[:50_000], 119.7, jitter_s=0.006)
    file = read(midi([notate(take(heard, meter([("4/4", 3601)], 119.7)))], "x"))
    same(struck(file), heard)
