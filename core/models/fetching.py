"""One file of a model, from its source into the cache: streamed, checked, written whole or not at all.

What came before a break is kept beside the file's place as `.NAME.KEY.part`, KEY standing for source and hash, and the
next try goes on from there. Without a declared SHA-256 nothing could tell whether two pieces belong together: then a
try begins anew. Whoever calls holds the version's lock.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from bridges.worker import Cancelled
from core.errors import NoModel
from core.models.entries import ModelFile
from core.models.sources import PIECE, Cut, opened

TRIES = 3
"""Of which each must bring bytes for the next to follow."""
PAUSE_S = 0.5
SPARE = 256 << 20
"""Disk that is left free."""
LOOK_S = 0.1
SHOWN = 12
"""Digits of a hash in a sentence."""

Tell = Callable[[int, int | None], None]
"""Told the bytes that are there, and how many there will be, where that is known."""
Stopped = Callable[[], bool]


class _Wrong(Exception):
    """What is there is not what was declared."""


class _Hash(Protocol):
    def update(self, piece: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


@contextlib.contextmanager
def locked(path: Path, stopped: Stopped) -> Iterator[None]:
    """While inside, no other process or thread holds this file; raises Cancelled when stopped while waiting."""
    with path.open("ab") as held:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if stopped():
                    raise Cancelled from None
                time.sleep(LOOK_S)
        yield


def fetch(file: ModelFile, folder: Path, tell: Tell, stopped: Stopped) -> ModelFile:
    """Bring a file into a folder; returns it with the hash and size that it has, and its source as it may be shown.

    Raises
    ------
    NoModel
        It cannot be had, is not what was declared, or finds no room; nothing is in its place then.
    Cancelled
        It was stopped; what came is kept for the next time.
    """
    key = hashlib.sha256(f"{file.source}\0{file.sha256}".encode()).hexdigest()[:8]
    part = folder / f".{file.name}.{key}.part"
    try:
        for old in folder.glob(f".{file.name}.*.part"):
            if old != part or file.sha256 is None:
                old.unlink()
        resumed = part.exists()
        try:
            digest = _to_the_end(file, part, tell, stopped)
        except _Wrong:
            part.unlink()
            if not resumed:
                raise
            digest = _to_the_end(
                file, part, tell, stopped
            )  # the source has changed since: once from its beginning
        size = part.stat().st_size
        part.replace(folder / file.name)
        _settle(folder)
    except _Wrong as wrong:
        part.unlink(missing_ok=True)
        raise NoModel(str(wrong)) from wrong
    except OSError as error:
        part.unlink(missing_ok=True)  # a full disk is in the way of all else
        raise no_room(folder / file.name, error) from error
    return file.model_copy(update={"source": file.shown, "sha256": digest, "size": size})


def no_room(path: Path, error: OSError) -> NoModel:
    """Why something could not be written."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    remedy = "make room, or set MODEL_CACHE_DIR to a folder with more" if full else "see to its folder"
    return NoModel(f"{path} cannot be written: {error.strerror or error}; {remedy}")


def write_whole(path: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    part = path.with_name(f".{path.name.lstrip('.')}.{os.getpid()}.part")
    try:
        with part.open("w") as opened_part:
            opened_part.write(text)
            opened_part.flush()
            os.fsync(opened_part.fileno())
        part.replace(path)
        _settle(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """See that a renaming outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _to_the_end(file: ModelFile, part: Path, tell: Tell, stopped: Stopped) -> str:
    """Try until all bytes are there and right; returns their hash."""
    for attempt in range(1, TRIES + 1):
        had = part.stat().st_size if part.exists() else 0
        try:
            with part.open("ab") as target:
                digest = _once(file, target, tell, stopped)
        except Cut as cut:
            came = part.stat().st_size > had
            if attempt == TRIES or not came or file.sha256 is None:
                more = "; what came is kept, and the next try goes on from there" if file.sha256 else ""
                raise NoModel(f"{cut}{more}") from cut
            time.sleep(PAUSE_S)
            continue
        if file.sha256 not in (None, digest):
            raise _Wrong(
                f"{file.shown} is not what it should be: its SHA-256 is {digest[:SHOWN]}…,"
                f" {file.sha256[:SHOWN] if file.sha256 else ''}… is declared; it was not kept"
            )
        return digest
    raise AssertionError("the last try returns or raises")


def _once(file: ModelFile, target: BinaryIO, tell: Tell, stopped: Stopped) -> str:
    """One try, from the end of what is there."""
    there = target.seek(0, os.SEEK_END)
    if file.size is not None and there > file.size:
        there = _anew(target)
    hashed: _Hash = hashlib.sha256()
    if there and there == file.size:
        return _hash_of(target, hashed)
    with opened(file.source, there) as stream:
        if stream.start != there:
            there = _anew(target)
        elif there:
            _hash_of(target, hashed)
        total = stream.total if stream.total is not None else file.size
        _check_room(file, target, there, total, stream.total)
        tell(there, total)
        for piece in stream.pieces:
            if stopped():
                raise Cancelled
            there += len(piece)
            if file.size is not None and there > file.size:
                raise _Wrong(
                    f"{file.shown} is larger than the {file.size} bytes that are declared; it was not kept"
                )
            target.write(piece)
            hashed.update(piece)
            tell(there, total)
        if stream.total is not None and there < stream.total:
            raise Cut(f"{file.shown} broke off after {there} of {stream.total} bytes")
    if file.size is not None and there < file.size:
        raise _Wrong(f"{file.shown} has {there} bytes, {file.size} are declared; it was not kept")
    target.flush()
    os.fsync(target.fileno())
    return hashed.hexdigest()


def _check_room(file: ModelFile, target: BinaryIO, there: int, total: int | None, told: int | None) -> None:
    """Whether the rest is of the declared size and finds room, before any of it is taken."""
    if file.size is not None and told is not None and told != file.size:
        raise _Wrong(f"{file.shown} has {told} bytes, {file.size} are declared; it was not kept")
    if total is not None and shutil.disk_usage(os.path.dirname(target.name)).free < total - there + SPARE:
        raise OSError(errno.ENOSPC, f"{(total - there) / 1e6:.0f} MB are more than the disk has room for")


def _anew(target: BinaryIO) -> int:
    target.seek(0)
    target.truncate()
    return 0


def _hash_of(target: BinaryIO, hashed: _Hash) -> str:
    """Put what is there into a hash."""
    with open(target.name, "rb") as whole:
        while piece := whole.read(PIECE):
            hashed.update(piece)
    return hashed.hexdigest()
