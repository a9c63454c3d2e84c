"""Documents made from what is stored of a file: its drum part as hits.json, MIDI and notation."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from fastapi import Path as PathParameter

from api.asked import FileId, TheEngine
from api.problems import documented
from core.exporting import MEDIA, Format
from exports.notation.staff import Mapping

router = APIRouter(tags=["exports"])

REMARKS = "Hemiola-Remarks"
_BYTES = {"schema": {"type": "string", "format": "binary"}, "example": "…"}
_HITS = {
    "detected_bpm": 118.2,
    "bpm_unreliable": False,
    "duration_seconds": 240.0,
    "confidence_score": 0.91,
    "low_confidence": False,
    "hit_summary": {"kick": 1},
    "hits": [{"time": 0.512, "instrument": "kick", "velocity": 0.8}],
}
ANSWER: dict[str, Any] = {
    "description": f"The document. What its reader should know is in the header {REMARKS}, a JSON list.",
    "content": {
        media_type: {"schema": {"type": "object"}, "example": _HITS} if format == "hits" else _BYTES
        for format, (media_type, _) in MEDIA.items()
    },
}

FormatName = Annotated[
    Format,
    PathParameter(
        description="`hits` (hits.json), `midi`, `musicxml`, `pdf` (needs LilyPond or MuseScore) or `svg`.",
        examples=["musicxml"],
    ),
]
TakeNumber = Annotated[
    int | None, Query(description="This take alone, counted from 1.", examples=[1], ge=1, le=100_000)
]
Places = Annotated[
    Mapping,
    Query(description="Where drums stand: `annoteator` puts the ride on G5.", examples=["default"]),
]


@router.get(
    "/api/files/{file_id}/export/{format}",
    response_class=Response,
    responses={200: ANSWER, **documented(404, 409, 422, 500, 501, 503)},
)
def export(
    file_id: FileId,
    format: FormatName,
    engine: TheEngine,
    take: TakeNumber = None,
    mapping: Places = "default",
) -> Response:
    """The drum part of a file, all takes in one document, from the newest analysis that answered `hits`."""
    made = engine.exports.export(file_id, format, take, mapping)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(made.name, safe='')}"}
    if made.remarks:
        headers[REMARKS] = json.dumps(made.remarks)
    return Response(made.content, media_type=made.media_type, headers=headers)
