"""The chain: which questions a job asks, in which order, and which plugins answer each.

A question is answered by its ranked providers, or by those a job names in their place; further plugins run beside
them. Peers are comparisons: they have no rank, and run only where they are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from bridges.discovery import PluginSource
from core.errors import BadRequest
from hemiola.manifest import PluginManifest

ON_REQUEST = frozenset({"stems"})
"""Questions too costly for the default chain."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A plugin as the chain asks it."""

    manifest: PluginManifest
    source: PluginSource
    rank: int

    @property
    def name(self) -> str:
        """`question.how`."""
        return self.manifest.name

    @property
    def question(self) -> str:
        """What it answers."""
        return self.manifest.question

    @property
    def upstream(self) -> tuple[str, ...]:
        """The questions whose answers it needs or would like."""
        return (*self.manifest.needs, *self.manifest.uses)

    def models(self, config: Mapping[str, Any]) -> tuple[str, ...]:
        """The models that it is handed: all it declares, or the one of them that its setting `model` names."""
        declared = self.manifest.models
        fields = self.manifest.config_schema.get("properties", {})
        chosen = config.get("model", fields.get("model", {}).get("default"))
        return (chosen,) if chosen in declared else declared


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a chain: its providers in the order they are asked, and further ones run beside the winner.

    Without providers nobody answers it: it is asked for the sake of a comparison alone.
    """

    name: str
    levels: tuple[str, ...]
    providers: tuple[Provider, ...]
    beside: tuple[Provider, ...] = ()

    @property
    def everyone(self) -> tuple[Provider, ...]:
        """All that may be run."""
        return (*self.providers, *self.beside)


def chain(
    known: Mapping[str, Provider],
    questions: Iterable[str] | None,
    plugins: Iterable[str],
    only: Iterable[str],
) -> tuple[Question, ...]:
    """The questions of a job, each after what it needs; see `Catalogue.chain`. `known` are all plugins by name."""
    beside = [known[name] for name in dict.fromkeys(all_known(plugins, known, "plugin"))]
    chosen = by_question(known[name] for name in dict.fromkeys(all_known(only, known, "plugin")))
    answering = ranked(known.values()) | chosen
    compared = by_question(beside)
    asked = {
        name: [*answering.get(name, ()), *compared.get(name, ())]
        for name in answering.keys() | compared.keys()
    }
    wanted = (
        set(answering) - ON_REQUEST if questions is None else _answerable(questions, asked, known.values())
    )
    reached = _reach(wanted | chosen.keys() | compared.keys(), asked)
    order = in_order({name: asked[name] for name in reached})
    return tuple(_question(name, answering.get(name, []), compared.get(name, [])) for name in order)


def all_known(names: Iterable[str], known: Iterable[str], what: str) -> list[str]:
    """The names; raises BadRequest where one is not known, with those that are."""
    listed, there = list(names), set(known)
    for name in listed:
        if name not in there:
            raise BadRequest(f"there is no {what} {name!r}; known are {', '.join(sorted(there)) or 'none'}")
    return listed


def by_question(providers: Iterable[Provider]) -> dict[str, list[Provider]]:
    """Providers under their questions, in the order given."""
    found: dict[str, list[Provider]] = {}
    for provider in providers:
        found.setdefault(provider.question, []).append(provider)
    return found


def ranked(providers: Iterable[Provider]) -> dict[str, list[Provider]]:
    """Those that are asked without being named, under their questions, the first one first."""
    asked = (provider for provider in providers if not provider.manifest.peer)
    return by_question(sorted(asked, key=lambda p: (p.rank, p.name)))


def peers(providers: Iterable[Provider], question: str) -> list[str]:
    """The comparisons that answer a question when they are named."""
    return sorted(p.name for p in providers if p.manifest.peer and p.question == question)


def in_order(asked: Mapping[str, Sequence[Provider]]) -> list[str]:
    """Questions in an order in which each comes after what its providers need or use; raises CycleError."""
    graph = {
        question: sorted({name for provider in providers for name in provider.upstream if name in asked})
        for question, providers in sorted(asked.items())
    }
    return list(TopologicalSorter(graph).static_order())


def _answerable(
    questions: Iterable[str], asked: Mapping[str, Sequence[Provider]], known: Iterable[Provider]
) -> set[str]:
    """The questions that a job names; raises BadRequest where nobody answers one who is not to be named first."""
    listed, everyone = list(questions), list(known)
    for name in listed:
        if name not in asked and (there := peers(everyone, name)):
            raise BadRequest(
                f"nothing answers {name} but comparisons, which run when they are named: {', '.join(there)}"
            )
    return set(all_known(listed, asked, "question"))


def _reach(wanted: set[str], asked: Mapping[str, Sequence[Provider]]) -> set[str]:
    """The wanted questions and all that theirs need or use, as far as someone answers them."""
    reached: set[str] = set()
    pending = list(wanted)
    while pending:
        question = pending.pop()
        if question not in reached:
            reached.add(question)
            upstream = (name for provider in asked[question] for name in provider.upstream)
            pending += [name for name in upstream if name in asked and name not in ON_REQUEST]
    return reached


def _question(name: str, answering: list[Provider], beside: list[Provider]) -> Question:
    levels = (*answering, *beside)[0].manifest.levels
    same = tuple(provider for provider in answering if provider.manifest.levels == levels)
    return Question(name, levels, same, tuple(beside))
