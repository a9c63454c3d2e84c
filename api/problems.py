"""Errors as problem+json (RFC 9457): a type, a title, the status, and a sentence to show."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from bridges.intake_codes import IntakeCode
from bridges.texts import safe
from bridges.worker import Cancelled
from core.errors import (
    BadRequest,
    Conflict,
    EngineError,
    ExportFailed,
    IntakeRefused,
    NoRoom,
    NotFound,
    NotInstalled,
    TooLarge,
)
from database.errors import DatabaseError

MEDIA = "application/problem+json"

STATUS_OF: dict[type[Exception], int] = {
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    BadRequest: 422,
    NoRoom: 507,
    NotInstalled: 501,
    ExportFailed: 500,
    DatabaseError: 503,
}
STATUS_OF_INTAKE = {IntakeCode.VANISHED: 404, IntakeCode.NO_SPACE: 507}
"""Any other code is 422: the file is there and cannot be used."""


class Problem(BaseModel):
    """What went wrong, for programs and for people."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    type: str = Field("about:blank", examples=["about:blank"])
    """Always this: the status says what kind it is."""
    title: str = Field(examples=["Not Found"])
    """The status in words."""
    status: int = Field(examples=[404])
    """The status, once more."""
    detail: str = Field(examples=["there is no job 12"])
    """A sentence to show: what was wrong, with what, what to do."""


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """A problem as a response."""
    told = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": safe(detail),
    }
    return JSONResponse({**told, **more}, status, headers, media_type=MEDIA)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's description of the problems a route answers with."""
    return {status: _described(status) for status in statuses}


def _described(status: int) -> dict[str, Any]:
    phrase = HTTPStatus(status).phrase
    example = {"type": "about:blank", "title": phrase, "status": status, "detail": DETAILS[status]}
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": phrase, "content": {MEDIA: {"schema": schema, "example": example}}}


DETAILS = {
    400: "the upload ended before its last part was complete",
    401: "this server asks for its token: as a bearer, or open the address it printed at its start",
    403: "another site's page may not use this server",
    404: "“take.wav” is not there, or not in a folder that this server may read",
    409: "job 12 is done: there is nothing to cancel",
    413: "“take.wav” is larger than 4 GB, the most an upload may be",
    416: "the file has 44100 bytes",
    422: "there is no question 'tune'; known are beats, key, onsets, tempo",
    500: "musicxml could not be written: it used more than its 2048 MiB of memory",
    501: "PDF needs the package lilypond (or musescore), which is not installed here; musicxml has the same notes",
    503: "the disk with the database is full",
    507: "“take.wav” could not be kept: the disk is full",
}


def install(app: FastAPI, roots: str) -> None:
    """Answer every error of `app` with a problem; `roots` says how folders are allowed."""

    @app.exception_handler(EngineError)
    async def engine_error(request: Request, error: EngineError) -> JSONResponse:
        if isinstance(error, IntakeRefused):
            return _refused(error, roots)
        return problem(STATUS_OF.get(type(error), 422), str(error))

    @app.exception_handler(DatabaseError)
    async def database_error(request: Request, error: DatabaseError) -> JSONResponse:
        return problem(503, str(error))

    @app.exception_handler(Cancelled)
    async def ending(request: Request, error: Cancelled) -> JSONResponse:
        return problem(503, "the server is stopping; ask again when it is started again")

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {"where": safe(".".join(map(str, e["loc"]))), "what": safe(e["msg"])} for e in error.errors()
        ]
        first = errors[0] if errors else {"where": "request", "what": "it cannot be read"}
        return problem(422, f"{first['where']}: {first['what']}", errors=errors)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> JSONResponse:
        logging.getLogger(__name__).error("%s %s", request.method, request.url.path, exc_info=error)
        return problem(500, f"the program itself failed ({type(error).__name__}); its log says where")


def _refused(error: IntakeRefused, roots: str) -> JSONResponse:
    status = STATUS_OF_INTAKE.get(error.code, 422)
    detail = str(error)
    if error.code == IntakeCode.VANISHED:
        there = detail.partition("” is not there")[0]
        detail = f"{there}” is not there, or not in a folder that this server may read. {roots}"
    return problem(status, detail, code=str(error.code))
