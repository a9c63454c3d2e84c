"""What one system made of one item, in the form that results.json keeps: figures are made of these alone."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from evaluation.annotation import Origin
from evaluation.figures.shape import Triple
from evaluation.items import Scored
from evaluation.measures import EVENTS, MEASURES
from evaluation.rows import Choice, Claim, Counts, Failure, Row, Value
from hemiola.results.base import Number, Part, Probability

LOST = frozenset({"lost", "none"})
"""Verdicts of items without a document, or whose audio could not be read."""


class Chosen(Part):
    """One class chosen among several."""

    truth: str
    answer: str
    right: bool


class Fault(Part):
    """Something to listen to."""

    measure: str
    time_s: Number
    text: str


class Run(Part):
    """What a plugin did on the item."""

    plugin: str
    status: str
    reason: str
    seconds: Number
    peak_mb: Number


class Record(Part):
    """A system's scores on an item, by measure.

    `values` holds several numbers where a measure has several on the item; `counts` by label found, invented and
    missed; `claims` by event confidence and whether it came true. `audio` is a file URI.
    """

    set: str
    item: str
    variant: str
    system: str
    origin: Origin
    song: str
    kind: str
    meter: str | None
    kit: str | None
    audio: str
    duration_s: Number
    verdict: str
    reason: str
    questions: tuple[str, ...]
    values: dict[str, tuple[Number, ...]] = {}
    counts: dict[str, dict[str, Triple]] = {}
    choices: dict[str, tuple[Chosen, ...]] = {}
    claims: dict[str, tuple[tuple[Probability, bool], ...]] = {}
    failures: tuple[Fault, ...] = ()
    runs: tuple[Run, ...] = ()

    @property
    def lost(self) -> bool:
        """Whether there was nothing to score."""
        return self.verdict in LOST


def records_of(scored: Iterable[Scored]) -> tuple[list[Record], list[str]]:
    """Bring scores into the form of results.json.

    Returns
    -------
    records, one for each system, item and variant, and a sentence for each score that could not be used (a number
    that is none, an unknown measure, an item that was scored twice)
    """
    notices: list[str] = []
    found: dict[tuple[str, str, str, str], Record] = {}
    for each in scored:
        record = _record(each, notices)
        key = (record.set, record.item, record.variant, record.system)
        if key in found:
            notices.append(f"{record.system} on {record.set}/{record.item}: scored twice; the first counts")
        else:
            found[key] = record
    return list(found.values()), notices


def printable(text: str) -> str:
    r"""Text that any terminal, page or JSON can hold: control characters and stray bytes are spelled out (\x1b)."""
    if text.isprintable():
        return text
    clean = text.encode("utf-8", "backslashreplace").decode()
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in clean)


def _record(scored: Scored, notices: list[str]) -> Record:
    item, truth = scored.item, scored.item.truth
    usable = [row for row in scored.rows if _usable(row, scored, notices)]
    return Record(
        set=printable(item.set),
        item=printable(item.name),
        variant=item.variant,
        system=scored.system,
        origin=truth.origin,
        song=printable(item.song),
        kind=printable(truth.kind),
        meter=_meter(scored),
        kit=None if truth.kit is None else printable(truth.kit),
        audio=item.audio.absolute().as_uri(),
        duration_s=scored.duration_s,
        verdict=scored.verdict,
        reason=printable(scored.reason),
        questions=tuple(sorted(scored.questions)),
        runs=tuple(
            Run(
                plugin=run.plugin,
                status=run.status,
                reason=printable(run.reason),
                seconds=run.seconds,
                peak_mb=run.peak_mb,
            )
            for run in scored.runs
        ),
        **_by_measure(usable),
    )


def _meter(scored: Scored) -> str | None:
    truth = scored.item.truth
    if truth.segments and len({stretch.meter for stretch in truth.segments}) > 1:
        return "changing"
    if truth.meters:
        return " or ".join(truth.meters)
    return truth.meter or (truth.segments[0].meter if truth.segments else None)


def _usable(row: Row, scored: Scored, notices: list[str]) -> bool:
    """Whether a row can be counted; a scorer's slip costs its row and is told, not the run."""
    slip = _slip(row)
    if slip:
        notices.append(f"{scored.system} on {printable(scored.item.name)}: {slip}; its row is left out")
    return not slip


def _slip(row: Row) -> str:
    if isinstance(row, Claim):
        if row.event not in EVENTS:
            return f"{row.event!r} is no known event"
        return "" if 0.0 <= row.confidence <= 1.0 else f"a confidence of {row.confidence} for {row.event}"
    if row.measure not in MEASURES:
        return f"{row.measure!r} is no known measure"
    if isinstance(row, Value) and not math.isfinite(row.value):
        return f"{row.measure} is {row.value}, not a number"
    return ""


def _by_measure(rows: Iterable[Row]) -> dict[str, Any]:
    values: dict[str, list[float]] = {}
    counts: dict[str, dict[str, Triple]] = {}
    choices: dict[str, list[Chosen]] = {}
    claims: dict[str, list[tuple[float, bool]]] = {}
    failures: list[Fault] = []
    for row in rows:
        if isinstance(row, Value):
            values.setdefault(row.measure, []).append(float(row.value))
        elif isinstance(row, Counts):
            labels = counts.setdefault(row.measure, {})
            found, invented, missed = labels.get(row.label, (0, 0, 0))
            labels[row.label] = (found + row.found, invented + row.invented, missed + row.missed)
        elif isinstance(row, Choice):
            chosen = Chosen(truth=printable(row.truth), answer=printable(row.answer), right=bool(row.right))
            choices.setdefault(row.measure, []).append(chosen)
        elif isinstance(row, Claim):
            claims.setdefault(row.event, []).append((float(row.confidence), bool(row.right)))
        elif isinstance(row, Failure):
            failures.append(_fault(row))
    return {
        "values": values,
        "counts": counts,
        "choices": choices,
        "claims": claims,
        "failures": tuple(failures),
    }


def _fault(row: Failure) -> Fault:
    time_s = max(0.0, float(row.time_s)) if math.isfinite(row.time_s) else 0.0
    return Fault(measure=row.measure, time_s=time_s, text=printable(row.text))
