"""The lock on a data folder: one engine at a time works on it, and whoever finds it taken learns by whom.

The kernel holds the lock on an open descriptor, so it ends with the process, however that ends. The
descriptor is closed in programs that are started (close-on-exec); a child that is forked without exec must
close it itself.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Literal

from database.errors import FolderHeld, from_os

NAME = "lock"
_LOOK_AGAIN_S = 0.05
_LOOKS = 3  # before "taken" is believed: `holder` takes the lock for a moment as well
_NAMELESS_LOOKS = 100  # before it is believed of one who has not written who he is, as `holder` never does

Role = Literal["command", "server"]
_NAMELESS = (0, "command")


class DataLock:
    """The lock of one data folder.

    Parameters
    ----------
    data : Path
        The data folder; it is made when it is missing.
    role : {"command", "server"}
        What holds the lock, for whoever finds it taken.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with DataLock(folder, "command"):
    ...     holder(folder) == (os.getpid(), "command")
    True
    >>> holder(folder) is None
    True
    """

    def __init__(self, data: Path, role: Role) -> None:
        self.data = data
        self.role = role
        self._descriptor: int | None = None

    def acquire(self, wait: bool = True, on_wait: Callable[[int, str], None] | None = None) -> None:
        """Take the lock.

        Parameters
        ----------
        wait : bool
            Wait until it is free; Ctrl-C ends the wait.
        on_wait : callable, optional
            Called with the holder's pid and role when a wait begins, and again when the holder changes. What
            it raises ends the wait.

        Raises
        ------
        FolderHeld
            It is taken and `wait` is false.
        ReadOnlyData
            The folder cannot be written.
        """
        if self._descriptor is not None:
            raise RuntimeError(f"this lock on {self.data} is already held")
        descriptor = _open(self.data)
        try:
            told: tuple[int, str] | None = None
            looks = 0
            while not _try(descriptor, fcntl.LOCK_EX):
                looks += 1
                found = _read(descriptor)
                if looks >= (_LOOKS if found else _NAMELESS_LOOKS) and not wait:
                    raise FolderHeld(self.data, *(found or _NAMELESS))
                if looks >= _LOOKS and on_wait is not None and found and found != told:
                    on_wait(*found)
                    told = found
                time.sleep(_LOOK_AGAIN_S)
            _write(descriptor, self.data, {"pid": os.getpid(), "role": self.role})
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; without effect when it is not held."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> DataLock:
        if self._descriptor is None:
            self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def holder(data: Path) -> tuple[int, str] | None:
    """Return pid and role of the process that holds the folder's lock; None when it is free."""
    try:
        descriptor = os.open(data / NAME, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        # Shared, so that two who ask at once do not take each other for the holder.
        return None if _try(descriptor, fcntl.LOCK_SH) else _read(descriptor) or _NAMELESS
    finally:
        os.close(descriptor)


def _open(data: Path) -> int:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(data / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise from_os(error, data) from error


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(descriptor: int) -> tuple[int, str] | None:
    """Return what the holder wrote; None in the moment before it did."""
    try:
        said = json.loads(os.pread(descriptor, 200, 0))
        return int(said["pid"]), str(said["role"])
    except (ValueError, KeyError, TypeError):
        return None


def _write(descriptor: int, data: Path, said: dict[str, int | str]) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(said).encode(), 0)
    except OSError as error:
        raise from_os(error, data / NAME) from error
