"""What can be known about a recording: the one schema of truth files, and of answers brought into the same form.

A truth file lies beside its audio: `take.flac` and `take.json`. Times are seconds from the start of the file,
the terms those of docs/plugins.md. A field that is absent was not annotated and is not scored; an empty list
says that there is none of it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hemiola.results.base import MAX_EVENTS, Number, Part, Probability, Seconds, Span, Text, Times
from hemiola.results.rhythm import Bpm, Grouping, Meter_, Polyrhythm

Origin = Literal["recording", "human", "generated"]
"""Recorded; played by people and rendered by a machine; made by a machine altogether. Never pooled."""

KeyName = Annotated[str, Field(pattern=r"^([A-G](#|b)? (major|minor)|atonal)$")]


class Stretch(Span):
    """A stretch in one meter; grouping and BPM (quarters a minute) where they are known."""

    meter: Meter_
    grouping: Grouping | None = None
    bpm: Bpm | None = None


class Change(Part):
    """A change of tempo or meter at the first downbeat of the new state; `ratio` new to old BPM of the tactus."""

    time_s: Seconds
    kind: Literal["metric", "tempo_step", "meter_change"]
    from_bpm: Bpm | None = None
    to_bpm: Bpm | None = None
    ratio: Annotated[str, Field(pattern=r"^[1-8]:[1-8]$")] | None = None


class SwingStretch(Span):
    """A stretch of one swing ratio, long to short; 1.0 is straight."""

    swing_ratio: Annotated[float, Field(gt=0.0, le=10.0)]


class Lag(Part):
    """How late an instrument lies at a position of the bar or beat, in ms against `microtiming_reference`."""

    instrument: Text
    position: Text
    mean_ms: Number


class HitMark(Part):
    """A drum stroke; `instrument` in the source's words (see `conventions.drum_class`), velocity 0 to 1."""

    time_s: Seconds
    instrument: Text
    velocity: Probability | None = None
    confidence: Probability | None = None


class Labelled(Span):
    """A stretch with a name: a section, a content segment, a chord."""

    label: Text = ""
    confidence: Probability | None = None


class NoteMark(Part):
    """One note; `pitch` a MIDI number that may have a fraction."""

    onset_s: Seconds
    offset_s: Seconds
    pitch: Annotated[float, Field(ge=0.0, le=127.0)]
    velocity: Probability | None = None


Many = Field(max_length=MAX_EVENTS)


class Annotation(Part):
    """What is known or was answered about one recording."""

    beats: Times | None = None
    """The tactus."""
    units: Times | None = None
    """Every unit of the meter's denominator."""
    downbeats: Times | None = None
    meter: Meter_ | None = None
    grouping: Grouping | None = None
    segments: Annotated[tuple[Stretch, ...], Many] | None = None
    modulations: Annotated[tuple[Change, ...], Many] | None = None
    tempo: Bpm | None = None
    """Quarters a minute in the notated meter; the median of a ramp or drift."""
    swing: Annotated[float, Field(gt=0.0, le=10.0)] | None = None
    swing_segments: Annotated[tuple[SwingStretch, ...], Many] | None = None
    microtiming: Annotated[tuple[Lag, ...], Many] | None = None
    microtiming_reference: Text | None = None
    polyrhythms: Annotated[tuple[Polyrhythm, ...], Many] | None = None
    onsets: Times | None = None
    hits: Annotated[tuple[HitMark, ...], Many] | None = None
    key: KeyName | None = None
    sections: Annotated[tuple[Labelled, ...], Many] | None = None
    regions: Annotated[tuple[Labelled, ...], Many] | None = None
    content: Annotated[tuple[Labelled, ...], Many] | None = None
    notes: Annotated[tuple[NoteMark, ...], Many] | None = None
    chords: Annotated[tuple[Labelled, ...], Many] | None = None


class Truth(Annotation):
    """A truth file: an annotation, where it comes from, and what else may be answered."""

    kind: Text
    """What sort of material: "drums", "mix", "swing ladder". Tables have a row for each."""
    origin: Origin
    source: Text
    licence: Text
    song: Text | None = None
    """Takes of one song, or a performance through several kits, share it: intervals resample songs. Else the item."""
    kit: Text | None = None
    meters: tuple[Meter_, ...] | None = None
    """All meters that are right, where it is more than one."""
    tempos: tuple[Bpm, ...] | None = None
    """All tempos that are right, where it is more than one."""
    drums: Text | None = None
    """File name of the drums alone, which sum into this mix; for the robustness row that turns them down."""


class Estimate(Annotation):
    """A system's answers about one recording, in the form of the truth."""

    confidences: dict[str, Probability] = {}
    """By question: the probability of its named event."""
    strengths: dict[str, Probability] = {}
    """By question, where there is no confidence: the first alternative's share, which ranks and is no probability."""
