"""JAMS: one JSON with several annotations, each of a namespace; read without the package of that name.

References
----------
E. J. Humphrey, J. Salamon, O. Nieto, J. Forsyth, R. M. Bittner, J. P. Bello: "JAMS: a JSON annotated music
specification for reproducible MIR research", ISMIR 2014; the fields are those of version 0.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from evaluation.sets.errors import BadAnnotation
from evaluation.sets.files import json_of
from evaluation.sets.gathering import Gathered, naming, validation_problems
from evaluation.sets.notation import is_harte, key_name, meters_counted, midi_pitch


class _Loose(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Observation(_Loose):
    """A value that holds from a time on for a duration, in seconds."""

    time: float
    duration: float = 0.0
    value: Any = None
    confidence: Any = None

    @property
    def span(self) -> dict[str, float]:
        """Where it holds, as the truth writes it."""
        return {"start_s": max(self.time, 0.0), "end_s": max(self.time + self.duration, 0.0)}


def _records(data: Any) -> Any:
    """Observations as records: columns (`{"time": [...], "value": [...]}`, before 0.3) are turned."""
    if not isinstance(data, dict):
        return data
    columns = {name: values for name, values in data.items() if isinstance(values, list)}
    if len({len(values) for values in columns.values()}) > 1:
        raise ValueError("columns of one length were expected")
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


class JamsAnnotation(_Loose):
    """Observations of one namespace."""

    namespace: str
    data: Annotated[list[Observation], BeforeValidator(_records)] = Field(default_factory=list)


class Jams(_Loose):
    """A JAMS file, as much of it as is used."""

    annotations: list[JamsAnnotation]


Observations = Sequence[Observation]


def jams_fields(path: Path, gathered: Gathered) -> dict[str, Any]:
    """The fields of a truth that a JAMS file has.

    The first annotation of each kind is taken; others, and namespaces without a field in the truth, are told in
    notices.

    Raises
    ------
    BadAnnotation
        The file is no JAMS, or an observation is not what its namespace demands.
    """
    try:
        jams = Jams.model_validate(json_of(path))
    except ValidationError as error:
        raise BadAnnotation(*validation_problems(error, path.name)) from error
    fields: dict[str, Any] = {}
    filled: set[str] = set()
    for annotation in sorted(jams.annotations, key=lambda one: one.namespace != "beat_position"):
        kind = _kind(annotation.namespace)
        if kind is None:
            gathered.notice(f"JAMS namespace {annotation.namespace} is not used", [path.name])
        elif kind in filled:
            gathered.notice(f"a further JAMS annotation of {kind} is not used", [path.name])
        elif annotation.data:
            filled.add(kind)
            ordered = sorted(annotation.data, key=lambda observation: observation.time)
            with naming(path):
                fields |= _READERS[kind](annotation.namespace, ordered, gathered, path)
        else:
            gathered.notice(f"an empty JAMS annotation of {kind} is taken as not annotated", [path.name])
    return fields


def _kind(namespace: str) -> str | None:
    if namespace in ("beat", "beat_position"):
        return "beats"
    if namespace.startswith("segment_"):
        return "sections"
    return _NAMESPACES.get(namespace)


def _beats(namespace: str, data: Observations, gathered: Gathered, path: Path) -> dict[str, Any]:
    times = [observation.time for observation in data if observation.time >= 0]
    values = [observation.value for observation in data if observation.time >= 0]
    if namespace == "beat_position":
        positions = [int(value["position"]) for value in values]
        meters = {f"{int(value['num_beats'])}/{int(value['beat_units'])}" for value in values}
        meter: dict[str, Any] = {"meter": meters.pop()} if len(meters) == 1 else {}
    else:
        whole = [v for v in values if isinstance(v, int | float) and v >= 1 and math.isclose(v, round(v))]
        if len(whole) < len(values):
            return {"beats": times}
        positions = [round(value) for value in whole]
        counted = meters_counted(times, positions)
        meter = {"meters": counted} if counted else {}
    downbeats = [time for time, position in zip(times, positions, strict=True) if position == 1]
    return {"beats": times, "downbeats": downbeats, **meter}


def _tempo(namespace: str, data: Observations, gathered: Gathered, path: Path) -> dict[str, Any]:
    """One tempo, or several that are right at once; tempos that follow one another are no single answer."""
    if len({observation.time for observation in data}) > 1:
        gathered.notice("a JAMS tempo that changes is not used", [path.name])
        return {}
    weights = [o.confidence if isinstance(o.confidence, int | float) else 1.0 for o in data]
    tempos = [(float(o.value), w) for o, w in zip(data, weights, strict=True) if w > 0 or len(data) == 1]
    if not tempos:
        return {}
    strongest = max(tempos, key=lambda pair: pair[1])[0]
    return {"tempo": strongest, **({"tempos": [bpm for bpm, _ in tempos]} if len(tempos) > 1 else {})}


def _onsets(namespace: str, data: Observations, gathered: Gathered, path: Path) -> dict[str, Any]:
    return {"onsets": [observation.time for observation in data if observation.time >= 0]}


def _key(namespace: str, data: Observations, gathered: Gathered, path: Path) -> dict[str, Any]:
    keys = {key_name(str(observation.value)) for observation in data}
    key = keys.pop() if len(keys) == 1 else None
    if key is None:
        gathered.notice("no single major or minor key holds throughout", [path.name])
        return {}
    return {"key": key}


def _sections(namespace: str, data: Observations, gathered: Gathered, path: Path) -> dict[str, Any]:
    return {"sections": [{**o.span, "label": "" if o.value is None else str(o.value)} for o in data]}


def _chords(namespace: str, data: Observations, gathered: Gathered, path: Path) -> dict[str, Any]:
    for observation in data:
        if not is_harte(str(observation.value)):
            raise BadAnnotation(
                f"{path.name}: {namespace}: {observation.time:g} s: expected a chord in Harte's syntax, "
                f"got {observation.value!r}"
            )
    return {"chords": [{**o.span, "label": str(o.value)} for o in data]}


def _notes(namespace: str, data: Observations, gathered: Gathered, path: Path) -> dict[str, Any]:
    hertz = namespace == "note_hz"
    notes = []
    for observation in data:
        value = float(observation.value)
        if hertz and value <= 0:
            raise BadAnnotation(
                f"{path.name}: note_hz: {observation.time:g} s: expected Hz above 0, got {value:g}"
            )
        span = observation.span
        pitch = midi_pitch(value) if hertz else value
        notes.append({"onset_s": span["start_s"], "offset_s": span["end_s"], "pitch": pitch})
    return {"notes": notes}


_NAMESPACES = {
    "tempo": "tempo",
    "onset": "onsets",
    "key_mode": "key",
    "chord": "chords",
    "chord_harte": "chords",
    "note_midi": "notes",
    "note_hz": "notes",
}

_READERS: dict[str, Callable[[str, Observations, Gathered, Path], dict[str, Any]]] = {
    "beats": _beats,
    "tempo": _tempo,
    "onsets": _onsets,
    "key": _key,
    "sections": _sections,
    "chords": _chords,
    "notes": _notes,
}
