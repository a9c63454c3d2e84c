"""What the host knows of a plugin: static data, told by a describe worker, never by importing it."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from hemiola.errors import PluginError
from hemiola.plugin import Plugin, check_declaration, parse_size
from hemiola.results import KNOWN

Name = Annotated[str, Field(max_length=200)]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ViewManifest(_Told):
    """The view a plugin is handed; see AudioView."""

    rate: Annotated[int, Field(ge=1000, le=768_000)] | None
    channels: Annotated[int, Field(ge=1, le=1)] | None
    source: Name


class PluginManifest(_Told):
    """One plugin: what it answers, what it needs, what it may use."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", max_length=100)]
    version: Annotated[str, Field(min_length=1, max_length=50)]
    summary: Annotated[str, Field(max_length=500)]
    question: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=50)]
    levels: Annotated[tuple[Annotated[str, Field(pattern=r"^(file|take|region)$")], ...], Field(max_length=3)]
    known_result: bool
    result_schema: dict[str, Any]
    config_schema: dict[str, Any]
    audio: ViewManifest | None
    needs: Annotated[tuple[Name, ...], Field(max_length=64)]
    uses: Annotated[tuple[Name, ...], Field(max_length=64)]
    environment: Name
    seconds: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
    per_audio_second: Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)]
    memory: Annotated[int, Field(ge=1 << 20, le=1 << 40)]
    scratch: Annotated[int, Field(ge=0, le=1 << 40)] | None
    licence: Name
    model_licence: Name | None
    libraries: Annotated[tuple[Name, ...], Field(max_length=32)]
    models: Annotated[tuple[Name, ...], Field(max_length=32)]
    rank: int
    peer: bool = False
    """A comparison only: it is asked when it is named, and never in the place of another."""
    keep_warm: bool = False
    """Whether its worker is kept between jobs."""
    degraded: Name | None = None
    """What a fallback says of its answers."""
    heeds_corrections: bool = False
    """Whether its answer follows what a person has said of the file."""

    def cpu_budget(self, duration_s: float) -> float:
        """CPU seconds one call on a region of this length may take."""
        return self.seconds + self.per_audio_second * duration_s


class SourceManifest(_Told):
    """All plugins of one source, and what was wrong with those that could not be described."""

    plugins: Annotated[tuple[PluginManifest, ...], Field(max_length=200)] = ()
    problems: Annotated[tuple[Annotated[str, Field(max_length=8000)], ...], Field(max_length=200)] = ()


def describe(plugin: type[Plugin[Any, Any]]) -> PluginManifest:
    """The manifest of a plugin class; raises PluginError when it is declared wrongly."""
    check_declaration(plugin)
    result = plugin.result_type
    known = KNOWN.get(result.question)
    if known is not None and result is not known:
        raise PluginError(
            f"{result.question} is answered with hemiola.results.{known.__name__}, not a type of its own"
        )
    audio = plugin.audio
    view = (
        None if audio is None else ViewManifest(rate=audio.rate, channels=audio.channels, source=audio.source)
    )
    documented = inspect.cleandoc(plugin.__doc__ or "").split("\n\n")[0]
    return PluginManifest(
        name=plugin.name,
        version=plugin.version,
        summary=" ".join(documented.split())[:500],
        question=result.question,
        levels=tuple(result.levels),
        known_result=known is not None,
        result_schema=result.model_json_schema(),
        config_schema=plugin.config_type.model_json_schema(),
        audio=view,
        needs=tuple(needed.question for needed in plugin.needs),
        uses=tuple(used.question for used in plugin.uses),
        environment=plugin.environment,
        seconds=plugin.budget.seconds,
        per_audio_second=plugin.budget.per_audio_second,
        memory=parse_size(plugin.memory),
        scratch=None if plugin.scratch is None else parse_size(plugin.scratch),
        licence=plugin.licence,
        model_licence=plugin.model_licence,
        libraries=plugin.libraries,
        models=plugin.models,
        rank=plugin.rank,
        peer=plugin.peer,
        keep_warm=plugin.keep_warm,
        degraded=plugin.degraded,
        heeds_corrections=plugin.heeds_corrections,
    )
