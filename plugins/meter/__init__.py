"""The plugins that name a meter: so far a comparison, `meter.madmom`."""

from __future__ import annotations

from typing import Any

from hemiola import Plugin, hookimpl

from .peers import MadmomMeter


@hookimpl
def hemiola_plugins() -> list[type[Plugin[Any, Any]]]:
    """The plugins of this folder."""
    return [MadmomMeter]
