"""The models: where each lies, fetched first where it does not; listed, verified, removed, rolled back.

A model that a person put into the models folder comes first and is never touched. What is fetched lies in the cache:

    PLACE/VERSION/FILE...   the files
    PLACE/.VERSION.json     what they are: written last
    PLACE/.VERSION.lock     held while one process fetches

Nothing is kept in memory but failures, for a minute: what a command changes holds for the next job of a server.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from bridges.worker import Cancelled
from core.errors import Conflict, NoModel, NotFound
from core.models.entries import Entry, ModelFile
from core.models.fetching import LOOK_S, Stopped, fetch, locked, no_room, write_whole
from core.models.known import OWN, Chosen, Known, known
from core.models.there import Model, by_hand, fetched, file_hash, put
from core.settings import Settings

PATIENCE_S = 60.0
"""So long a failure stands before a job tries again."""

State = Literal["by hand", "fetched", "not fetched", "not here"]
Tell = Callable[[str, float | None], None]
"""Told which model is fetched and how far it is, 0 to 1, where that is known."""


def _unheard(model: str, fraction: float | None) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One version of a model, as lists show it.

    Attributes
    ----------
    entry
        What is known of it; None of one that a person put there.
    state
        "by hand", "fetched", "not fetched" or, where no source is known, "not here".
    in_use
        Whether plugins are handed it.
    """

    name: str
    version: str | None
    state: State
    in_use: bool
    path: Path | None
    entry: Entry | None


class Models:
    """The models of a data folder and its cache; several processes may have one each.

    Parameters
    ----------
    settings
        Their folders, and the site's own network.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._chosen = Chosen(settings.data)
        self._failed: dict[Entry, tuple[float, str]] = {}
        self._lock = threading.Lock()

    # -- for a job ---------------------------------------------------------------------------

    def resolve(self, name: str, stopped: Stopped, tell: Tell = _unheard) -> Model | None:
        """A model for a plugin; None where nobody put it there and no source of it is known.

        Raises
        ------
        NoModel
            Its source is known, and it cannot be had.
        Cancelled
            It was stopped while fetching.
        """
        mine = by_hand(self._settings.models_folder, name)
        if mine is not None:
            return mine
        everything = known(self._settings)
        entry = self._in_use(name, everything)
        if entry is None:
            if everything.problems:
                raise NoModel(f"the model {name!r} is not here, and {everything.problems[0]}")
            return None
        kept = self._kept(entry)
        return self._model(kept if kept is not None else self._patiently(entry, stopped, tell))

    def at_hand(self, names: Iterable[str]) -> tuple[Model, ...]:
        """Those of the names that are there now; nothing is fetched."""
        everything = known(self._settings)
        found = []
        for name in names:
            mine, entry = by_hand(self._settings.models_folder, name), self._in_use(name, everything)
            kept = None if entry is None or mine is not None else self._kept(entry)
            found.append(mine if kept is None else self._model(kept))
        return tuple(model for model in found if model is not None)

    def _patiently(self, entry: Entry, stopped: Stopped, tell: Tell) -> Entry:
        """Fetch, unless that failed a moment ago."""
        with self._lock:
            when, why = self._failed.get(entry, (0.0, ""))
        if why and time.monotonic() - when < PATIENCE_S:
            raise NoModel(why)
        try:
            return _aside(lambda: self._fetch(entry, stopped, tell), stopped)
        except NoModel as error:
            with self._lock:
                self._failed[entry] = (time.monotonic(), str(error))
            raise

    # -- for a person ------------------------------------------------------------------------

    @property
    def problems(self) -> tuple[str, ...]:
        """Lists of models that cannot be read, a sentence each."""
        return known(self._settings).problems

    def every(self, declared: Iterable[str] = ()) -> list[Shown]:
        """All versions that are known, were fetched or were put there, by name; the one in use first.

        Names that plugins declare are listed as well where nothing of them is known.
        """
        everything = known(self._settings)
        hand = self._by_hand()
        kept = {(entry.name, entry.version): entry for entry in self._sidecars()}
        listed = []
        for name in sorted({*hand, *everything.entries, *declared, *(name for name, _ in kept)}):
            used = None if name in hand else self._in_use(name, everything)
            if name in hand:
                listed.append(Shown(name, None, "by hand", True, hand[name], None))
            versions = {version: entry for (of, version), entry in kept.items() if of == name}
            versions |= {entry.version: entry for entry in everything.entries.get(name, ())}
            if not versions and name not in hand:
                listed.append(Shown(name, None, "not here", False, None, None))
            mine = [
                self._shown(entry, kept.get((name, version)), used) for version, entry in versions.items()
            ]
            listed += sorted(mine, key=lambda one: not one.in_use)
        return listed

    def _shown(self, entry: Entry, noted: Entry | None, used: Entry | None) -> Shown:
        whole = noted is not None and _agree(entry, noted) and self._sizes_fit(noted)
        in_use = used is not None and used.version == entry.version
        state: State = "fetched" if whole else "not fetched"
        path = self._path(entry) if whole else None
        return Shown(
            entry.name, entry.version, state, in_use, path, _filled(entry, noted) if whole else entry
        )

    def fetch(
        self, name: str, version: str | None, stopped: Stopped, tell: Tell = _unheard
    ) -> tuple[Model, bool]:
        """Fetch a model's version, by default the one in use; returns it, and whether it was there before.

        Raises
        ------
        NotFound
            It is not known.
        NoModel
            It cannot be had.
        """
        entry = self._entry(name, version)
        kept = self._kept(entry)
        return self._model(kept or self._fetch(entry, stopped, tell)), kept is not None

    def verify(self, name: str | None = None) -> list[tuple[Entry, str | None]]:
        """Read every fetched version, or those of one model, again; with what is wrong with it, or None."""
        found = [entry for entry in self._sidecars() if name in (None, entry.name)]
        if name is not None and not found:
            raise self._unknown(name, None, "fetched")
        return [(entry, self._wrong(entry)) for entry in found]

    def remove(self, name: str, version: str | None) -> list[Entry]:
        """Take fetched versions away, all of a name by default; what a person put there stays."""
        found = [e for e in self._sidecars() if e.name == name and version in (None, e.version)]
        if not found:
            raise self._unknown(name, version, "fetched")
        for entry in found:
            with self._held(entry, lambda: False):
                self._sidecar(entry).unlink(missing_ok=True)
                shutil.rmtree(self._folder(entry))
        return found

    def use(self, name: str, version: str | None) -> Entry:
        """Have plugins handed this version from now on; None goes back to the default.

        Raises
        ------
        NotFound
            There is no such version, known or fetched.
        Conflict
            A model that a person put there comes first.
        """
        everything = known(self._settings)
        default = everything.default(name)
        entry = default if version is None else self._entry(name, version)
        if entry is None:
            raise self._unknown(name, version, "known")
        if put(self._settings.models_folder, name) is not None:
            raise Conflict(
                f"{self._settings.models_folder / name} was put there by hand and comes first; move it away, then"
                f" versions of {name} can be chosen"
            )
        same = default is not None and version == default.version
        try:
            self._chosen.choose(
                name, None if same else version, default.version if default is not None else None
            )
        except OSError as error:
            raise no_room(self._settings.data, error) from error
        return entry

    # -- which -------------------------------------------------------------------------------

    def _in_use(self, name: str, everything: Known) -> Entry | None:
        default = everything.default(name)
        version = self._chosen.version(name, default.version if default is not None else None)
        chosen = self._versions(name, everything).get(version) if version is not None else None
        return chosen or default

    def _versions(self, name: str, everything: Known) -> dict[str, Entry]:
        """By version: what is known, and what was fetched and is known no more."""
        kept = {entry.version: entry for entry in self._sidecars() if entry.name == name}
        return kept | {entry.version: entry for entry in everything.entries.get(name, ())}

    def _entry(self, name: str, version: str | None) -> Entry:
        everything = known(self._settings)
        if version is None:
            found = self._in_use(name, everything)
        else:
            found = self._versions(name, everything).get(version)
        if found is None:
            raise self._unknown(name, version, "known")
        return found

    def _unknown(self, name: str, version: str | None, what: str) -> NotFound:
        everything = known(self._settings)
        versions = self._versions(name, everything)
        if version is not None and versions:
            there = f"of {name}, {', '.join(sorted(versions))} are known"
        else:
            there = f"known are {', '.join(sorted(everything.entries)) or 'none'}; {OWN} in the data folder adds some"
        problems = "".join(f"; {problem}" for problem in everything.problems)
        return NotFound(f"no model {' '.join(filter(None, (name, version)))} is {what}; {there}{problems}")

    def _by_hand(self) -> dict[str, Path]:
        folder = self._settings.models_folder
        try:
            names = sorted(path.name for path in folder.iterdir())
        except OSError:
            return {}
        return {name: path for name in names if (path := put(folder, name)) is not None}

    # -- the cache ---------------------------------------------------------------------------

    def _place(self, entry: Entry) -> Path:
        return self._settings.model_cache / entry.place

    def _folder(self, entry: Entry) -> Path:
        return self._place(entry) / entry.version

    def _path(self, entry: Entry) -> Path:
        return self._folder(entry) if entry.folder else self._folder(entry) / entry.files[0].name

    def _sidecar(self, entry: Entry) -> Path:
        return self._place(entry) / f".{entry.version}.json"

    def _sidecars(self) -> list[Entry]:
        """What was fetched, as it was noted then."""
        found = []
        for file in sorted(self._settings.model_cache.glob("*/.*.json")):
            entry = _noted(file)
            if entry is not None and self._sidecar(entry) == file:
                found.append(entry)
        return found

    def _kept(self, entry: Entry) -> Entry | None:
        """A version as it was fetched, its files whole; None where it must be fetched."""
        noted = _noted(self._sidecar(entry))
        if noted is None or noted.name != entry.name or not _agree(entry, noted):
            return None
        return noted if self._wrong(noted) is None else None

    def _wrong(self, noted: Entry) -> str | None:
        """What is wrong with a fetched version, as it is on the disk now."""
        for file in noted.files:
            path = self._folder(noted) / file.name
            try:
                if file_hash(path) != file.sha256:
                    return f"{path} is damaged; `hemiola models fetch {noted.name} {noted.version}` fetches it anew"
            except OSError as error:
                return f"{path} cannot be read: {error.strerror or error}"
        return None

    def _sizes_fit(self, noted: Entry) -> bool:
        try:
            return all((self._folder(noted) / file.name).stat().st_size == file.size for file in noted.files)
        except OSError:
            return False

    def _model(self, noted: Entry) -> Model:
        folder = self._folder(noted)
        try:
            return fetched(
                noted.name, noted.version, self._path(noted), [folder / file.name for file in noted.files]
            )
        except OSError as error:
            raise NoModel(f"the model {noted.title} cannot be read: {error.strerror or error}") from error

    @contextlib.contextmanager
    def _held(self, entry: Entry, stopped: Stopped) -> Iterator[None]:
        with locked(self._place(entry) / f".{entry.version}.lock", stopped):
            yield

    def _fetch(self, entry: Entry, stopped: Stopped, tell: Tell) -> Entry:
        """Bring a version into the cache, unless another process does so meanwhile."""
        folder = self._folder(entry)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self._held(entry, stopped):
                kept = self._kept(entry)
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

    def _file(self, entry: Entry, number: int, stopped: Stopped, tell: Tell) -> ModelFile:
        """One of a version's files: as it lies there already, where it is right; else fetched."""
        file, folder = entry.files[number], self._folder(entry)
        there = folder / file.name
        if there.is_file() and file.sha256 == file_hash(there):
            return file.model_copy(update={"size": there.stat().st_size})

        said: list[int | None] = []

        def heard(bytes_there: int, total: int | None) -> None:
            percent = int(100 * (number + bytes_there / total) / len(entry.files)) if total else None
            if said[-1:] != [percent]:
                said.append(percent)
                tell(entry.title, None if percent is None else percent / 100)

        return fetch(file, folder, heard, stopped)


def _aside(work: Callable[[], Entry], stopped: Stopped) -> Entry:
    """The outcome of work in a thread of its own, which is left to itself when stopped: a source may hang for long."""
    done: Future[Entry] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, name="fetch", daemon=True).start()
    while not wait([done], LOOK_S).done:
        if stopped():
            raise Cancelled
    return done.result()


def _noted(sidecar: Path) -> Entry | None:
    try:
        entry = Entry.model_validate_json(sidecar.read_bytes())
    except (OSError, ValidationError):
        return None
    return entry if all(file.sha256 and file.size is not None for file in entry.files) else None


def _agree(entry: Entry, noted: Entry) -> bool:
    """Whether what was fetched is what is asked for now: a hash that was declared since, or changed, is heeded."""
    return [file.name for file in entry.files] == [file.name for file in noted.files] and all(
        asked.sha256 in (None, had.sha256) for asked, had in zip(entry.files, noted.files, strict=True)
    )


def _filled(entry: Entry, noted: Entry | None) -> Entry:
    """An entry with the hashes and sizes that its files turned out to have."""
    had = {file.name: file for file in noted.files} if noted is not None else {}
    files = [
        file.model_copy(update={"sha256": had[file.name].sha256, "size": had[file.name].size})
        for file in entry.files
    ]
    return entry.model_copy(update={"files": tuple(files)})
