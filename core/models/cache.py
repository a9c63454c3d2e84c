"""The cache of fetched models: files of versions, and what they are noted to be.

PLACE/VERSION/FILE...   the files
PLACE/.VERSION.json     what they are: written last
PLACE/.VERSION.lock     held while one process fetches
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from core.errors import NoModel
from core.models.entries import Entry, ModelFile
from core.models.fetching import Stopped, fetch, locked, no_room, write_whole
from core.models.there import Model, fetched, file_hash

Tell = Callable[[str, float | None], None]
"""Told which model is fetched and how far it is, 0 to 1, where that is known."""


class Cache:
    """Fetched models beneath one folder; several processes may use it at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _place(self, entry: Entry) -> Path:
        return self.folder / entry.place

    def _folder(self, entry: Entry) -> Path:
        return self._place(entry) / entry.version

    def path(self, entry: Entry) -> Path:
        """What plugins are handed of a version: its folder, or its only file."""
        return self._folder(entry) if entry.folder else self._folder(entry) / entry.files[0].name

    def _sidecar(self, entry: Entry) -> Path:
        return self._place(entry) / f".{entry.version}.json"

    def _lock(self, entry: Entry) -> Path:
        return self._place(entry) / f".{entry.version}.lock"

    def every(self) -> list[Entry]:
        """What was fetched, as it was noted then."""
        found = []
        for file in sorted(self.folder.glob("*/.*.json")):
            entry = _noted(file)
            if entry is not None and self._sidecar(entry) == file:
                found.append(entry)
        return found

    def kept(self, entry: Entry) -> Entry | None:
        """A version as it was fetched, its files whole; None where it must be fetched."""
        noted = _noted(self._sidecar(entry))
        if noted is None or not agree(entry, noted):
            return None
        return noted if self.wrong(noted) is None else None

    def wrong(self, noted: Entry) -> str | None:
        """What is wrong with a fetched version, as it is on the disk now."""
        for file in noted.files:
            path = self._folder(noted) / file.name
            try:
                if file_hash(path) != file.sha256:
                    return f"{path} is damaged; `hemiola models fetch {noted.name} {noted.version}` fetches it anew"
            except OSError as error:
                return f"{path} cannot be read: {error.strerror or error}"
        return None

    def sizes_fit(self, noted: Entry) -> bool:
        """Whether its files are there in their sizes; their bytes are not read."""
        try:
            return all((self._folder(noted) / file.name).stat().st_size == file.size for file in noted.files)
        except OSError:
            return False

    def model(self, noted: Entry) -> Model:
        """A fetched version for a plugin; raises NoModel when it cannot be read."""
        folder = self._folder(noted)
        try:
            return fetched(
                noted.name, noted.version, self.path(noted), [folder / file.name for file in noted.files]
            )
        except OSError as error:
            raise NoModel(f"the model {noted.title} cannot be read: {error.strerror or error}") from error

    def fetch(self, entry: Entry, stopped: Stopped, tell: Tell) -> Entry:
        """Bring a version into the cache, unless another process does so meanwhile; returns it as it is noted.

        Raises
        ------
        NoModel
            It cannot be had.
        Cancelled
            It was stopped.
        """
        folder = self._folder(entry)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with locked(self._lock(entry), stopped):
                kept = self.kept(entry)
                if kept is not None:
                    return kept
                self._sidecar(entry).unlink(missing_ok=True)
                files = tuple(self._file(entry, number, stopped, tell) for number in range(len(entry.files)))
                noted = entry.model_copy(update={"files": files})
                write_whole(self._sidecar(entry), noted.model_dump_json(indent=1))
                return noted
        except OSError as error:
            raise no_room(folder, error) from error
        except NoModel as error:
            raise NoModel(f"the model {entry.title} cannot be had: {error}") from error

    def remove(self, noted: Entry) -> None:
        """Take a version away; raises NoModel when it cannot be."""
        try:
            with locked(self._lock(noted), lambda: False):
                self._sidecar(noted).unlink(missing_ok=True)
                shutil.rmtree(self._folder(noted))
        except OSError as error:
            raise NoModel(f"{self._folder(noted)} cannot be removed: {error.strerror or error}") from error

    def _file(self, entry: Entry, number: int, stopped: Stopped, tell: Tell) -> ModelFile:
        """One of a version's files: as it lies there already, where it is right; else fetched."""
        file, folder = entry.files[number], self._folder(entry)
        there = folder / file.name
        if there.is_file() and file.sha256 == file_hash(there):
            return file.model_copy(update={"source": file.shown, "size": there.stat().st_size})
        said: list[int | None] = []

        def heard(bytes_there: int, total: int | None) -> None:
            percent = int(100 * (number + bytes_there / total) / len(entry.files)) if total else None
            if said[-1:] != [percent]:
                said.append(percent)
                tell(entry.title, None if percent is None else percent / 100)

        return fetch(file, folder, heard, stopped)


def _noted(sidecar: Path) -> Entry | None:
    try:
        entry = Entry.model_validate_json(sidecar.read_bytes())
    except (OSError, ValidationError):
        return None
    return entry if all(file.sha256 and file.size is not None for file in entry.files) else None


def agree(entry: Entry, noted: Entry) -> bool:
    """Whether what was fetched is what is asked for now: a hash that was declared since, or changed, is heeded."""
    return (
        entry.name == noted.name
        and [file.name for file in entry.files] == [file.name for file in noted.files]
        and all(
            asked.sha256 in (None, had.sha256) for asked, had in zip(entry.files, noted.files, strict=True)
        )
    )
