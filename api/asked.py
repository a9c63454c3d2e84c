"""What routes need from a request: the engine, the open streams, the folders it may name, a path as its own bytes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, cast
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Query, Request
from fastapi import Path as PathParameter
from starlette.convertors import Convertor, register_url_convertor

from api.schemas import PATH, SHA
from api.security import LOCAL
from api.streams import Streams
from core.engine import Engine
from core.errors import BadRequest


def _engine(request: Request) -> Engine:
    return cast(Engine, request.app.state.engine)


def _streams(request: Request) -> Streams:
    return cast(Streams, request.app.state.streams)


def _roots(request: Request) -> tuple[Path, ...] | None:
    """Folders that the request may name; None through the data folder's own socket."""
    return None if request.scope.get(LOCAL) else _engine(request).settings.roots


TheEngine = Annotated[Engine, Depends(_engine)]
TheStreams = Annotated[Streams, Depends(_streams)]
Roots = Annotated[tuple[Path, ...] | None, Depends(_roots)]

LOCAL_ADDRESS = "file://"

Cursor = Annotated[
    str | None, Query(description="`next_cursor` of the page before.", examples=["57"], pattern=r"^\d{1,18}$")
]
Limit = Annotated[int, Query(description="At most so many.", examples=[50], ge=1, le=500)]
JobId = Annotated[int, PathParameter(description="A job's number.", examples=[12], ge=1, le=2**62)]
FileId = Annotated[
    str,
    PathParameter(
        description="A file's id: the SHA-256 of its bytes.", examples=[SHA], pattern=r"^[0-9a-f]{64}$"
    ),
]
PluginName = Annotated[str, PathParameter(description="A plugin.", examples=["key.essentia"], max_length=100)]
AbsolutePath = Annotated[
    str,
    PathParameter(
        description="An absolute path, with or without its first slash.", examples=[PATH.lstrip("/")]
    ),
]


class Anything(Convertor[str]):
    """The rest of an address, line breaks and all; in routes: {name:anything}."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        """As it is."""
        return value

    def to_string(self, value: str) -> str:
        """As it is."""
        return value


register_url_convertor("anything", Anything())


def path_behind(request: Request, prefix: str) -> Path:
    """The path that stands behind a prefix in the address, byte for byte, with or without its first slash."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    behind = unquote_to_bytes(raw.partition(b"?")[0])[len(prefix.encode()) :]
    return absolute("/" + os.fsdecode(behind).lstrip("/"))


def absolute(text: str) -> Path:
    """A path that a client named; raises BadRequest unless it is absolute or begins with ~.

    A `file://` address can name what is no text: a path is bytes.
    """
    if text.startswith(LOCAL_ADDRESS):
        text = os.fsdecode(unquote_to_bytes(text[len(LOCAL_ADDRESS) :]))
    if "\0" in text:
        raise BadRequest("a path holds no zero byte")
    path = Path(text)
    if text.startswith("~"):
        try:
            path = path.expanduser()
        except RuntimeError as error:
            raise BadRequest(f"{text}: {error}") from error
    if not path.is_absolute():
        raise BadRequest(f"“{text}” is not an absolute path: begin it with / or ~")
    return Path(os.path.normpath(path))
