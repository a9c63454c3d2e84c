"""A server's event stream, heard in a thread of its own: parsed, and handed on as the engine's own events."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.events import Event

if TYPE_CHECKING:
    import httpx

ROOM = 10_000
SILENCE_S = 45.0
"""A server says something every 15 s."""
AGAIN_S = 0.5


@dataclass(frozen=True, slots=True)
class Message:
    """One event of a stream, as the server sent it."""

    name: str
    data: str
    id: str | None


def messages(lines: Iterable[str]) -> Iterator[Message]:
    """The events in the lines of a text/event-stream (HTML standard, 9.2.6); one without its empty line is none.

    Examples
    --------
    >>> list(messages([": ping", "event: done", "id: 7", "data: {", "data:}", "", "data: lost"]))
    [Message(name='done', data='{\\n}', id='7')]
    """
    name, last = "message", None
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield Message(name, "\n".join(data), last)
            name, data = "message", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif field == "id":
            last = value


class Stream:
    """What a server tells, until it is closed. It connects again by itself, and is silent while it cannot.

    Parameters
    ----------
    http
        A client of the server.
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._queue: queue.Queue[Event] = queue.Queue(ROOM)
        self._response: httpx.Response | None = None
        self._closed = False
        self.news = 0
        """Counts ends of jobs, and beginnings and ends of the connection."""
        self._stirred = threading.Condition()
        self._thread = threading.Thread(target=self._hear, name="events", daemon=True)
        self._thread.start()

    def next(self, timeout_s: float) -> Event | None:
        """The next event, or None when there is none in this time."""
        try:
            return self._queue.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def wait_for_news(self, known: int, timeout_s: float) -> None:
        """Wait until there is more news than is known, at most so long."""
        with self._stirred:
            self._stirred.wait_for(lambda: self.news > known, timeout_s)

    def close(self) -> None:
        """Stop hearing."""
        self._closed = True
        response = self._response
        if response is not None:  # closing does not wake a thread that reads; shutting down does
            with contextlib.suppress(OSError, AttributeError):
                wire = response.extensions["network_stream"].get_extra_info("socket")
                wire.shutdown(socket.SHUT_RDWR)
        self._thread.join(AGAIN_S * 2)

    def _hear(self) -> None:
        import httpx

        seen: str | None = None
        while not self._closed:
            headers = {"Last-Event-ID": seen} if seen else {}
            with contextlib.suppress(httpx.HTTPError, ValueError):
                with self._http.stream("GET", "/events", headers=headers, timeout=SILENCE_S) as response:
                    self._response = response
                    self._stir()
                    for message in messages(response.iter_lines()):
                        seen = message.id or seen
                        self._hand(message)
            self._response = None
            self._stir()
            if not self._closed:
                time.sleep(AGAIN_S)

    def _hand(self, message: Message) -> None:
        event = _event(message)
        if event is not None:
            with contextlib.suppress(queue.Full):
                self._queue.put_nowait(event)
        if message.name in ("done", "resync"):
            self._stir()

    def _stir(self) -> None:
        with self._stirred:
            self.news += 1
            self._stirred.notify_all()


def _event(message: Message) -> Event | None:
    """An event of the stream as the engine's; None of what draws nothing."""
    told = json.loads(message.data)
    if message.name == "progress":
        return Event("progress", told["job"], told["progress"], told["now"])
    if message.name == "job":
        return Event("job", told["id"], told["progress"], told["now"], told["state"])
    if message.name == "done":
        return Event("done", told["id"], 1.0, "", told["verdict"] or told["state"])
    return None
