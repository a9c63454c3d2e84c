"""Writing raw samples to descriptors that the host made, within the disk's limits."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import numpy as np

from ._codes import IntakeCode, IntakeFailure

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHECK_EVERY_BYTES = 8 << 20
_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}


class Output:
    """Appends arrays to one descriptor, little-endian, and stops before the disk is full.

    Parameters
    ----------
    fd : int
        Writable, at offset 0, without O_APPEND (a header may be written last).
    name : str
        The name of the file being taken in, for sentences.
    reserve_bytes : int
        What must stay free on the disk.
    """

    def __init__(self, fd: int, name: str, reserve_bytes: int = 0) -> None:
        self._fd = fd
        self._name = name
        self._reserve = reserve_bytes
        self._unchecked = CHECK_EVERY_BYTES
        self.bytes = 0

    def append(self, values: NDArray[np.generic]) -> None:
        """Write an array at the end.

        Raises
        ------
        IntakeFailure
            `no_space` when the disk, the quota or the file size limit would not hold it.
        """
        data = np.ascontiguousarray(values).data.cast("B")
        self._unchecked += len(data)
        try:
            if self._unchecked >= CHECK_EVERY_BYTES:
                self._check_room()
            while data:
                written = os.pwrite(self._fd, data, self.bytes)
                self.bytes += written
                data = data[written:]
        except OSError as error:
            raise self._failure(error) from error

    def overwrite(self, position: int, data: bytes) -> None:
        """Write bytes at a place that has been written before."""
        os.pwrite(self._fd, data, position)

    def resize(self, count: int) -> None:
        """Make the output `count` bytes long; what is added is zero."""
        try:
            os.ftruncate(self._fd, count)
        except OSError as error:
            raise self._failure(error) from error
        self.bytes = count

    def _check_room(self) -> None:
        self._unchecked = 0
        if self._reserve:
            disk = os.fstatvfs(self._fd)
            if disk.f_bavail * disk.f_frsize < self._reserve:
                raise OSError(errno.ENOSPC, "reserve reached")

    def _failure(self, error: OSError) -> Exception:
        if error.errno not in _FULL:
            return error
        return IntakeFailure(
            IntakeCode.NO_SPACE,
            f"“{self._name}” does not fit: its unpacked sound needs more room than the disk has left; "
            "free some space and analyse it again.",
        )
