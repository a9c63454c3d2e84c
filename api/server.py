"""Serving: the data folder's lock, an engine, two doors (an address and the folder's own socket), an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import stat
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from urllib.parse import quote

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create
from api.security import LOCAL, Gate, is_loopback
from api.streams import Streams
from core.doors import SOCKET, reachable
from core.engine import Engine
from core.errors import BadSettings
from core.settings import Settings
from database.errors import FolderHeld
from database.lock import DataLock, holder

GRACE_S = 1
"""For answers under way, once it is to stop: half of what stopping may take."""
BACKLOG = 128


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM.

    Parameters
    ----------
    settings
        Folders, limits, address.
    say
        Told the address, and what is waited for.

    Raises
    ------
    BadSettings
        The address cannot be used, or needs a token.
    FolderHeld
        Another server works on the data folder.
    DatabaseError
        The database cannot be used.
    """
    check_exposure(settings)
    held = holder(settings.data)
    if held is not None and held[1] == "server":
        raise FolderHeld(settings.data, *held)
    with listening(settings) as outer, taken(settings.data, say):
        with local_door(settings.data) as inner, Engine(settings) as engine:
            asyncio.run(_serve(engine, outer, inner, lambda: say(_greeting(settings, outer))))


def taken(data: Path, say: Callable[[str], None]) -> DataLock:
    """The data folder's lock, once commands have given it up; raises FolderHeld when a server has it."""

    def waiting(pid: int, role: str) -> None:
        if role == "server":
            raise FolderHeld(data, pid, role)
        say(f"waiting for another {role} (pid {pid}) to end; it holds {data} …")

    lock = DataLock(data, "server")
    lock.acquire(on_wait=waiting)
    return lock


def check_exposure(settings: Settings) -> None:
    """Raise BadSettings when others could reach the server without a token."""
    if not is_loopback(settings.host) and settings.token is None:
        raise BadSettings(
            f"host = {settings.host!r} lets other machines in, and there is no token: "
            "set HEMIOLA_TOKEN to a secret of at least 16 characters, or leave the host at 127.0.0.1"
        )


@contextlib.contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """A listening socket on the settings' address; raises BadSettings when it cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named TCP, or asyncio leaves small packets waiting: 40 ms an answer.
    outer = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with outer:
        outer.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            outer.bind((settings.host.strip("[]"), settings.port))
            outer.listen(BACKLOG)  # at once: two that only bind may have the same port
        except OSError as error:
            raise BadSettings(
                f"{settings.host}:{settings.port} cannot be listened on ({error.strerror}): "
                "another program may use it; choose another port with --port or HEMIOLA_PORT"
            ) from error
        yield outer


@contextlib.contextmanager
def local_door(data: Path) -> Iterator[socket.socket]:
    """A listening socket in the data folder, for its owner alone."""
    path = data / SOCKET
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as inner:
        with reachable(path) as address:
            before = os.umask(0o177)
            try:
                inner.bind(address)
            finally:
                os.umask(before)
        os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)
        inner.listen(BACKLOG)  # a command that comes before the engine stands waits for it
        try:
            yield inner
        finally:
            path.unlink(missing_ok=True)


class _Server(uvicorn.Server):
    """A server that leaves signals to `_serve`, which has two of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none."""
        yield


class _Local:
    """Marks requests that came through the data folder's socket."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Mark and pass on."""
        scope[LOCAL] = True
        await self._app(scope, receive, send)


async def _serve(
    engine: Engine, outer: socket.socket, inner: socket.socket, ready: Callable[[], None]
) -> None:
    streams = Streams(engine)
    streams.open()
    app = create(engine, streams)
    app.state.address = address(engine.settings, outer)
    doors = [(_server(Gate(app, engine.settings.token)), outer), (_server(_Local(app)), inner)]
    servers = [server for server, _ in doors]

    def stop() -> None:
        streams.close()
        for server in servers:
            server.force_exit = server.should_exit
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    serving = [asyncio.create_task(server.serve(sockets=[door])) for server, door in doors]
    while not all(server.started for server in servers) and not any(task.done() for task in serving):
        await asyncio.sleep(0.005)
    if not servers[0].should_exit:
        ready()
        gc.freeze()  # what is there now stays: collecting it would hold up the loop for tens of milliseconds
        engine.workers.prepare(engine.workers.environments)  # the first file need not wait for it
    await asyncio.gather(*serving)


def _server(app: ASGIApp) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_S,
            server_header=False,
            ws="none",
        )
    )


def address(settings: Settings, outer: socket.socket) -> str:
    """Where browsers and programs find the server."""
    host = f"[{settings.host.strip('[]')}]" if ":" in settings.host else settings.host
    return f"http://{host}:{outer.getsockname()[1]}"


def _greeting(settings: Settings, outer: socket.socket) -> str:
    query = f"?token={quote(settings.token, safe='')}" if settings.token else ""
    return f"Hemiola listens at {address(settings, outer)}/ui/{query} (Ctrl-C stops it)"
