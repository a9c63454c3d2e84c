"""Jobs: asking for an analysis, following it, ending it, asking again."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Header, Query, Request, Response
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool

from api import schemas, shown
from api.asked import Cursor, JobId, Limit, Roots, TheEngine, TheStreams, absolute
from api.examples import DOCUMENT, EVENTS, UPLOAD
from api.multipart import receive
from api.problems import documented, problem
from core.corrections import read_bpm, read_octave
from core.engine import Engine
from core.errors import Conflict
from core.files import OpenFile
from core.requests import Request as Asked
from core.words import JobState
from database.records import Job

router = APIRouter(tags=["jobs"])

LastEvent = Annotated[
    str | None, Header(alias="Last-Event-ID", description="Row of the ledger seen last.", examples=["812"])
]


@router.post(
    "/analyze",
    status_code=202,
    response_model=schemas.Accepted,
    responses={
        200: {"description": "The whole document, when waiting.", **DOCUMENT},
        **documented(404, 413, 422, 503),
    },
)
async def analyze(body: schemas.AnalyzeBody, engine: TheEngine, streams: TheStreams, roots: Roots) -> Any:
    """Analyse a file by its path. A second call for the same bytes answers from what is stored."""
    job = await run_in_threadpool(_submit, engine, body, roots)
    if not body.wait:
        return shown.accepted(job)
    over = await streams.finished(job.id)
    if over.state in (JobState.QUEUED, JobState.RUNNING):
        return problem(503, f"the server is stopping; job {job.id} goes on when it is started again")
    return Response(await run_in_threadpool(engine.document, job.id), media_type="application/json")


def _submit(engine: Engine, body: schemas.AnalyzeBody, roots: Roots) -> Job:
    path = absolute(body.file_path)
    if roots is not None:  # a command names what it will: what cannot be opened is a job with its reason
        OpenFile(path, roots).close()
    asked = Asked(
        questions=None if body.questions is None else tuple(body.questions),
        plugins=tuple(body.plugins),
        only=tuple(body.only),
        config=body.config,
        bpm=read_bpm(body.bpm),
        octave=read_octave(body.octave),
        meter=body.meter,
        force=body.force,
        within_roots=roots is not None,
        regions=engine.settings.regions,
    )
    return engine.submit(path, asked)


@router.post(
    "/api/analyze/upload",
    status_code=202,
    response_model=schemas.Uploaded,
    openapi_extra=UPLOAD,
    responses=documented(400, 413, 422, 503, 507),
)
async def upload(request: Request, engine: TheEngine) -> Any:
    """Send files; they are kept in the data folder and analysed."""
    paths = await receive(request.headers.get("content-type", ""), request.stream(), engine.uploads)
    asked = Asked(within_roots=True, regions=engine.settings.regions)
    jobs = [await run_in_threadpool(engine.submit, path, asked) for path in paths]
    return schemas.Uploaded(jobs=[shown.accepted(job) for job in jobs])


State = Literal["queued", "running", "done", "cancelled"]


@router.get("/jobs", response_model=schemas.Jobs, responses=documented(422, 503))
def list_jobs(
    engine: TheEngine,
    state: Annotated[
        State | None, Query(description="Only jobs in this state.", examples=["running"])
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> schemas.Jobs:
    """Jobs, newest first."""
    found = engine.store.jobs(state, limit=limit + 1, before=None if cursor is None else int(cursor))
    items, counts = found[:limit], engine.store.counters()
    total = sum(
        count
        for name, count in counts.items()
        if name.startswith("jobs.") and name[5:] == (state or name[5:])
    )
    more = str(items[-1].id) if len(found) > limit else None
    return schemas.Jobs(items=[shown.job(engine, job) for job in items], next_cursor=more, total=total)


@router.get("/jobs/{job_id}", response_model=schemas.JobShown, responses=documented(404, 422, 503))
def one_job(job_id: JobId, engine: TheEngine) -> schemas.JobShown:
    """One job."""
    return shown.job(engine, engine.job(job_id))


@router.get(
    "/jobs/{job_id}/document",
    responses={
        200: {"description": "The whole document, as far as the job is.", **DOCUMENT},
        **documented(404, 422, 503),
    },
)
def job_document(job_id: JobId, engine: TheEngine) -> Response:
    """What this job found, whatever was asked about its file since."""
    return Response(engine.document(job_id), media_type="application/json")


@router.delete("/jobs/{job_id}", response_model=schemas.JobShown, responses=documented(404, 409, 422, 503))
def cancel(job_id: JobId, engine: TheEngine) -> schemas.JobShown:
    """Cancel a job. Its workers are killed; what is stored stays."""
    job = engine.job(job_id)
    if not engine.cancel(job_id):
        raise Conflict(f"job {job_id} is {job.state}: there is nothing to cancel")
    return shown.job(engine, engine.job(job_id))


@router.post(
    "/jobs/{job_id}/retry",
    status_code=202,
    response_model=schemas.Accepted,
    responses=documented(404, 409, 422, 503),
)
def retry(
    job_id: JobId, engine: TheEngine, roots: Roots, body: Annotated[schemas.RetryBody | None, Body()] = None
) -> schemas.Accepted:
    """Ask again what failed, or what one plugin said: a new job about the same path."""
    return shown.accepted(engine.retry(job_id, body.plugin if body else None, within_roots=roots is not None))


@router.get(
    "/jobs/{job_id}/events",
    response_class=EventSourceResponse,
    responses={200: EVENTS, **documented(404, 422, 503)},
)
async def job_events(job_id: JobId, engine: TheEngine, streams: TheStreams, last: LastEvent = None) -> Any:
    """What happens in one job, until it is over."""
    await run_in_threadpool(engine.job, job_id)
    return EventSourceResponse(streams.stream(job_id, _row(last)))


@router.get("/events", response_class=EventSourceResponse, responses={200: EVENTS, **documented(422)})
async def events(streams: TheStreams, last: LastEvent = None) -> Any:
    """What happens: one stream for a page."""
    return EventSourceResponse(streams.stream(None, _row(last)))


def _row(last: str | None) -> int | None:
    return int(last) if last is not None and re.fullmatch(r"\d{1,18}", last) else None
