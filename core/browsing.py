"""Looking into folders: which entries are folders, and which may be recordings by their ending."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import NotFound
from core.files import under

ENDINGS = frozenset(
    [
        "aac",
        "ac3",
        "aif",
        "aifc",
        "aiff",
        "alac",
        "amr",
        "ape",
        "au",
        "avi",
        "caf",
        "dsf",
        "dts",
        "eac3",
        "flac",
        "flv",
        "m4a",
        "m4b",
        "m4v",
        "mka",
        "mkv",
        "mov",
        "mp2",
        "mp3",
        "mp4",
        "mpc",
        "mpeg",
        "mpg",
        "oga",
        "ogg",
        "ogv",
        "opus",
        "ra",
        "rf64",
        "sd2",
        "snd",
        "spx",
        "tta",
        "voc",
        "w64",
        "wav",
        "wave",
        "webm",
        "wma",
        "wmv",
        "wv",
    ]
)
MOST = 5000
"""Entries told of one folder."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A folder, or a file with the ending of a recording; `size` in bytes."""

    path: Path
    kind: Literal["folder", "audio"]
    size: int | None


def is_audio(name: str) -> bool:
    """Whether a file's name ends like that of a recording, and is not hidden."""
    return not name.startswith(".") and name.rpartition(".")[2].lower() in ENDINGS


def browse(folder: Path, roots: Iterable[Path] | None) -> list[Entry]:
    """The folders and recordings in a folder, folders first, by name; hidden ones are left out.

    Raises
    ------
    NotFound
        It does not exist, cannot be read, or lies outside the roots, links resolved: one answer for all three.
    """
    real = Path(os.path.realpath(folder))
    missing = NotFound(f"there is no folder {folder}, or not in a folder that this server may read")
    if not under(real, roots):
        raise missing
    try:
        with os.scandir(real) as found:
            entries = [entry for each in found if (entry := _entry(folder, each, roots)) is not None]
    except OSError as error:
        raise missing from error
    return sorted(entries, key=lambda one: (one.kind != "folder", one.path.name.casefold()))[:MOST]


def _entry(folder: Path, found: os.DirEntry[str], roots: Iterable[Path] | None) -> Entry | None:
    if found.name.startswith("."):
        return None
    if found.is_symlink() and not under(Path(os.path.realpath(found.path)), roots):
        return None
    try:
        if found.is_dir():
            return Entry(folder / found.name, "folder", None)
        if found.is_file() and is_audio(found.name):
            return Entry(folder / found.name, "audio", found.stat().st_size)
    except OSError:
        return None
    return None
