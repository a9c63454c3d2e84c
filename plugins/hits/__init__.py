"""Drum strokes: which drum, when, how hard."""

from __future__ import annotations

from typing import Any

from hemiola import Plugin, hookimpl

from .annoteator import Annoteator
from .cnn import CnnHits


@hookimpl
def hemiola_plugins() -> list[type[Plugin[Any, Any]]]:
    """The plugins of this folder."""
    return [CnnHits, Annoteator]
