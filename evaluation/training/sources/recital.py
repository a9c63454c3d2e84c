"""Records a played score: who plays which part on what, the room, and the clip with its truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from evaluation.scenes.playing import Event
from evaluation.scenes.rendering import on_samples
from evaluation.scenes.rooms import Room, any_room, floor_noise, in_room
from evaluation.scenes.score import Score
from evaluation.scenes.sounds import RATE, TIMBRES, Samples, Struck, Timbre, note
from evaluation.scenes.truths import truth_of
from evaluation.training.sources import Clip
from evaluation.training.sources.expression import Expression, breathing, played
from evaluation.training.sources.sampled import INSTRUMENTS, PIANOS, Instrument, available, bank

Random = np.random.Generator
Voice = Timbre | Instrument

PARTS = ("bass", "chords", "melody")
STEP_S = 0.5
"""Synthesised notes are made in lengths of this, and cut."""
LONGEST_S = 4.0
DEEP = 40
"""An instrument whose notes begin below this can play a bass."""
LEVEL = 0.22
"""Peak of a synthesised note at full velocity before the mix is brought to its own."""
PIANO_SHARE, SAMPLED_SHARE = 0.55, 0.78
"""Up to the first, everything is a sampled piano; up to the second, sampled instruments; above, synthesised ones."""


def any_voices(random: Random, sampled: bool) -> dict[str, Voice]:
    """A voice for each part: mostly one piano for all, else an instrument for all or for each.

    Parameters
    ----------
    sampled : whether sampled instruments may be drawn; a machine that lacks them has synthesised ones
    """
    drawn = random.random()
    if sampled and available():
        if drawn < PIANO_SHARE:
            return dict.fromkeys(PARTS, PIANOS[int(random.random() < 0.3)])
        if drawn < SAMPLED_SHARE:
            deep = [one for one in INSTRUMENTS if one.lowest < DEEP]
            if random.random() < 0.5:
                return dict.fromkeys(PARTS, _any(deep, random))
            return {part: _any(deep if part == "bass" else INSTRUMENTS, random) for part in PARTS}
    if drawn < 0.5 or drawn >= 0.9:
        timbres = TIMBRES["chords"]
        return dict.fromkeys(PARTS, timbres[int(random.integers(len(timbres)))])
    return {part: TIMBRES[part][int(random.integers(len(TIMBRES[part])))] for part in PARTS}


def _any(found: Sequence[Instrument], random: Random) -> Instrument:
    return found[int(random.integers(len(found)))]


@lru_cache(maxsize=256)
def _synthesised(timbre: Timbre, pitch: float, steps: int) -> Struck:
    return note(timbre, pitch, STEP_S * steps)


def _struck(event: Event, voice: Voice) -> Struck:
    stroke = event.stroke
    seconds = min(event.length_s, LONGEST_S)
    if isinstance(voice, Instrument):
        struck = bank(voice).note(stroke.pitch, seconds, stroke.velocity)
        return Struck(struck.samples * np.float32(LEVEL), struck.attack)
    whole = _synthesised(voice, stroke.pitch, int(np.ceil((seconds + 0.05) / STEP_S)))
    held, fade = round(seconds * RATE), round(0.03 * RATE)
    samples = whole.samples[: held + fade] * np.float32(LEVEL * stroke.velocity**1.3)
    tail = len(samples) - min(held, len(samples))
    if tail:
        samples[-tail:] *= np.linspace(1, 0, tail, dtype=np.float32)
    return Struck(samples, whole.attack)


def sounding(events: Sequence[Event], voices: Mapping[str, Voice], count: int) -> Samples:
    """The sum of all notes, dry; each note's attack lies at its event's time."""
    out = np.zeros(count, dtype=np.float32)
    for event in events:
        struck = _struck(event, voices[event.stroke.instrument])
        first = round(event.time_s * RATE) - struck.attack
        samples = struck.samples[max(0, -first) : max(0, count - first)]
        first = max(0, first)
        out[first : first + len(samples)] += samples
    return out


@dataclass(frozen=True)
class Programme:
    """What is performed and how, and what its truth says beside the score.

    Attributes
    ----------
    bpm : quarters a minute, about which the tempo breathes
    phrases : where phrases begin and where the last one ends, in quarters
    polyrhythms : whether the score's layers are all there are; a written piece may have more
    """

    score: Score
    bpm: float
    phrases: tuple[float, ...]
    expression: Expression
    voices: Mapping[str, Voice]
    kind: str
    source: str
    licence: str
    song: str
    polyrhythms: bool = True


def record(programme: Programme, random: Random) -> Clip:
    """Play and record it, in any room."""
    score, phrases = programme.score, np.array(programme.phrases)
    tempo = breathing(score, programme.bpm, programme.expression, phrases, random)
    tempo = tempo.beginning(score.entry, float(random.uniform(0.1, 1.2)))
    events = on_samples(played(score, tempo, programme.expression, phrases, random))
    end_s = max(float(tempo.at(score.end)), *(e.time_s + e.length_s for e in events)) + random.uniform(
        0.2, 1.5
    )
    count = round(end_s * RATE)
    room: Room = any_room(random)
    dry = sounding(events, programme.voices, count)
    wet = in_room(dry, room, random)
    wet *= np.float32(random.uniform(0.3, 0.95) / max(float(np.abs(wet).max()), 1e-9))
    truth = truth_of(
        score,
        tempo,
        events,
        kind=programme.kind,
        source=programme.source,
        song=programme.song,
        kit=None,
    )
    known = {"licence": programme.licence} | ({} if programme.polyrhythms else {"polyrhythms": None})
    return Clip(wet + floor_noise(count, room, random), truth.model_copy(update=known))
