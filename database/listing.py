"""Files as the library lists them: newest first, a page at a time, or one of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select, text

from database import tags
from database.records import File, Listed, Page, Summary
from database.rows import made, names
from database.search import Matching, matching
from database.tables import file_paths, file_summary, files

COUNTED_UP_TO = 5_000
"""Found files: counting 100,000 that one long stretch finds takes 80 ms, counting 5,000 of them 6."""

_ABOVE_ALL = 2**63 - 1
_ALL_FILES = text("SELECT value FROM counters WHERE name = 'files'")

_FILE = tuple(files.c[name] for name in names(File))
_SUMMARY = tuple(file_summary.c[name] for name in names(Summary) if name != "file")
_LAST_PATH = (
    select(file_paths.c.path)
    .where(file_paths.c.file == files.c.id)
    .order_by(file_paths.c.seen.desc())
    .limit(1)
    .scalar_subquery()
)
_LISTED = (
    select(files.c.id, files.c.added, _LAST_PATH, *_FILE, *_SUMMARY)
    .select_from(files.outerjoin(file_summary))
    .where(files.c.id.in_(bindparam("numbers", expanding=True)))
    .order_by(files.c.id.desc())
)


def page(connection: Connection, query: str | None, cursor: str | None, limit: int) -> Page:
    """Return a page of the files that `query` finds: first their numbers, then the rows."""
    found = matching(query or "")
    below = min(int(cursor), _ABOVE_ALL) if cursor is not None else _ABOVE_ALL
    numbers = _numbers(connection, found, below, limit + 1)
    shown = numbers[:limit]
    next_cursor = str(shown[-1]) if shown and len(numbers) > limit else None
    whole = cursor is None and len(numbers) <= limit
    total, exact = (len(shown), True) if whole else _total(connection, found)
    return Page(_rows(connection, shown), next_cursor, total, exact)


def one(connection: Connection, sha256: str) -> Listed | None:
    """Return the file of that hash as a page would list it."""
    number = connection.execute(select(files.c.id).where(files.c.sha256 == sha256)).scalar()
    return None if number is None else _rows(connection, [number])[0]


def _numbers(connection: Connection, found: Matching, below: int, limit: int) -> list[int]:
    """Return the highest file numbers under `below` that were found."""
    query = f"SELECT {found.column} {found.source} AND {found.column} < :below ORDER BY 1 DESC LIMIT :limit"
    values = {"word": found.word, "below": below, "limit": limit}
    return list(connection.execute(text(query), values).scalars())


def _total(connection: Connection, found: Matching) -> tuple[int, bool]:
    """Return how many files were found, and whether that is all of them."""
    if not found.word:
        return connection.execute(_ALL_FILES).scalar() or 0, True
    query = f"SELECT count(*) FROM (SELECT 1 {found.source} LIMIT :most)"
    counted = connection.execute(text(query), {"word": found.word, "most": COUNTED_UP_TO + 1}).scalar() or 0
    return min(counted, COUNTED_UP_TO), counted <= COUNTED_UP_TO


def _rows(connection: Connection, numbers: Sequence[int]) -> tuple[Listed, ...]:
    marked = tags.of_numbers(connection, numbers)
    rows = []
    for number, added, path, *row in connection.execute(_LISTED, {"numbers": numbers}):
        file, of_summary = made(File, row[: len(_FILE)]), row[len(_FILE) :]
        summary = None if of_summary[0] is None else made(Summary, (file.sha256, *of_summary))
        rows.append(Listed(file, path, summary, added, tuple(marked.get(number, ()))))
    return tuple(rows)
