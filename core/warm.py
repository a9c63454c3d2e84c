"""Workers kept between jobs: those of plugins that declare `keep_warm`, whose weights take long to read.

A kept worker holds the memory that its plugin declares until it is taken, has been idle for long, or something that
runs needs the memory. It serves its own plugin alone, with the settings and models that it was loaded with.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bridges.calls import PluginWorker
from core import keys
from core.chain import Provider
from core.models.there import Model
from core.slots import Slots

IDLE_S = 300.0
"""So long a worker waits for the next job."""
MAPPED = 2 << 30
"""Bytes of views that one may map whose first file is smaller: the next file may be longer."""


@dataclass(slots=True)
class _Kept:
    worker: PluginWorker
    memory: int
    until: float


class Warm:
    """The kept workers, one for each plugin with its settings and models at most.

    Parameters
    ----------
    slots
        Where their memory is held.
    idle_s
        So long each is kept.
    """

    def __init__(self, slots: Slots, idle_s: float = IDLE_S) -> None:
        self._slots, self._idle_s = slots, idle_s
        self._kept: dict[str, _Kept] = {}
        self._always: set[str] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None
        slots.when_short(self.give_up)

    def take(self, key: str) -> PluginWorker | None:
        """The worker that was kept under a key, with its plugin loaded; None where there is none or it has ended."""
        with self._changed:
            kept = self._kept.pop(key, None)
        if kept is None:
            return None
        self._slots.give_back(kept.memory)
        if kept.worker.idle:
            return kept.worker
        kept.worker.close()
        return None

    def keep(self, key: str, worker: PluginWorker, memory: int, *, always: bool = False) -> None:
        """Keep a worker whose job is done, or close it where there is no room.

        With `always`, here and whenever it comes back, its time is never over: only its memory may be needed.
        """
        worker.rest()
        with self._changed:
            if always:
                self._always.add(key)
            wanted = not self._closed and key not in self._kept and worker.idle
            if wanted and self._slots.hold(memory):
                until = float("inf") if key in self._always else time.monotonic() + self._idle_s
                self._kept[key] = _Kept(worker, memory, until)
                self._watch()
                return
        worker.close()

    def give_up(self) -> None:
        """End all that are kept: their memory is needed."""
        self._end(list(self._kept))

    def close(self) -> None:
        """End all, and keep none any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.give_up()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._let_go, name="warm", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _let_go(self) -> None:
        """End each when its time is over."""
        while True:
            with self._changed:
                if self._closed:
                    return
                now = time.monotonic()
                over = [key for key, kept in self._kept.items() if kept.until <= now]
                if not over:
                    first = min((kept.until for kept in self._kept.values()), default=float("inf"))
                    self._changed.wait(None if first == float("inf") else first - now)
            self._end(over)

    def _end(self, names: Sequence[str]) -> None:
        with self._changed:
            ending = [kept for name in names if (kept := self._kept.pop(name, None)) is not None]
        for kept in ending:
            kept.worker.close()
            self._slots.give_back(kept.memory)


def warm_key(provider: Provider, config: dict[str, object], models: Sequence[Model]) -> str:
    """What a loaded plugin is known by: a worker serves where all of it is equal."""
    manifest = provider.manifest
    return keys.digest(
        "warm",
        manifest.name,
        manifest.version,
        provider.source.digest,
        manifest.environment,
        config,
        [[model.name, str(model.path), model.digest] for model in models],
    )
