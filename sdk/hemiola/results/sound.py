"""Results about sound and pitch: features, content, labels, stems, key, notes, chords."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from hemiola.results.base import (
    MAX_EVENTS,
    FileName,
    Frames,
    Number,
    Part,
    Positive,
    Probability,
    Result,
    Seconds,
    Span,
    Text,
    plain,
)

Tonic = Literal["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
Mode = Literal["major", "minor", "atonal"]


class Features(Result):
    """Level, loudness and timbre of a stretch; the envelope and the chroma as frames."""

    question: ClassVar[str] = "features"
    levels: ClassVar[tuple[str, ...]] = ("take", "region")

    rms_db: Number | None
    """Root mean square, dB full scale; None for digital silence."""
    peak_db: Number | None
    loudness_lufs: Number | None
    """Integrated loudness (ITU-R BS.1770-4); None where too short or silent to measure."""
    spectral_centroid_hz: Number | None
    spectral_flatness: Probability | None
    zero_crossing_rate: Probability | None
    """Sign changes a sample."""
    tuning_cents: Number | None
    """Offset from A4 = 440 Hz, -50 to 50."""
    onset_envelope: Frames | None = None
    """Shape (n,)."""
    chroma: Frames | None = None
    """Shape (n, 12), from C."""


class ContentSegment(Span):
    """A stretch of one kind of content; known labels: music, speech, noise, tone, percussive."""

    label: Text
    confidence: Probability | None = None


class Transition(Part):
    """The moment at which one kind of content gives way to another."""

    time_s: Seconds
    from_: Text = Field(alias="from")
    to: Text


class Content(Result):
    """What kind of sound is heard when. Key and beats leave speech and noise out."""

    question: ClassVar[str] = "content"
    levels: ClassVar[tuple[str, ...]] = ("take",)

    segments: Annotated[tuple[ContentSegment, ...], Field(max_length=MAX_EVENTS)]
    transitions: Annotated[tuple[Transition, ...], Field(max_length=MAX_EVENTS)] = ()


class Label(Span):
    """A name for a stretch, in one of four groups."""

    label: Text
    group: Literal["kind", "genre", "instrument", "event"]
    confidence: Probability | None = None


class Labels(Result):
    """Names of what is heard: kinds, genres, instruments, events."""

    question: ClassVar[str] = "labels"
    levels: ClassVar[tuple[str, ...]] = ("take", "region")

    labels: Annotated[tuple[Label, ...], Field(max_length=MAX_EVENTS)]


class Stem(Part):
    """One separated source, kept as an audio file beside the answer's arrays.

    `artifact` is the name under which the plugin left it in its scratch folder.
    """

    name: Text
    artifact: FileName
    snr_db: Number | None = None
    """Power of the stem over that of the rest of the mix; None where either is silent."""


class Stems(Result):
    """The file taken apart into sources that sum to it, times `gain`."""

    question: ClassVar[str] = "stems"
    levels: ClassVar[tuple[str, ...]] = ("file",)

    model: Text
    stems: Annotated[tuple[Stem, ...], Field(max_length=64)]
    gain: Positive = 1.0
    """What mix and stems were multiplied by for their files: under one where the mix passes full scale."""

    def files(self) -> tuple[str, ...]:
        """See Result.files."""
        return tuple(stem.artifact for stem in self.stems)


class KeyAlternative(Part):
    """Another key and its probability."""

    tonic: Tonic | None
    mode: Mode
    probability: Probability


class Key(Result):
    """Tonic and mode; `mode` atonal has no tonic."""

    question: ClassVar[str] = "key"
    levels: ClassVar[tuple[str, ...]] = ("take", "region")

    tonic: Tonic | None
    mode: Mode
    label: Text
    """Spelt for reading: "Bb major"."""
    confidence: Probability | None = None
    alternatives: Annotated[tuple[KeyAlternative, ...], Field(max_length=25)] = ()
    tuning_hz: Number | None = None
    """Frequency of A4."""
    method: Text


class Note(Part):
    """One note; `pitch` is a MIDI number that may have a fraction."""

    onset_s: Seconds
    offset_s: Seconds
    pitch: Annotated[float, Field(ge=0.0, le=127.0, allow_inf_nan=False), BeforeValidator(plain)]
    velocity: Probability | None = None
    confidence: Probability | None = None


class Notes(Result):
    """Notes by onset."""

    question: ClassVar[str] = "notes"
    levels: ClassVar[tuple[str, ...]] = ("take",)

    notes: Annotated[tuple[Note, ...], Field(max_length=MAX_EVENTS)]


class Chord(Span):
    """A chord in Harte's syntax: "A:min7", "N" for none (Harte et al., ISMIR 2005)."""

    label: Text


class Chords(Result):
    """Chords one after the other."""

    question: ClassVar[str] = "chords"
    levels: ClassVar[tuple[str, ...]] = ("take",)

    chords: Annotated[tuple[Chord, ...], Field(max_length=MAX_EVENTS)]
