"""A document brought into the form of the truth: what a system answered about a whole file.

Events of all takes are joined. What a file has one of (meter, tempo, key, swing) is the longest take's that
answered, as in the document's summary.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, TypeVar

from evaluation.annotation import (
    Change,
    Estimate,
    HitMark,
    Labelled,
    Lag,
    NoteMark,
    Stretch,
    SwingStretch,
)
from evaluation.items import PluginRun
from hemiola.results import (
    KNOWN,
    Beats,
    Chords,
    Content,
    Groove,
    Hits,
    Key,
    Meter,
    Notes,
    Onsets,
    Sections,
    Subdivision,
    Tempo,
)
from hemiola.results.base import Result

R = TypeVar("R", bound=Result)

NO_KEY = "atonal"

WORST_FIRST = (
    "crashed",
    "out_of_memory",
    "timed_out",
    "invalid",
    "failed",
    "blocked",
    "cancelled",
    "quarantined",
    "unavailable",
    "skipped",
    "ok",
)


class Answers:
    """The winners' answers of a document, by question, each with its region."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.regions: list[dict[str, Any]] = document["regions"]
        self.takes = [region for region in self.regions if region["level"] == "take"]
        self.pieces = [region for region in self.regions if region["level"] == "region"]

    def of(self, kind: type[R]) -> list[tuple[dict[str, Any], R]]:
        """(region, answer) in order of time: of the takes, or of the regions where a take is not asked."""
        where = self.takes if "take" in kind.levels else self.pieces
        found = ((region, region["results"].get(kind.question)) for region in where)
        return [(region, _read(kind, fields)) for region, fields in found if fields is not None]

    def skipped(self, kind: type[Result]) -> bool:
        """Whether it was asked and found to be beside the point everywhere: speech has no key."""
        told = [o for region in self.takes for o in region["outcomes"] if o["question"] == kind.question]
        return bool(told) and all(outcome["status"] == "skipped" for outcome in told)

    def longest(self, kind: type[R]) -> R | None:
        """The answer of the longest take that has one."""
        found = self.of(kind)
        return max(found, key=lambda one: one[0]["end_s"] - one[0]["start_s"])[1] if found else None


def estimate_of(document: dict[str, Any], *, beats_first: bool = False) -> Estimate:
    """What a document says, in the form of a truth.

    Parameters
    ----------
    document : dict
        As the engine gives it.
    beats_first : bool
        Take the tactus from the beat tracker even where there is a meter: a peer is judged by its best.
    """
    answers = Answers(document)
    told: dict[str, Any] = {}
    for part in (_rhythm, _events, _sound):
        told.update(part(answers))
    pulse = _joined(found.times for _, found in answers.of(Beats))
    if answers.of(Beats) and (beats_first or not told.get("beats")):
        told["beats"] = pulse
    scalars: tuple[type[Beats | Tempo | Meter | Key], ...] = (Beats, Tempo, Meter, Key)
    claims = {kind.question: getattr(answers.longest(kind), "confidence", None) for kind in scalars}
    claims["downbeats"] = getattr(answers.longest(Meter), "downbeat_confidence", None)
    return Estimate(
        **told,
        regions=tuple(Labelled(start_s=r["start_s"], end_s=r["end_s"]) for r in answers.pieces),
        confidences={question: value for question, value in claims.items() if value is not None},
        strengths={
            question: value for question, value in _strengths(answers).items() if claims.get(question) is None
        },
    )


def _strengths(answers: Answers) -> dict[str, float]:
    found: dict[str, float] = {}
    key, tempo, meter = answers.longest(Key), answers.longest(Tempo), answers.longest(Meter)
    if key is not None and key.alternatives:
        found["key"] = key.alternatives[0].probability
    if tempo is not None and tempo.candidates:
        found["tempo"] = tempo.candidates[0].probability
    if meter is not None and meter.alternatives:
        found["meter"] = meter.alternatives[0].probability
    return found


def runs_of(document: dict[str, Any]) -> tuple[PluginRun, ...]:
    """What every plugin did, over all regions: the worst status with its reason, seconds in all, peak memory."""
    by_plugin: dict[str, list[dict[str, Any]]] = {}
    for region in document["regions"]:
        for outcome in region["outcomes"]:
            by_plugin.setdefault(outcome["plugin"], []).append(outcome)
    return tuple(_run(plugin, outcomes) for plugin, outcomes in sorted(by_plugin.items()))


def _run(plugin: str, outcomes: list[dict[str, Any]]) -> PluginRun:
    worst = min(outcomes, key=lambda outcome: WORST_FIRST.index(outcome["status"]))
    seconds = sum(outcome["seconds"] or 0.0 for outcome in outcomes)
    peak = max(outcome["peak_mb"] or 0.0 for outcome in outcomes)
    return PluginRun(plugin, worst["status"], worst["reason"] or "", seconds, peak)


def _rhythm(answers: Answers) -> dict[str, Any]:
    told: dict[str, Any] = {}
    meters, main = answers.of(Meter), answers.longest(Meter)
    if main is not None:
        told["beats"] = _joined(found.beat_times for _, found in meters)
        told["units"] = _joined(found.unit_times for _, found in meters)
        told["downbeats"] = _joined(found.downbeat_times for _, found in meters)
        told["meter"], told["grouping"] = main.meter, main.grouping or None
        told["segments"] = tuple(part for take, found in meters for part in _stretches(take, found))
        told["modulations"] = tuple(
            Change(**change.model_dump()) for _, found in meters for change in found.modulations
        )
    tempo = answers.longest(Tempo)
    if tempo is not None:
        told["tempo"] = tempo.bpm
    layers = answers.of(Subdivision)
    if layers:
        told["polyrhythms"] = tuple(one for _, found in layers for one in found.polyrhythms)
    return told


def _stretches(take: dict[str, Any], found: Meter) -> list[Stretch]:
    if not found.segments and found.meter is not None:
        return [
            Stretch(start_s=take["start_s"], end_s=take["end_s"], meter=found.meter, grouping=found.grouping)
        ]
    fields = {"start_s", "end_s", "meter", "grouping", "bpm"}
    return [Stretch(**segment.model_dump(include=fields)) for segment in found.segments]


def _events(answers: Answers) -> dict[str, Any]:
    told: dict[str, Any] = {}
    onsets, hits, groove = answers.of(Onsets), answers.of(Hits), answers.longest(Groove)
    if onsets:
        told["onsets"] = _joined(found.times for _, found in onsets)
    if hits:
        told["hits"] = tuple(
            HitMark(**hit.model_dump(exclude={"variant"})) for _, found in hits for hit in found.hits
        )
    if groove is not None:
        told["swing"] = groove.swing_ratio
        told["swing_segments"] = tuple(
            SwingStretch(start_s=part.start_s, end_s=part.end_s, swing_ratio=part.swing_ratio)
            for part in groove.segments
            if part.swing_ratio is not None
        )
        told["microtiming_reference"] = groove.reference
        told["microtiming"] = tuple(
            Lag(instrument=lag.instrument, position=lag.position, mean_ms=lag.mean_ms)
            for lag in groove.microtiming
        )
    return told


def _sound(answers: Answers) -> dict[str, Any]:
    told: dict[str, Any] = {}
    key = answers.longest(Key)
    if key is not None:
        told["key"] = NO_KEY if key.tonic is None else f"{key.tonic} {key.mode}"
    elif answers.skipped(Key):
        told["key"] = NO_KEY
    sections, content = answers.of(Sections), answers.of(Content)
    chords, notes = answers.of(Chords), answers.of(Notes)
    if sections:
        told["sections"] = _labelled(part for _, found in sections for part in found.sections)
    if content:
        told["content"] = _labelled(part for _, found in content for part in found.segments)
    if chords:
        told["chords"] = _labelled(part for _, found in chords for part in found.chords)
    if notes:
        told["notes"] = tuple(
            NoteMark(**note.model_dump(exclude={"confidence"})) for _, found in notes for note in found.notes
        )
    return told


def _joined(times: Iterable[tuple[float, ...]]) -> tuple[float, ...]:
    """The times of all regions; in order also where a plugin's go beyond the end of a region."""
    return tuple(sorted(itertools.chain.from_iterable(times)))


def _labelled(parts: Iterable[Any]) -> tuple[Labelled, ...]:
    return tuple(
        Labelled(
            start_s=part.start_s,
            end_s=part.end_s,
            label=part.label,
            confidence=getattr(part, "confidence", None),
        )
        for part in parts
    )


def _read(kind: type[R], fields: dict[str, Any]) -> R:
    """A stored answer as its type; the large arrays, which are kept apart, are left out."""
    arrays = {name for name, value in fields.items() if isinstance(value, dict) and "shape" in value}
    assert KNOWN[kind.question] is kind
    return kind.model_validate({name: value for name, value in fields.items() if name not in arrays})
