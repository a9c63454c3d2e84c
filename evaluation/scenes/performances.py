"""Performances that were captured as MIDI, through any kit and room: people's timing and touch, a machine's sound."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import mido
import numpy as np

from evaluation.scenes.kits import Kit
from evaluation.scenes.patterns.strokes import Stroke
from evaluation.scenes.playing import Event
from evaluation.scenes.rendering import on_samples, sounding
from evaluation.scenes.rooms import Room, floor_noise, in_room
from evaluation.scenes.sounds import RATE, Samples

VOICES = {
    35: "kick",
    36: "kick",
    37: "rim",
    38: "snare",
    40: "snare",
    22: "hihat",
    42: "hihat",
    26: "open_hihat",
    46: "open_hihat",
    44: "pedal_hihat",
    51: "ride",
    59: "ride",
    53: "ride_bell",
    49: "crash",
    52: "crash",
    55: "crash",
    57: "crash",
    41: "low_tom",
    43: "low_tom",
    58: "low_tom",
    45: "mid_tom",
    47: "mid_tom",
    48: "high_tom",
    50: "high_tom",
}
"""A kit's voices by General MIDI key, with those that electronic kits add (22, 26, 58)."""
TAIL_S = 1.0


@dataclass(frozen=True)
class Performance:
    """What was played: strokes with their times in seconds from the click's first beat, quarters a minute, meter."""

    events: tuple[Event, ...]
    bpm: float
    meter: str


def of_midi(content: bytes, voices: Mapping[int, str] = VOICES) -> Performance:
    """Read a performance to a click from a MIDI file; keys without a voice are left out.

    Raises
    ------
    ValueError
        It is no MIDI file, or its tempo or meter changes: then its click is not the grid of one meter.
    """
    try:
        messages = list(mido.MidiFile(file=io.BytesIO(content)))
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        raise ValueError(f"cannot be read as MIDI ({error})") from error
    now, events, tempos, meters = 0.0, [], set(), set()
    for message in messages:
        now += message.time
        if message.type == "set_tempo":
            tempos.add(message.tempo)
        elif message.type == "time_signature":
            meters.add(f"{message.numerator}/{message.denominator}")
        elif message.type == "note_on" and message.velocity and message.note in voices:
            stroke = Stroke(0.0, voices[message.note], message.velocity / 127)
            events.append(Event(stroke, now, now))
    if len(tempos) != 1 or len(meters) != 1:
        raise ValueError(f"has {len(tempos)} tempos and {len(meters)} meters; one of each is needed")
    return Performance(tuple(events), mido.tempo2bpm(tempos.pop()), meters.pop())


def recorded(
    events: tuple[Event, ...], kit: Kit, room: Room, seed: int, *, peak: float = 0.8
) -> tuple[tuple[Event, ...], Samples]:
    """The strokes at the samples where they sound, and the recording: mono, 44,100 a second, shape (n,)."""
    placed = on_samples(events)
    count = round((max((event.time_s for event in placed), default=0.0) + TAIL_S) * RATE)
    random = np.random.default_rng([seed, 1])
    dry = sounding(placed, kit, {}, count, random)
    wet = in_room(dry, room, np.random.default_rng([seed, 2]))
    gain = np.float32(peak / max(float(np.abs(wet).max()), 1e-9))
    return placed, wet * gain + floor_noise(count, room, random)
