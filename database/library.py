"""Queries on files, their regions and summaries, and the list of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, select, text
from sqlalchemy.dialects.sqlite import insert

from database.records import File, Listed, Page, Region, Summary
from database.rows import columns, made, maybe, names
from database.tables import counters, file_paths, file_summary, files, regions, segmentations

SHORTEST_SEARCH = 3  # characters: the search index holds trigrams

_FILE = tuple(files.c[name] for name in names(File))
_SUMMARY = tuple(file_summary.c[name] for name in names(Summary) if name != "file")
_LAST_PATH = (
    select(file_paths.c.path)
    .where(file_paths.c.file == files.c.id)
    .order_by(file_paths.c.seen.desc())
    .limit(1)
    .scalar_subquery()
)
_REGIONS = (
    select(*(files.c.sha256 if name == "file" else regions.c[name] for name in names(Region)))
    .select_from(segmentations.join(files).join(regions, regions.c.segmentation == segmentations.c.id))
    .where(segmentations.c.key == bindparam("key"))
    .order_by(regions.c.position)
)


def put_file(connection: Connection, file: File, path: str) -> None:
    """Store what intake found, and that the file was seen at `path`; an earlier intake's row is replaced."""
    now = time.time()
    values = columns(file)
    row = insert(files).values(**values, added=now)
    changed = {name: row.excluded[name] for name in values if name != "sha256"}
    number = connection.execute(
        row.on_conflict_do_update(index_elements=["sha256"], set_=changed).returning(files.c.id)
    ).scalar_one()
    seen = insert(file_paths).values(file=number, path=path, seen=now)
    connection.execute(seen.on_conflict_do_update(index_elements=["file", "path"], set_={"seen": now}))
    _index_words(connection, number)


def get_file(connection: Connection, sha256: str) -> File | None:
    """Return the file of that hash."""
    return maybe(File, connection.execute(select(*_FILE).where(files.c.sha256 == sha256)).first())


def put_segmentation(
    connection: Connection, key: str, sha256: str, settings: str, found: Sequence[Region]
) -> None:
    """Store a set of regions in its order; its key says what is in it, so a known one is left as it is."""
    number = connection.execute(
        insert(segmentations)
        .values(
            key=key,
            file=select(files.c.id).where(files.c.sha256 == sha256).scalar_subquery(),
            settings=settings,
            takes=sum(region.level == "take" for region in found),
            regions=sum(region.level == "region" for region in found),
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(segmentations.c.id)
    ).scalar()
    if number is None or not found:
        return
    rows = [
        {
            "segmentation": number,
            "id": region.id,
            "position": position,
            "level": region.level,
            "parent": region.parent,
            "start_sample": region.start_sample,
            "end_sample": region.end_sample,
            "start_s": region.start_s,
            "end_s": region.end_s,
        }
        for position, region in enumerate(found)
    ]
    connection.execute(insert(regions), rows)


def get_segmentation(connection: Connection, key: str) -> list[Region] | None:
    """Return a set of regions in its order; None when it was never stored, [] for a silent file."""
    found = [made(Region, row) for row in connection.execute(_REGIONS, {"key": key})]
    if (
        not found
        and connection.execute(select(segmentations.c.id).where(segmentations.c.key == key)).first() is None
    ):
        return None
    return found


def put_summary(connection: Connection, summary: Summary) -> None:
    """Store a file's summary in place of the one before."""
    values = columns(summary)
    sha256 = values.pop("file")
    number = connection.execute(select(files.c.id).where(files.c.sha256 == sha256)).scalar_one()
    row = insert(file_summary).values(file=number, **values)
    connection.execute(row.on_conflict_do_update(index_elements=["file"], set_=values))
    _index_words(connection, number)


def get_summary(connection: Connection, sha256: str) -> Summary | None:
    """Return a file's summary."""
    query = (
        select(files.c.sha256, *_SUMMARY)
        .select_from(files.join(file_summary))
        .where(files.c.sha256 == sha256)
    )
    return maybe(Summary, connection.execute(query).first())


def counted(connection: Connection) -> dict[str, int]:
    """Return the kept counters by name."""
    return {row.name: row.value for row in connection.execute(select(counters))}


def listed(connection: Connection, query: str | None, cursor: str | None, limit: int) -> Page:
    """Return a page of files, the newest first, that `query` matches: first their numbers, then the rows."""
    query = (query or "").strip()
    found, total = _found(query)
    below = int(cursor) if cursor is not None else _ABOVE_ALL
    numbers = (
        connection.execute(found, {"query": _phrase(query), "below": below, "limit": limit + 1})
        .scalars()
        .all()
    )
    shown = numbers[:limit]
    rows = connection.execute(_LISTED, {"numbers": shown}).all()
    return Page(
        items=tuple(_listed(row) for row in rows),
        next_cursor=str(shown[-1]) if len(numbers) > limit else None,
        total=connection.execute(total, {"query": _phrase(query)}).scalar() or 0,
    )


_ABOVE_ALL = 2**63 - 1
_LISTED = (
    select(_LAST_PATH, *_FILE, *_SUMMARY)
    .select_from(files.outerjoin(file_summary))
    .where(files.c.id.in_(bindparam("numbers", expanding=True)))
    .order_by(files.c.id.desc())
)
_PAGED = " ORDER BY 1 DESC LIMIT :limit"
_ALL = (
    text("SELECT id FROM files WHERE id < :below" + _PAGED),
    text("SELECT value FROM counters WHERE name = 'files'"),
)
_MATCHING = "FROM file_search WHERE file_search MATCH :query"
_BY_WORDS = (
    text(f"SELECT rowid {_MATCHING} AND rowid < :below{_PAGED}"),
    text(f"SELECT count(*) {_MATCHING}"),
)
_TONIC = "(key > :query || ' ' AND key < :query || '!')"  # "A" finds "A minor", not "Ab major"
_HAVING = f"FROM file_summary WHERE (meter = :query OR key = :query OR {_TONIC})"
_BY_KEY_OR_METER = (
    text(f"SELECT file {_HAVING} AND file < :below{_PAGED}"),
    text(f"SELECT count(*) {_HAVING}"),
)


def _found(query: str) -> tuple[TextClause, TextClause]:
    """Return the statements that page through and count what `query` matches."""
    if not query:
        return _ALL
    return _BY_WORDS if len(query) >= SHORTEST_SEARCH else _BY_KEY_OR_METER


def _phrase(query: str) -> str:
    """Return `query` as one FTS5 phrase; short ones are compared as they are."""
    return query if len(query) < SHORTEST_SEARCH else '"' + query.replace('"', '""').replace("\0", "") + '"'


def _listed(row: Sequence[Any]) -> Listed:
    path, of_file, of_summary = row[0], row[1 : 1 + len(_FILE)], row[1 + len(_FILE) :]
    file = made(File, of_file)
    return Listed(file, path, None if of_summary[0] is None else made(Summary, (file.sha256, *of_summary)))


_WORDS_OF = text(
    """
    INSERT OR REPLACE INTO file_search (rowid, words)
    SELECT :number, group_concat(word, char(10)) FROM (
        SELECT path AS word FROM file_paths WHERE file = :number AND typeof(path) = 'text'
        UNION ALL SELECT key FROM file_summary WHERE file = :number AND key IS NOT NULL
        UNION ALL SELECT meter FROM file_summary WHERE file = :number AND meter IS NOT NULL
    )
    """
)


def _index_words(connection: Connection, number: int) -> None:
    """Have the search find the file by what is known of it now."""
    connection.execute(_WORDS_OF, {"number": number})
