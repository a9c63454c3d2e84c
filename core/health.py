"""Giving up: on a plugin in one file after three equal failures, altogether after five files and a probe."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable

from bridges.calls import Said
from core.chain import Provider
from core.words import HARM, Status
from database.records import Health
from database.store import Store

EQUAL_FAILURES = 3
FILES_IN_A_ROW = 5
PROBE_AGAIN_S = 3600.0


class Patience:
    """How often each plugin has failed alike in one job."""

    def __init__(self) -> None:
        self._failures: Counter[tuple[str, str, str, str]] = Counter()
        self._given_up: dict[str, str] = {}
        self._lock = threading.Lock()

    def note(self, plugin: str, status: str, code: str, signal: str | None) -> None:
        """Count a failure."""
        if status not in HARM:
            return
        kind = (plugin, status, code, signal or "")
        with self._lock:
            self._failures[kind] += 1
            if self._failures[kind] >= EQUAL_FAILURES:
                self._given_up[plugin] = (
                    f"gave up on this file: {plugin} failed {EQUAL_FAILURES} times alike ({status})"
                )

    def lost(self, plugin: str) -> str | None:
        """Why this plugin is not asked any more in this file, or None."""
        with self._lock:
            return self._given_up.get(plugin)


class Infirmary:
    """The plugins' health across files: who is quarantined, who is probed.

    Parameters
    ----------
    store
        Where health is kept.
    probe
        Runs a plugin on the built-in clip.
    """

    def __init__(self, store: Store, probe: Callable[[Provider], Said]) -> None:
        self._store, self._probe = store, probe
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str, str], Health | None] = {}
        """What was read once: nobody else writes it while this engine runs."""

    def quarantined(self, provider: Provider) -> str | None:
        """Why this plugin is kept from running, or None; one whose hour is over is probed first."""
        health = self._of(provider)
        if health is None or health.state != "quarantined":
            return None
        if time.time() - (health.probed_at or 0.0) > PROBE_AGAIN_S:
            health = self._judge(provider, health)
        return health.reason if health.state == "quarantined" else None

    def note(self, provider: Provider, file: str, failed: bool) -> None:
        """A plugin ran in a file, and failed there or not; after five files in a row it is probed."""
        with self._lock:
            health = self._of(provider)
            if not failed:
                if health is not None and health.streak:
                    self._keep(provider, [], "ok", None)
                return
            files = json.loads(health.files) if health else []
            if file not in files:
                files.append(file)
            self._keep(provider, files, health.state if health else "ok", health.reason if health else None)
        if len(files) >= FILES_IN_A_ROW:
            self._judge(provider, self._of(provider))

    def of(self, provider: Provider) -> Health | None:
        """What is known of a plugin's health; None of one that never failed."""
        with self._lock:
            return self._of(provider)

    def release(self, provider: Provider) -> None:
        """Let a quarantined plugin run again, its failures forgotten."""
        with self._lock:
            if self._of(provider) is not None:
                self._keep(provider, [], "ok", None)

    def probe_all(self, providers: list[Provider]) -> None:
        """At start: probe what is quarantined."""
        for provider in providers:
            health = self._of(provider)
            if health is not None and health.state == "quarantined":
                self._judge(provider, health)

    def _judge(self, provider: Provider, health: Health | None) -> Health:
        said = self._probe(provider)
        files = json.loads(health.files) if health else []
        if said.status in HARM:
            reason = f"quarantined: it failed on {len(files)} files in a row and on the built-in clip ({said.reason})"
            return self._keep(provider, files, "quarantined", reason)
        return self._keep(provider, [] if said.status in (Status.OK, Status.SKIPPED) else files, "ok", None)

    def _of(self, provider: Provider) -> Health | None:
        key = (provider.name, provider.manifest.version, provider.manifest.environment)
        if key not in self._known:
            self._known[key] = self._store.health(*key)
        return self._known[key]

    def _keep(self, provider: Provider, files: list[str], state: str, reason: str | None) -> Health:
        manifest = provider.manifest
        health = Health(
            manifest.name,
            manifest.version,
            manifest.environment,
            len(files),
            json.dumps(files),
            state,
            reason,
            time.time(),
        )
        self._store.put_health(health)
        self._known[health.plugin, health.version, health.environment] = health
        return health
