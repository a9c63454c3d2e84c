"""Files that a plugin hands over: left in its scratch folder, named by its result, opened and looked at."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bridges.results import InvalidResult

SIGNATURE = b"fLaC"
"""What a FLAC file begins with."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A file as it was handed over.

    Attributes
    ----------
    name : as the result names it
    file : open for reading, at its start
    size : bytes it had by then; what its process writes to it later does not count
    """

    name: str
    file: BinaryIO
    size: int


def handed(folder: str | None, names: Iterable[str]) -> tuple[Handed, ...]:
    """The named files of a scratch folder, opened.

    Raises
    ------
    InvalidResult
        One is not there, is no plain file of its own, or no FLAC; or two have one name.
    """
    found: dict[str, Handed] = {}
    try:
        for name in names:
            if folder is None:
                raise InvalidResult(
                    f"it names the file {name}, but declares no scratch folder to leave it in"
                )
            if name in found:
                raise InvalidResult(f"it names the file {name} twice")
            found[name] = _opened(Path(folder), name)
    except InvalidResult:
        for one in found.values():
            one.file.close()
        raise
    return tuple(found.values())


def _opened(folder: Path, name: str) -> Handed:
    try:
        fd = os.open(folder / name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise InvalidResult(f"it names the file {name}, which is not in its scratch folder") from error
    told = os.fstat(fd)
    if not stat.S_ISREG(told.st_mode) or told.st_nlink != 1:
        wrong = "is no plain file"
    elif os.pread(fd, len(SIGNATURE), 0) != SIGNATURE:
        wrong = "is no FLAC"
    else:
        return Handed(name, os.fdopen(fd, "rb"), told.st_size)
    os.close(fd)
    raise InvalidResult(f"the file {name} {wrong}")
