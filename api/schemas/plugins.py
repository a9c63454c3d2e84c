"""Plugins as a user sees them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.schemas.base import Body, example


class RankBody(Body):
    """Where a plugin is asked among its question's providers."""

    rank: Annotated[int, Field(ge=1, le=10_000, examples=[1], description="1 is asked first.")]


class Library(BaseModel):
    """A distribution that a plugin stands on."""

    name: str = example("madmom")
    version: str = example("0.16.1")


class HealthShown(BaseModel):
    """How a plugin fares; `streak` counts the files in a row on which it failed."""

    state: Literal["ok", "quarantined", "unavailable"] = example("ok")
    reason: str | None = example(None)
    streak: int = example(0)


class PluginShown(BaseModel):
    """A plugin; `rank` is its place among its question's providers, 1 for the one asked first, null for a peer."""

    name: str = example("beats.madmom")
    question: str = example("beats")
    version: str = example("1.0.0")
    summary: str = example("Beat times by recurrent networks and a dynamic Bayesian network.")
    levels: list[str] = example(["take"])
    environment: str = example("numpy1")
    source: str = example("builtin")
    needs: list[str] = example([])
    uses: list[str] = example(["content"])
    libraries: list[Library]
    licence: str = example("MIT")
    model_licence: str | None = example("CC BY-NC-SA 4.0")
    health: HealthShown
    rank: int | None = example(1)
    peer: bool = example(False, description="A comparison only: it runs when it is named, and has no rank.")
    config: dict[str, Any] = example({})
    config_schema: dict[str, Any] = example({"type": "object", "properties": {}})


class Plugins(BaseModel):
    """Every plugin by question, in the order in which they are asked, peers last; `problems` says what was left out."""

    discovering: bool = example(False)
    items: list[PluginShown]
    problems: list[str] = example([])


class Order(BaseModel):
    """A question's providers in the order in which they are asked."""

    question: str = example("onsets")
    order: list[str] = example(["onsets.superflux", "onsets.essentia"])
