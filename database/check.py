"""Looks a data folder over: pages, references, counters, and the arrays that answers name."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from database import tables
from database.artifacts import Artifacts
from database.connections import NAME, errors_in_words, open_sqlite
from database.counting import COUNTED
from database.errors import NotADatabase
from database.schema import refuse_newer, revision_of

Found = tuple[bool, str]  # whether something is wrong, and what was found

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `words` says what was found."""

    what: str
    ok: bool
    words: str


def check(data: Path) -> list[Finding]:
    """Look a data folder over without changing it; another process may work on it meanwhile.

    Raises
    ------
    NotADatabase, NewerDatabase, DamagedDatabase, LockedDatabase, ReadOnlyData
        The database could not even be read.
    """
    file = data / NAME
    if not file.exists():
        raise NotADatabase(f"{file} does not exist: nothing was analysed with this data folder yet.")
    with errors_in_words(file):
        connection = open_sqlite(file, writes=False)
        try:
            connection.execute("BEGIN")
            return list(_findings(connection, data, file))
        finally:
            connection.close()


def _findings(connection: sqlite3.Connection, data: Path, file: Path) -> Iterator[Finding]:
    revision = revision_of(connection, file)
    refuse_newer(revision, file)
    yield Finding(
        "tables",
        revision == tables.REVISION,
        f"revision {revision}" if revision == tables.REVISION else _migrated_next(revision),
    )
    looks: dict[str, Callable[[sqlite3.Connection], Found]] = {"pages": _pages, "references": _references}
    if revision == tables.REVISION:
        looks |= {"counters": _counters, "arrays": partial(_arrays, data)}
    for what, look in looks.items():
        try:
            wrong, words = look(connection)
        except sqlite3.DatabaseError as error:
            wrong, words = True, f"cannot be read ({error})"
        yield Finding(what, not wrong, words)


def _migrated_next(revision: str | None) -> str:
    return f"revision {revision or 'none'}; the next start migrates it to {tables.REVISION}"


def _pages(connection: sqlite3.Connection) -> Found:
    found = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({_SHOWN})")]
    return found != ["ok"], "; ".join(found)


def _references(connection: sqlite3.Connection) -> Found:
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    if not broken:
        return False, "ok"
    return True, f"{len(broken)} rows refer to rows that are not there, first in {broken[0][0]}"


def _counters(connection: sqlite3.Connection) -> Found:
    kept = {name: value for name, value in connection.execute("SELECT name, value FROM counters") if value}
    counted = {name: value for name, value in connection.execute(COUNTED) if value}
    wrong = [
        f"{name} is kept as {kept.get(name, 0)} and counted as {counted.get(name, 0)}"
        for name in sorted(kept.keys() | counted.keys())
        if kept.get(name) != counted.get(name)
    ]
    return bool(wrong), "; ".join(wrong) or "ok"


def _arrays(data: Path, connection: sqlite3.Connection) -> Found:
    """Look whether each named array file is there and ends as an archive does, without reading it whole."""
    named = [
        str(row[0])
        for row in connection.execute("SELECT artifact FROM region_analysis WHERE artifact NOT NULL")
    ]
    kept = Artifacts(data)
    missing = [name for name in named if not (zipfile.is_zipfile(data / name) and kept.whole(name))]
    if not missing:
        return False, f"{len(named)} files, all there"
    shown = ", ".join(missing[:_SHOWN]) + (" ..." if len(missing) > _SHOWN else "")
    return True, f"{len(missing)} of {len(named)} files missing or damaged: {shown}"
