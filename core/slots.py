"""How much runs at once: a number of plugins, and the memory that they declare together."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

SHARE = 0.8
"""Part of the free memory that plugins may declare."""


class Slots:
    """Places for running plugins. A plugin that declares more than there is runs alone."""

    def __init__(self, workers: int, memory: int) -> None:
        self._places = self._free = workers
        self._memory = self._all = memory
        self._changed = threading.Condition()
        self._short: Callable[[], None] = lambda: None
        self._waiting = 0

    def when_short(self, give_up: Callable[[], None]) -> None:
        """Have this called where memory that is only held is needed."""
        self._short = give_up

    def hold(self, memory: int) -> bool:
        """Hold memory without running, if it is free and nobody waits for any."""
        with self._changed:
            if self._waiting or memory > self._memory:
                return False
            self._memory -= memory
            return True

    def give_back(self, memory: int) -> None:
        """Hold it no longer."""
        with self._changed:
            self._memory += memory
            self._changed.notify_all()

    @property
    def in_use(self) -> int:
        """Places that are taken."""
        return self._places - self._free

    @contextlib.contextmanager
    def taken(self, memory: int, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Wait for a place and this much memory; hold them while inside. A cancelled job does not wait."""
        wanted = min(memory, self._all)
        with self._changed:
            self._waiting += 1
            short = self._memory < wanted
        if short:
            self._short()
        with self._changed:
            while not (self._free > 0 and self._memory >= wanted) and not cancelled():
                self._changed.wait(0.5)
            self._waiting -= 1
            self._free, self._memory = self._free - 1, self._memory - wanted
        try:
            yield
        finally:
            with self._changed:
                self._free, self._memory = self._free + 1, self._memory + wanted
                self._changed.notify_all()


def free_memory() -> int:
    """Bytes that plugins may declare in all: a share of what is available to this control group or machine."""
    available = int(psutil.virtual_memory().available)
    with contextlib.suppress(OSError, ValueError):
        group = Path("/proc/self/cgroup").read_text().splitlines()[-1].partition("::")[2].lstrip("/")
        limit = Path("/sys/fs/cgroup", group, "memory.max").read_text().strip()
        if limit != "max":
            available = min(available, int(limit))
    return int(available * SHARE)
