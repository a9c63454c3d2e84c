"""Deletes a file with all that belongs to it, unless a job is about it."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, or_, select

from database.errors import FileInUse
from database.records import Deleted
from database.tables import answers, file_paths, files, jobs

_ARTIFACTS = select(answers.c.artifact).where(
    answers.c.file == bindparam("number"), answers.c.artifact.isnot(None)
)
_STILL_NAMED = select(answers.c.id).where(answers.c.artifact == bindparam("artifact")).limit(1)
# A job's row names its file only once the file and its regions are stored; until then the path says what it is about.
_ABOUT_IT = or_(
    jobs.c.file == bindparam("number"),
    jobs.c.file.is_(None)
    & jobs.c.path.in_(select(file_paths.c.path).where(file_paths.c.file == bindparam("number"))),
)
_UNFINISHED = (
    select(jobs.c.path, jobs.c.id, jobs.c.state)
    .where(jobs.c.finished.is_(None), _ABOUT_IT)
    .order_by(jobs.c.id)
    .limit(1)
)


def delete_file(connection: Connection, sha256: str) -> Deleted | None:
    """Delete a file's rows in every table; None when there is no such file.

    Raises
    ------
    FileInUse
        A queued or running job is about the file, or about a path at which it was seen.
    """
    number = connection.execute(select(files.c.id).where(files.c.sha256 == sha256)).scalar()
    if number is None:
        return None
    job = connection.execute(_UNFINISHED, {"number": number}).first()
    if job is not None:
        raise FileInUse(*job)
    artifacts = dict.fromkeys(connection.execute(_ARTIFACTS, {"number": number}).scalars())
    connection.execute(delete(jobs).where(jobs.c.file == number))  # with their outcomes, which name answers
    connection.execute(delete(files).where(files.c.id == number))
    return Deleted(
        tuple(
            name for name in artifacts if connection.execute(_STILL_NAMED, {"artifact": name}).first() is None
        )
    )
