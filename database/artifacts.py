"""Large arrays beside the database: an .npz per answer under `artifacts/`, equal bytes for equal arrays.

Files that belong to an answer, such as separated stems, lie beside its archive, which holds their hashes:

    artifacts/3f/3f09...e1.npz   artifacts/3f/3f09...e1.drums.flac
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from database.errors import DamagedArtifact, from_os

FOLDER = "artifacts"
_KEY = re.compile(r"[0-9a-f]{8,128}")
_NAME = re.compile(rf"{FOLDER}/[0-9a-f]{{2}}/[0-9a-f]{{8,128}}\.npz")
_FILE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\.flac")
_HASH = ".sha256"  # of the member that holds a file's
_PIECE = 1 << 20
_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can name


class Artifacts:
    """The array files of one data folder.

    A name is what `write` gave, such as "artifacts/3f/3f09...e1.npz": relative to the data folder, with
    slashes.

    Parameters
    ----------
    data : Path
        The data folder.

    Examples
    --------
    >>> import tempfile
    >>> kept = Artifacts(Path(tempfile.mkdtemp()))
    >>> name = kept.write("00c0ffee", {"values": np.arange(3.0)})
    >>> name
    'artifacts/00/00c0ffee.npz'
    >>> kept.read(name)["values"]
    array([0., 1., 2.])
    """

    def __init__(self, data: Path) -> None:
        self._data = data

    def keep(self, key: str, name: str, file: BinaryIO, size: int) -> str:
        """Copy the first `size` bytes of an answer's file beside its archive-to-be; returns their SHA-256.

        `write`, told of the hashes, makes it belong to the answer.

        Raises
        ------
        DiskFull, ReadOnlyData
            Nothing was stored.
        """
        if not _KEY.fullmatch(key) or not _FILE.fullmatch(name):
            raise ValueError(f"{key!r} and {name!r} are no cache key and no file's name")
        target = self._data / FOLDER / key[:2] / f"{key}.{name}"
        whole = hashlib.sha256()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with _written(target) as part:
                left = size
                while piece := file.read(min(left, _PIECE)):
                    whole.update(piece)
                    part.write(piece)
                    left -= len(piece)
        except OSError as error:
            raise from_os(error, target) from error
        return whole.hexdigest()

    def write(
        self, key: str, arrays: Mapping[str, NDArray[Any]], hashes: Mapping[str, str] | None = None
    ) -> str:
        """Store arrays under an answer's key, whole or not at all, and return their name.

        Parameters
        ----------
        key : str
            The answer's cache key: lower-case hexadecimal.
        arrays : mapping of str to ndarray
            Of any shape and of any type but object. They are stored uncompressed: activations and chroma
            hardly shrink, and compressing would take longer than writing.
        hashes : mapping of str to str, optional
            By name, of the files that `keep` stored for this answer.

        Raises
        ------
        DiskFull, ReadOnlyData
            Nothing was stored.
        """
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no cache key: lower-case hexadecimal digits are expected")
        name = f"{FOLDER}/{key[:2]}/{key}.npz"
        file = self._data / name
        archive = packed(arrays, hashes or {})
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with _written(file) as part:
                part.write(archive)
        except OSError as error:
            raise from_os(error, file) from error
        return name

    def read(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the arrays stored under a name.

        Raises
        ------
        DamagedArtifact
            The file is missing or its checksum is wrong. The answer that names it is as good as absent.
        """
        file = self.path(name)
        try:
            with zipfile.ZipFile(file) as members:
                named = [name for name in members.namelist() if not name.endswith(_HASH)]
                return {name.removesuffix(".npy"): _array(members, name) for name in named}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise DamagedArtifact(
                f"{file} is missing or damaged ({error}). "
                "Analyse the recording again with --force to make it anew."
            ) from error

    def whole(self, name: str) -> bool:
        """Whether the arrays stored under a name are there, and the files that belong to them."""
        file = self.path(name)
        try:
            with zipfile.ZipFile(file) as members:
                kept = [each.removesuffix(_HASH) for each in members.namelist() if each.endswith(_HASH)]
        except (OSError, zipfile.BadZipFile):
            return False
        return all(self.file(name, each).exists() for each in kept)

    def remove(self, name: str) -> bool:
        """Delete the arrays stored under a name, and the files with them; returns whether the arrays were there."""
        for file in beside(self.path(name)):
            file.unlink(missing_ok=True)
        try:
            self.path(name).unlink()
        except FileNotFoundError:
            return False
        return True

    def file(self, name: str, file: str) -> Path:
        """Return where a file lies that belongs to the arrays of a name; ValueError for what can be neither."""
        if not _FILE.fullmatch(file):
            raise ValueError(f"{file!r} is no file's name")
        return self.path(name).with_suffix(f".{file}")

    def path(self, name: str) -> Path:
        """Return where a name's file lies; ValueError for a name that `write` cannot have given."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no artifact's name")
        return self._data / name


def beside(archive: Path) -> list[Path]:
    """Return the files that belong to an archive: they lie beside it and begin with its name."""
    return sorted(archive.parent.glob(f"{archive.stem}.*.flac"))


def packed(arrays: Mapping[str, NDArray[Any]], hashes: Mapping[str, str] | None = None) -> bytes:
    """Return arrays as an .npz archive that depends on nothing but their names, types, shapes, values, and hashes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as members:
        for name in sorted(arrays):
            member = io.BytesIO()
            npy.write_array(member, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            members.writestr(zipfile.ZipInfo(f"{name}.npy", _NO_TIME), member.getvalue())
        for name, told in sorted((hashes or {}).items()):
            members.writestr(zipfile.ZipInfo(f"{name}{_HASH}", _NO_TIME), told)
    return archive.getvalue()


@contextlib.contextmanager
def _written(file: Path) -> Iterator[BinaryIO]:
    """What is written inside becomes the file when all went well, and nothing otherwise."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _array(members: zipfile.ZipFile, name: str) -> NDArray[Any]:
    with members.open(name) as member:
        array: NDArray[Any] = npy.read_array(member, allow_pickle=False)
    return array
