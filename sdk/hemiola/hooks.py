"""The one hook through which a module names its plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from hemiola.plugin import Plugin

PROJECT = "hemiola"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Hooks:
    """What a plugin module may implement."""

    @hookspec
    def hemiola_plugins(self) -> list[type[Plugin[Any, Any]]]:
        """Return the plugin classes of this module."""
        raise NotImplementedError
