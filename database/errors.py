"""What can be wrong with the data folder, each as a sentence that names the file, the cause and the remedy.

DatabaseError
├── NotADatabase       the file is no database of Hemiola's
├── NewerDatabase      written by a later version than this one
├── DamagedDatabase    SQLite finds its pages inconsistent
├── LockedDatabase     another program holds the file for longer than the wait
├── DiskFull           nothing more fits
├── ReadOnlyData       the folder or the file cannot be written
├── DamagedArtifact    an array file is missing or unreadable
├── FolderHeld         another Hemiola works on this data folder
├── BackupRefused      a backup or a restore cannot be done as asked
├── FileInUse          a file cannot be deleted while a job is about it
└── StoreClosed        used after close()
"""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path


class DatabaseError(Exception):
    """Anything that keeps the data folder from being used; its text is meant for the user."""


class NotADatabase(DatabaseError):
    """The file is no SQLite database, or not one of Hemiola's."""


class NewerDatabase(DatabaseError):
    """The database was written by a later version."""


class DamagedDatabase(DatabaseError):
    """SQLite reports a malformed file."""


class LockedDatabase(DatabaseError):
    """Another program holds the database."""


class DiskFull(DatabaseError):
    """The disk, a quota or a file size limit is reached."""


class ReadOnlyData(DatabaseError):
    """The data folder or a file in it cannot be written."""


class DamagedArtifact(DatabaseError):
    """An array file that an answer names is missing or unreadable: treat that answer as absent."""


class BackupRefused(DatabaseError):
    """A backup or restore that would overwrite something or rests on a bad source."""


class FileInUse(DatabaseError):
    """A file that a queued or running job is about cannot be deleted.

    Attributes
    ----------
    job : int
        The oldest such job.
    """

    def __init__(self, path: str, job: int, state: str) -> None:
        doing = "is being analysed" if state == "running" else "waits to be analysed"
        shown = path.encode("utf-8", "replace").decode()
        super().__init__(
            f"{shown} {doing} (job {job}). Cancel that job or wait for it to end, then delete the file."
        )
        self.job = job


class StoreClosed(DatabaseError):
    """The store was closed before this call."""


class FolderHeld(DatabaseError):
    """Another process holds the data folder's lock.

    Attributes
    ----------
    pid : int
        The holder's process id; 0 when it has not said yet.
    role : str
        "command" or "server".
    """

    def __init__(self, folder: Path, pid: int, role: str) -> None:
        super().__init__(
            f"{folder} is in use by another Hemiola {role} (pid {pid}). Wait for it to end, or stop it."
        )
        self.pid = pid
        self.role = role


_FULL = (
    "{file} cannot grow ({cause}): the disk, a quota or a size limit is full. "
    "Free some space there, then run the same again; what was stored is kept."
)
_READ_ONLY = (
    "{file} cannot be written ({cause}). "
    "Make the folder writable, or name another with --data or HEMIOLA_DATA."
)
_LOCKED = "{file} is held by another program ({cause}). Close what has it open, then try again."
_DAMAGED = (
    "{file} is damaged ({cause}). `hemiola db check` says how far; "
    "`hemiola db restore` puts a backup in its place."
)
_FOREIGN = (
    "{file} is not a database ({cause}). Move it away, or name another folder with --data or HEMIOLA_DATA."
)
_OTHER = "{file} could not be used ({cause})."

_BY_SQLITE_CODE: dict[int, tuple[type[DatabaseError], str]] = {
    sqlite3.SQLITE_FULL: (DiskFull, _FULL),
    sqlite3.SQLITE_READONLY: (ReadOnlyData, _READ_ONLY),
    sqlite3.SQLITE_PERM: (ReadOnlyData, _READ_ONLY),
    sqlite3.SQLITE_CANTOPEN: (ReadOnlyData, _READ_ONLY),
    sqlite3.SQLITE_BUSY: (LockedDatabase, _LOCKED),
    sqlite3.SQLITE_LOCKED: (LockedDatabase, _LOCKED),
    sqlite3.SQLITE_CORRUPT: (DamagedDatabase, _DAMAGED),
    sqlite3.SQLITE_NOTADB: (NotADatabase, _FOREIGN),
}

_BY_ERRNO: dict[int, tuple[type[DatabaseError], str]] = {
    errno.ENOSPC: (DiskFull, _FULL),
    errno.EDQUOT: (DiskFull, _FULL),
    errno.EFBIG: (DiskFull, _FULL),
    errno.EROFS: (ReadOnlyData, _READ_ONLY),
    errno.EACCES: (ReadOnlyData, _READ_ONLY),
    errno.EPERM: (ReadOnlyData, _READ_ONLY),
    errno.ENOTDIR: (ReadOnlyData, _READ_ONLY),
    errno.EEXIST: (ReadOnlyData, _READ_ONLY),
}


def from_sqlite(error: sqlite3.Error, file: Path) -> DatabaseError:
    """Return what SQLite's `error` on `file` means for the user.

    A failed write counts as a full disk: a size limit or a quota shows up that way.
    """
    extended = getattr(error, "sqlite_errorcode", 0)
    kind, words = _BY_SQLITE_CODE.get(extended & 0xFF, (DatabaseError, _OTHER))
    if extended in (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE):
        kind, words = DiskFull, _FULL
    return kind(words.format(file=file, cause=error))


def from_os(error: OSError, file: Path) -> DatabaseError:
    """Return what the operating system's `error` on `file` means for the user."""
    kind, words = _BY_ERRNO.get(error.errno or 0, (DatabaseError, _OTHER))
    return kind(words.format(file=file, cause=error.strerror or error))
