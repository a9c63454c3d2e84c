"""Files as the library lists them: newest first, a page at a time, or one of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select, text

from database import tags
from database.records import File, Listed, Page, Summary
from database.rows import made, names
from database.search import Matching, matching
from database.tables import file_paths, file_summary, files

_ABOVE_ALL = 2**63 - 1

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
    return Page(
        items=_rows(connection, shown),
        next_cursor=str(shown[-1]) if len(numbers) > limit else None,
        total=_total(connection, found),
    )


def one(connection: Connection, sha256: str) -> Listed | None:
    """Return the file of that hash as a page would list it."""
    number = connection.execute(select(files.c.id).where(files.c.sha256 == sha256)).scalar()
    return None if number is None else _rows(connection, [number])[0]


def _numbers(connection: Connection, found: Matching, below: int, limit: int) -> Sequence[int]:
    query = f"SELECT {found.column} {found.source} AND {found.column} < :below ORDER BY 1 DESC LIMIT :limit"
    values = {"word": found.word, "below": below, "limit": limit}
    return connection.execute(text(query), values).scalars().all()


def _total(connection: Connection, found: Matching) -> int:
    if not found.word:
        return connection.execute(text("SELECT value FROM counters WHERE name = 'files'")).scalar() or 0
    return connection.execute(text(f"SELECT count(*) {found.source}"), {"word": found.word}).scalar() or 0


def _rows(connection: Connection, numbers: Sequence[int]) -> tuple[Listed, ...]:
    marked = tags.of_numbers(connection, numbers)
    rows = []
    for number, added, path, *row in connection.execute(_LISTED, {"numbers": numbers}):
        file, of_summary = made(File, row[: len(_FILE)]), row[len(_FILE) :]
        summary = None if of_summary[0] is None else made(Summary, (file.sha256, *of_summary))
        rows.append(Listed(file, path, summary, added, tuple(marked.get(number, ()))))
    return tuple(rows)
