"""What happens, told to whoever listens: the command line, the page's event stream."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from database.records import Outcome

ROOM = 10_000
"""Events a slow listener may be behind; older ones are dropped, and it is told by `lost`."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a job.

    Attributes
    ----------
    kind
        "job" (its state changed), "progress", "outcome" (a row of the ledger was written), "done".
    fraction
        How far the job is, 0 to 1.
    now
        What runs: "decoding", or the plugin and its take.
    status
        The job's state, the outcome's status or the verdict.
    row, outcome
        Number of the ledger's row, and the row.
    """

    kind: Literal["job", "progress", "outcome", "done"]
    job: int
    fraction: float = 0.0
    now: str = ""
    status: str = ""
    row: int = 0
    outcome: Outcome | None = None


class Listener:
    """One listener's queue."""

    def __init__(self, leave: Callable[[Listener], None]) -> None:
        self._queue: queue.Queue[Event] = queue.Queue(ROOM)
        self._leave = leave
        self.lost = 0

    def put(self, event: Event) -> None:
        """Add an event, or count it as lost when the listener is too slow."""
        try:
            self._queue.put_nowait(event)
        except queue.Full:
            self.lost += 1

    def next(self, timeout_s: float) -> Event | None:
        """The next event, or None when there is none in this time."""
        try:
            return self._queue.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def close(self) -> None:
        """Stop listening."""
        self._leave(self)


class Events:
    """Hands every event to every listener; never waits for any."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    def listen(self) -> Listener:
        """A new listener, from now on."""
        listener = Listener(self._forget)
        with self._lock:
            self._listeners.append(listener)
        return listener

    def tell(self, event: Event) -> None:
        """Hand an event round."""
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener.put(event)

    def _forget(self, listener: Listener) -> None:
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)
