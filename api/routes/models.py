"""Models: which there are, where they lie, which version is in use."""

from __future__ import annotations

from fastapi import APIRouter

from api import schemas, shown
from api.asked import TheEngine
from api.problems import documented
from bridges.texts import safe

router = APIRouter(tags=["models"])


@router.get("/api/models/info", response_model=schemas.Models, responses=documented(503))
def models_info(engine: TheEngine) -> schemas.Models:
    """Every model that is known, was fetched, was put there by hand, or is declared by a plugin."""
    users: dict[str, list[str]] = {}
    if not engine.catalogue.discovering:
        for plugin in engine.catalogue.providers().values():
            for model in plugin.manifest.models:
                users.setdefault(model, []).append(plugin.name)
    return schemas.Models(
        items=[shown.model(one, sorted(users.get(one.name, []))) for one in engine.models.every(users)],
        cache=safe(str(engine.settings.model_cache)),
        problems=[safe(problem) for problem in engine.models.problems],
    )
