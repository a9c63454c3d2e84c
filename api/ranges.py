"""Pieces of an open file (RFC 9110): 200 with all of it, 206 with a range, 304 when it is known, 416 beyond its end."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.problems import problem
from core.files import OpenFile

PIECE = 1 << 18
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def respond(request: Request, file: OpenFile, media_type: str, version: str) -> Response:
    """What was asked for of an open file, which is closed at the end.

    Parameters
    ----------
    version
        Names these bytes: others have another. A client that holds a part of them goes on where it was.
    """
    size, tag = file.size, f'"{version}"'
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, no-cache", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        file.close()
        return Response(status_code=304, headers=headers)
    asked = request.headers.get("range") if request.headers.get("if-range", tag) == tag else None
    span = wanted(asked, size)
    if span == BEYOND:
        file.close()
        return problem(416, f"the file has {size} bytes", {"Content-Range": f"bytes */{size}"})
    first, stop = span or (0, size)
    headers["Content-Length"] = str(stop - first)
    status = 200
    if span is not None:
        status, headers["Content-Range"] = 206, f"bytes {first}-{stop - 1}/{size}"
    if request.method == "HEAD":
        file.close()
        return Response(status_code=status, headers=headers, media_type=media_type)
    return _Part(file, first, stop, status, headers, media_type)


BEYOND = (0, 0)


def wanted(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last of a Range header, `BEYOND` the end, or None: all of it is asked for.

    What is no single range of bytes asks for all of it, as the standard allows.

    Examples
    --------
    >>> wanted("bytes=2-3", 10), wanted("bytes=-4", 10), wanted("bytes=8-", 10), wanted("bytes=10-", 10)
    ((2, 4), (6, 10), (8, 10), (0, 0))
    >>> wanted("bytes=0-1,4-5", 10), wanted("lines=1-2", 10), wanted("bytes=3-2", 10)
    (None, None, None)
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        return (max(0, size - int(last)), size) if int(last) and size else BEYOND
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        return BEYOND
    return int(first), min(size, int(last) + 1) if last else size


class _Part(StreamingResponse):
    """Part of an open file, read as it is sent; closed also when nobody reads it."""

    def __init__(
        self, file: OpenFile, first: int, stop: int, status: int, headers: dict[str, str], media_type: str
    ) -> None:
        super().__init__(_pieces(file, first, stop), status, headers, media_type)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


async def _pieces(file: OpenFile, first: int, stop: int) -> AsyncIterator[bytes]:
    while first < stop and (piece := await run_in_threadpool(_read, file, first, stop)):
        yield piece
        first += len(piece)


def _read(file: OpenFile, first: int, stop: int) -> bytes:
    return os.pread(file.fd, min(PIECE, stop - first), first)
