"""The library: listing and searching files, their documents, tags, places, waveforms; forgetting them."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as PathParameter

from api import schemas, shown
from api.asked import AbsolutePath, Cursor, FileId, Limit, Roots, TheEngine, absolute, path_behind
from api.examples import DOCUMENT, DOCUMENT_AT_PATH, PEAKS
from api.problems import documented
from bridges.texts import safe
from core.document import contents, document
from core.engine import Engine
from core.errors import NotFound
from core.waveform import drawn, peaks_file
from database.records import Document, Tag

router = APIRouter(tags=["files"])

MOST_PREVIOUS = 10

Level = Annotated[
    Literal["file", "take", "region"] | None,
    Query(description="Only regions of this level.", examples=["take"]),
]
Question = Annotated[str | None, Query(description="Only this question.", examples=["key"], max_length=50)]
Zoom = Annotated[
    str,
    Query(
        description="`overview` (1,000 points), `zoom` (8,000 points), or samples per pixel.",
        examples=["overview"],
        pattern=r"^(overview|zoom|[1-9]\d{0,8})$",
    ),
]
Form = Annotated[
    Literal["dat", "json"],
    Query(alias="format", description="audiowaveform's 8-bit file, or JSON.", examples=["json"]),
]
TagText = Annotated[
    str,
    PathParameter(
        description="A word, or key=value.", examples=["band=The Quarters"], min_length=1, max_length=200
    ),
]


@router.get("/database/files", response_model=schemas.Files, responses=documented(422, 503))
def list_files(
    engine: TheEngine,
    query: Annotated[
        str | None,
        Query(description="Part of a path, tag, label, key or meter.", examples=["A minor"], max_length=500),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> schemas.Files:
    """Files, newest first."""
    page = engine.store.files(query, cursor=cursor, limit=limit)
    items = [shown.file(one) for one in page.items]
    return schemas.Files(items=items, next_cursor=page.next_cursor, total=page.total, exact=page.exact)


@router.get("/database/stats", response_model=schemas.Stats, responses=documented(503))
def stats(engine: TheEngine) -> schemas.Stats:
    """What the database holds, by counters kept."""
    counts = engine.store.counters()
    return schemas.Stats(
        files=counts.get("files", 0),
        takes=counts.get("takes", 0),
        regions=counts.get("regions", 0),
        answers=_counted(counts, "answers"),
        jobs=_counted(counts, "jobs"),
        size_bytes=engine.store.size(),
    )


def _counted(counts: dict[str, int], part: str) -> dict[str, int]:
    found = {name.partition(".")[2]: n for name, n in counts.items() if name.startswith(f"{part}.")}
    return {name: n for name, n in found.items() if n}


@router.get(
    "/database/files/{path:anything}",
    response_class=Response,
    responses={200: {"description": "The document.", **DOCUMENT_AT_PATH}, **documented(404, 422, 503)},
)
def document_at(path: AbsolutePath, request: Request, engine: TheEngine) -> Response:
    """The whole document of the newest bytes at a path, those of the last ten earlier ones under `previous`."""
    named = path_behind(request, "/database/files/")
    jobs = [job for sha in engine.store.files_at(str(named)) if (job := engine.store.latest_job(sha, "done"))]
    if not jobs:
        raise NotFound(f"there is no analysis of a file at {named}")
    newest, *earlier = (contents(_rows(engine, job.id)) for job in jobs[: 1 + MOST_PREVIOUS])
    return _json(orjson.dumps({**newest, "previous": earlier}))


@router.get("/api/files/{file_id}", response_model=schemas.FileWhole, responses=documented(404, 422, 503))
def one_file(file_id: FileId, engine: TheEngine) -> schemas.FileWhole:
    """One file: where it was seen, what it is, the newest job about it."""
    fields = shown.file_fields(engine.library.file(file_id))
    job = engine.store.latest_job(file_id)
    paths = [
        schemas.PathSeen(path=safe(one.path), seen=shown.then(one.seen), exists=os.path.isfile(one.path))
        for one in engine.store.paths(file_id)
    ]
    said = [shown.correction(one) for one in engine.store.corrections(file_id)]
    newest = None if job is None else shown.job(engine, job)
    return schemas.FileWhole(**fields, paths=paths, corrections=said, job=newest)


@router.delete(
    "/api/files/{file_id}",
    status_code=204,
    response_description="It is forgotten.",
    responses=documented(404, 409, 422, 503),
)
def forget(file_id: FileId, engine: TheEngine) -> None:
    """Forget a file: its rows and arrays go, never the user's file."""
    engine.library.delete(file_id)


@router.delete(
    "/api/files/{file_id}/corrections",
    status_code=204,
    response_description="Nothing is said of it any more.",
    responses=documented(404, 422, 503),
)
def take_back(file_id: FileId, engine: TheEngine) -> None:
    """Take back the tempo, octave and meter that were said of a file: the next job measures them again."""
    engine.library.take_back(file_id)


@router.put(
    "/api/files/{file_id}/tags/{tag:anything}",
    response_model=schemas.Tags,
    responses=documented(404, 422, 503),
)
def tag(file_id: FileId, tag: TagText, engine: TheEngine) -> schemas.Tags:
    """Put a tag on a file."""
    return _tags(engine.library.tag(file_id, tag))


@router.delete(
    "/api/files/{file_id}/tags/{tag:anything}",
    response_model=schemas.Tags,
    responses=documented(404, 422, 503),
)
def untag(file_id: FileId, tag: TagText, engine: TheEngine) -> schemas.Tags:
    """Take a tag off a file."""
    return _tags(engine.library.untag(file_id, tag))


def _tags(tags: list[Tag]) -> schemas.Tags:
    return schemas.Tags(tags=[shown.tag(one) for one in tags])


@router.post(
    "/api/files/{file_id}/relink", response_model=schemas.FileShown, responses=documented(404, 422, 503)
)
def relink(file_id: FileId, body: schemas.RelinkBody, engine: TheEngine, roots: Roots) -> schemas.FileShown:
    """Say where a file lies now; its bytes must be those that were analysed."""
    return shown.file(engine.library.relink(file_id, absolute(body.path), roots))


@router.get(
    "/api/files/{file_id}/analysis",
    response_class=Response,
    responses={200: {"description": "The document.", **DOCUMENT}, **documented(404, 422, 503)},
)
def analysis(file_id: FileId, engine: TheEngine, level: Level = None, question: Question = None) -> Response:
    """The document of a file, whole or narrowed."""
    rows = _rows(engine, engine.library.document_job(file_id))
    return _json(document(rows, level, question))


@router.get(
    "/api/files/{file_id}/waveform",
    response_model=schemas.Waveform,
    responses={200: {"description": "The waveform.", "content": PEAKS}, **documented(404, 422, 503, 507)},
)
def waveform(
    file_id: FileId, engine: TheEngine, roots: Roots, zoom: Zoom = "overview", form: Form = "json"
) -> Any:
    """A file's waveform over all channels."""
    with engine.library.decoded(file_id, roots) as stored:
        if form == "dat":
            return Response(peaks_file(stored.folder, zoom), media_type="application/octet-stream")
        rate, frames = int(stored.facts["rate"]), int(stored.facts["frames"])
        return _json(orjson.dumps(drawn(stored.folder, rate, frames, zoom)))


def _rows(engine: Engine, job: int) -> Document:
    rows = engine.store.document_rows(job)
    if rows is None:
        raise NotFound(f"there is no job {job}")
    return rows


def _json(told: bytes) -> Response:
    return Response(told, media_type="application/json")
