"""The answers of one job so far, and which of them a provider is handed for a region."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from core.chain import Provider
from core.words import Level
from database.records import Region

DEPTH = {str(level): depth for depth, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Known:
    """A winner's answer: whose region's, and where its bytes are."""

    question: str
    region: Region
    key: str
    result_hash: str


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as an input of a call; `finer` when it comes from a region inside the call's."""

    known: Known
    finer: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a provider cannot be asked: what it needs is not there."""

    question: str
    skipped: str | None
    """The reason for which the question was skipped; None when it failed."""


class Tree:
    """The regions of a file: the file, its takes, their regions."""

    def __init__(self, regions: list[Region]) -> None:
        self.regions = sorted(regions, key=lambda r: (r.start_sample, -r.end_sample, DEPTH[r.level]))
        self._by_id = {region.id: region for region in regions}
        self._children: dict[str, list[Region]] = {}
        for region in self.regions:
            if region.parent is not None:
                self._children.setdefault(region.parent, []).append(region)

    def at(self, level: str) -> list[Region]:
        """The regions of one level, in order of time."""
        return [region for region in self.regions if region.level == level]

    def upward(self, region: Region) -> list[Region]:
        """The region and all that hold it, from the inside out."""
        chain = [region]
        while chain[-1].parent is not None:
            chain.append(self._by_id[chain[-1].parent])
        return chain

    def inside(self, region: Region) -> list[Region]:
        """All regions inside, in order of time."""
        found: list[Region] = []
        for child in self._children.get(region.id, []):
            found += [child, *self.inside(child)]
        return found

    def twin(self, region: Region) -> Region | None:
        """The take whose only region this is: what is said of one is said of the other."""
        if region.level != Level.REGION or region.parent is None:
            return None
        take = self._by_id[region.parent]
        same = (take.start_sample, take.end_sample) == (region.start_sample, region.end_sample)
        return take if same and len(self._children[take.id]) == 1 else None


class Answers:
    """Winners and skips by question and region, filled while the chain runs."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._won: dict[tuple[str, str], Known] = {}
        self._skipped: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def win(self, known: Known, region: Region) -> None:
        """Note the winning answer about a region."""
        with self._lock:
            self._won[known.question, region.id] = known

    def skip(self, question: str, region: Region, reason: str) -> None:
        """Note that a question was skipped for cause."""
        with self._lock:
            self._skipped[question, region.id] = reason

    def share(self, question: str, twin: Region, region: Region) -> None:
        """What was said of a take holds for its only region."""
        with self._lock:
            if (question, twin.id) in self._won:
                self._won[question, region.id] = self._won[question, twin.id]
            if (question, twin.id) in self._skipped:
                self._skipped[question, region.id] = self._skipped[question, twin.id]

    def given(self, provider: Provider, region: Region) -> list[Given] | Missing:
        """All that a provider is handed for a region, or the first thing it needs that is missing."""
        given: list[Given] = []
        for question in provider.upstream:
            found = self._found(question, region)
            if not found and question in provider.manifest.needs:
                return Missing(question, self._why_skipped(question, region))
            given += found
        return given

    def _found(self, question: str, region: Region) -> list[Given]:
        with self._lock:
            coarser = [self._won.get((question, r.id)) for r in self._tree.upward(region)]
            finer = [self._won.get((question, r.id)) for r in self._tree.inside(region)]
        nearest = [Given(known, False) for known in coarser if known is not None][:1]
        return nearest + [Given(known, True) for known in finer if known is not None]

    def _why_skipped(self, question: str, region: Region) -> str | None:
        with self._lock:
            around = [*self._tree.upward(region), *self._tree.inside(region)]
            reasons = [self._skipped.get((question, r.id)) for r in around]
        return next((reason for reason in reasons if reason is not None), None)
