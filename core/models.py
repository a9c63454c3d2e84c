"""Models that a person keeps: files and folders of the models folder, handed to the plugins that declare their names.

Nothing is fetched. A plugin is told where its model lies and may read that and nothing else of the folder; the hash of
what lies there is part of the keys of its answers, so that another model is asked anew.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
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
    """

    name: str
    path: Path
    digest: str
    readable: tuple[str, ...]


def models_there(folder: Path, names: Iterable[str]) -> tuple[Model, ...]:
    """Those of the names that lie in the models folder, in order; what cannot be read is not there."""
    found = []
    for name in names:
        if not NAME.fullmatch(name):
            continue
        try:
            found.append(_model(name, (folder / name).resolve(strict=True)))
        except OSError:
            continue
    return tuple(found)


def paths(models: Iterable[Model]) -> Mapping[str, str]:
    """Where they lie, by name, as a worker is told."""
    return {model.name: str(model.path) for model in models}


def told(models: Iterable[Model]) -> str | None:
    """What an answer says of the models that it came from: their names and the beginnings of their hashes."""
    return ", ".join(f"{model.name} {model.digest[:12]}" for model in models) or None


def _model(name: str, path: Path) -> Model:
    inside = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    whole = hashlib.sha256()
    for file in inside[:MOST_FILES]:
        stat = file.stat()
        whole.update(
            f"{file.relative_to(path.parent)}\0{_hash(file, stat.st_size, stat.st_mtime_ns)}".encode()
        )
    linked = [str(each.resolve()) for each in inside if each.is_symlink()]
    return Model(name, path, whole.hexdigest(), (str(path), *linked))


@functools.lru_cache(maxsize=4096)
def _hash(file: Path, size: int, changed_ns: int) -> str:
    """SHA-256 of a file's bytes, computed once as long as its size and time stay."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
