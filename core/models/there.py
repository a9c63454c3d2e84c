"""A model that is there: a file or folder that a plugin is handed the path of, and its hash.

A plugin may read its own models and nothing else of the folders they lie in; the hash is part of the keys of its
answers, so that another model is asked anew.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.models.entries import NAME

MOST_FILES = 1000


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is there.

    Attributes
    ----------
    name
        As plugins declare it, and what it is called in the models folder.
    path
        Its file or folder.
    digest
        SHA-256, hexadecimal, of its files' names and bytes.
    readable
        What a process must be let read: its path, and files elsewhere that links in it lead to.
    version
        Of one that was fetched; None of one that a person put there.
    """

    name: str
    path: Path
    digest: str
    readable: tuple[str, ...]
    version: str | None = None


def put(folder: Path, name: str) -> Path | None:
    """Where the model lies that a person put into the models folder under this name; None where there is none."""
    try:
        return (folder / name).resolve(strict=True) if NAME.fullmatch(name) else None
    except OSError:
        return None


def by_hand(folder: Path, name: str) -> Model | None:
    """The model that a person put into the models folder under this name; what cannot be read is not there."""
    path = put(folder, name)
    if path is None:
        return None
    try:
        inside = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
        linked = [str(each.resolve()) for each in inside if each.is_symlink()]
        return Model(name, path, _digest(path, inside[:MOST_FILES]), (str(path), *linked))
    except OSError:
        return None


def fetched(name: str, version: str, path: Path, files: Sequence[Path]) -> Model:
    """A model in the cache, of these files; raises OSError."""
    return Model(name, path, _digest(path, files), (str(path),), version)


def paths(models: Iterable[Model]) -> Mapping[str, str]:
    """Where they lie, by name, as a worker is told."""
    return {model.name: str(model.path) for model in models}


def readable(models: Iterable[Model]) -> tuple[str, ...]:
    """What a process that uses them must be let read."""
    return tuple(path for model in models for path in model.readable)


def told(models: Iterable[Model]) -> str | None:
    """What an answer says of the models that it came from: names, versions, the beginnings of their hashes."""
    return ", ".join(_told(model) for model in models) or None


def _told(model: Model) -> str:
    return " ".join(filter(None, (model.name, model.version, model.digest[:12])))


def _digest(path: Path, inside: Sequence[Path]) -> str:
    whole = hashlib.sha256()
    for file in inside:
        whole.update(f"{file.relative_to(path.parent)}\0{file_hash(file)}".encode())
    return whole.hexdigest()


def file_hash(file: Path) -> str:
    """SHA-256 of a file's bytes, computed once as long as its size and time stay."""
    stat = file.stat()
    return _hash(file, stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=4096)
def _hash(file: Path, size: int, changed_ns: int) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
