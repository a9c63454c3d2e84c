"""Where a command has its work done: by an engine in this process, or by the server that holds the data folder."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import unquote

from cli.client import Server, connected
from core.events import Event
from database.lock import DataLock

if TYPE_CHECKING:
    from cli.stream import Stream
    from core.engine import Engine
    from core.requests import Request
    from core.settings import Settings

EXPORT_S = 900.0
"""What a server may take to write a long document."""
LOOK_S = 2.0
"""Between two looks at a job whose end the event stream did not tell."""

Say = Callable[[str], None]


class Exported(NamedTuple):
    """An export as it came."""

    content: bytes
    name: str
    remarks: tuple[str, ...]


class Heard(Protocol):
    """What happens, as it happens."""

    def next(self, timeout_s: float) -> Event | None:
        """The next event, or None when there is none in this time."""

    def close(self) -> None:
        """Stop hearing."""


class Desk(Protocol):
    """Takes files in and gives documents out. Jobs are known by their numbers."""

    server: int | None
    """Process of the server that does the work; None in this process."""

    def listen(self) -> Heard:
        """Events from now on."""

    def submit(self, path: Path, request: Request) -> int:
        """A job for a file; a path that cannot be opened is a job with verdict `none`."""

    def retry(self, job: int, plugin: str | None) -> tuple[int, str]:
        """A new job that asks again what failed in one, or what one plugin said; with its file's name."""

    def finish(self, job: int) -> str:
        """Wait for a job's end; its verdict, `none` for one that was cancelled."""

    def document(self, job: int) -> bytes:
        """A job's whole document, JSON."""

    def export(self, job: int, format: str, take: int | None, mapping: str) -> Exported:
        """The drum part of a finished job's file in a format."""

    def problems(self) -> list[str]:
        """What of the plugins was left out, and why."""


class Here:
    """An engine in this process, on a data folder whose lock this process holds."""

    def __init__(self, engine: Engine) -> None:
        self.server: int | None = None
        self._engine = engine

    def listen(self) -> Heard:
        """Events from now on."""
        return self._engine.listen()

    def submit(self, path: Path, request: Request) -> int:
        """Store a job; raises BadRequest."""
        return self._engine.submit(path, request).id

    def retry(self, job: int, plugin: str | None) -> tuple[int, str]:
        """Store a job that asks again; raises NotFound, Conflict, BadRequest."""
        again = self._engine.retry(job, plugin)
        return again.id, Path(again.path).name

    def finish(self, job: int) -> str:
        """Wait for a job's end."""
        return self._engine.wait(job).verdict or "none"

    def document(self, job: int) -> bytes:
        """A job's whole document."""
        return self._engine.document(job)

    def export(self, job: int, format: Any, take: int | None, mapping: Any) -> Exported:
        """Write it here; raises Conflict, BadRequest, NotInstalled, ExportFailed."""
        file = self._engine.job(job).file
        assert file is not None, "a job that was taken in knows its file"
        made = self._engine.exports.export(file, format, take, mapping)
        return Exported(made.content, made.name, made.remarks)

    def problems(self) -> list[str]:
        """What was left out."""
        return self._engine.catalogue.problems


class There:
    """A running server; its settings and its number of jobs hold. All methods raise ServerError."""

    def __init__(self, server: Server) -> None:
        self.server: int | None = server.pid
        self._server = server
        self._stream: Stream | None = None

    def listen(self) -> Heard:
        """Events from now on."""
        from cli.stream import Stream

        self._stream = Stream(self._server.http)
        return self._stream

    def submit(self, path: Path, request: Request) -> int:
        """Send a path."""
        asked = {
            "file_path": _sendable(path),
            "questions": request.questions,
            "plugins": request.plugins,
            "only": request.only,
            "config": request.config,
            "force": request.force,
            "bpm": request.bpm,
            "octave": request.octave,
            "meter": request.meter,
        }
        return int(json.loads(self._server.ask("POST", "/analyze", asked))["job_id"])

    def retry(self, job: int, plugin: str | None) -> tuple[int, str]:
        """Ask for a job that asks again."""
        told = json.loads(self._server.ask("POST", f"/jobs/{job}/retry", {"plugin": plugin}))
        return int(told["job_id"]), str(told["name"])

    def finish(self, job: int) -> str:
        """Wait for a job's end, as the stream tells it; a look now and then finds what that did not tell."""
        assert self._stream is not None, "whoever waits listens first"
        while True:
            known = self._stream.news
            told = json.loads(self._server.get(f"/jobs/{job}"))
            if told["state"] not in ("queued", "running"):
                return str(told["verdict"] or "none")
            self._stream.wait_for_news(known, LOOK_S)

    def document(self, job: int) -> bytes:
        """A job's whole document."""
        return self._server.get(f"/jobs/{job}/document")

    def export(self, job: int, format: str, take: int | None, mapping: str) -> Exported:
        """Have the server write it."""
        file = json.loads(self._server.get(f"/jobs/{job}"))["file"]["id"]
        query = {"mapping": mapping} if take is None else {"mapping": mapping, "take": str(take)}
        answer = self._server.answered(
            "GET", f"/api/files/{file}/export/{format}", query=query, answer_s=EXPORT_S
        )
        name = unquote(answer.headers["content-disposition"].rpartition("''")[2])
        remarks = json.loads(answer.headers.get("hemiola-remarks", "[]"))
        return Exported(answer.content, Path(name).name, tuple(map(str, remarks)))

    def problems(self) -> list[str]:
        """What was left out."""
        return [str(problem) for problem in json.loads(self._server.get("/plugins"))["problems"]]


def _sendable(path: Path) -> str:
    """A path as JSON takes it: as an address where its bytes are no text."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return path.as_uri()
    return str(path)


@contextlib.contextmanager
def desk(settings: Settings, say: Say) -> Iterator[Desk]:
    """The server that holds the data folder, or an engine here once other commands have given the folder up."""
    with server_or_lock(settings.data, say) as server:
        if server is not None:
            yield There(server)
            return
        from core.engine import Engine

        with Engine(settings) as engine:
            yield Here(engine)


class _ServerCame(Exception):
    """While the lock was waited for."""


@contextlib.contextmanager
def server_or_lock(data: Path, say: Say) -> Iterator[Server | None]:
    """The server that holds the data folder; None with the folder's lock taken where there is none."""

    def waiting(pid: int, role: str) -> None:
        if role == "server":
            raise _ServerCame
        say(f"waiting for another {role} (pid {pid}) …")

    while True:
        with connected(data) as server:
            if server is not None:
                yield server
                return
        lock = DataLock(data, "command")
        try:
            lock.acquire(on_wait=waiting)
        except _ServerCame:
            continue
        with lock:
            yield None
        return
