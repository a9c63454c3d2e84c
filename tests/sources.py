"""A source of models on this machine: an HTTP server that answers well, badly, slowly, or breaks off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PIECE = 1 << 14


@dataclass
class Source:
    """What the server has, and how it answers.

    Attributes
    ----------
    bodies
        Bytes by path.
    redirects
        Targets by path.
    ranges
        Whether it heeds Range.
    cuts
        After how many bytes of the next answers the connection breaks off.
    pause
        Between two pieces, seconds.
    stuck
        While set, answers stop after half of their bytes.
    chunked
        Whether it leaves out how long a body is.
    asked
        Path and Range of every request.
    """

    address: str = ""
    bodies: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    pause: float = 0.0
    stuck: bool = False
    chunked: bool = False
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    going: threading.Event = field(default_factory=threading.Event)

    def has(self, path: str, body: bytes) -> str:
        """Have a body at a path; returns its address."""
        self.bodies[path] = body
        return f"{self.address}{path}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    source: Source

    def do_GET(self) -> None:
        source, asked = self.source, self.headers.get("Range")
        source.asked.append((self.path, asked))
        if self.path in source.redirects:
            self._head(302, {"Location": source.redirects[self.path], "Content-Length": "0"})
            return
        body = source.bodies.get(self.path)
        if body is None:
            self._head(404, {"Content-Length": "0"})
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and source.ranges else 0
        if start >= len(body) > 0 and start:
            self._head(416, {"Content-Range": f"bytes */{len(body)}", "Content-Length": "0"})
            return
        headers = {"Content-Length": str(len(body) - start)}
        if source.chunked:
            headers = {"Connection": "close"}
            self.close_connection = True
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self._head(206 if start else 200, headers)
        self._send(body[start:], source.cuts.pop(0) if source.cuts else None)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, body: bytes, cut: int | None) -> None:
        source = self.source
        stop = len(body) if cut is None else cut
        try:
            for at in range(0, stop, PIECE):
                self.wfile.write(body[at : min(at + PIECE, stop)])
                if source.stuck and at >= len(body) // 2:
                    source.going.wait(60)
                elif source.pause:
                    source.going.wait(source.pause)
        except OSError:  # whoever asked is gone
            self.close_connection = True
        if cut is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Source]:
    """A source, while inside."""
    source = Source()
    handler = type("Handler", (_Handler,), {"source": source})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    source.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, name="source", daemon=True)
    thread.start()
    try:
        yield source
    finally:
        source.going.set()
        server.shutdown()
        server.server_close()
        thread.join()
