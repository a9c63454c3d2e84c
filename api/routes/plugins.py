"""Plugins: which there are, their settings, rank and health."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body

from api import schemas, shown
from api.asked import PluginName, TheEngine
from api.problems import documented
from core.errors import BadRequest, NotFound

router = APIRouter(tags=["plugins"])


@router.get("/plugins", response_model=schemas.Plugins, responses=documented(503))
def list_plugins(engine: TheEngine) -> schemas.Plugins:
    """Every plugin by question, in the order in which they are asked; empty while they are being looked for."""
    if engine.catalogue.discovering:
        return schemas.Plugins(discovering=True, items=[], problems=[])
    items = [shown.plugin(one) for one in engine.plugins.every()]
    return schemas.Plugins(discovering=False, items=items, problems=engine.catalogue.problems)


@router.put("/plugins/{name}/config", response_model=schemas.PluginShown, responses=documented(404, 422, 503))
def configure(
    name: PluginName,
    engine: TheEngine,
    config: Annotated[dict[str, Any], Body(examples=[{"min_bpm": 60}], description="Fields of its schema.")],
) -> schemas.PluginShown:
    """Keep settings for a plugin, in place of those before; {} goes back to its defaults."""
    _there(engine, name)
    return shown.plugin(engine.plugins.configure(name, config))


@router.put("/plugins/{name}/rank", response_model=schemas.Order, responses=documented(404, 422, 503))
def move(name: PluginName, body: schemas.RankBody, engine: TheEngine) -> schemas.Order:
    """Move a plugin among its question's providers."""
    _there(engine, name)
    order = engine.plugins.move(name, body.rank)
    return schemas.Order(question=engine.catalogue.provider(name).manifest.question, order=order)


@router.post(
    "/plugins/{name}/release", response_model=schemas.PluginShown, responses=documented(404, 422, 503)
)
def release(name: PluginName, engine: TheEngine) -> schemas.PluginShown:
    """Let a quarantined plugin run again."""
    _there(engine, name)
    return shown.plugin(engine.plugins.release(name))


def _there(engine: TheEngine, name: str) -> None:
    try:
        engine.catalogue.provider(name)
    except BadRequest as error:
        raise NotFound(str(error)) from error
