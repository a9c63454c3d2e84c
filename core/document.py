"""The whole document of a file, everywhere the same, made of one job's rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from bridges.texts import safe
from core import summary
from core.corrections import corrected, respected
from core.upstream import Tree
from database.records import Document, File, Outcome, Region, Shown
from hemiola.corrections import Corrections

SCHEMA = 1


def document(rows: Document, level: str | None = None, question: str | None = None) -> bytes:
    """The document as JSON, without a line break; narrowed to one level's regions, or one question's answers."""
    return orjson.dumps(contents(rows, level, question))


def contents(rows: Document, level: str | None = None, question: str | None = None) -> dict[str, Any]:
    """The document; results are JSON fragments already. A person's word stands in it over what was measured."""
    job = rows.job
    said = respected(job)
    return {
        "file": _file(rows.file, job.path),
        "verdict": job.verdict,
        "intake": orjson.loads(job.intake) if job.intake else None,
        "corrections": said.model_dump(),
        "summary": summary.summary(rows.regions, rows.outcomes, said),
        "regions": [
            _narrowed(one, question) for one in _regions(rows, said) if level in (None, one["level"])
        ],
        "schema": SCHEMA,
        "notices": orjson.loads(job.notices),
    }


def _file(file: File | None, path: str) -> dict[str, Any]:
    fields = ("sha256", "duration_s", "rate", "channels", "format", "loudness_lufs")
    told = {name: getattr(file, name) if file is not None else None for name in fields}
    return {**told, "path": safe(path), "name": safe(Path(path).name)}


def _regions(rows: Document, said: Corrections) -> list[dict[str, Any]]:
    tree = Tree(list(rows.regions))
    by_region: dict[str, list[tuple[Outcome, Shown | None]]] = {}
    for outcome, answer in sorted(
        rows.outcomes, key=lambda row: (row[0].question, row[0].rank, row[0].plugin)
    ):
        by_region.setdefault(outcome.region, []).append((outcome, answer))
    return [_region(region, by_region, tree, said) for region in tree.regions]


def _narrowed(region: dict[str, Any], question: str | None) -> dict[str, Any]:
    if question is None:
        return region
    kept = {
        part: {q: v for q, v in region[part].items() if q == question} for part in ("results", "inherited")
    }
    return {**region, **kept, "outcomes": [o for o in region["outcomes"] if o["question"] == question]}


def _region(
    region: Region, by_region: dict[str, list[tuple[Outcome, Shown | None]]], tree: Tree, said: Corrections
) -> dict[str, Any]:
    own = by_region.get(region.id, [])
    above = tree.upward(region)[1:]
    inherited = {
        outcome.question: held.id
        for held in reversed(above)
        for outcome, _ in by_region.get(held.id, [])
        if outcome.winner
    }
    won = {
        o.question: orjson.Fragment(corrected(o.question, a.result, said))
        for o, a in own
        if o.winner and a is not None and a.result is not None
    }
    return {
        "id": region.id,
        "level": region.level,
        "parent": region.parent,
        "start_s": region.start_s,
        "end_s": region.end_s,
        "results": won,
        "inherited": {question: holder for question, holder in inherited.items() if question not in won},
        "outcomes": [_outcome(outcome, answer) for outcome, answer in own],
    }


def _outcome(outcome: Outcome, answer: Shown | None) -> dict[str, Any]:
    """A row of the ledger; one that answered without winning carries its own result."""
    beside = answer is not None and answer.result is not None and not outcome.winner
    return {
        "plugin": outcome.plugin,
        "version": outcome.version,
        "question": outcome.question,
        "environment": outcome.environment,
        "libraries": orjson.Fragment(answer.libraries) if answer else None,
        "licence": answer.licence if answer else None,
        "model": answer.model if answer else None,
        "model_licence": answer.model_licence if answer else None,
        "status": outcome.status,
        "disposition": outcome.disposition,
        "degraded": outcome.degraded,
        "rank": outcome.rank,
        "code": outcome.code,
        "signal": outcome.signal,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "seconds": outcome.seconds,
        "peak_mb": outcome.peak_mb,
        "artifact": answer.artifact if answer else None,
        "result": _json(answer) if beside and answer is not None else None,
    }


def _json(answer: Shown) -> orjson.Fragment:
    return orjson.Fragment(answer.result or b"null")
