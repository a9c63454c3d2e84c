"""What a worker says it found, checked by the host: known types by pydantic, others by their schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
from pydantic import ValidationError

from bridges import schema
from hemiola._worker.analyze import ARRAY
from hemiola.frames import Part
from hemiola.manifest import PluginManifest
from hemiola.results import KNOWN

MAX_JSON = 64 << 20
MAX_NESTING = 40


class InvalidResult(Exception):
    """A result breaks its schema; the message names the field and what was expected."""


def checked(
    manifest: PluginManifest, parts: Mapping[str, Part], name: str
) -> tuple[bytes, dict[str, np.ndarray]]:
    """Canonical JSON and arrays of a result.

    Parameters
    ----------
    manifest
        Of the plugin that gave it.
    parts
        The frame's parts: the JSON under `name`, arrays beside it.

    Raises
    ------
    InvalidResult
        It does not fit its type or schema, or is too large, too deep, or holds what is no number.
    """
    text = parts.get(name)
    if not isinstance(text, bytes) or len(text) > MAX_JSON:
        raise InvalidResult("the result is missing or larger than 64 MiB")
    named = {key[len(ARRAY) :]: part for key, part in parts.items() if key.startswith(ARRAY)}
    arrays = {key: part for key, part in named.items() if isinstance(part, np.ndarray)}
    if not all(np.isfinite(values).all() for values in arrays.values()):
        raise InvalidResult("an array holds a NaN or an infinity")
    if _nesting(text) > MAX_NESTING:
        raise InvalidResult(f"the result is nested deeper than {MAX_NESTING} levels")
    known = KNOWN.get(manifest.question)
    try:
        if known is not None:
            return known.from_json(text, arrays).to_json(), arrays
        return _by_schema(manifest, text, arrays), arrays
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the result"
        raise InvalidResult(f"{where}: {first['msg']}") from error
    except (schema.SchemaMismatch, ValueError) as error:
        raise InvalidResult(str(error)) from error


def _by_schema(manifest: PluginManifest, text: bytes, arrays: Mapping[str, np.ndarray]) -> bytes:
    fields: Any = orjson.loads(text)  # refuses NaN and infinities
    schema.check(fields, manifest.result_schema)
    for name, values in arrays.items():
        outline = fields.get(name) if isinstance(fields, dict) else None
        if not isinstance(outline, dict) or outline.get("shape") != list(values.shape):
            raise InvalidResult(f"the array {name!r:.60} is not announced in the result")
    return orjson.dumps(fields)


def _nesting(text: bytes) -> int:
    """Deepest nesting of a JSON text, counted without parsing it."""
    bare = np.frombuffer(text, np.uint8)
    steps = np.isin(bare, (0x5B, 0x7B)).astype(np.int32) - np.isin(bare, (0x5D, 0x7D))
    return int(np.cumsum(steps).max(initial=0))
