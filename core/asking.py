"""Asking one question about every region of a file: providers in rank order, each answer looked up before it is run."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridges.calls import Call, Input, PluginWorker, Said
from bridges.worker import Cancelled
from bridges.workers import EnvironmentUnavailable, Workers
from core import keys
from core.catalogue import Provider, Question
from core.events import Events
from core.health import Infirmary, Patience
from core.ledger import Ledger, Row
from core.requests import Request
from core.settings import Settings
from core.slots import Slots
from core.upstream import Answers, Given, Known, Missing, Tree
from core.views import Stored, View
from core.words import ANSWERS, TRANSIENT, Code, Level, Status
from database.artifacts import Artifacts
from database.records import Answer, Region
from database.store import Store


@dataclass(frozen=True, slots=True)
class House:
    """What every job shares: the engine's parts, handed to those who work."""

    settings: Settings
    store: Store
    artifacts: Artifacts
    workers: Workers
    slots: Slots
    events: Events
    infirmary: Infirmary


@dataclass(frozen=True, slots=True)
class Subject:
    """What one job is about: the file, its regions, what is known of them so far."""

    job: int
    sha: str
    name: str
    rate: int
    request: Request
    tree: Tree
    answers: Answers
    patience: Patience
    ledger: Ledger
    decoded: Callable[[], Stored]
    """The file's views; decodes them when they are not in the cache."""
    redecode: Callable[[], Stored]
    cancelled: Callable[[], bool]
    progress: Callable[[str, float, str], None]
    """Told the question, how far it is, and what runs now."""


class Asking:
    """One question of one job. `run` asks it about all regions; it takes one place among the running plugins."""

    def __init__(self, house: House, subject: Subject, question: Question) -> None:
        self._house, self._subject, self._question = house, subject, question
        self._running: dict[str, PluginWorker] = {}
        self._scratch: dict[str, str] = {}
        self._place = contextlib.ExitStack()
        self._placed = False
        self._regions = self._asked = 0

    def run(self) -> None:
        """Ask about every region of the question's levels; raises Cancelled when the job is."""
        levels = [level for level in Level if level in self._question.levels]
        regions = [region for level in levels for region in self._subject.tree.at(level)]
        self._regions = len(regions)
        try:
            for self._asked, region in enumerate(regions, 1):
                self._ask(region)
        finally:
            self._finish()

    # -- one region ------------------------------------------------------------------

    def _ask(self, region: Region) -> None:
        question, subject = self._question, self._subject
        twin = subject.tree.twin(region)
        if twin is not None and Level.TAKE in question.levels:
            subject.answers.share(question.name, twin, region)
            return
        degraded: str | None = None
        asked: set[str] = set()
        for rank, provider in enumerate(question.providers):
            row = self._try(provider, region, rank, degraded, wins=True)
            asked.add(provider.name)
            if row.ends_question:
                if row.status != Status.OK:
                    subject.answers.skip(question.name, region, row.reason or "")
                break
            degraded = degraded or f"{provider.name}: {row.reason}"
        for provider in question.beside:
            if provider.name not in asked:
                self._try(provider, region, len(question.providers), None, wins=False)

    def _try(self, provider: Provider, region: Region, rank: int, degraded: str | None, *, wins: bool) -> Row:
        """One provider's outcome for a region, written to the ledger."""
        subject = self._subject
        row = Row(subject.job, region, provider, rank, degraded, wins)
        obstacle = self._obstacle(provider)
        given = subject.answers.given(provider, region) if obstacle is None else []
        if obstacle is not None:
            return subject.ledger.write(row.without(*obstacle))
        if isinstance(given, Missing):
            return subject.ledger.write(row.without(Status.BLOCKED, *_said_of(given)))
        key = self._key(provider, region, given)
        kept = self._kept(key, provider, region)
        if kept is not None:
            row = subject.ledger.write(row.answered(kept, "reused"))
        else:
            row = self._run(provider, region, given, key, row)
        subject.patience.note(provider.name, row.status, row.code or "", row.signal)
        if row.status == Status.OK and wins and row.answer is not None:
            assert row.answer.result_hash is not None
            subject.answers.win(Known(self._question.name, region, key, row.answer.result_hash), region)
        return row

    def _obstacle(self, provider: Provider) -> tuple[Status, str, str] | None:
        """Why a provider cannot be asked at all."""
        reason = self._house.workers.reason(provider.manifest.environment)
        if reason is not None:
            return Status.UNAVAILABLE, Code.ENVIRONMENT, reason
        reason = self._house.infirmary.quarantined(provider)
        if reason is not None:
            return Status.QUARANTINED, Code.QUARANTINED, reason
        reason = self._subject.patience.lost(provider.name)
        return (Status.BLOCKED, Code.GAVE_UP, reason) if reason is not None else None

    def _key(self, provider: Provider, region: Region, given: list[Given]) -> str:
        audio = provider.manifest.audio
        upstream = [
            (g.known.question, g.known.region.start_sample, g.known.region.end_sample, g.known.result_hash) for g in given
        ]
        span = (region.start_sample, region.end_sample)
        view = View.of(audio) if audio is not None else None
        return keys.answer_key(self._subject.sha, view, span, provider.manifest, self._config(provider), upstream)

    def _config(self, provider: Provider) -> dict[str, Any]:
        return self._subject.request.config.get(provider.name, {})

    def _kept(self, key: str, provider: Provider, region: Region) -> Answer | None:
        """The stored answer, where it may be used again."""
        request = self._subject.request
        own = self._subject.ledger.has(region, provider)
        answer = None if request.force and not own else self._house.store.answer(key)
        if answer is None or answer.status not in ANSWERS:
            return None
        if own or answer.status in (Status.OK, Status.SKIPPED):
            return answer
        return None if request.retry or answer.status in TRANSIENT else answer

    # -- running -----------------------------------------------------------------------

    def _run(self, provider: Provider, region: Region, given: list[Given], key: str, row: Row) -> Row:
        if not self._placed:
            memory = max(p.manifest.memory for p in self._question.everyone)
            self._place.enter_context(self._house.slots.taken(memory, self._subject.cancelled))
            self._placed = True
        if self._subject.cancelled():
            raise Cancelled
        self._tell(provider, region, 0.0)
        try:
            said = self._call(provider, region, given, key)
        except EnvironmentUnavailable as error:
            return self._subject.ledger.write(row.without(Status.UNAVAILABLE, Code.ENVIRONMENT, str(error)))
        if said.status == Status.UNAVAILABLE:
            return self._subject.ledger.write(row.without(Status.UNAVAILABLE, said.code, said.reason or ""))
        return self._subject.ledger.write(row.answered(self._answer(provider, region, key, said), "fresh"), said)

    def _call(self, provider: Provider, region: Region, given: list[Given], key: str) -> Said:
        """Ask the plugin; when the audio it was handed was touched meanwhile, once more on fresh audio."""
        audio = provider.manifest.audio
        view = View.of(audio) if audio is not None else None
        inputs = tuple(self._input(one) for one in given)
        for decoded in (self._subject.decoded, self._subject.redecode):
            stored = decoded()
            worker = self._worker(provider, stored, view)
            call = Call(
                _told(region, self._subject.name),
                None if view is None else _span(region, view, stored, self._subject.rate),
                lambda stored=stored: stored.open(view) if view is not None else [],
                inputs,
                keys.seed(key),
                provider.manifest.cpu_budget(region.end_s - region.start_s),
            )
            said = worker.call(call, self._progress(provider, region), self._subject.cancelled)
            if view is None or stored.intact(view):
                return said
            worker.close()
            self._running.pop(provider.name)
        reason = "it changed the audio it was handed"
        return Said(Status.INVALID, Code.TOUCHED_INPUT, reason=reason, seconds=said.seconds, peak_mb=said.peak_mb)

    def _worker(self, provider: Provider, stored: Stored, view: View | None) -> PluginWorker:
        if provider.name not in self._running:
            scratch = None
            if provider.manifest.scratch:
                scratch = self._scratch[provider.name] = tempfile.mkdtemp(prefix="scratch-", dir=self._house.settings.cache)
            frames = stored.facts["duration_s"] * stored.rate(view) if view is not None else 0
            channels = (view.channels or stored.facts["channels"]) if view is not None else 0
            self._running[provider.name] = PluginWorker(
                self._house.workers,
                provider.manifest,
                provider.source,
                self._config(provider),
                mapped=int(frames * channels * 4) + (1 << 20),
                scratch=scratch,
                still_s=self._house.settings.still_s,
            )
        return self._running[provider.name]

    def _input(self, given: Given) -> Input:
        known = given.known
        answer = self._house.store.answer(known.key)
        assert answer is not None and answer.result is not None, "an answer was removed while its job ran"
        arrays = self._house.artifacts.read(answer.artifact) if answer.artifact else {}
        told = _told(known.region, self._subject.name)
        return Input(known.question, known.key, told, given.finer, answer.result, arrays)

    def _answer(self, provider: Provider, region: Region, key: str, said: Said) -> Answer:
        """The answer as it is stored; its arrays are written first."""
        artifact = self._house.artifacts.write(key, said.arrays) if said.arrays else None
        environment = self._house.workers.environments[provider.manifest.environment]
        running = self._running.get(provider.name)
        return Answer(
            key=key,
            file=self._subject.sha,
            region=region.id,
            plugin=provider.name,
            version=provider.manifest.version,
            question=self._question.name,
            config=keys.canonical(self._config(provider)),
            status=said.status,
            code=said.code,
            signal=said.signal,
            reason=said.reason,
            detail=said.detail,
            seconds=round(said.seconds, 4),
            peak_mb=round(said.peak_mb, 1),
            environment=provider.manifest.environment,
            environment_lock=environment.lock_hash,
            libraries=keys.canonical(running.libraries if running else {}),
            licence=provider.manifest.licence,
            model=None,
            model_licence=provider.manifest.model_licence,
            result=said.text,
            result_hash=None if said.text is None else keys.result_hash(said.text, said.arrays),
            artifact=artifact,
        )

    # -- telling and ending ----------------------------------------------------------------

    def _progress(self, provider: Provider, region: Region) -> Callable[[float], None]:
        return lambda fraction: self._tell(provider, region, fraction)

    def _tell(self, provider: Provider, region: Region, fraction: float) -> None:
        """How far the question is: the regions before this one, and this one's fraction."""
        done = (self._asked - 1 + fraction) / max(1, self._regions)
        self._subject.progress(self._question.name, done, f"{provider.name} at {region.start_s:.0f} s")

    def _finish(self) -> None:
        for worker in self._running.values():
            worker.close()
        for folder in self._scratch.values():
            shutil.rmtree(folder, ignore_errors=True)
        self._place.close()


def _said_of(missing: Missing) -> tuple[str, str]:
    if missing.skipped is not None:
        return Code.NEEDS_SKIPPED, f"{missing.question} was skipped: {missing.skipped}"
    return Code.NEEDS_MISSING, f"it needs {missing.question}, and nothing answered that here"


def _told(region: Region, file: str) -> dict[str, Any]:
    return {
        "id": region.id,
        "level": region.level,
        "parent_id": region.parent,
        "start_s": region.start_s,
        "end_s": region.end_s,
        "file": file,
    }


def _span(region: Region, view: View, stored: Stored, file_rate: int) -> dict[str, Any]:
    """Which samples of a view a region is."""
    rate = stored.rate(view)
    length = (stored.folder / view.file(0)).stat().st_size // 4
    first = min(length, round(region.start_sample * rate / file_rate))
    stop = min(length, round(region.end_sample * rate / file_rate))
    return {"rate": rate, "source": "mix", "first": first, "stop": stop}
