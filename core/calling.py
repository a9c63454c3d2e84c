"""Running one question's plugins: their workers, what they are handed, and the answer as it is stored."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridges.calls import Call, Input, PluginWorker, Said
from bridges.worker import Cancelled
from bridges.workers import Workers
from core import keys
from core.catalogue import Catalogue
from core.chain import Provider, Question
from core.errors import NoModel
from core.events import Events
from core.health import Infirmary, Patience
from core.intake import Intake
from core.ledger import Ledger
from core.models.store import Models
from core.models.there import Model, paths, readable, told
from core.preferences import Preferences
from core.requests import Request
from core.settings import Settings
from core.slots import Slots
from core.upstream import Answers, Given, Tree
from core.views import Stored, View, Views
from core.warm import MAPPED, Warm, warm_key
from core.words import HARM, Code, Status
from database.artifacts import Artifacts
from database.records import Answer, Region
from database.store import Store
from hemiola.corrections import NOTHING_SAID, Corrections


@dataclass(frozen=True, slots=True)
class Parts:
    """The engine's parts, which all jobs share."""

    settings: Settings
    store: Store
    artifacts: Artifacts
    workers: Workers
    slots: Slots
    events: Events
    infirmary: Infirmary
    catalogue: Catalogue
    preferences: Preferences
    intake: Intake
    views: Views
    models: Models
    warm: Warm
    file_locks: dict[str, threading.Lock]
    """By hash: two jobs on the same bytes wait for each other."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What one job is about: the file, its regions, what is known of them so far."""

    job: int
    sha: str
    name: str
    rate: int
    request: Request
    config: Mapping[str, dict[str, Any]]
    """Settings by plugin, as they were when the job began."""
    corrections: Corrections
    """What a person had said of the file by then."""
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


class Calling:
    """The workers of one question of one job, started when first needed; together they take one running place."""

    def __init__(self, parts: Parts, subject: Subject, question: Question) -> None:
        self._parts, self._subject, self._question = parts, subject, question
        self._running: dict[str, PluginWorker] = {}
        self._warm: dict[str, str] = {}  # what workers that may be kept are known by
        self._models: dict[str, tuple[Model, ...] | str] = {}
        self._unfit: set[str] = set()  # whose worker is in the middle of a call, or did harm in one
        self._place = contextlib.ExitStack()
        self._placed = False

    def config(self, provider: Provider) -> dict[str, Any]:
        """The settings that hold in this job: what the user keeps for the plugin, then what the job asks for."""
        return self._subject.config.get(provider.name, {})

    def corrections(self, provider: Provider) -> Corrections:
        """What a provider is handed of a person's word: nothing, unless it heeds it."""
        return self._subject.corrections if provider.manifest.heeds_corrections else NOTHING_SAID

    def models(self, provider: Provider) -> tuple[Model, ...]:
        """Those that a provider is handed, as they were when it was first asked; fetched then, where need be.

        Raises
        ------
        NoModel
            One has a source and cannot be had.
        Cancelled
            The job was stopped meanwhile.
        """
        if provider.name not in self._models:
            self._models[provider.name] = self._resolved(provider)
        found = self._models[provider.name]
        if isinstance(found, str):
            raise NoModel(found)
        return found

    def _resolved(self, provider: Provider) -> tuple[Model, ...] | str:
        """Its models, those that are there; or why one cannot be had."""
        stopped, store = self._subject.cancelled, self._parts.models
        names = provider.models(self.config(provider))
        try:
            found = [store.resolve(name, stopped, self._fetching) for name in names]
        except NoModel as error:
            return str(error)
        return tuple(model for model in found if model is not None)

    def _fetching(self, model: str, fraction: float | None) -> None:
        far = "" if fraction is None else f", {fraction:.0%}"
        self._subject.progress(self._question.name, 0.0, f"fetching the model {model}{far}")

    def run(
        self, provider: Provider, region: Region, given: list[Given], key: str, tell: Callable[[float], None]
    ) -> Said:
        """What a plugin says about a region.

        Parameters
        ----------
        given
            The upstream answers it is handed.
        key
            Of the answer to be; seeds what is random.
        tell
            Hears its progress.

        Raises
        ------
        EnvironmentUnavailable
            No worker can be started for it.
        Cancelled
            The job was stopped.
        """
        self._claim(provider)
        self._take_place()
        tell(0.0)
        audio = provider.manifest.audio
        view = View.of(audio) if audio is not None else None
        inputs = tuple(self._input(one) for one in given)
        for decoded in (self._subject.decoded, self._subject.redecode):
            self._unfit.add(provider.name)
            said, stored = self._once(provider, region, inputs, key, tell, view, decoded())
            if said.status not in HARM:
                self._unfit.discard(provider.name)
            if view is None or stored.intact(view):
                return said
            said.close()
            self._running.pop(
                provider.name
            ).close()  # what it was handed is mapped there still: a fresh one, once
        reason = "it changed the audio it was handed"
        return Said(
            Status.INVALID, Code.TOUCHED_INPUT, reason=reason, seconds=said.seconds, peak_mb=said.peak_mb
        )

    def answer(self, provider: Provider, region: Region, key: str, said: Said) -> Answer:
        """The answer as it is stored; its files and arrays are written first."""
        manifest, artifacts = provider.manifest, self._parts.artifacts
        with contextlib.closing(said):
            hashes = {one.name: artifacts.keep(key, one.name, one.file, one.size) for one in said.files}
        environment = self._parts.workers.environments[manifest.environment]
        return Answer(
            key=key,
            file=self._subject.sha,
            region=region.id,
            plugin=provider.name,
            version=manifest.version,
            question=self._question.name,
            config=keys.canonical(self.config(provider)),
            status=said.status,
            code=said.code,
            signal=said.signal,
            reason=said.reason,
            detail=said.detail,
            seconds=round(said.seconds, 4),
            peak_mb=round(said.peak_mb, 1),
            environment=manifest.environment,
            environment_lock=environment.lock_hash,
            libraries=keys.canonical(environment.versions(manifest.libraries)),
            licence=manifest.licence,
            model=told(self.models(provider)),
            model_licence=manifest.model_licence,
            result=said.text,
            result_hash=None if said.text is None else keys.result_hash(said.text, said.arrays, hashes),
            artifact=artifacts.write(key, said.arrays, hashes) if said.arrays or hashes else None,
        )

    def close(self) -> None:
        """Let the workers end but those that are kept for further jobs, and give the place back."""
        fit = self._running.keys() - self._unfit
        warm = {name: key for name, key in self._warm.items() if name in fit}
        for name, worker in self._running.items():
            if name not in warm:
                worker.close()
        self._place.close()
        for name, key in warm.items():
            worker = self._running[name]
            self._parts.warm.keep(key, worker, worker.memory)

    def _claim(self, provider: Provider) -> None:
        """Take the worker that was kept for a plugin, before its memory is asked for."""
        if not provider.manifest.keep_warm or provider.name in self._running:
            return
        key = self._warm[provider.name] = warm_key(provider, self.config(provider), self.models(provider))
        kept = self._parts.warm.take(key)
        if kept is not None:
            self._running[provider.name] = kept

    def _take_place(self) -> None:
        if not self._placed:
            memory = max(provider.manifest.memory for provider in self._question.everyone)
            self._place.enter_context(self._parts.slots.taken(memory, self._subject.cancelled))
            self._placed = True
        if self._subject.cancelled():
            raise Cancelled

    def _once(
        self,
        provider: Provider,
        region: Region,
        inputs: tuple[Input, ...],
        key: str,
        tell: Callable[[float], None],
        view: View | None,
        stored: Stored,
    ) -> tuple[Said, Stored]:
        call = Call(
            told_of(region, self._subject.name),
            None if view is None else span_of(region, view, stored, self._subject.rate),
            lambda: stored.open(view) if view is not None else [],
            inputs,
            keys.seed(key),
            provider.manifest.cpu_budget(region.end_s - region.start_s),
            self.corrections(provider),
        )
        return self._worker(provider, stored, view).call(call, tell, self._subject.cancelled), stored

    def _worker(self, provider: Provider, stored: Stored, view: View | None) -> PluginWorker:
        mapped = stored.bytes(view) if view is not None else 0
        running = self._running.get(provider.name)
        if running is not None and running.mapped < mapped:  # it was kept, and this file is longer
            self._running.pop(provider.name).close()
            running = None
        if running is None:
            config, there = self.config(provider), self.models(provider)
            running = self._running[provider.name] = worker_for(self._parts, provider, config, there, mapped)
        return running

    def _input(self, given: Given) -> Input:
        known = given.known
        answer = self._parts.store.answer(known.key)
        assert answer is not None and answer.result is not None, "an answer was removed while its job ran"
        arrays = self._parts.artifacts.read(answer.artifact) if answer.artifact else {}
        told = told_of(known.region, self._subject.name)
        return Input(known.question, known.key, told, given.finer, answer.result, arrays)


def worker_for(
    parts: Parts, provider: Provider, config: dict[str, Any], models: Sequence[Model], mapped: int
) -> PluginWorker:
    """A worker for a plugin, which may map so many bytes of views; it is started by its first call."""
    manifest, scratch = provider.manifest, None
    if manifest.scratch:
        parts.settings.workshop.mkdir(parents=True, exist_ok=True)
        scratch = tempfile.mkdtemp(prefix="scratch-", dir=parts.settings.workshop)
    return PluginWorker(
        parts.workers,
        manifest,
        provider.source,
        config,
        mapped=max(mapped, MAPPED) if manifest.keep_warm else mapped,
        scratch=scratch,
        still_s=parts.settings.still_s,
        models=paths(models),
        readable=readable(models),
    )


def told_of(region: Region, file: str) -> dict[str, Any]:
    """A region as a worker is told of it."""
    return {
        "id": region.id,
        "level": region.level,
        "parent_id": region.parent,
        "start_s": region.start_s,
        "end_s": region.end_s,
        "file": file,
    }


def span_of(region: Region, view: View, stored: Stored, file_rate: int) -> dict[str, Any]:
    """Which samples of a view a region is."""
    rate, length = stored.rate(view), stored.frames(view)
    first = min(length, round(region.start_sample * rate / file_rate))
    stop = min(length, round(region.end_sample * rate / file_rate))
    return {"rate": rate, "source": "mix", "first": first, "stop": stop}
