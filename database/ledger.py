"""Queries on answers and outcomes, and the rows that one job's document is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, bindparam, delete, insert, select, text
from sqlalchemy.dialects.sqlite import insert as upsert

from database import jobs as job_queries
from database import library
from database.records import Answer, Document, Outcome, Shown
from database.rows import columns, made, names
from database.tables import answers, files, jobs, outcomes, results

_KEYS_AT_ONCE = 500

_ELSEWHERE: dict[str, Column[Any]] = {"file": files.c.sha256, "result": results.c.result}
_ANSWER = tuple(_ELSEWHERE[name] if name in _ELSEWHERE else answers.c[name] for name in names(Answer))
_OUTCOME = tuple(answers.c.key if name == "answer" else outcomes.c[name] for name in names(Outcome))

_SHOWN = tuple(_ELSEWHERE[name] if name in _ELSEWHERE else answers.c[name] for name in names(Shown))

_WHOLE_ANSWERS = answers.join(files).outerjoin(results)
_BY_KEYS = (
    select(*_ANSWER).select_from(_WHOLE_ANSWERS).where(answers.c.key.in_(bindparam("keys", expanding=True)))
)
_OF_JOB = (
    select(*_OUTCOME)
    .select_from(outcomes.outerjoin(answers))
    .where(outcomes.c.job == bindparam("job"))
    .order_by(outcomes.c.id)
)
_AFTER = (
    select(outcomes.c.id, files.c.sha256, *_OUTCOME)
    .select_from(
        outcomes.join(jobs, outcomes.c.job == jobs.c.id)
        .outerjoin(files, jobs.c.file == files.c.id)
        .outerjoin(answers, outcomes.c.answer == answers.c.id)
    )
    .where(outcomes.c.id > bindparam("after"))
    .order_by(outcomes.c.id)
    .limit(bindparam("most"))
)
_LAST = text("SELECT seq FROM sqlite_sequence WHERE name = 'outcomes'")
_DOCUMENT = (
    select(*_OUTCOME, *_SHOWN)
    .select_from(outcomes.outerjoin(answers).outerjoin(results))
    .where(outcomes.c.job == bindparam("job"))
    .order_by(outcomes.c.id)
)

_KEPT = [name for name in names(Answer) if name not in _ELSEWHERE]
_FILE_NUMBER = select(files.c.id).where(files.c.sha256 == bindparam("file")).scalar_subquery()
_NEW_ANSWER = upsert(answers).values(file=_FILE_NUMBER, **{name: bindparam(name) for name in _KEPT})
_PUT_ANSWER = _NEW_ANSWER.on_conflict_do_update(
    index_elements=["key"],
    set_={name: _NEW_ANSWER.excluded[name] for name in ("file", *_KEPT) if name != "key"},
).returning(answers.c.id)
_NEW_RESULT = upsert(results)
_PUT_RESULT = _NEW_RESULT.on_conflict_do_update(
    index_elements=["answer"], set_={"result": _NEW_RESULT.excluded.result}
)
_DROP_RESULT = delete(results).where(results.c.answer == bindparam("number"))
_NUMBER_OF = select(answers.c.id).where(answers.c.key == bindparam("key"))
_PUT_OUTCOME = insert(outcomes)
_DROP_OUTCOME = delete(outcomes).where(
    outcomes.c.job == bindparam("of_job"),
    outcomes.c.region == bindparam("of_region"),
    outcomes.c.question == bindparam("of_question"),
    outcomes.c.plugin == bindparam("of_plugin"),
)


def get_answers(connection: Connection, keys: Sequence[str]) -> dict[str, Answer]:
    """Return the answers that are stored under `keys`, with their results, by key."""
    found: dict[str, Answer] = {}
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        rows = connection.execute(_BY_KEYS, {"keys": list(keys[start : start + _KEYS_AT_ONCE])})
        found.update((row[0], made(Answer, row)) for row in rows)
    return found


def record(connection: Connection, outcome: Outcome, answer: Answer | None) -> int:
    """Store an answer in place of one with its key, and the outcome in place of one of its place in the job.

    Returns
    -------
    int
        The ledger row's number. An outcome that takes another's place gets a new, higher one.
    """
    number = None
    if answer is not None:
        number = _put_answer(connection, answer)
    elif outcome.answer is not None:
        number = connection.execute(_NUMBER_OF, {"key": outcome.answer}).scalar()
        if number is None:
            raise LookupError(
                f"{outcome.plugin}'s outcome names the answer {outcome.answer}, which is not stored"
            )
    place = {
        "of_job": outcome.job,
        "of_region": outcome.region,
        "of_question": outcome.question,
        "of_plugin": outcome.plugin,
    }
    connection.execute(_DROP_OUTCOME, place)
    stored = connection.execute(_PUT_OUTCOME, {**columns(outcome), "answer": number})
    return int(stored.lastrowid)


def _put_answer(connection: Connection, answer: Answer) -> int:
    values = columns(answer)
    result = values.pop("result")
    number = int(connection.execute(_PUT_ANSWER, values).scalar_one())
    if result is None:
        connection.execute(_DROP_RESULT, {"number": number})
    else:
        connection.execute(_PUT_RESULT, {"answer": number, "result": result})
    return number


def of_job(connection: Connection, job: int) -> list[Outcome]:
    """Return a job's outcomes in the order they were stored."""
    return [made(Outcome, row) for row in connection.execute(_OF_JOB, {"job": job})]


def after(connection: Connection, row: int, limit: int) -> list[tuple[int, Outcome, str | None]]:
    """Return the first outcomes above a row's number, each with its own and with its job's file."""
    rows = connection.execute(_AFTER, {"after": row, "most": limit})
    return [(number, made(Outcome, outcome), sha256) for number, sha256, *outcome in rows]


def last(connection: Connection) -> int:
    """Return the highest row's number that was ever given, 0 before the first."""
    return connection.execute(_LAST).scalar() or 0


def document(connection: Connection, number: int) -> Document | None:
    """Return all rows of a job's document in three queries."""
    job = job_queries.get(connection, number)
    if job is None:
        return None
    found = library.get_segmentation(connection, job.segmentation) if job.segmentation else None
    rows = connection.execute(_DOCUMENT, {"job": number}).all()
    return Document(
        job=job,
        file=library.get_file(connection, job.file) if job.file else None,
        regions=tuple(found or ()),
        outcomes=tuple(_outcome_and_shown(row) for row in rows),
    )


def _outcome_and_shown(row: Sequence[Any]) -> tuple[Outcome, Shown | None]:
    outcome = made(Outcome, row[: len(_OUTCOME)])
    return outcome, None if outcome.answer is None else made(Shown, row[len(_OUTCOME) :])
