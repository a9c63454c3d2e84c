"""Examples for OpenAPI of what is no JSON model: documents, event streams, audio, uploads."""

from __future__ import annotations

from typing import Any

from api.schemas import PATH, SHA

_REGION = {
    "id": "3f09c2",
    "level": "take",
    "parent": "a91c00",
    "start_s": 0.12,
    "end_s": 239.8,
    "results": {"tempo": {"bpm": 118.2, "unreliable": None}},
    "inherited": {},
    "outcomes": [
        {"plugin": "tempo.madmom", "question": "tempo", "status": "ok", "disposition": "fresh", "rank": 0}
    ],
}
_WHOLE = {
    "file": {"sha256": SHA, "path": PATH, "duration_s": 240.0, "rate": 44100, "channels": 2, "format": "wav"},
    "verdict": "complete",
    "intake": {"status": "ok", "code": "ok", "reason": None, "truncated_at_s": None},
    "corrections": {"bpm": None, "octave": None, "meter": "4/4", "grouping": []},
    "summary": {
        "takes": 1,
        "regions": 3,
        "bpm": 118.2,
        "bpm_source": "estimated",
        "meter": "4/4",
        "meter_source": "user",
        "key": "A minor",
        "counts": {"ok": 12},
    },
    "regions": [_REGION],
    "schema": 1,
    "notices": [],
}


def _json(example: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"type": "object"}, "example": example}}}


DOCUMENT = _json(_WHOLE)
DOCUMENT_AT_PATH = _json({**_WHOLE, "previous": []})
EVENTS: dict[str, Any] = {
    "description": "Events, until the job is over or the client leaves; `data` is JSON: a job, a row of the ledger.",
    "content": {
        "text/event-stream": {
            "schema": {
                "description": "One event.",
                "type": "object",
                "required": ["event", "data"],
                "properties": {
                    "event": {"enum": ["job", "progress", "outcome", "done", "resync"]},
                    "id": {"type": "string", "description": "Of an outcome: its row in the ledger."},
                    "data": {"type": "string"},
                },
            },
            "example": 'event: progress\ndata: {"job":12,"progress":0.42,"now":"beats.madmom, take 0:12 – 3:45"}\n\n',
        }
    },
}
AUDIO: dict[str, Any] = {
    "description": "The bytes, all of them.",
    "content": {"audio/*": {"schema": {"type": "string", "format": "binary"}, "example": "RIFF…"}},
}
AUDIO_PART: dict[str, Any] = {**AUDIO, "description": "The bytes of the range that was asked for."}
RANGE: dict[str, Any] = {
    "parameters": [
        {
            "name": "Range",
            "in": "header",
            "required": False,
            "description": "Which bytes; one range.",
            "schema": {"type": "string"},
            "example": "bytes=0-65535",
        }
    ]
}
PEAKS = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}, "example": "…"}}
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "description": "One or several recordings.",
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "format": "binary"},
                        }
                    },
                },
                "example": {"files": ["tuesday.wav"]},
            }
        },
    }
}
