"""The one thread that writes: callers wait for their commit, waiting changes share a transaction."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine

from database.connections import errors_in_words, on_the_disk
from database.errors import StoreClosed

T = TypeVar("T")
Change = Callable[[Connection], Any]


class _Waiting(NamedTuple):
    change: Change
    future: Future[Any]
    durable: bool


MOST_TOGETHER = 64


class Writer:
    """Runs changes one after the other on a connection of its own.

    Changes that wait while another is written are committed together; when one of them fails, they are rolled
    back and run again each alone, so that a caller only ever hears of its own mistake. A change must
    therefore do nothing but work on the connection it is given.
    """

    def __init__(self, engine: Engine, file: Path) -> None:
        self._engine = engine
        self._file = file
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="hemiola-writer", daemon=True)
        self._thread.start()

    def write(self, change: Callable[[Connection], T], *, durable: bool = False) -> T:
        """Run `change` in a transaction and return its value once that is committed.

        Parameters
        ----------
        change : callable
            Works on the connection it is given.
        durable : bool
            Return once the change is on the disk, so that not even a loss of power undoes it; any other
            survives the end of the process, and is on the disk a little later.

        Raises
        ------
        DatabaseError
            The database could not be written; nothing of the change is kept.
        StoreClosed
            `close` was called before.
        """
        future: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise StoreClosed(f"{self._file} was closed before this was written.")
            self._waiting.put(_Waiting(change, future, durable))
        return future.result()

    def close(self) -> None:
        """Write what waits, then end the thread and its connection."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        connection: Connection | None = None
        try:
            while batch := self._next_batch():
                try:
                    connection = connection or self._connect()
                except Exception as error:
                    for waiting in batch:
                        waiting.future.set_exception(error)
                    continue
                self._write_batch(connection, batch)
        finally:
            if connection is not None:
                connection.close()
            self._engine.dispose()

    def _connect(self) -> Connection:
        with errors_in_words(self._file):
            return self._engine.connect()

    def _next_batch(self) -> list[_Waiting]:
        """Wait for a change and take those behind it; empty when the writer is closed."""
        first = self._waiting.get()
        if first is None:
            return []
        batch = [first]
        while len(batch) < MOST_TOGETHER:
            try:
                further = self._waiting.get_nowait()
            except queue.Empty:
                break
            if further is None:
                self._waiting.put(None)  # the last in the queue: nothing is accepted after it
                break
            batch.append(further)
        return batch

    def _write_batch(self, connection: Connection, batch: list[_Waiting]) -> None:
        try:
            values = self._in_transaction(connection, batch)
        except BaseException as error:
            if len(batch) == 1:
                batch[0].future.set_exception(error)
            else:
                for waiting in batch:
                    self._write_batch(connection, [waiting])
            return
        for waiting, value in zip(batch, values, strict=True):
            waiting.future.set_result(value)

    def _in_transaction(self, connection: Connection, batch: list[_Waiting]) -> list[Any]:
        durable = any(waiting.durable for waiting in batch)
        with errors_in_words(self._file), on_the_disk(connection) if durable else nullcontext():
            with connection.begin():
                return [waiting.change(connection) for waiting in batch]
