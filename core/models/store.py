"""The models: where each lies, fetched first where it does not; listed, verified, removed, rolled back.

A model that a person put into the models folder comes first and is never touched; what is fetched lies in the cache.
Nothing is kept in memory but failures, for a minute: what a command changes holds for the next job of a server.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bridges.worker import Cancelled
from core.errors import Conflict, NoModel, NotFound
from core.models.cache import Cache, Tell, agree
from core.models.entries import Entry
from core.models.fetching import LOOK_S, Stopped, no_room
from core.models.known import OWN, Chosen, Known, known
from core.models.there import Model, by_hand, put
from core.settings import Settings

PATIENCE_S = 60.0
"""So long a failure stands before a job tries again."""

State = Literal["by hand", "fetched", "not fetched", "not here"]


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
        self._cache = Cache(settings.model_cache)
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
        kept = self._cache.kept(entry)
        return self._cache.model(kept if kept is not None else self._patiently(entry, stopped, tell))

    def at_hand(self, names: Iterable[str]) -> tuple[Model, ...]:
        """Those of the names that are there now; nothing is fetched."""
        everything = known(self._settings)
        found = []
        for name in names:
            mine, entry = by_hand(self._settings.models_folder, name), self._in_use(name, everything)
            kept = None if entry is None or mine is not None else self._cache.kept(entry)
            found.append(mine if kept is None else self._cache.model(kept))
        return tuple(model for model in found if model is not None)

    def _patiently(self, entry: Entry, stopped: Stopped, tell: Tell) -> Entry:
        """Fetch, unless that failed a moment ago."""
        with self._lock:
            when, why = self._failed.get(entry, (0.0, ""))
        if why and time.monotonic() - when < PATIENCE_S:
            raise NoModel(why)
        try:
            return _aside(lambda: self._cache.fetch(entry, stopped, tell), stopped)
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
        kept = {(entry.name, entry.version): entry for entry in self._cache.every()}
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
        whole = noted is not None and agree(entry, noted) and self._cache.sizes_fit(noted)
        in_use = used is not None and used.version == entry.version
        state: State = "fetched" if whole else "not fetched"
        path = self._cache.path(entry) if whole else None
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
        kept = self._cache.kept(entry)
        return self._cache.model(kept or self._cache.fetch(entry, stopped, tell)), kept is not None

    def verify(self, name: str | None = None) -> list[tuple[Entry, str | None]]:
        """Read every fetched version, or those of one model, again; with what is wrong with it, or None."""
        found = [entry for entry in self._cache.every() if name in (None, entry.name)]
        if name is not None and not found:
            raise self._unknown(name, None, "fetched")
        return [(entry, self._cache.wrong(entry)) for entry in found]

    def remove(self, name: str, version: str | None) -> list[Entry]:
        """Take fetched versions away, all of a name by default; what a person put there stays."""
        found = [e for e in self._cache.every() if e.name == name and version in (None, e.version)]
        if not found:
            raise self._unknown(name, version, "fetched")
        for entry in found:
            self._cache.remove(entry)
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
        kept = {entry.version: entry for entry in self._cache.every() if entry.name == name}
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


def _filled(entry: Entry, noted: Entry | None) -> Entry:
    """An entry with the hashes and sizes that its files turned out to have."""
    had = {file.name: file for file in noted.files} if noted is not None else {}
    files = [
        file.model_copy(update={"sha256": had[file.name].sha256, "size": had[file.name].size})
        for file in entry.files
    ]
    return entry.model_copy(update={"files": tuple(files)})
