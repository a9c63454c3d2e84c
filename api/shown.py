"""From the engine's records to what is answered."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from api import schemas
from bridges.texts import safe
from core.words import JobState
from database.records import Correction, Job, Listed, Tag

if TYPE_CHECKING:
    from core import plugins
    from core.engine import Engine
    from core.models import store


def moment(seconds: float | None) -> datetime | None:
    """Seconds since the epoch as a time."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def then(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def job(engine: Engine, one: Job) -> schemas.JobShown:
    """A job, with how far it is now."""
    return stored_job(one, *engine.progress(one.id))


def stored_job(one: Job, fraction: float = 0.0, now: str = "") -> schemas.JobShown:
    """A job as it is stored, with how far it is said to be."""
    over = one.state in (JobState.DONE, JobState.CANCELLED)
    known: dict[str, Any] = {"state": one.state, "verdict": one.verdict}
    return schemas.JobShown(
        id=one.id,
        kind=one.kind,
        **known,
        progress=1.0 if over else round(fraction, 4),
        now=now,
        file=schemas.JobFile(id=one.file, name=safe(Path(one.path).name), path=safe(one.path)),
        created=then(one.created),
        started=moment(one.started),
        finished=moment(one.finished),
        notices=orjson.loads(one.notices),
        intake=orjson.loads(one.intake) if one.intake else None,
        links=job_links(one.id, one.file),
    )


def job_links(number: int, file: str | None = None) -> dict[str, str | None]:
    """Where a job, its events and its file are."""
    return {
        "self": f"/jobs/{number}",
        "events": f"/jobs/{number}/events",
        "retry": f"/jobs/{number}/retry",
        "file": file and f"/api/files/{file}",
        "analysis": file and f"/api/files/{file}/analysis",
    }


def accepted(one: Job) -> schemas.Accepted:
    """A job that was just stored."""
    return schemas.Accepted(job_id=one.id, name=safe(Path(one.path).name), links=job_links(one.id, one.file))


def file(one: Listed) -> schemas.FileShown:
    """A file as lists show it."""
    return schemas.FileShown(**file_fields(one))


def file_fields(one: Listed) -> dict[str, Any]:
    """The fields of a file."""
    here = f"/api/files/{one.file.sha256}"
    return {
        "id": one.file.sha256,
        "name": safe(Path(one.path).name),
        "path": safe(one.path),
        "size": one.file.size,
        "duration_s": one.file.duration_s,
        "rate": one.file.rate,
        "channels": one.file.channels,
        "format": one.file.format,
        "added": then(one.added),
        "verdict": one.summary.verdict if one.summary else None,
        "summary": orjson.loads(one.summary.summary) if one.summary else None,
        "tags": [tag(each) for each in one.tags],
        "links": {
            "self": here,
            "analysis": f"{here}/analysis",
            "waveform": f"{here}/waveform",
            "audio": f"/api/audio/{one.file.sha256}",
            "processed_audio": f"/api/processed_audio{quote(os.fsencode(one.path))}",
        },
    }


def tag(one: Tag) -> str:
    """A tag as people write it: "live", "band=X"."""
    return one.text


def correction(one: Correction) -> schemas.CorrectionShown:
    """What a person said of a file."""
    field: Any = one.field
    return schemas.CorrectionShown(field=field, value=one.value, author=one.author, said=then(one.said))


def plugin(one: plugins.Listed) -> schemas.PluginShown:
    """A plugin."""
    manifest = one.provider.manifest
    state: Any = one.state
    return schemas.PluginShown(
        name=manifest.name,
        question=manifest.question,
        version=manifest.version,
        summary=manifest.summary,
        levels=list(manifest.levels),
        environment=manifest.environment,
        source=one.provider.source.kind,
        needs=list(manifest.needs),
        uses=list(manifest.uses),
        libraries=[schemas.Library(name=name, version=version) for name, version in one.libraries.items()],
        licence=manifest.licence,
        model_licence=manifest.model_licence,
        health=schemas.HealthShown(state=state, reason=one.reason, streak=one.streak),
        rank=one.place,
        peer=manifest.peer,
        config=one.config,
        config_schema=manifest.config_schema,
    )


def model(one: store.Shown, plugins: list[str]) -> schemas.ModelShown:
    """A version of a model, and the plugins that declare it."""
    entry = one.entry
    files = [] if entry is None else entry.files
    return schemas.ModelShown(
        name=one.name,
        version=one.version,
        state=one.state,
        in_use=one.in_use,
        path=None if one.path is None else safe(str(one.path)),
        files=[
            schemas.ModelFileShown(name=each.name, source=each.shown, sha256=each.sha256, size=each.size)
            for each in files
        ],
        size=None if entry is None else entry.size,
        licence=None if entry is None else entry.licence,
        citation=None if entry is None else entry.citation,
        plugins=plugins,
    )
