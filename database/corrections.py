"""Queries on what a person said of a file: a layer of its own, which no analysis overwrites.

Each word is kept with the number of the job that brought it, and gives way only to that of a later one: in
whatever order jobs run, and however often a killed one begins again, the last word holds. A word taken back stays
as a row without a value, so that an earlier job does not bring it again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from sqlalchemy import Connection, select, text, update
from sqlalchemy.dialects.sqlite import insert

from database.records import Correction
from database.rows import made, names
from database.tables import corrections as table
from database.tables import files, jobs

FIELDS = ("bpm", "octave", "meter")

_CORRECTION = tuple(table.c[name] for name in names(Correction))
_LAST_JOB = text("SELECT seq FROM sqlite_sequence WHERE name = 'jobs'")


def of_file(connection: Connection, sha256: str) -> list[Correction]:
    """Return what holds of a file, by field."""
    query = (
        select(*_CORRECTION)
        .select_from(table.join(files))
        .where(files.c.sha256 == sha256, table.c.value.isnot(None))
        .order_by(table.c.field)
    )
    return [made(Correction, row) for row in connection.execute(query)]


def respect(
    connection: Connection, job: int, sha256: str, said: Mapping[str, str | None], author: str
) -> dict[str, str]:
    """Keep what a job brought, unless a later one has spoken, and note with the job what holds; returns that."""
    file = _number(connection, sha256)
    if file is not None:
        _keep(connection, file, said, author, job)
    holding = {one.field: one.value for one in of_file(connection, sha256)}
    noted = json.dumps(holding, sort_keys=True)
    connection.execute(update(jobs).where(jobs.c.id == job).values(corrections=noted))
    return holding


def take_back(connection: Connection, sha256: str, author: str) -> bool:
    """Take back all that was said of a file, by jobs that wait as well; returns whether there is such a file."""
    file = _number(connection, sha256)
    if file is not None:
        last = connection.execute(_LAST_JOB).scalar() or 0
        _keep(connection, file, dict.fromkeys(FIELDS), author, last)
    return file is not None


def _keep(connection: Connection, file: int, said: Mapping[str, str | None], author: str, job: int) -> None:
    for field, value in said.items():
        row = insert(table).values(
            file=file, field=field, value=value, author=author, job=job, said=time.time()
        )
        changed = {name: row.excluded[name] for name in ("value", "author", "job", "said")}
        older = table.c.job < job if value is not None else table.c.job <= job
        connection.execute(
            row.on_conflict_do_update(index_elements=["file", "field"], set_=changed, where=older)
        )


def _number(connection: Connection, sha256: str) -> int | None:
    return connection.execute(select(files.c.id).where(files.c.sha256 == sha256)).scalar()
