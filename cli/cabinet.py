"""Where a command finds the plugins: at the server that holds the data folder, or in the folder itself."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from api.schemas import Order, Plugins, PluginShown
from cli.client import Server
from cli.desk import server_or_lock
from cli.following import say
from core.errors import BadRequest

if TYPE_CHECKING:
    from core import plugins
    from core.catalogue import Catalogue

LOOK_S = 0.1
"""Between two looks at whether the server has found its plugins."""


class Cabinet(Protocol):
    """The plugins, wherever they are kept. An unknown name is an error that lists those there are."""

    def every(self) -> Plugins:
        """All, by question and rank."""

    def one(self, name: str) -> PluginShown:
        """One plugin."""

    def move(self, name: str, place: int) -> Order:
        """Move one among its question's providers."""

    def configure(self, name: str, config: dict[str, Any]) -> PluginShown:
        """Keep settings for one, in place of those before."""

    def release(self, name: str) -> PluginShown:
        """Let a quarantined one run again."""


class _Here:
    def __init__(self, there: plugins.Plugins, catalogue: Catalogue) -> None:
        from api import shown

        self._plugins, self._catalogue, self._shown = there, catalogue, shown.plugin

    def every(self) -> Plugins:
        items = [self._shown(one) for one in self._plugins.every()]
        return Plugins(discovering=False, items=items, problems=self._catalogue.problems)

    def one(self, name: str) -> PluginShown:
        return self._shown(self._plugins.one(name))

    def move(self, name: str, place: int) -> Order:
        order = self._plugins.move(name, place)
        return Order(question=self._catalogue.provider(name).manifest.question, order=order)

    def configure(self, name: str, config: dict[str, Any]) -> PluginShown:
        return self._shown(self._plugins.configure(name, config))

    def release(self, name: str) -> PluginShown:
        return self._shown(self._plugins.release(name))


class _There:
    def __init__(self, server: Server) -> None:
        self._server = server

    def every(self) -> Plugins:
        while (found := Plugins.model_validate_json(self._server.get("/plugins"))).discovering:
            time.sleep(LOOK_S)
        return found

    def one(self, name: str) -> PluginShown:
        known = {one.name: one for one in self.every().items}
        if name not in known:
            raise BadRequest(f"there is no plugin {name!r}; known are {', '.join(sorted(known)) or 'none'}")
        return known[name]

    def move(self, name: str, place: int) -> Order:
        return Order.model_validate_json(self._change("PUT", name, "rank", {"rank": place}))

    def configure(self, name: str, config: dict[str, Any]) -> PluginShown:
        return PluginShown.model_validate_json(self._change("PUT", name, "config", config))

    def release(self, name: str) -> PluginShown:
        return PluginShown.model_validate_json(self._change("POST", name, "release"))

    def _change(self, method: str, name: str, what: str, body: Any = None) -> bytes:
        return self._server.ask(method, f"/plugins/{quote(name, safe='')}/{what}", body)


@contextlib.contextmanager
def cabinet(data: Path | None) -> Iterator[Cabinet]:
    """The plugins of a data folder, None for the one that the settings name."""
    from core.settings import load

    settings = load(data=data)
    with server_or_lock(settings.data, say) as server:
        if server is not None:
            yield _There(server)
            return
        from core.shelf import shelf

        with shelf(settings) as (there, catalogue):
            yield _Here(there, catalogue)
