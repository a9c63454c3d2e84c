"""Queries on the words that files are marked with."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from database import search
from database.records import Tag
from database.rows import columns, made, names
from database.tables import files
from database.tables import tags as table

_TAG = tuple(table.c[name] for name in names(Tag))
_OF_NUMBERS = (
    select(table.c.file, *_TAG)
    .where(table.c.file.in_(bindparam("numbers", expanding=True)))
    .order_by(table.c.file, table.c.key, table.c.value)
)


def of_numbers(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Tag]]:
    """Return the tags of files, known by their rows' numbers, in the order of their keys and values."""
    found: dict[int, list[Tag]] = {}
    for number, *row in connection.execute(_OF_NUMBERS, {"numbers": numbers}):
        found.setdefault(number, []).append(made(Tag, row))
    return found


def of_file(connection: Connection, sha256: str) -> list[Tag]:
    """Return a file's tags."""
    number = _number(connection, sha256)
    return [] if number is None else of_numbers(connection, [number]).get(number, [])


def put(connection: Connection, sha256: str, tag: Tag) -> bool:
    """Mark a file; a tag that a person gave stays theirs. Returns whether there is such a file."""
    number = _number(connection, sha256)
    if number is None:
        return False
    row = insert(table).values(file=number, **columns(tag))
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["file", "key", "value"],
            set_={"source": row.excluded.source},
            where=table.c.source != "user",
        )
    )
    search.index(connection, number)
    return True


def remove(connection: Connection, sha256: str, key: str, value: str) -> bool:
    """Take a tag off a file; returns whether it was there."""
    number = _number(connection, sha256)
    if number is None:
        return False
    same = (table.c.file == number, table.c.key == key, table.c.value == value)
    removed = connection.execute(delete(table).where(*same)).rowcount == 1
    if removed:
        search.index(connection, number)
    return removed


def _number(connection: Connection, sha256: str) -> int | None:
    return connection.execute(select(files.c.id).where(files.c.sha256 == sha256)).scalar()
