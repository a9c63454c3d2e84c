"""Results about rhythm: onsets, beats, tempo, meter, subdivision, groove, sections, hits, confidence."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from hemiola.results.base import (
    MAX_EVENTS,
    Frames,
    Number,
    Numbers,
    Part,
    Positive,
    Probability,
    Result,
    Seconds,
    Span,
    Text,
    Times,
    plain,
)

Bpm = Annotated[float, Field(gt=0.0, le=2000.0, allow_inf_nan=False), BeforeValidator(plain)]
Meter_ = Annotated[str, Field(pattern=r"^[1-9][0-9]?/(1|2|4|8|16|32)$")]
Grouping = Annotated[tuple[Annotated[int, Field(ge=1, le=64)], ...], Field(max_length=64)]
Ratio = tuple[Annotated[int, Field(ge=1, le=64)], Annotated[int, Field(ge=1, le=64)]]


class Onsets(Result):
    """When something begins to sound: where the attack itself first passes 10 % of its peak."""

    question: ClassVar[str] = "onsets"
    levels: ClassVar[tuple[str, ...]] = ("region",)
    along: ClassVar[dict[str, str]] = {"strengths": "times"}

    times: Times
    strengths: Numbers

    @model_validator(mode="after")
    def _paired(self) -> Self:
        if len(self.times) != len(self.strengths):
            raise ValueError(f"{len(self.times)} times but {len(self.strengths)} strengths")
        return self


class OctaveAlternative(Part):
    """The same beats at another level: factor 2 is twice as many."""

    factor: Positive
    probability: Probability


class Beats(Result):
    """The tracker's pulse. `activation` is what its network heard, shape (frames, heads)."""

    question: ClassVar[str] = "beats"
    levels: ClassVar[tuple[str, ...]] = ("take",)

    times: Times
    confidence: Probability | None = None
    octave_alternatives: Annotated[tuple[OctaveAlternative, ...], Field(max_length=16)] = ()
    activation: Frames | None = None
    activation_names: Annotated[tuple[Text, ...], Field(max_length=256)] = ()


class TempoCandidate(Part):
    """A tempo and its probability or relative strength."""

    bpm: Bpm
    probability: Probability


class TempoPoint(Part):
    """The tempo at a moment."""

    time_s: Seconds
    bpm: Bpm


class Tempo(Result):
    """Beats a minute: `bpm` in quarters of the notated meter, `pulse_bpm` as felt."""

    question: ClassVar[str] = "tempo"
    levels: ClassVar[tuple[str, ...]] = ("take",)

    bpm: Bpm | None
    pulse_bpm: Bpm | None
    confidence: Probability | None = None
    candidates: Annotated[tuple[TempoCandidate, ...], Field(max_length=64)] = ()
    curve: Annotated[tuple[TempoPoint, ...], Field(max_length=MAX_EVENTS)] = ()
    stability: Probability | None = None
    unreliable: Text | None = None
    """Why not to trust it, or None."""
    source: Literal["estimated", "user"] = "estimated"


class MeterAlternative(Part):
    """Another meter and its probability."""

    meter: Meter_
    grouping: Grouping
    probability: Probability


class MeterSegment(Span):
    """A stretch in one meter and tempo."""

    meter: Meter_
    grouping: Grouping
    bpm: Bpm
    confidence: Probability | None = None


class Modulation(Part):
    """A change of tempo or meter. `ratio` is new to old BPM of the tactus ("3:2"), or None."""

    time_s: Seconds
    kind: Literal["metric", "tempo_step", "meter_change"]
    from_bpm: Bpm
    to_bpm: Bpm
    ratio: Annotated[str, Field(pattern=r"^[1-8]:[1-8]$")] | None = None


class Hypothesis(Part):
    """A period with its beats and grouping, scored."""

    period_s: Positive
    beats: Annotated[int, Field(ge=1, le=64)]
    grouping: Grouping
    score: Number
    parts: dict[str, Number] = {}


class MeterWindow(Span):
    """What was thought about one window at one resolution."""

    resolution_s: Number
    hypotheses: Annotated[tuple[Hypothesis, ...], Field(max_length=256)]


class Meter(Result):
    """Meter with its grouping, the tactus, units and downbeats, changes and alternatives.

    `confidence` is how probable the meter is exactly right, `downbeat_confidence` how probable the downbeats have an F
    of 0.9 (70 ms).
    """

    question: ClassVar[str] = "meter"
    levels: ClassVar[tuple[str, ...]] = ("take",)

    meter: Meter_ | None
    grouping: Grouping = ()
    confidence: Probability | None = None
    beat_times: Times = ()
    unit_times: Times = ()
    downbeat_times: Times = ()
    downbeat_confidence: Probability | None = None
    alternatives: Annotated[tuple[MeterAlternative, ...], Field(max_length=64)] = ()
    segments: Annotated[tuple[MeterSegment, ...], Field(max_length=MAX_EVENTS)] = ()
    modulations: Annotated[tuple[Modulation, ...], Field(max_length=MAX_EVENTS)] = ()
    ambiguous: bool = False
    windows: Annotated[tuple[MeterWindow, ...], Field(max_length=MAX_EVENTS)] = ()
    source: Literal["estimated", "user"] = "estimated"


class Layer(Part):
    """A layer of pulses, k against n tactus beats."""

    ratio: Ratio
    persistence: Probability
    strength: Number
    segments: Annotated[tuple[Span, ...], Field(max_length=MAX_EVENTS)] = ()


class Relation(Part):
    """How two layers (by index) lie against each other; phase in cycles."""

    a: Annotated[int, Field(ge=0)]
    b: Annotated[int, Field(ge=0)]
    phase: Number


class Polyrhythm(Span):
    """An added layer first: [k, n] in lowest terms; a polymeter's ratio is its cycle lengths in beats."""

    ratio: Ratio
    kind: Literal["polyrhythm", "polymeter"]
    confidence: Probability | None = None


class Subdivision(Result):
    """How the tactus divides, and what runs against it."""

    question: ClassVar[str] = "subdivision"
    levels: ClassVar[tuple[str, ...]] = ("take",)

    layers: Annotated[tuple[Layer, ...], Field(max_length=256)] = ()
    relations: Annotated[tuple[Relation, ...], Field(max_length=4096)] = ()
    polyrhythms: Annotated[tuple[Polyrhythm, ...], Field(max_length=MAX_EVENTS)] = ()


class GrooveSegment(Span):
    """A stretch of one feel."""

    swing_ratio: Number | None
    swing_std: Number | None = None
    label: Text


class Microtiming(Part):
    """How far an instrument lies from the grid at a position; positive is late."""

    instrument: Text
    position: Text
    mean_ms: Number
    std_ms: Number
    count: Annotated[int, Field(ge=0)]


class Groove(Result):
    """Swing (long:short; 1.0 is straight), microtiming against `reference`, accents."""

    question: ClassVar[str] = "groove"
    levels: ClassVar[tuple[str, ...]] = ("take",)

    swing_ratio: Number | None
    swing_level: Literal["8th", "16th"] | None = None
    segments: Annotated[tuple[GrooveSegment, ...], Field(max_length=MAX_EVENTS)] = ()
    microtiming: Annotated[tuple[Microtiming, ...], Field(max_length=10_000)] = ()
    reference: Text | None = None
    accents: Numbers = ()
    label: Text = ""
    confidence: Probability | None = None


class Section(Span):
    """A section by letter, in order of first appearance."""

    label: Text
    confidence: Probability | None = None
    contrast: Number | None = None


class Sections(Result):
    """The form of a take."""

    question: ClassVar[str] = "sections"
    levels: ClassVar[tuple[str, ...]] = ("take",)

    sections: Annotated[tuple[Section, ...], Field(max_length=MAX_EVENTS)]


class Hit(Part):
    """A drum stroke. Known instruments: kick, snare, hihat, ride, tom, crash."""

    time_s: Seconds
    instrument: Text
    velocity: Probability
    confidence: Probability | None = None
    variant: Text | None = None


class Hits(Result):
    """Drum strokes, and which audio they were heard in."""

    question: ClassVar[str] = "hits"
    levels: ClassVar[tuple[str, ...]] = ("take",)

    hits: Annotated[tuple[Hit, ...], Field(max_length=MAX_EVENTS)]
    source: Literal["stem", "separated", "hpss", "mix"]
    summary: dict[str, int] = {}
    confidence_score: Probability | None = None
    assumed_bpm: Bpm | None = None
    """The tempo that the method took for granted because none was known; None where it needs none, or knew it."""


class Confidence(Result):
    """How far the answers of a take can be trusted, dimension by dimension."""

    question: ClassVar[str] = "confidence"
    levels: ClassVar[tuple[str, ...]] = ("take",)

    tempo_stability_score: Probability | None = None
    downbeat_alignment_score: Probability | None = None
    meter_consistency_score: Probability | None = None
    section_contrast_score: Probability | None = None
    groove_consistency_score: Probability | None = None
    hit_classification_score: Probability | None = None
    overall_confidence_score: Probability | None = None
    weights: dict[str, Number] = {}
    missing: tuple[Text, ...] = ()
