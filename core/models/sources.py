"""The bytes of a source, from some place on: over HTTP, from a file, from S3 where fsspec is installed."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

from core.errors import NoModel
from core.models.entries import shown

if TYPE_CHECKING:
    import httpx

PIECE = 1 << 20
CONNECT_S, READ_S = 10.0, 30.0
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
OK, PARTIAL, BEYOND = 200, 206, 416


class Cut(Exception):
    """The bytes ended before their end; what came is kept, and a further try goes on from there."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Bytes on their way.

    Attributes
    ----------
    start
        The place of the first: what was asked for, or 0 where the source begins anew.
    total
        How many the whole source has, where it says so.
    pieces
        The bytes; raises Cut.
    """

    start: int
    total: int | None
    pieces: Iterator[bytes]


@contextlib.contextmanager
def opened(source: str, start: int) -> Iterator[Stream]:
    """The bytes of a source from a place on.

    Raises
    ------
    NoModel
        It cannot be had; the sentence says why.
    Cut
        The connection was lost.
    """
    try:
        parts = urlsplit(source)
    except ValueError as error:
        raise NoModel(f"{source} is no address: {error}") from error
    if parts.scheme in ("http", "https"):
        with _over_http(source, start) as stream:
            yield stream
    elif parts.scheme == "s3":
        with _from_s3(source, start) as stream:
            yield stream
    elif parts.scheme == "file" and parts.netloc in ("", "localhost"):
        with _from_file(Path(unquote(parts.path)), start) as stream:
            yield stream
    elif parts.scheme in ("", "file") or "://" not in source:
        if parts.scheme == "file":
            raise NoModel(f"{shown(source)} names another machine; file:/// and a path is meant")
        with _from_file(Path(source).expanduser(), start) as stream:
            yield stream
    else:
        raise NoModel(f"{shown(source)} is no source of models: http, https, s3, file and paths are known")


# -- http ----------------------------------------------------------------------------------


@contextlib.contextmanager
def _over_http(source: str, start: int) -> Iterator[Stream]:
    import httpx

    timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={start}-"} if start else {})}
    try:
        with httpx.Client(timeout=timeout, headers=headers) as client, _answer(client, source) as answer:
            yield _stream(answer, source, start)
    except (httpx.TimeoutException, httpx.ReadError, httpx.RemoteProtocolError) as error:
        if isinstance(error, httpx.ConnectTimeout):
            raise NoModel(f"{shown(source)} cannot be reached: {_why(error)}") from error
        raise Cut(f"{shown(source)} broke off: {_why(error)}") from error
    except httpx.InvalidURL as error:
        raise NoModel(f"{shown(source)} is no address: {error}") from error
    except httpx.TransportError as error:
        raise NoModel(f"{shown(source)} cannot be reached: {_why(error)}") from error


@contextlib.contextmanager
def _answer(client: httpx.Client, source: str) -> Iterator[httpx.Response]:
    """The answer at the end of all redirects, each of which must lead to http or https, and from https to https."""
    import httpx

    at = httpx.URL(source)
    for _hop in range(MOST_REDIRECTS + 1):
        with client.stream("GET", at) as answer:
            if answer.status_code not in REDIRECTS:
                yield answer
                return
            target = at.join(answer.headers.get("Location", ""))
        if target.scheme not in ("http", "https") or (at.scheme, target.scheme) == ("https", "http"):
            raise NoModel(
                f"{shown(source)} leads on to {shown(str(target))}, and from {at.scheme} to"
                f" {target.scheme or 'nothing'} is not followed"
            )
        at = target
    raise NoModel(f"{shown(source)} leads on and on: more than {MOST_REDIRECTS} redirects")


def _stream(answer: httpx.Response, source: str, start: int) -> Stream:
    length = answer.headers.get("Content-Length", "")
    total = int(length) if length.isdecimal() else None
    if answer.status_code == OK:
        return Stream(0, total, answer.iter_raw())
    if answer.status_code == PARTIAL:
        span, _, whole = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
        first = span.partition("-")[0]
        if first.isdecimal() and int(first) == start:
            return Stream(start, int(whole) if whole.isdecimal() else None, answer.iter_raw())
    if start and answer.status_code in (PARTIAL, BEYOND):
        return Stream(0, None, iter(()))  # it has no such part: whoever asked begins anew
    phrase = answer.reason_phrase or "no reason given"
    raise NoModel(f"{shown(source)} answers {answer.status_code} ({phrase})")


def _why(error: Exception) -> str:
    """The reason, without a full stop, where there is one; else what kind it is."""
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return str(error).rstrip(".") or type(error).__name__


# -- files ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _from_file(path: Path, start: int) -> Iterator[Stream]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise NoModel(f"{path} cannot be read: {error.strerror or error}") from error
    with os.fdopen(descriptor, "rb") as file:
        info = os.fstat(file.fileno())
        if not stat.S_ISREG(info.st_mode):
            raise NoModel(f"{path} is no regular file")
        start = start if start <= info.st_size else 0
        file.seek(start)
        yield Stream(start, info.st_size, _pieces(file, str(path)))


def _pieces(file: BinaryIO, name: str) -> Iterator[bytes]:
    try:
        while piece := file.read(PIECE):
            yield piece
    except OSError as error:
        raise NoModel(f"{name} cannot be read: {error.strerror or error}") from error


@contextlib.contextmanager
def _from_s3(source: str, start: int) -> Iterator[Stream]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise NoModel(
            f"{shown(source)} needs the packages fsspec and s3fs, which are not installed:"
            " `.venv/bin/pip install s3fs`"
        ) from error
    try:
        system, path = url_to_fs(source)
        total = int(system.size(path))
        start = start if start <= total else 0
        file = system.open(path, "rb")
    except Exception as error:  # of fsspec, botocore, aiohttp: theirs have no root in common
        raise NoModel(f"{shown(source)} cannot be had: {_short(error)}") from error
    with file:
        file.seek(start)
        yield Stream(start, total, _from_afar(file, source))


def _from_afar(file: BinaryIO, source: str) -> Iterator[bytes]:
    while True:
        try:
            piece = file.read(PIECE)
        except Exception as error:  # as above
            raise Cut(f"{shown(source)} broke off: {_short(error)}") from error
        if not piece:
            return
        yield piece


def _short(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
