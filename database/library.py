"""Queries on files, where they were seen, their regions and summaries."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from database import search
from database.records import File, Region, SeenPath, Summary
from database.rows import columns, made, maybe, names
from database.tables import counters, file_paths, file_summary, files, regions, segmentations

_FILE = tuple(files.c[name] for name in names(File))
_SUMMARY = tuple(file_summary.c[name] for name in names(Summary) if name != "file")
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
    _put_seen(connection, number, path, now)


def get_file(connection: Connection, sha256: str) -> File | None:
    """Return the file of that hash."""
    return maybe(File, connection.execute(select(*_FILE).where(files.c.sha256 == sha256)).first())


def put_path(connection: Connection, sha256: str, path: str) -> bool:
    """Store that a file was seen at `path` just now; returns whether there is such a file."""
    number = connection.execute(select(files.c.id).where(files.c.sha256 == sha256)).scalar()
    if number is not None:
        _put_seen(connection, number, path, time.time())
    return number is not None


def _put_seen(connection: Connection, number: int, path: str, now: float) -> None:
    seen = insert(file_paths).values(file=number, path=path, seen=now)
    connection.execute(seen.on_conflict_do_update(index_elements=["file", "path"], set_={"seen": now}))
    search.index(connection, number)


def paths(connection: Connection, sha256: str) -> list[SeenPath]:
    """Return where a file was seen, where it was last first."""
    query = (
        select(file_paths.c.path, file_paths.c.seen)
        .select_from(file_paths.join(files))
        .where(files.c.sha256 == sha256)
        .order_by(file_paths.c.seen.desc())
    )
    return [made(SeenPath, row) for row in connection.execute(query)]


def files_at(connection: Connection, path: str) -> list[str]:
    """Return the hashes of the files that were seen at exactly this path, the one seen last first."""
    query = (
        select(files.c.sha256)
        .select_from(file_paths.join(files))
        .where(file_paths.c.path == path)
        .order_by(file_paths.c.seen.desc())
    )
    return list(connection.execute(query).scalars())


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
    search.index(connection, number)


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
