"""A progress bar per running file on standard error, with the plugin now running; nothing without a terminal."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import TaskID

    from cli.desk import Heard
    from core.events import Event

LOOK_S = 0.1


class Progress:
    """Draws what a listener hears until it is left.

    Parameters
    ----------
    listener
        Of the engine's events, wherever it runs.
    names
        File name by job.
    """

    def __init__(self, listener: Heard, names: dict[int, str]) -> None:
        self._listener, self._names = listener, names
        self._tasks: dict[int, TaskID] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._draw, name="progress", daemon=True)

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self._listener.close()

    def _draw(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bars

        columns = (
            TextColumn("{task.fields[file]}"),
            BarColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[now]}"),
        )
        with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
            while not self._over.is_set():
                event = self._listener.next(LOOK_S)
                if event is not None and event.job in self._names:
                    self._show(bars, event)

    def _show(self, bars: object, event: Event) -> None:
        from rich.progress import Progress as Bars

        assert isinstance(bars, Bars)
        if event.kind == "done":
            task = self._tasks.pop(event.job, None)
            if task is not None:
                bars.remove_task(task)
            return
        if event.job not in self._tasks:
            self._tasks[event.job] = bars.add_task("", total=1.0, file=self._names[event.job], now="")
        if event.kind == "progress":
            bars.update(self._tasks[event.job], completed=event.fraction, now=event.now)
