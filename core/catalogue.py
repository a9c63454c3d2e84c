"""The catalogue: every plugin there is, ranked under its question. Filled in the background; jobs wait for it.

Peers are comparisons: they have no rank, and answer or run only where they are named.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from graphlib import CycleError
from pathlib import Path

from bridges.discovery import PluginSource, describe, find_sources
from bridges.worker import Cancelled
from bridges.workers import EnvironmentUnavailable, Workers
from core.chain import Provider, Question, all_known, by_question, chain, in_order, peers, ranked
from core.errors import BadRequest
from hemiola.manifest import SourceManifest

LAST = 1000
"""Rank of the first plugin that is not built in."""
AT_ONCE = 8


class Catalogue:
    """All plugins. Describing begins at once in threads of its own; whoever needs the result waits.

    Parameters
    ----------
    root, data, cache
        The checkout, the data folder (drop-ins), the cache folder (kept manifests).
    workers
        Where describe workers run.
    rank
        The rank that the user gave a plugin, or None.
    """

    def __init__(
        self,
        root: Path,
        data: Path,
        cache: Path,
        workers: Workers,
        rank: Callable[[str], int | None] = lambda name: None,
    ) -> None:
        self._root, self._data, self._cache, self._workers = root, data, cache, workers
        self._rank = rank
        self._reordering = threading.Lock()
        self._done = threading.Event()
        self._closed = False
        self._providers: dict[str, Provider] = {}
        self.problems: list[str] = []
        self._thread = threading.Thread(target=self._discover, name="catalogue", daemon=True)
        self._thread.start()

    @property
    def discovering(self) -> bool:
        """Whether sources are still being described."""
        return not self._done.is_set()

    def providers(self) -> dict[str, Provider]:
        """Every plugin by name, once all are described; raises Cancelled when the program ends before."""
        self._done.wait()
        if self._closed:
            raise Cancelled
        return self._providers

    def close(self) -> None:
        """Let nobody wait any longer."""
        self._closed = self._closed or not self._done.is_set()
        self._done.set()

    def provider(self, name: str) -> Provider:
        """The plugin of this name; raises BadRequest when there is none, with those there are."""
        known = self.providers()
        return known[all_known([name], known, "plugin")[0]]

    def order(self, question: str) -> list[str]:
        """A question's providers in the order in which they are asked, without peers."""
        return [p.name for p in ranked(self.providers().values()).get(question, ())]

    def peers(self, question: str) -> list[str]:
        """The comparisons that answer a question when they are named."""
        return peers(self.providers().values(), question)

    def move(self, name: str, place: int) -> list[str]:
        """Move a plugin to a place among its question's providers, 1 for the first; returns their new order.

        Raises
        ------
        BadRequest
            The plugin is not known or a peer, or the question has not so many providers.
        """
        with self._reordering:
            provider = self.provider(name)
            question = provider.manifest.question
            if provider.manifest.peer:
                raise BadRequest(
                    f"{name} is a comparison: it has no place among the providers of {question} "
                    "and runs when it is named"
                )
            order = self.order(question)
            if not 1 <= place <= len(order):
                raise BadRequest(
                    f"{question} has {len(order)} providers: a place from 1 to {len(order)} is meant"
                )
            order.remove(name)
            order.insert(place - 1, name)
            moved = {one: replace(self._providers[one], rank=rank) for rank, one in enumerate(order)}
            self._providers = {**self._providers, **moved}
            return order

    def chain(
        self, questions: Iterable[str] | None = None, plugins: Iterable[str] = (), only: Iterable[str] = ()
    ) -> tuple[Question, ...]:
        """The questions of a job in an order in which each comes after what it needs.

        Parameters
        ----------
        questions
            What is asked; with it comes what its providers need or use. None: the default chain.
        plugins
            Further plugins to run beside the chain's own choice; their questions are asked.
        only
            Plugins that answer their questions, in this order, in place of the ranked providers.

        Raises
        ------
        BadRequest
            A question or plugin is not known, the message lists those that are; or nothing but peers
            answers a question, and none of them is named.
        """
        return chain(self.providers(), questions, plugins, only)

    # -- discovery ----------------------------------------------------------------

    def _discover(self) -> None:
        try:
            sources = find_sources(self._root, self._data, self._workers.environments)
            with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="describe") as pool:
                manifests = list(pool.map(self._describe, sources))
            for source, manifest in zip(sources, manifests, strict=True):
                self._enter(source, manifest)
            self._break_cycles()
        except Exception as error:
            self.problems.append(f"plugins could not be looked for: {error}")
        finally:
            self._done.set()

    def _describe(self, source: PluginSource) -> SourceManifest:
        try:
            return describe(source, self._workers, self._cache)
        except EnvironmentUnavailable as error:
            return SourceManifest(problems=(f"{source.name} cannot be looked at: {error}",))

    def _enter(self, source: PluginSource, manifest: SourceManifest) -> None:
        self.problems += [f"{source.name}: {problem}" for problem in manifest.problems]
        for plugin in manifest.plugins:
            if plugin.name in self._providers:
                there = self._providers[plugin.name].source.name
                self.problems.append(
                    f"{source.name}: {plugin.name} is already there, from {there}; give it another name"
                )
                continue
            rank = self._rank(plugin.name)
            if rank is None:
                rank = plugin.rank if source.kind == "builtin" else LAST + len(self._providers)
            self._providers[plugin.name] = Provider(plugin, source, rank)

    def _break_cycles(self) -> None:
        """Leave out the lowest-ranked plugin of every circle of needs, and say so."""
        while True:
            try:
                in_order(by_question(self._providers.values()))
                return
            except CycleError as error:
                circle = set(error.args[1])
            guilty = max(
                (
                    p
                    for p in self._providers.values()
                    if p.manifest.question in circle and circle & set(p.upstream)
                ),
                key=lambda provider: (provider.manifest.peer, provider.rank),
            )
            del self._providers[guilty.name]
            self.problems.append(
                f"{guilty.name} is left out: its needs go round in a circle ({' -> '.join(sorted(circle))})"
            )
