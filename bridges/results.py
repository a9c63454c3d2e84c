"""What a worker says it found, checked by the host: known types by pydantic, others by their schema."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import orjson
from pydantic import ValidationError

from bridges import schema
from hemiola._worker.analyze import ARRAY
from hemiola.frames import Part
from hemiola.manifest import PluginManifest
from hemiola.results import KNOWN
from hemiola.results.base import Result

MAX_VALUES = 5_000_000
"""Most values in one result's JSON: parsed, each takes some 100 bytes of the host's memory."""
SUSPICIOUS = 20_000
"""From so many values on, a known type's schema is tried first: it stops at what is wrong, where pydantic lists
every one of five million mistakes (measured: 52 s and 4.4 GB)."""


class InvalidResult(Exception):
    """A result breaks its schema; the message names the field and what was expected."""


class Checked(NamedTuple):
    """A result that keeps to its schema: its canonical JSON, its arrays, the files it names."""

    text: bytes
    arrays: dict[str, np.ndarray]
    files: tuple[str, ...] = ()


def checked(manifest: PluginManifest, parts: Mapping[str, Part], name: str) -> Checked:
    """A result, checked.

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
    if not isinstance(text, bytes):
        raise InvalidResult("the result is missing")
    if (values := sum(text.count(sign) for sign in (b",", b"[", b"{"))) > MAX_VALUES:
        raise InvalidResult(f"the result holds {values} values; at most {MAX_VALUES} are taken")
    named = {key[len(ARRAY) :]: part for key, part in parts.items() if key.startswith(ARRAY)}
    arrays = {key: part for key, part in named.items() if isinstance(part, np.ndarray)}
    if not all(np.isfinite(values).all() for values in arrays.values()):
        raise InvalidResult("an array holds a NaN or an infinity")
    known = KNOWN.get(manifest.question)
    try:
        if known is not None:
            if values > SUSPICIOUS:
                schema.check(orjson.loads(text), _schema_of(known))
            result = known.from_json(text, arrays)
            return Checked(result.to_json(), dict(result.arrays()), result.files())
        return Checked(_by_schema(manifest, text, arrays), arrays)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the result"
        raise InvalidResult(f"{where}: {first['msg']}") from error
    except (schema.SchemaMismatch, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidResult(str(error)) from error


@functools.cache
def _schema_of(known: type[Result]) -> dict[str, Any]:
    return known.model_json_schema()


def _by_schema(manifest: PluginManifest, text: bytes, arrays: Mapping[str, np.ndarray]) -> bytes:
    fields: Any = orjson.loads(text)  # refuses NaN
    schema.check(fields, manifest.result_schema)
    told = fields if isinstance(fields, dict) else {}
    outlined = {name: value["shape"] for name, value in told.items() if _is_outline(value)}
    if outlined != {name: list(values.shape) for name, values in arrays.items()}:
        raise InvalidResult(f"its arrays are not those it tells of: {', '.join(outlined) or 'none'}")
    return orjson.dumps(fields)


def _is_outline(value: object) -> bool:
    """Whether a field stands for an array that travels beside the JSON."""
    return isinstance(value, dict) and value.keys() == {"rate_hz", "start_s", "shape"}
