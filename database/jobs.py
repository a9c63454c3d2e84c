"""Queries on jobs; each takes the connection of the transaction that it is part of."""

from __future__ import annotations

import time

from sqlalchemy import Connection, bindparam, exists, insert, select, update

from database.records import Job
from database.rows import made, maybe
from database.tables import files, outcomes, segmentations
from database.tables import jobs as table

_SELECT = select(
    table.c.id,
    table.c.kind,
    table.c.path,
    files.c.sha256,
    segmentations.c.key,
    table.c.parameters,
    table.c.state,
    table.c.verdict,
    table.c.intake,
    table.c.notices,
    table.c.created,
    table.c.started,
    table.c.finished,
    table.c.corrections,
).select_from(table.outerjoin(files).outerjoin(segmentations, table.c.segmentation == segmentations.c.id))

_CLAIM = (
    update(table)
    .where(
        table.c.id
        == select(table.c.id).where(table.c.state == "queued").order_by(table.c.id).limit(1).scalar_subquery()
    )
    .values(state="running", started=bindparam("now"))
    .returning(table.c.id)
)


def add(connection: Connection, kind: str, path: str, parameters: str) -> Job:
    """Queue a job."""
    created = connection.execute(
        insert(table).values(
            kind=kind, path=path, parameters=parameters, state="queued", notices="[]", created=time.time()
        )
    )
    job = get(connection, int(created.lastrowid))
    assert job is not None
    return job


def get(connection: Connection, number: int) -> Job | None:
    """Return one job."""
    return maybe(Job, connection.execute(_SELECT.where(table.c.id == number)).first())


def some(connection: Connection, state: str | None, limit: int, before: int | None) -> list[Job]:
    """Return jobs, newest first, with ids below `before`."""
    query = _SELECT.order_by(table.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(table.c.state == state)
    if before is not None:
        query = query.where(table.c.id < before)
    return [made(Job, row) for row in connection.execute(query)]


def unfinished(connection: Connection, kind: str, path: str, parameters: str) -> Job | None:
    """Return the oldest queued or running job that asks exactly this."""
    same = (table.c.kind == kind, table.c.path == path, table.c.parameters == parameters)
    query = _SELECT.where(table.c.finished.is_(None), *same).order_by(table.c.id).limit(1)
    return maybe(Job, connection.execute(query).first())


def latest_of(connection: Connection, sha256: str, state: str | None) -> Job | None:
    """Return the newest job of a file."""
    file = select(files.c.id).where(files.c.sha256 == sha256).scalar_subquery()
    query = _SELECT.where(table.c.file == file).order_by(table.c.id.desc()).limit(1)
    if state is not None:
        query = query.where(table.c.state == state)
    return maybe(Job, connection.execute(query).first())


def latest_with(connection: Connection, sha256: str, question: str) -> Job | None:
    """Return the newest finished job of a file in which somebody answered a question."""
    file = select(files.c.id).where(files.c.sha256 == sha256).scalar_subquery()
    answered = exists().where(
        outcomes.c.job == table.c.id, outcomes.c.question == question, outcomes.c.winner.is_(True)
    )
    query = _SELECT.where(table.c.file == file, table.c.state == "done", answered)
    return maybe(Job, connection.execute(query.order_by(table.c.id.desc()).limit(1)).first())


def claim(connection: Connection) -> Job | None:
    """Take the oldest queued job; the select and the update are one statement."""
    number = connection.execute(_CLAIM, {"now": time.time()}).scalar()
    return None if number is None else get(connection, number)


def requeue_running(connection: Connection) -> int:
    """Queue again what was running when its process ended; returns how many."""
    return connection.execute(
        update(table).where(table.c.state == "running").values(state="queued", started=None)
    ).rowcount


def set_file(connection: Connection, number: int, sha256: str, segmentation: str | None) -> None:
    """Say which bytes, and which of their sets of regions, the job is about."""
    file = select(files.c.id).where(files.c.sha256 == sha256).scalar_subquery()
    regions = select(segmentations.c.id).where(segmentations.c.key == segmentation).scalar_subquery()
    connection.execute(update(table).where(table.c.id == number).values(file=file, segmentation=regions))


def finish(connection: Connection, number: int, verdict: str, notices: str, intake: str | None) -> bool:
    """End a running job; returns whether it was running."""
    ended = connection.execute(
        update(table)
        .where(table.c.id == number, table.c.state == "running")
        .values(state="done", verdict=verdict, notices=notices, intake=intake, finished=time.time())
    )
    return ended.rowcount == 1


def cancel(connection: Connection, number: int) -> bool:
    """End a queued or running job without a verdict; returns whether it was either."""
    ended = connection.execute(
        update(table)
        .where(table.c.id == number, table.c.state.in_(("queued", "running")))
        .values(state="cancelled", finished=time.time())
    )
    return ended.rowcount == 1
