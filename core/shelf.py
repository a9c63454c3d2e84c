"""The plugins of a data folder without an engine: to list, rank and configure them where no server runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from bridges.environments import environments
from bridges.workers import Workers, best_mode
from core.catalogue import Catalogue
from core.health import Infirmary
from core.plugins import Plugins
from core.preferences import Preferences
from core.probe import probe
from core.settings import ROOT, Settings
from database.store import Store


@contextlib.contextmanager
def shelf(settings: Settings) -> Iterator[tuple[Plugins, Catalogue]]:
    """The plugins, with the catalogue that says what was left out; the caller holds the data folder's lock."""
    workers = Workers(environments(ROOT), best_mode(settings.sandbox), settings.coverage)
    with contextlib.closing(workers), Store.open(settings.data) as store:
        preferences = Preferences(store)
        catalogue = Catalogue(ROOT, settings.data, settings.cache, workers, preferences.rank)
        infirmary = Infirmary(store, lambda provider: probe(provider, workers, settings.still_s))
        catalogue.providers()
        yield Plugins(catalogue, workers, preferences, infirmary), catalogue
