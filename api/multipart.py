"""Uploads: a multipart body, written to the data folder piece by piece as it arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from core.uploads import Upload, Uploads

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_FILES = 1000
MOST_HEADER = 8192


async def receive(content_type: str, body: AsyncIterator[bytes], uploads: Uploads) -> list[Path]:
    """Keep the files of a body's field `files`, and return where they lie.

    Raises
    ------
    HTTPException
        It is no whole multipart body, or holds no file.
    TooLarge, NoRoom
        Nothing of it is kept.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise HTTPException(
            422, "an upload is multipart/form-data with one or several files in the field `files`"
        )
    with ExitStack() as open_uploads:
        reading = _Reading(uploads, open_uploads)
        try:
            parser = MultipartParser(boundary, reading.callbacks())
            async for piece in body:
                await run_in_threadpool(parser.write, piece)
        except MultipartParseError as error:
            raise HTTPException(400, f"the upload cannot be read: {error}") from error
        except ClientDisconnect as error:  # nobody hears it
            raise HTTPException(400, "the upload was broken off") from error
        if not reading.over:
            raise HTTPException(400, "the upload ended before its last part was complete")
        if not reading.received:
            raise HTTPException(422, "there is no file in the field `files`")
        return await run_in_threadpool(_kept, reading.received)


def _kept(received: list[Upload]) -> list[Path]:
    """All of them, or none."""
    try:
        return [upload.keep() for upload in received]
    except BaseException:
        for upload in received:
            upload.withdraw()
        raise


class _Reading:
    """What the parser calls, part by part."""

    def __init__(self, uploads: Uploads, open_uploads: ExitStack) -> None:
        self._uploads, self._open = uploads, open_uploads
        self._name, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._now: Upload | None = None
        self.received: list[Upload] = []
        self.over = False

    def callbacks(self) -> MultipartCallbacks:
        """By the parser's names."""
        return {
            "on_part_begin": self._headers.clear,
            "on_header_field": self._field,
            "on_header_value": self._text,
            "on_header_end": self._header,
            "on_headers_finished": self._part,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._over,
        }

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._name = (self._name + data[start:end])[:MOST_HEADER]

    def _text(self, data: bytes, start: int, end: int) -> None:
        self._value = (self._value + data[start:end])[:MOST_HEADER]

    def _header(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _part(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"filename")
        if options.get(b"name") != b"files" or name is None:
            return
        if len(self.received) >= MOST_FILES:
            raise HTTPException(413, f"more than {MOST_FILES} files in one upload")
        self._now = self._open.enter_context(self._uploads.receive(name.decode("utf-8", "replace")))
        self.received.append(self._now)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._now is not None:
            self._now.write(data[start:end])

    def _end(self) -> None:
        self._now = None

    def _over(self) -> None:
        self.over = True
