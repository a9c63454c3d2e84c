"""What is warmed at start: environments of the plugins that HEMIOLA_PRELOAD names, and those workers that are kept."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bridges.workers import EnvironmentUnavailable
from bridges.zygote import ZygoteFailed
from core.calling import Parts, worker_for
from core.errors import EngineError
from core.warm import warm_key


def preload(parts: Parts, stopped: Callable[[], bool]) -> None:
    """Warm them one after the other; what cannot be warmed is said in the log. Raises Cancelled when stopped."""
    for name in parts.settings.preload:
        try:
            problem = _warm(parts, name, stopped)
        except (EngineError, EnvironmentUnavailable, ZygoteFailed, OSError) as error:
            problem = str(error)
        if problem is not None:
            logging.getLogger(__name__).warning("%s is not warmed: %s", name, problem)


def _warm(parts: Parts, name: str, stopped: Callable[[], bool]) -> str | None:
    """Warm one plugin; what went wrong, or None."""
    provider = parts.catalogue.provider(name)
    reason = parts.workers.reason(provider.manifest.environment)
    if reason is not None:
        return reason
    parts.workers.warm(provider.manifest.environment)
    if not provider.manifest.keep_warm:
        return None
    config = parts.preferences.config(name)
    found = [parts.models.resolve(model, stopped) for model in provider.models(config)]
    models = [model for model in found if model is not None]
    worker = worker_for(parts, provider, config, models, 0)
    failed = worker.load(stopped)
    if failed is not None:
        worker.close()
        return failed.reason
    parts.warm.keep(warm_key(provider, config, models), worker, worker.memory, always=True)
    return None
