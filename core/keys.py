"""Names that are hashes: of a region, of a set of regions, of an answer, of one call's random seed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import orjson

from core.views import VERSION, View
from hemiola.corrections import NOTHING_SAID, Corrections
from hemiola.manifest import PluginManifest


def digest(*parts: Any) -> str:
    """SHA-256, hexadecimal, of a canonical JSON of the parts."""
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted keys: equal values have equal texts."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def result_hash(text: bytes, arrays: Mapping[str, np.ndarray], files: Mapping[str, str] | None = None) -> str:
    """SHA-256 of a result's JSON, of the bytes of its arrays, and of the hashes of its files, by name."""
    whole = hashlib.sha256(text)
    for name in sorted(arrays):
        whole.update(name.encode())
        whole.update(np.ascontiguousarray(arrays[name]).data)
    for name, told in sorted((files or {}).items()):
        whole.update(f"{name} {told}".encode())
    return whole.hexdigest()


def region_id(file: str, level: str, start_sample: int, end_sample: int) -> str:
    """A region's name: the same samples at the same level have the same."""
    return digest(file, level, start_sample, end_sample)[:32]


def segmentation_key(file: str, settings: str) -> str:
    """Name of the regions that one file has under one set of region settings."""
    return digest("segmentation", file, VERSION, settings)


def answer_key(
    file: str,
    view: View | None,
    span: tuple[int, int],
    plugin: PluginManifest,
    config: dict[str, Any],
    upstream: Iterable[tuple[str, int, int, str]],
    corrections: Corrections = NOTHING_SAID,
    models: Iterable[str] = (),
) -> str:
    """The cache key of an answer.

    Parameters
    ----------
    file
        SHA-256 of its bytes.
    view, span
        The samples handed over: rate and channels, start and end sample of the region in the file.
    plugin, config
        Name, version and settings in full.
    upstream
        Question, start and end sample, and hash of the bytes of every answer it was handed.
    corrections
        What it was handed of a person's word; nothing leaves the key as it was.
    models
        The hashes of the models it was handed.
    """
    audio = None if view is None else [view.rate, view.channels]
    return digest(
        "answer",
        VERSION,
        file,
        audio,
        span,
        plugin.name,
        plugin.version,
        config,
        list(models),
        sorted(map(list, upstream)),
        *([corrections.model_dump(mode="json")] if corrections else []),
    )


def seed(key: str) -> int:
    """The random seed of the call that makes this answer."""
    return int(key[:12], 16)
