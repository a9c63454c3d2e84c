"""The plugins of a data folder without an engine: to list, rank and configure them where no server runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from bridges.calls import Said
from bridges.environments import environments
from bridges.workers import Workers, best_mode
from core.catalogue import Catalogue
from core.chain import Provider
from core.health import Infirmary
from core.models.store import Models
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
        models = Models(settings)

        def probed(provider: Provider) -> Said:
            return probe(provider, workers, settings.still_s, models=models.at_hand(provider.models({})))

        infirmary = Infirmary(store, probed)
        catalogue.providers()
        yield Plugins(catalogue, workers, preferences, infirmary), catalogue
