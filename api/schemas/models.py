"""Models as a user sees them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.base import SHA, example


class ModelFileShown(BaseModel):
    """A file of a model; hash and size are null where nobody declared them and it is not fetched."""

    name: str = example("complete_network.h5")
    source: str = example("https://models.example/complete_network.h5")
    sha256: str | None = example(SHA)
    size: int | None = example(2_015_088)


class ModelShown(BaseModel):
    """A version of a model; without version and files where it was put there by hand or nothing is known of it."""

    name: str = example("annoteator")
    version: str | None = example("2")
    state: Literal["by hand", "fetched", "not fetched", "not here"] = example("fetched")
    in_use: bool = example(True, description="Whether plugins are handed this one.")
    path: str | None = example("/home/ann/.cache/hemiola/models/complete_network/2/complete_network.h5")
    files: list[ModelFileShown]
    size: int | None = example(2_015_088)
    licence: str | None = example("MIT")
    citation: str | None = example(None)
    plugins: list[str] = example(["hits.annoteator"], description="Those that declare it.")


class Models(BaseModel):
    """Every model; `problems` says which lists of models cannot be read."""

    items: list[ModelShown]
    cache: str = Field(examples=["/home/ann/.cache/hemiola/models"])
    problems: list[str] = example([])
