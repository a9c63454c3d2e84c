"""The plugins as a user sees them: place in their question, settings, health, what they stand on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bridges.schema import SchemaMismatch
from bridges.schema import check as check_schema
from bridges.workers import Workers
from core import keys
from core.catalogue import Catalogue
from core.chain import Provider
from core.errors import BadRequest
from core.health import Infirmary
from core.preferences import Preferences


@dataclass(frozen=True, slots=True)
class Listed:
    """One plugin.

    Attributes
    ----------
    place
        Among its question's providers, 1 for the one asked first; None for a peer, which is asked when it is named.
    config
        The settings kept for it; what is not named has the plugin's own default.
    state, reason
        "ok", "quarantined" or "unavailable", and why.
    streak
        Files in a row on which it failed.
    libraries
        Distribution and installed version of what it stands on.
    """

    provider: Provider
    place: int | None
    config: dict[str, Any]
    state: str
    reason: str | None
    streak: int
    libraries: dict[str, str]


class Plugins:
    """Every plugin by question, in the order in which they are asked; peers after them."""

    def __init__(
        self, catalogue: Catalogue, workers: Workers, preferences: Preferences, infirmary: Infirmary
    ) -> None:
        self._catalogue, self._workers = catalogue, workers
        self._preferences, self._infirmary = preferences, infirmary

    def every(self) -> list[Listed]:
        """All plugins, once they are described."""
        catalogue = self._catalogue
        questions = sorted({provider.question for provider in catalogue.providers().values()})
        return [self.one(name) for q in questions for name in (*catalogue.order(q), *catalogue.peers(q))]

    def one(self, name: str) -> Listed:
        """One plugin; raises BadRequest when there is none of this name."""
        provider = self._catalogue.provider(name)
        manifest = provider.manifest
        health = self._infirmary.of(provider)
        away = self._workers.reason(manifest.environment)
        quarantined = health is not None and health.state == "quarantined"
        state = "unavailable" if away is not None else "quarantined" if quarantined else "ok"
        environment = self._workers.environments.get(manifest.environment)
        return Listed(
            provider=provider,
            place=None if manifest.peer else self._catalogue.order(manifest.question).index(name) + 1,
            config=self._preferences.config(name),
            state=state,
            reason=away or (health.reason if health is not None else None),
            streak=health.streak if health is not None else 0,
            libraries=environment.versions(manifest.libraries) if environment is not None else {},
        )

    def move(self, name: str, place: int) -> list[str]:
        """Move a plugin to a place among its question's providers; returns their order, which is kept.

        Raises
        ------
        BadRequest
            There is no such plugin or place, or it is a peer.
        """
        order = self._catalogue.move(name, place)
        self._preferences.keep_order(order)
        return order

    def check_config(self, name: str, config: dict[str, Any]) -> None:
        """Raise BadRequest unless these settings fit the plugin's own schema and can be stored."""
        try:
            check_schema(config, self._catalogue.provider(name).manifest.config_schema)
            json.dumps(config, allow_nan=False)
            keys.canonical(config)
        except (SchemaMismatch, TypeError, ValueError) as error:
            raise BadRequest(f"the settings of {name} do not fit: {error}") from error

    def configure(self, name: str, config: dict[str, Any]) -> Listed:
        """Keep settings for a plugin, in place of those before; {} goes back to its defaults. Raises BadRequest."""
        self.check_config(name, config)
        self._preferences.keep_config(name, config)
        return self.one(name)

    def release(self, name: str) -> Listed:
        """Let a quarantined plugin run again; raises BadRequest when there is none of this name."""
        self._infirmary.release(self._catalogue.provider(name))
        return self.one(name)
