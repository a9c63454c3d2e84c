"""What a user keeps for a plugin: settings of its own, and its rank among its question's providers."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from core import keys
from database.store import Store


class Preferences:
    """The kept settings and ranks, read once; nobody else writes them while this engine runs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        kept = store.plugin_settings()
        self._config: dict[str, dict[str, Any]] = {
            name: orjson.loads(one.config) for name, one in kept.items() if one.config
        }
        self._ranks = {name: one.rank for name, one in kept.items() if one.rank is not None}

    def config(self, plugin: str) -> dict[str, Any]:
        """The settings kept for a plugin; {} where its own defaults hold."""
        return self._config.get(plugin, {})

    def config_with(self, asked: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """The kept settings by plugin, with what a job asks for over them, field by field."""
        with self._lock:
            names = {*self._config, *asked}
            return {name: {**self._config.get(name, {}), **asked.get(name, {})} for name in names}

    def keep_config(self, plugin: str, config: dict[str, Any]) -> None:
        """Keep settings for a plugin, in place of those before; {} goes back to its defaults."""
        self._store.put_plugin_config(plugin, keys.canonical(config) if config else None)
        with self._lock:
            self._config[plugin] = config

    def rank(self, plugin: str) -> int | None:
        """The rank the user gave a plugin, or None."""
        return self._ranks.get(plugin)

    def keep_order(self, plugins: Sequence[str]) -> None:
        """Keep the order in which a question's providers are asked."""
        ranks = {name: rank for rank, name in enumerate(plugins)}
        self._store.put_plugin_ranks(ranks)
        self._ranks.update(ranks)
