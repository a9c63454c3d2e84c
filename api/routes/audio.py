"""Audio for a browser: a decoded copy that seeks to the sample, and the original bytes."""

from __future__ import annotations

import mimetypes
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from api.asked import AbsolutePath, FileId, Roots, TheEngine, path_behind
from api.examples import AUDIO, AUDIO_PART, RANGE
from api.problems import documented
from api.ranges import respond

router = APIRouter(tags=["audio"])

RESPONSES: dict[int | str, dict[str, Any]] = {
    200: AUDIO,
    206: AUDIO_PART,
    304: {"description": "The client has these bytes already."},
    **documented(404, 416, 422, 503, 507),
}


@router.get(
    "/api/processed_audio/{path:anything}",
    response_class=StreamingResponse,
    responses=RESPONSES,
    openapi_extra=RANGE,
)
@router.head("/api/processed_audio/{path:anything}", include_in_schema=False)
def processed_audio(path: AbsolutePath, request: Request, engine: TheEngine, roots: Roots) -> Any:
    """A decoded copy of the file at a path: 16-bit WAV, up to 48 kHz and stereo. Ranges are answered."""
    sha, copy = engine.library.playable(path_behind(request, "/api/processed_audio/"), roots)
    return respond(request, copy, "audio/wav", f"{sha}-wav")


@router.get(
    "/api/audio/{file_id}", response_class=StreamingResponse, responses=RESPONSES, openapi_extra=RANGE
)
@router.head("/api/audio/{file_id}", include_in_schema=False)
def audio(file_id: FileId, request: Request, engine: TheEngine, roots: Roots) -> Any:
    """The original bytes, from where the file was seen last. Ranges are answered."""
    file = engine.library.original(file_id, roots)
    kind = mimetypes.guess_type(file.name)[0] or ""
    media = kind if kind.startswith(("audio/", "video/")) else "application/octet-stream"
    return respond(request, file, media, file_id)
