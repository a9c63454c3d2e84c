"""The server that holds a data folder, as a command sees it: requests through the folder's own socket."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from core.doors import SOCKET, reachable
from database.lock import holder

if TYPE_CHECKING:
    import httpx

START_S = 30.0
"""How long a server may take from its lock to its socket."""
LOOK_AGAIN_S = 0.1
CONNECT_S, ANSWER_S = 5.0, 120.0
USAGE = (404, 422)


class ServerError(Exception):
    """What a server answered or why it did not, as a sentence for the user.

    Attributes
    ----------
    usage
        Whether the user asked for what cannot be done.
    """

    def __init__(self, sentence: str, *, usage: bool = False) -> None:
        super().__init__(sentence)
        self.usage = usage


class ServerGone(ServerError):
    """It does not answer any more."""

    def __init__(self, pid: int) -> None:
        super().__init__(
            f"the server (pid {pid}) is gone: it was stopped, or it died. No answer is lost: the same command "
            "goes on without a server, and `hemiola serve` goes on with the jobs"
        )


class Server:
    """A running server; made by `connected`.

    Parameters
    ----------
    http
        A client of its socket.
    pid
        Its process.
    """

    def __init__(self, http: httpx.Client, pid: int) -> None:
        self.http, self.pid = http, pid

    def get(self, path: str, **query: str) -> bytes:
        """What it answers to GET."""
        return self.ask("GET", path, query=query)

    def ask(self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None) -> bytes:
        """The body of what it answers; raises what `answered` raises."""
        return self.answered(method, path, body, query).content

    def answered(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: dict[str, str] | None = None,
        answer_s: float = ANSWER_S,
    ) -> httpx.Response:
        """What it answers, within `answer_s`.

        Raises
        ------
        ServerError
            With the sentence that it answered.
        ServerGone
            It does not answer.
        """
        import httpx

        try:
            timeout = httpx.Timeout(answer_s, connect=CONNECT_S)
            answer = self.http.request(method, path, json=body, params=query, timeout=timeout)
        except httpx.ReadTimeout as error:
            raise ServerError(
                f"the server (pid {self.pid}) did not answer within {answer_s:.0f} s; try again, or stop it"
            ) from error
        except httpx.TransportError as error:
            raise ServerGone(self.pid) from error
        if answer.is_success:
            return answer
        raise ServerError(_sentence(answer), usage=answer.status_code in USAGE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()


def _sentence(answer: httpx.Response) -> str:
    """The sentence in a problem."""
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code} without saying why"


@contextlib.contextmanager
def connected(data: Path) -> Iterator[Server | None]:
    """The server that holds the data folder, or None when none does; one that is starting is waited for.

    Raises
    ------
    ServerError
        A server holds the folder and cannot be reached.
    """
    held = _server(data)
    if held is None:
        yield None
        return
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(reachable(data / SOCKET))
        server = _reach(address, data, lambda: _server(data))
        if server is not None:
            stack.enter_context(server)
        yield server


def _server(data: Path) -> int | None:
    held = holder(data)
    return held[0] if held is not None and held[1] == "server" else None


def _reach(address: str, data: Path, present: Callable[[], int | None]) -> Server | None:
    deadline = time.monotonic() + START_S
    while (pid := present()) is not None:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
                door.connect(address)
            return Server(_client(address), pid)
        except OSError as error:
            if time.monotonic() > deadline:
                raise ServerError(
                    f"a server (pid {pid}) holds {data} and does not answer at {data / SOCKET} ({error}); "
                    "stop it, then try again"
                ) from error
        time.sleep(LOOK_AGAIN_S)
    return None


def _client(address: str) -> httpx.Client:
    import httpx

    timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
    return httpx.Client(
        transport=httpx.HTTPTransport(uds=address), base_url="http://hemiola", timeout=timeout
    )
