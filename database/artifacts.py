"""Large arrays beside the database: an .npz per answer under `artifacts/`, equal bytes for equal arrays."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from database.errors import DamagedArtifact, from_os

FOLDER = "artifacts"
_KEY = re.compile(r"[0-9a-f]{8,128}")
_NAME = re.compile(rf"{FOLDER}/[0-9a-f]{{2}}/[0-9a-f]{{8,128}}\.npz")
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

    def write(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> str:
        """Store arrays under an answer's key, whole or not at all, and return their name.

        Parameters
        ----------
        key : str
            The answer's cache key: lower-case hexadecimal.
        arrays : mapping of str to ndarray
            Of any shape and of any type but object. They are stored uncompressed: activations and chroma
            hardly shrink, and compressing would take longer than writing.

        Raises
        ------
        DiskFull, ReadOnlyData
            Nothing was stored.
        """
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no cache key: lower-case hexadecimal digits are expected")
        name = f"{FOLDER}/{key[:2]}/{key}.npz"
        file = self._data / name
        archive = packed(arrays)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(file, archive)
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
                return {name.removesuffix(".npy"): _array(members, name) for name in members.namelist()}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise DamagedArtifact(
                f"{file} is missing or damaged ({error}). "
                "Analyse the recording again with --force to make it anew."
            ) from error

    def remove(self, name: str) -> bool:
        """Delete the arrays stored under a name; returns whether they were there."""
        try:
            self.path(name).unlink()
        except FileNotFoundError:
            return False
        return True

    def path(self, name: str) -> Path:
        """Return where a name's file lies; ValueError for a name that `write` cannot have given."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no artifact's name")
        return self._data / name


def packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return arrays as an .npz archive that depends on nothing but their names, types, shapes and values."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as members:
        for name in sorted(arrays):
            member = io.BytesIO()
            npy.write_array(member, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            members.writestr(zipfile.ZipInfo(f"{name}.npy", _NO_TIME), member.getvalue())
    return archive.getvalue()


def _write_whole(file: Path, content: bytes) -> None:
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _array(members: zipfile.ZipFile, name: str) -> NDArray[Any]:
    with members.open(name) as member:
        array: NDArray[Any] = npy.read_array(member, allow_pickle=False)
    return array
