"""Files that came over HTTP: written as they arrive, kept by the hash of their bytes in the data folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import unicodedata
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import NoRoom, TooLarge

SPARE = 512 << 20
"""Disk that is left free."""
LONGEST_NAME = 150
"""Bytes; file systems take 255."""
LONGEST_ENDING = 20


class Uploads:
    """The folder of uploads.

    Parameters
    ----------
    folder
        UPLOADS/SHA/NAME; what was not finished is removed at once.
    limit
        Bytes of the largest upload.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder, self.limit = folder, limit
        for left in folder.glob("*.part"):  # by a server that was killed
            left.unlink(missing_ok=True)

    def receive(self, name: str) -> Upload:
        """Begin an upload; raises NoRoom when the disk is full."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return Upload(self, name)
        except OSError as error:
            raise _no_room(name, error) from error


class Upload:
    """One file on its way in. A context manager: leaving it removes what was not kept."""

    def __init__(self, uploads: Uploads, name: str) -> None:
        self.name = plain(name)
        self._uploads, self._hash, self._size = uploads, hashlib.sha256(), 0
        descriptor, part = tempfile.mkstemp(suffix=".part", dir=uploads.folder)
        self._part, self._file = Path(part), os.fdopen(descriptor, "wb")
        self._made: Path | None = None

    def write(self, piece: bytes) -> None:
        """Add bytes.

        Raises
        ------
        TooLarge
            It is larger than uploads may be.
        NoRoom
            The disk is full.
        """
        self._size += len(piece)
        if self._size > self._uploads.limit:
            raise TooLarge(
                f"“{self.name}” is larger than {self._uploads.limit / 1e9:g} GB, the most an upload may be;"
                " give its path instead, or raise HEMIOLA_UPLOAD_GB"
            )
        try:
            self._file.write(piece)
        except OSError as error:
            raise _no_room(self.name, error) from error
        self._hash.update(piece)

    def keep(self) -> Path:
        """End the upload and return where it lies now; equal bytes are kept once. Raises NoRoom."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            if shutil.disk_usage(self._uploads.folder).free < SPARE:
                raise OSError(0, "the disk is nearly full")
            folder = self._uploads.folder / self._hash.hexdigest()
            folder.mkdir(mode=0o700, exist_ok=True)
            there = next((one for one in sorted(folder.iterdir()) if one.is_file()), None)
            kept = folder / self.name
            if there is None:
                self._part.replace(kept)
                self._made = kept
            elif not kept.exists():
                os.link(there, kept)
                self._made = kept
        except OSError as error:
            raise _no_room(self.name, error) from error
        return kept

    def withdraw(self) -> None:
        """Remove what `keep` kept, unless it was there before."""
        if self._made is not None:
            self._made.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # others' names of the same bytes are in it
                self._made.parent.rmdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # what a full disk could not take
            self._file.close()
        self._part.unlink(missing_ok=True)


def plain(name: str) -> str:
    """A file name without folders and without what file systems or terminals stumble over."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign if sign.isprintable() else "_" for sign in last).strip(" .") or "recording"
    stem, dot, ending = shown.rpartition(".")
    tail = f"{dot}{ending}" if dot and len(ending.encode()) < LONGEST_ENDING else ""
    base = stem if tail else shown
    return _cut(base, LONGEST_NAME - len(tail.encode())) + tail


def _cut(text: str, most: int) -> str:
    """As many whole characters as so many bytes hold."""
    return text.encode()[:most].decode("utf-8", "ignore")


def _no_room(name: str, error: OSError) -> NoRoom:
    return NoRoom(
        f"“{name}” could not be kept: {error.strerror or error}. Make room, or give the path of the file"
    )
