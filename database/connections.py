"""How a database file is opened: the pragmas, one engine that writes and one that reads, errors as ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from database.errors import DatabaseError, from_sqlite

NAME = "hemiola.db"
BUSY_TIMEOUT_S = 5.0
_WAL_KEPT_BYTES = 64 * 1024 * 1024
_CHECKPOINT_PAGES = 4000  # 16 MB: an answer changes ten pages, and each checkpoint waits for the disk


def open_sqlite(file: Path, *, writes: bool, busy_timeout_s: float = BUSY_TIMEOUT_S) -> sqlite3.Connection:
    """Open `file` without SQLAlchemy; transactions are begun and ended by the caller (autocommit otherwise).

    Parameters
    ----------
    file : Path
        The database. It is made when it is missing and `writes` is true.
    writes : bool
        False refuses every change on this connection.
    busy_timeout_s : float
        How long a statement waits for another program's lock.

    Raises
    ------
    sqlite3.Error
        As SQLite says; `errors.from_sqlite` puts it into words.
    """
    connection = sqlite3.connect(file, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
    try:
        if writes:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA journal_size_limit = {_WAL_KEPT_BYTES}")
        else:
            connection.execute("PRAGMA query_only = 1")
        connection.execute("PRAGMA foreign_keys = 1")
    except BaseException:
        connection.close()
        raise
    return connection


def writing_engine(file: Path, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Engine:
    """Return an engine whose transactions begin with BEGIN IMMEDIATE.

    A plain BEGIN takes the write lock at its first change, and fails there at once when another has written
    since.
    """
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: open_sqlite(file, writes=True, busy_timeout_s=busy_timeout_s),
        poolclass=NullPool,
    )
    event.listen(engine, "begin", _begin_immediate)
    return engine


def reading_engine(file: Path, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Engine:
    """Return an engine that reads only; each transaction sees one state of the database."""
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: open_sqlite(file, writes=False, busy_timeout_s=busy_timeout_s),
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=16,
        pool_use_lifo=True,  # the connection used last holds the pages that are asked for again
    )
    event.listen(engine, "begin", _begin)
    return engine


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


@contextmanager
def on_the_disk(connection: Connection) -> Iterator[None]:
    """Have what is committed inside on the disk by then; entered outside a transaction."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA synchronous = FULL")
    try:
        yield
    finally:
        driver.execute("PRAGMA synchronous = NORMAL")


@contextmanager
def errors_in_words(file: Path) -> Iterator[None]:
    """Turn what SQLite raises inside into one of `database.errors`; broken constraints pass as they are."""
    try:
        yield
    except DBAPIError as error:
        worded = _in_words(error.orig, file)
        if worded is None:
            raise
        raise worded from error
    except sqlite3.Error as error:
        worded = _in_words(error, file)
        if worded is None:
            raise
        raise worded from error


def _in_words(error: BaseException | None, file: Path) -> DatabaseError | None:
    mistake = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError)
    if not isinstance(error, sqlite3.Error) or isinstance(error, mistake):
        return None
    return from_sqlite(error, file)
