"""Deletes a file with all that belongs to it, unless a job is about it."""

from __future__ import annotations

from sqlalchemy import Connection, Integer, bindparam, delete, func, select, union_all

from database.errors import FileInUse
from database.records import Deleted
from database.tables import answers, file_paths, files, jobs

_ARTIFACTS = select(answers.c.artifact).where(
    answers.c.file == bindparam("number"), answers.c.artifact.isnot(None)
)
_STILL_NAMED = select(answers.c.id).where(answers.c.artifact == bindparam("artifact")).limit(1)
# A job's row names its file only once the file and its regions are stored; until then the path says what it is about.
_NUMBER = bindparam("number", type_=Integer)
_ITS_PATHS = select(file_paths.c.path).where(file_paths.c.file == _NUMBER)
_UNFINISHED_JOB = select(jobs.c.id, jobs.c.path, jobs.c.state).where(jobs.c.finished.is_(None))
_ABOUT_IT = union_all(  # rather than OR, for which SQLite reads every job
    _UNFINISHED_JOB.where(jobs.c.file == _NUMBER),
    _UNFINISHED_JOB.where(jobs.c.path.in_(_ITS_PATHS), func.coalesce(jobs.c.file, _NUMBER) == _NUMBER),
).order_by("id")


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
    job = connection.execute(_ABOUT_IT, {"number": number}).first()
    if job is not None:
        raise FileInUse(job.path, job.id, job.state)
    artifacts = dict.fromkeys(connection.execute(_ARTIFACTS, {"number": number}).scalars())
    connection.execute(delete(jobs).where(jobs.c.file == number))  # with their outcomes, which name answers
    connection.execute(delete(files).where(files.c.id == number))
    return Deleted(
        tuple(
            name for name in artifacts if connection.execute(_STILL_NAMED, {"artifact": name}).first() is None
        )
    )
