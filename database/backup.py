"""Backups of a data folder: a folder with the database, as of one moment, and the arrays that it names."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from database.artifacts import beside
from database.connections import NAME, errors_in_words, open_sqlite
from database.errors import BackupRefused, DatabaseError, NotADatabase, from_os
from database.lock import DataLock
from database.schema import refuse_newer, revision_of, snapshot, sync


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did; `kept` is the database that was there before, None when there was none."""

    kept: Path | None
    artifacts: int
    missing: int  # arrays that the database names and neither the backup nor the data folder has


def backup(data: Path, target: Path) -> int:
    """Copy database and arrays to a new folder `target`, and return the number of array files.

    It may be called while another process works on the data folder: the database is copied as of one moment,
    and arrays are written before the rows that name them.

    Raises
    ------
    BackupRefused
        `target` holds something already.
    NotADatabase
        There is nothing to copy.
    DiskFull, ReadOnlyData
        `target` was not made.
    """
    file = data / NAME
    if not file.exists():
        raise NotADatabase(f"{file} does not exist: there is nothing to back up.")
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise BackupRefused(f"{target} holds something already. Name a folder that does not exist yet.")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.mkdir(mode=0o700, parents=True)
        with errors_in_words(file):
            connection = open_sqlite(file, writes=False)
            try:
                connection.execute("PRAGMA query_only = 0")  # VACUUM INTO counts as a change
                snapshot(connection, part / NAME, called=target)
            finally:
                connection.close()
        copied, _ = _copy_artifacts(_named(part / NAME), data, part)
        part.replace(target)
        sync(target.parent)
    except OSError as error:
        raise from_os(error, target) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return copied


def restore(data: Path, source: Path) -> Restored:
    """Put a backup in the place of the database; what was there is kept beside it.

    Parameters
    ----------
    data : Path
        The data folder; its lock is taken meanwhile, and is not waited for.
    source : Path
        A folder that `backup` made, or a database file alone, such as the copy made before a migration.

    Raises
    ------
    FolderHeld
        Another process works on the data folder.
    BackupRefused
        `source` is missing or damaged. Nothing was changed.
    NotADatabase, NewerDatabase
        `source` is not one that this version can open. Nothing was changed.
    """
    file = data / NAME
    backed_up = source / NAME if source.is_dir() else source
    if not backed_up.is_file():
        raise BackupRefused(f"{backed_up} does not exist: name a folder that `hemiola db backup` made.")
    if file.exists() and backed_up.samefile(file):
        raise BackupRefused(f"{backed_up} is the database in use, not a backup of it.")
    lock = DataLock(data, "command")
    lock.acquire(wait=False)
    part = data / f".{NAME}.restored"
    try:
        _copy(backed_up, part)
        _verify(part, backed_up)
        artifacts, missing = _copy_artifacts(_named(part), source, data) if source.is_dir() else (0, 0)
        kept = _keep(file)
        part.replace(file)
        sync(data)
    except OSError as error:
        raise from_os(error, file) from error
    finally:
        _remove_with_journal(part)
        lock.release()
    return Restored(kept, artifacts, missing)


def _copy(backed_up: Path, part: Path) -> None:
    """Copy a database with the log that may lie beside it; the source may be on a read-only medium."""
    _remove_with_journal(part)
    shutil.copyfile(backed_up, part)
    log = Path(f"{backed_up}-wal")
    if log.exists():
        shutil.copyfile(log, f"{part}-wal")


def _verify(part: Path, backed_up: Path) -> None:
    """Raise unless the copy `part` is a whole database of a known version; leave it in one synced file."""
    try:
        with errors_in_words(part):
            connection = sqlite3.connect(part, isolation_level=None)
            try:
                found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
                if found != ["ok"]:
                    raise BackupRefused(
                        f"{backed_up} is damaged ({found[0]}). Nothing was restored; try another backup."
                    )
                revision = revision_of(connection, backed_up)
                if revision is None:
                    raise NotADatabase(f"{backed_up} is empty. Nothing was restored; try another backup.")
                refuse_newer(revision, backed_up)
                connection.execute("PRAGMA journal_mode = DELETE")
            finally:
                connection.close()
    except DatabaseError as error:
        if str(part) in str(error):  # said of the copy, but meant of what the user named
            raise BackupRefused(
                f"{backed_up} cannot be restored: {error.__cause__}. Try another backup."
            ) from error
        raise
    sync(part)


def _keep(file: Path) -> Path | None:
    """Give the database a second name, so that replacing it loses nothing, and leave no log to the next one."""
    if not file.exists():
        return None
    kept = _free_name(file)
    os.link(file, kept)
    log, kept_log = Path(f"{file}-wal"), Path(f"{kept}-wal")
    if log.exists():
        os.link(log, kept_log)
    if _fold_log(file):
        kept_log.unlink(missing_ok=True)
    log.unlink(missing_ok=True)
    Path(f"{file}-shm").unlink(missing_ok=True)
    return kept


def _fold_log(file: Path) -> bool:
    """Write what a database's log holds into the database itself; False for one too damaged for that."""
    try:
        connection = open_sqlite(file, writes=True)
    except sqlite3.Error:
        return False
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        return False
    finally:
        connection.close()
    return True


def _free_name(file: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    kept = file.with_name(f"{file.stem}-replaced-{stamp}{file.suffix}")
    counted = 1
    while kept.exists():
        counted += 1
        kept = file.with_name(f"{file.stem}-replaced-{stamp}-{counted}{file.suffix}")
    return kept


def _named(file: Path) -> list[str]:
    """Return the names of the arrays that a database's answers have."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        rows = connection.execute("SELECT artifact FROM region_analysis WHERE artifact IS NOT NULL")
        return [str(row[0]) for row in rows]
    finally:
        connection.close()


def _copy_artifacts(names: list[str], source: Path, target: Path) -> tuple[int, int]:
    """Copy the named arrays and the files with them, each whole or not at all.

    Returns how many arrays, and how many are in neither place.
    """
    copied = missing = 0
    for name in names:
        to = target / name
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            for file in (*beside(source / name), source / name):
                part = to.with_name(f".{file.name}.part")
                shutil.copyfile(file, part)
                part.replace(to.with_name(file.name))
        except FileNotFoundError:
            missing += not to.exists()
            continue
        copied += 1
    return copied, missing


def _remove_with_journal(file: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
