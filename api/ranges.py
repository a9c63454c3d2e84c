"""Pieces of an open file: 200 with all of it, 206 with one range, 416 beyond its end (RFC 9110, 14)."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.problems import problem
from core.files import OpenFile

PIECE = 1 << 18
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def respond(request: Request, file: OpenFile, media_type: str) -> Response:
    """What was asked for of an open file, which is closed at the end."""
    size = file.size
    span = wanted(request.headers.get("range"), size)
    if span is None:
        file.close()
        return problem(416, f"the file has {size} bytes", {"Content-Range": f"bytes */{size}"})
    first, stop = span
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(stop - first),
        "Cache-Control": "private, no-cache",
    }
    partial = (first, stop) != (0, size) or "range" in request.headers
    if partial and size:
        headers["Content-Range"] = f"bytes {first}-{stop - 1}/{size}"
    if request.method == "HEAD":
        file.close()
        return Response(status_code=206 if partial else 200, headers=headers, media_type=media_type)
    return StreamingResponse(_pieces(file, first, stop), 206 if partial else 200, headers, media_type)


def wanted(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last of a Range header; all of it without one, None beyond the end.

    What is no single range of bytes is answered with all of it, as the standard allows.

    Examples
    --------
    >>> wanted("bytes=2-3", 10), wanted("bytes=-4", 10), wanted("bytes=8-", 10), wanted("bytes=10-", 10)
    ((2, 4), (6, 10), (8, 10), None)
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or not any(found.groups()):
        return 0, size
    first, last = found.groups()
    if not first:
        return (max(0, size - int(last)), size) if int(last) and size else None
    if int(first) >= size or (last and int(last) < int(first)):
        return None
    return int(first), min(size, int(last) + 1) if last else size


async def _pieces(file: OpenFile, first: int, stop: int) -> AsyncIterator[bytes]:
    try:
        while first < stop:
            piece = await run_in_threadpool(os.pread, file.fd, min(PIECE, stop - first), first)
            if not piece:
                return
            yield piece
            first += len(piece)
    finally:
        file.close()
