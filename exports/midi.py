"""Standard MIDI: General MIDI drums on channel 10 as they were played, bars and tempo as the meter has them.

Time 0 is the begin of the file, so that the notes lie over the audio; before the first bar stand empty units.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction

import mido

from .notation.frames import Beat, Frame
from .notation.sheet import Sheet

TICKS = 960
"""A quarter; at 120 BPM one is half a millisecond."""
CHANNEL = 9
LONGEST = TICKS // 8
LONGEST_QUARTER_US = 16_000_000
HARDEST = 127


def midi(sheets: Sequence[Sheet], title: str) -> bytes:
    """One file: a track with tempo and meters, a track with the notes.

    Parameters
    ----------
    sheets
        Of takes in order of time.
    title
        Name of the first track.
    """
    score = mido.MidiFile(type=1, ticks_per_beat=TICKS)
    clock = _Clock()
    notes: list[tuple[int, int, int]] = []
    remarks: list[tuple[int, str]] = []
    for sheet in sheets:
        _silence(clock, sheet.bars[0].frame)
        remarks += [(clock.tick, remark) for remark in sheet.remarks]
        starts = []
        for bar in sheet.bars:
            starts.append(clock.tick)
            clock.bar(bar.frame)
        notes += _notes(sheet, starts)
    heads = [(tick, mido.MetaMessage("text", text=text)) for tick, text in remarks]
    score.tracks.append(_track(title, [*clock.messages, *heads]))
    score.tracks.append(_track("Drums", list(_struck(notes))))
    held = io.BytesIO()
    score.save(file=held)
    return held.getvalue()


class _Clock:
    """Bars one after the other in ticks; tempos are chosen so that no error of rounding adds up."""

    def __init__(self) -> None:
        self.tick = 0
        self.messages: list[tuple[int, mido.MetaMessage]] = []
        self.seconds = 0.0
        self._tempo = 0
        self._meter = (0, 0)

    def bar(self, frame: Frame) -> None:
        """A bar from where the one before ended."""
        played = frame.length / 4 * frame.meter[1]
        self._say_meter(int(played), frame.meter[1])
        for beat in frame.beats:
            self.beat(beat.length, beat.end_s)

    def beat(self, length: Fraction, end_s: float) -> None:
        """A stretch of quarters that ends at a time."""
        wanted = (end_s - self.seconds) * 1e6 / float(length)
        tempo = round(min(max(wanted, 1), LONGEST_QUARTER_US))
        if tempo != self._tempo:
            self.messages.append((self.tick, mido.MetaMessage("set_tempo", tempo=tempo)))
            self._tempo = tempo
        self.tick += int(length * TICKS)
        self.seconds += tempo * float(length) / 1e6

    def units(self, count: int, denominator: int, end_s: float) -> None:
        """Empty units of equal length, as bars of one unit each where they are no whole bars."""
        start = self.seconds
        for number in range(count):
            self.beat(Fraction(4, denominator), start + (end_s - start) * (number + 1) / count)

    def meter(self, numerator: int, denominator: int) -> None:
        self._say_meter(numerator, denominator)

    def _say_meter(self, numerator: int, denominator: int) -> None:
        if (numerator, denominator) != self._meter:
            message = mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator)
            self.messages.append((self.tick, message))
            self._meter = (numerator, denominator)


def _silence(clock: _Clock, frame: Frame) -> None:
    """Empty bars up to where a take's first bar begins: what is no whole bar comes first."""
    numerator, denominator = frame.meter
    gap = frame.start_s - clock.seconds
    if gap < 1e-4:
        return
    unit = (frame.end_s - frame.start_s) / float(frame.length) * 4 / denominator
    count = max(1, round(gap / unit))
    bars, rest = divmod(count, numerator)
    start = clock.seconds
    if rest:
        clock.meter(rest, denominator)
        clock.units(rest, denominator, start + gap * rest / count)
    if bars:
        clock.meter(numerator, denominator)
        clock.units(bars * numerator, denominator, frame.start_s)


def _notes(sheet: Sheet, starts: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """(tick, key, velocity) of every stroke, where it was heard in its bars."""
    beats: list[tuple[int, Beat]] = []
    for bar, start in zip(sheet.bars, starts, strict=True):
        at = start
        for beat in bar.frame.beats:
            beats.append((at, beat))
            at += int(beat.length * TICKS)
    current = 0
    strokes = sorted(
        (stroke for bar in sheet.bars for voice in bar.voices for event in voice for stroke in event.strokes),
        key=lambda stroke: stroke.time_s,
    )
    for stroke in strokes:
        while current + 1 < len(beats) and beats[current][1].end_s <= stroke.time_s:
            current += 1
        start, beat = beats[current]
        through = (stroke.time_s - beat.start_s) / (beat.end_s - beat.start_s)
        tick = max(0, start + round(through * float(beat.length) * TICKS))
        yield tick, stroke.place.key, max(1, round(stroke.velocity * HARDEST))


def _struck(notes: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, mido.Message]]:
    """Notes on and off; one ends where the next of its key begins."""
    following: dict[int, int] = {}
    for tick, key, velocity in sorted(notes, reverse=True):
        end = min(tick + LONGEST, following.get(key, tick + LONGEST))
        following[key] = tick
        yield tick, mido.Message("note_on", channel=CHANNEL, note=key, velocity=velocity)
        yield max(end, tick + 1), mido.Message("note_off", channel=CHANNEL, note=key)


def _track(name: str, messages: Sequence[tuple[int, mido.Message | mido.MetaMessage]]) -> mido.MidiTrack:
    """Messages by their ticks as a track."""
    safe = name.encode("latin-1", "replace").decode("latin-1")
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=safe)])
    now = 0
    for tick, message in sorted(messages, key=lambda one: (one[0], one[1].type != "note_off")):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track"))
    return track
