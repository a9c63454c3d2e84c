"""The plugins that take a recording apart: `stems.hpss`, the makeshift."""

from __future__ import annotations

from typing import Any

from hemiola import Plugin, hookimpl

from .hpss import HpssStems


@hookimpl
def hemiola_plugins() -> list[type[Plugin[Any, Any]]]:
    """The plugins of this folder."""
    return [HpssStems]
