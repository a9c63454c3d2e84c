"""A user's file: opened once, checked on that descriptor, hashed and decoded through it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from bridges.intake_codes import IntakeCode
from core.errors import IntakeRefused

BLOCK = 1 << 20


class OpenFile:
    """A regular file, open for reading; its path is not used again.

    Parameters
    ----------
    path
        Where it lies; absolute.
    roots
        Folders under one of which the file itself must lie, links resolved. None: anywhere.

    Raises
    ------
    IntakeRefused
        VANISHED, NOT_A_FILE or UNREADABLE, with a sentence. Outside the roots reads like not existing.
    """

    def __init__(self, path: Path, roots: Iterable[Path] | None = None) -> None:
        self.path = path
        self.name = path.name
        self.fd = _open(path, roots)
        self._before = os.fstat(self.fd)

    @property
    def size(self) -> int:
        """Bytes, when it was opened."""
        return self._before.st_size

    def sha256(self, cancelled: Callable[[], bool]) -> str:
        """SHA-256 of its bytes, hexadecimal. Raises IntakeRefused when it cannot be read or changes meanwhile."""
        digest = hashlib.sha256()
        offset = 0
        try:
            while block := os.pread(self.fd, BLOCK, offset):
                digest.update(block)
                offset += len(block)
                if cancelled():
                    break
        except OSError as error:
            raise IntakeRefused(
                IntakeCode.UNREADABLE, f"“{self.name}” cannot be read: {error.strerror}."
            ) from error
        self.check_unchanged()
        return digest.hexdigest()

    def check_unchanged(self) -> None:
        """Raise IntakeRefused(CHANGED) when the file is not what it was when it was opened."""
        now, then = os.fstat(self.fd), self._before
        if (now.st_size, now.st_mtime_ns) != (then.st_size, then.st_mtime_ns):
            reason = f"“{self.name}” changed while it was being read. Try again when nothing writes to it."
            raise IntakeRefused(IntakeCode.CHANGED, reason)

    def close(self) -> None:
        """Close it; without effect the second time."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()


def _open(path: Path, roots: Iterable[Path] | None) -> int:
    name = path.name
    missing = IntakeRefused(IntakeCode.VANISHED, f"“{name}” is not there: {path} does not exist.")
    try:
        handle = os.open(path, getattr(os, "O_PATH", os.O_NONBLOCK) | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise missing from error
    except OSError as error:
        if not under(Path(os.path.realpath(path)), roots):
            raise missing from error
        raise IntakeRefused(IntakeCode.UNREADABLE, f"“{name}” cannot be opened: {error.strerror}.") from error
    try:
        mode = os.fstat(handle).st_mode
        if roots is not None and not _inside(handle, path, roots):
            raise missing
        if not stat.S_ISREG(mode):
            instead = " Name a recording in it, or drop it on the page." if stat.S_ISDIR(mode) else ""
            raise IntakeRefused(
                IntakeCode.NOT_A_FILE, f"“{name}” is {_kind(mode)}, not a sound file.{instead}"
            )
        return _reopen(handle, path)
    except OSError as error:
        raise IntakeRefused(IntakeCode.UNREADABLE, f"“{name}” cannot be read: {error.strerror}.") from error
    finally:
        os.close(handle)


def _reopen(handle: int, path: Path) -> int:
    """The same file, for reading: through its descriptor where the system offers that."""
    through = f"/proc/self/fd/{handle}"
    if os.path.exists(through):
        return os.open(through, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not os.path.samestat(os.fstat(fd), os.fstat(handle)):
        os.close(fd)
        raise OSError(0, "it was replaced while it was being opened")
    return fd


def _inside(handle: int, path: Path, roots: Iterable[Path]) -> bool:
    through = f"/proc/self/fd/{handle}"
    return under(Path(os.readlink(through)) if os.path.exists(through) else path.resolve(), roots)


def under(real: Path, roots: Iterable[Path] | None) -> bool:
    """Whether a path without links lies under one of these folders, links resolved; None: anywhere."""
    return roots is None or any(real.is_relative_to(os.path.realpath(root)) for root in roots)


def _kind(mode: int) -> str:
    for test, words in (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if test(mode):
            return words
    return "something else"
