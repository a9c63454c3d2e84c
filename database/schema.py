"""Brings a database to this version's tables: makes a new one, migrates an older one, refuses any other."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, insert
from sqlalchemy.schema import PrimaryKeyConstraint

from database import tables
from database.connections import errors_in_words, open_sqlite
from database.counting import SEARCH, TRIGGERS
from database.errors import (
    DamagedDatabase,
    DiskFull,
    NewerDatabase,
    NotADatabase,
    ReadOnlyData,
    from_os,
    from_sqlite,
)

MIGRATIONS = Path(__file__).parent / "migrations"

# Alembic's own table, spelt as Alembic makes it.
_revision = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def revision_of(connection: sqlite3.Connection, file: Path) -> str | None:
    """Return the revision of the database behind `connection`; None for one without any table.

    Raises
    ------
    NotADatabase
        It has tables, but not Hemiola's.
    """
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not names:
        return None
    row = None
    if "alembic_version" in names:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        raise NotADatabase(
            f"{file} is a database of another program. "
            "Move it away, or name another folder with --data or HEMIOLA_DATA."
        )
    return str(row[0])


def refuse_newer(revision: str | None, file: Path) -> None:
    """Raise NewerDatabase when `revision` is one that this version does not know."""
    if revision is not None and revision > tables.REVISION:
        raise NewerDatabase(
            f"{file} was written by a later version of Hemiola (tables {revision}, this version knows up to "
            f"{tables.REVISION}). Update Hemiola, or restore a backup made before the update "
            "with `hemiola db restore`. The file was not touched."
        )


def prepare(file: Path, engine: Engine, busy_timeout_s: float) -> None:
    """Make `file` hold this version's tables. Called under the data folder's lock.

    An up-to-date database costs two SELECTs; Alembic is imported only when there is something to migrate.

    Parameters
    ----------
    file : Path
        The database; it may be missing.
    engine : Engine
        A writing engine on it.
    busy_timeout_s : float
        How long to wait for another program's lock.

    Raises
    ------
    NewerDatabase, NotADatabase, DamagedDatabase, LockedDatabase, DiskFull, ReadOnlyData
        The file is as it was before.
    """
    with errors_in_words(file):
        connection = open_sqlite(file, writes=True, busy_timeout_s=busy_timeout_s)
        try:
            revision = revision_of(connection, file)
            refuse_newer(revision, file)
            connection.execute("BEGIN IMMEDIATE")  # a folder that cannot be written says so now
            connection.execute("ROLLBACK")
            if revision is not None and revision != tables.REVISION:
                snapshot(connection, file.with_name(f"{file.stem}-before-{tables.REVISION}{file.suffix}"))
        finally:
            connection.close()
        if revision is None:
            with engine.connect() as fresh, fresh.begin():
                create(fresh)
        elif revision != tables.REVISION:
            migrate(file, engine)


def create(connection: Connection) -> None:
    """Make all tables, triggers and the search index, in the caller's transaction."""
    tables.metadata.create_all(connection, checkfirst=False)
    connection.exec_driver_sql(SEARCH)
    for trigger in TRIGGERS:
        connection.exec_driver_sql(trigger)
    _revision.create(connection, checkfirst=False)
    connection.execute(insert(_revision).values(version_num=tables.REVISION))


def migrate(file: Path, engine: Engine, scripts: Path = MIGRATIONS, target: str = "head") -> None:
    """Run the migrations in `scripts` up to `target` in one transaction: all of them, or none.

    Foreign keys are off meanwhile, since SQLite changes a table by making it anew, and are checked before the
    commit.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("PRAGMA foreign_keys = 0")  # has no effect inside a transaction
        with connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, target)
            broken: list[Any] = list(connection.exec_driver_sql("PRAGMA foreign_key_check"))
            if broken:
                raise DamagedDatabase(
                    f"{file} was not migrated: {len(broken)} rows refer to rows that are not there "
                    f"(first in table {broken[0][0]}). It is as it was; a copy lies beside it."
                )


def snapshot(connection: sqlite3.Connection, target: Path, called: Path | None = None) -> None:
    """Copy the database as it stands to `target` (VACUUM INTO), whole or not at all.

    Errors name the copy as `called`, which is `target` unless it is given.
    """
    called = called or target
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        connection.execute("VACUUM INTO ?", (str(part),))
        sync(part)
        part.replace(target)
        sync(target.parent)
    except OSError as error:
        raise from_os(error, called) from error
    except sqlite3.Error as error:
        worded = from_sqlite(error, called)
        if isinstance(worded, (DiskFull, ReadOnlyData)):  # it is the copy that cannot be written
            raise worded from error
        raise
    finally:
        part.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the file's or folder's content on the disk before going on."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
