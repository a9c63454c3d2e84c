"""What a person says of a file: read from what was typed, kept in words, shown in place of what was measured."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal

import orjson
from pydantic import ValidationError

from core.errors import BadRequest
from database.records import Job
from hemiola.corrections import FASTEST_BPM, MOST_OCTAVE, NOTHING_SAID, SLOWEST_BPM, Corrections

AUTO: Literal["auto"] = "auto"
"""The word that takes back what was said."""
AUTHOR = "user"
METER = re.compile(r"([1-9][0-9]?/(?:1|2|4|8|16|32))(?:\s+([1-9][0-9]?(?:\+[1-9][0-9]?)*))?")
NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{0,12})?|\.[0-9]{1,12}|[0-9]{1,9}/[0-9]{1,9}")
SHOWN = 40
"""Characters repeated of what could not be read."""

Word = float | Literal["auto"] | None


def read_bpm(given: Any) -> Word:
    """A tempo as a number, "auto" or None; raises BadRequest for anything else."""
    return _number(
        given,
        (SLOWEST_BPM, FASTEST_BPM),
        f"bpm is a tempo from {SLOWEST_BPM:.0f} to {FASTEST_BPM:.0f} beats a minute, such as 92.5; auto: as measured",
    )


def read_octave(given: Any) -> Word:
    """A factor as a number, "auto" or None; raises BadRequest for anything else."""
    return _number(
        given,
        (1 / MOST_OCTAVE, MOST_OCTAVE),
        f"octave says how many times the measured tempo is meant, from 1/{MOST_OCTAVE:.0f} to {MOST_OCTAVE:.0f}, "
        "such as 2, 0.5 or 1/3; auto: as measured",
    )


def _number(given: Any, bounds: tuple[float, float], means: str) -> Word:
    if given is None or given == AUTO:
        return given  # type: ignore[no-any-return]
    value = _read(given)
    if not bounds[0] <= value <= bounds[1]:
        raise BadRequest(f"{_quoted(given)} cannot be: {means}")
    return value


def _read(given: Any) -> float:
    """A number or the text of one, "1/3" as well; not a number for anything else."""
    try:
        if isinstance(given, str) and NUMBER.fullmatch(given.strip()):
            return float(Fraction(given.strip()))
        if isinstance(given, int | float) and not isinstance(given, bool):
            return float(given)
    except (ZeroDivisionError, OverflowError):
        pass
    return math.nan


def read_meter(given: Any) -> str | None:
    """A meter, with its groups where they are told: "7/8", "7/8 2+2+3", "auto" or None; raises BadRequest."""
    if given is None or given == AUTO:
        return given  # type: ignore[no-any-return]
    found = METER.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is None:
        raise BadRequest(
            f"{_quoted(given)} cannot be: meter is one such as 7/8, or with its groups 7/8 2+2+3; "
            "below the line stands 1, 2, 4, 8, 16 or 32; auto: as measured"
        )
    try:
        _meter(text := " ".join(filter(None, found.groups())))
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise BadRequest(f"{_quoted(given)} cannot be: {reason}") from error
    return text


def _quoted(given: Any) -> str:
    return f"“{str(given)[:SHOWN]}”"


def _meter(text: str) -> Corrections:
    meter, _, groups = text.partition(" ")
    return Corrections(meter=meter, grouping=tuple(map(int, groups.split("+"))) if groups else ())


def changes(bpm: Word, octave: Word, meter: str | None) -> dict[str, str | None]:
    """What is said, as it is kept by field; None takes a field back.

    A BPM and an octave say the same thing in two ways: each takes back the other.

    Raises
    ------
    BadRequest
        Both are said at once.
    """
    said: dict[str, str | None] = {}
    if isinstance(bpm, float) and isinstance(octave, float):
        raise BadRequest("bpm names the tempo, octave says how the measured one is wrong: say one of them")
    for field, word, other in (("bpm", bpm, "octave"), ("octave", octave, "bpm")):
        if word == AUTO:
            said.setdefault(field, None)
        elif word is not None:
            said |= {field: repr(word), other: None}
    if meter is not None:
        said["meter"] = None if meter == AUTO else meter
    return said


def held(kept: Mapping[str, str]) -> Corrections:
    """What is kept of a file, as plugins are handed it."""
    if not kept:
        return NOTHING_SAID
    numbers: dict[str, Any] = {field: float(kept[field]) for field in ("bpm", "octave") if field in kept}
    meter = _meter(kept["meter"]) if "meter" in kept else NOTHING_SAID
    return Corrections(**numbers, meter=meter.meter, grouping=meter.grouping)


def respected(job: Job) -> Corrections:
    """What held of the file when a job worked on it."""
    return held(orjson.loads(job.corrections))


def corrected(question: str, result: bytes, said: Corrections) -> bytes:
    """A winner's answer with a person's value in place of its own, where its plugin did not heed it.

    How sure or doubtful the plugin was of its own value goes with that; all else stays as it was measured.
    """
    if question not in ("tempo", "meter") or not said:
        return result
    told = orjson.loads(result)
    changed = {} if told.get("source") == "user" else _said_of(question, told, said)
    return orjson.dumps({**told, **changed, "source": "user"}) if changed else result


def _said_of(question: str, told: dict[str, Any], said: Corrections) -> dict[str, Any]:
    if question == "meter" and said.meter is not None:
        same = told.get("meter") == said.meter and not said.grouping
        groups = told.get("grouping", []) if same else list(said.grouping)
        return {"meter": said.meter, "grouping": groups, "confidence": None}
    if question == "tempo" and said.bpm is not None:
        return {"bpm": said.bpm, "confidence": None, "unreliable": None}
    if question == "tempo" and said.octave is not None and told.get("bpm"):
        return {"bpm": told["bpm"] * said.octave, "confidence": None}
    return {}
