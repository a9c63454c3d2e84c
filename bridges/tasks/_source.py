"""The file being taken in, read through a descriptor that others may share.

Reads go by absolute position (pread), so the descriptor's own offset is neither used nor moved, and no path
is ever opened. An error of the operating system is kept, not raised into a decoder's C code.
"""

from __future__ import annotations

import io
import os
import stat
from typing import TYPE_CHECKING

from ._codes import IntakeCode, IntakeFailure

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Source(io.RawIOBase):
    """A read-only, seekable view of an open regular file.

    Parameters
    ----------
    fd : int
        Descriptor of the file; it stays open and its offset stays where it is.
    name : str
        The file's name, for sentences.

    Raises
    ------
    IntakeFailure
        `not_a_file` for anything but a regular file, `empty` for zero bytes.
    """

    def __init__(self, fd: int, name: str) -> None:
        super().__init__()
        self.fd = fd
        self.label = name
        self.error: OSError | None = None
        self.furthest = 0
        self._position = 0
        self._first = self._identity()
        self.size = self._first[0]
        if self.size == 0:
            raise IntakeFailure(IntakeCode.EMPTY, f"“{name}” is empty: it holds no bytes at all.")

    def _identity(self) -> tuple[int, int]:
        found = os.fstat(self.fd)
        if not stat.S_ISREG(found.st_mode):
            raise IntakeFailure(
                IntakeCode.NOT_A_FILE, f"“{self.label}” is not a file but {_kind_of(found.st_mode)}."
            )
        return found.st_size, found.st_mtime_ns

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be moved about in."""
        return True

    def tell(self) -> int:
        """Return the position of the next read, in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the next read; a place before the start is the start (decoders ask for it in short files)."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer from the present position; 0 at the end or after an error, which `check` raises."""
        view = memoryview(buffer).cast("B")
        try:
            count = os.preadv(self.fd, [view], self._position)
        except OSError as error:
            self.error = error
            return 0
        self._position += count
        self.furthest = max(self.furthest, self._position)
        return count

    def at(self, position: int, count: int) -> bytes:
        """Return up to `count` bytes from a position, leaving the next read where it was."""
        try:
            return os.pread(self.fd, count, position)
        except OSError as error:
            raise self._unreadable(error) from error

    def rewind(self) -> None:
        """Start again at the first byte."""
        self._position = 0
        self.furthest = 0

    def check(self) -> None:
        """Raise what happened to the file while it was read.

        Raises
        ------
        IntakeFailure
            `unreadable` when the operating system failed, `changed` when size or modification time differ.
        """
        if self.error is not None:
            raise self._unreadable(self.error)
        if self._identity() != self._first:
            raise IntakeFailure(
                IntakeCode.CHANGED,
                f"“{self.label}” was changed while it was being read; analyse it again once it is finished.",
            )

    def _unreadable(self, error: OSError) -> IntakeFailure:
        cause = error.strerror or "unknown error"
        return IntakeFailure(
            IntakeCode.UNREADABLE, f"“{self.label}” could not be read: the system says “{cause}”."
        )


def _kind_of(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a device"
