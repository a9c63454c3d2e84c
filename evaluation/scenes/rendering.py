"""From a scene to sound: every stroke where its attack is to lie, a room around it, a floor under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation.annotation import Truth
from evaluation.scenes.kits import Kit
from evaluation.scenes.playing import Event, Feel, perform
from evaluation.scenes.rooms import Room, floor_noise, in_room
from evaluation.scenes.score import Score
from evaluation.scenes.sounds import RATE, TIMBRES, Samples, Struck, Timbre, note
from evaluation.scenes.tempo import TempoMap
from evaluation.scenes.truths import truth_of

TONAL_LEVELS = {"bass": 0.5, "chords": 0.2, "melody": 0.28}
"""Peak of a note at full velocity, where a kick's is 1."""
CHOKE_S = 0.012
"""How fast a closing hat ends an open one."""


@dataclass(frozen=True)
class Scene:
    """All that makes a recording: the score, its tempo, who plays it on what, where, and what it is called.

    Attributes
    ----------
    kind : the family of scenarios, as tables name it
    tempo : quarters of the score to seconds; its origin is moved so that the recording begins `lead_s` before the entry
    timbres : the voices of bass, chords and melody
    balance_db : tonal parts against the drums
    peak : of the finished recording
    microtiming : whether lags are part of the truth
    """

    kind: str
    score: Score
    tempo: TempoMap
    kit: Kit
    feel: Feel
    room: Room
    timbres: tuple[tuple[str, Timbre], ...]
    seed: int
    source: str
    song: str
    lead_s: float = 0.5
    tail_s: float = 1.0
    balance_db: float = 0.0
    peak: float = 0.8
    microtiming: bool = False


@dataclass(frozen=True)
class Rendered:
    """A recording, mono at 44,100 samples a second, shape (n,), the drums alone that sum into it, and its truth.

    `drums` is None where the drums, or their absence, are all there is.
    """

    samples: Samples
    drums: Samples | None
    truth: Truth


def any_timbres(random: np.random.Generator) -> tuple[tuple[str, Timbre], ...]:
    """A voice for each part."""
    return tuple((part, voices[int(random.integers(len(voices)))]) for part, voices in TIMBRES.items())


def render(scene: Scene) -> Rendered:
    """Play and record a scene; the same scene gives the same samples."""
    random = np.random.default_rng([scene.seed, 1])
    score = scene.score
    tempo = scene.tempo.beginning(score.entry, scene.lead_s)
    events = on_samples(perform(score, tempo, scene.feel, random))
    end_s = max([float(tempo.at(score.end)), *(e.time_s + e.length_s for e in events)]) + scene.tail_s
    count = round(end_s * RATE)
    drums = sounding([e for e in events if not e.stroke.pitched], scene.kit, {}, count, random)
    tonal = sounding([e for e in events if e.stroke.pitched], scene.kit, dict(scene.timbres), count, random)
    mixed = bool(drums.any() and tonal.any())
    if mixed:
        tonal *= np.float32(10 ** (scene.balance_db / 20))
    response_seed = [scene.seed, 2]
    drums = in_room(drums, scene.room, np.random.default_rng(response_seed))
    tonal = in_room(tonal, scene.room, np.random.default_rng(response_seed)) if tonal.any() else tonal
    mix = drums + tonal
    gain = np.float32(scene.peak / max(float(np.abs(mix).max()), 1e-9))
    mix = mix * gain + floor_noise(count, scene.room, random)
    truth = truth_of(
        score,
        tempo,
        events,
        kind=scene.kind,
        source=scene.source,
        song=scene.song,
        kit=scene.kit.name if drums.any() else None,
        microtiming=scene.microtiming,
    )
    return Rendered(mix, drums * gain if mixed else None, truth)


def on_samples(events: Sequence[Event]) -> tuple[Event, ...]:
    """The events at the nearest samples: what is rendered is what is annotated."""
    return tuple(replace(event, time_s=round(event.time_s * RATE) / RATE) for event in events)


def sounding(
    events: Sequence[Event], kit: Kit, timbres: Mapping[str, Timbre], count: int, random: np.random.Generator
) -> Samples:
    """The sum of all strokes, dry; each stroke's attack lies at its event's time."""
    out = np.zeros(count, dtype=np.float32)
    hats = [e.time_s for e in events if e.instrument == "hihat"]
    for event in events:
        struck = _struck(event, kit, timbres, hats, random)
        first = round(event.time_s * RATE) - struck.attack
        samples = struck.samples[max(0, -first) : max(0, count - first)]
        first = max(0, first)
        out[first : first + len(samples)] += samples
    return out


def _struck(
    event: Event, kit: Kit, timbres: Mapping[str, Timbre], hats: Sequence[float], random: np.random.Generator
) -> Struck:
    stroke = event.stroke
    if stroke.pitched:
        samples, attack = note(timbres[stroke.instrument], stroke.pitch, event.length_s)
        level = TONAL_LEVELS[stroke.instrument] * stroke.velocity**1.2
        return Struck(samples * np.float32(level), attack)
    struck = kit.strike(stroke.instrument, stroke.velocity, random)
    if stroke.instrument != "open_hihat":
        return struck
    closing = next((t for t in hats if t > event.time_s + 0.02), None)
    return struck if closing is None else choked(struck, closing - event.time_s)


def choked(struck: Struck, after_s: float) -> Struck:
    """A stroke ended some seconds after its attack."""
    stop, fade = struck.attack + round(after_s * RATE), round(CHOKE_S * RATE)
    if stop >= len(struck.samples):
        return struck
    samples = struck.samples[: stop + fade].copy()
    samples[stop:] *= np.linspace(1, 0, len(samples) - stop, dtype=np.float32)
    return Struck(samples, struck.attack)
