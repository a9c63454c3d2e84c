"""The engine: jobs in, documents out. Read it from the top: open, submit, wait, document.

    submit     stores a job and answers at once
    claim      job threads take the oldest one, bounded by cores and memory
    intake     one streaming pass in a decode worker: views, waveform, loudness, silence envelope
    regions    envelope -> regions -> takes
    chain      providers in rank order, each answer looked up before it is run
    workers    a process per plugin and job, forked and confined
    store      each answer and its outcome in a transaction of their own, at once
    events     whoever listens is told
    summary    verdict, notices, what the file is

After kill -9 at any point the next start goes on from the last stored answer.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from bridges.calls import Said
from bridges.environments import environments
from bridges.worker import Cancelled
from bridges.workers import Workers, best_mode
from core.calling import Parts
from core.catalogue import Catalogue
from core.chain import Provider
from core.document import document
from core.errors import Conflict, NotFound
from core.events import Event, Events, Listener
from core.exporting import Exports
from core.health import Infirmary
from core.intake import Intake
from core.jobs import Work
from core.library import Library
from core.models.store import Models
from core.plugins import Plugins
from core.preferences import Preferences
from core.preload import preload
from core.probe import probe
from core.requests import Request
from core.settings import ROOT, Settings
from core.slots import Slots, free_memory
from core.uploads import Uploads
from core.views import Views
from core.warm import Warm
from core.words import JobState
from database.artifacts import Artifacts
from database.errors import DatabaseError
from database.records import Job
from database.store import Store

IDLE_S = 0.5


class Engine:
    """The engine on one data folder, whose lock the caller holds. A context manager: leaving it stops all work.

    Parameters
    ----------
    settings
        Folders, limits, mode.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.events = Events()
        self.store = Store.open(settings.data)
        self.failure: DatabaseError | None = None
        mode = best_mode(settings.sandbox)
        self.workers = Workers(environments(ROOT), mode, settings.coverage)
        self.preferences = Preferences(self.store)
        self.catalogue = Catalogue(ROOT, settings.data, settings.cache, self.workers, self.preferences.rank)
        self.views = Views(settings.workshop, int(settings.cache_gb * 1e9))
        self.models = Models(settings)
        self._parts = self._assemble()
        self.infirmary = self._parts.infirmary
        self.library = Library(self._parts)
        self.exports = Exports(self._parts)
        self.plugins = Plugins(self.catalogue, self.workers, self.preferences, self.infirmary)
        self.uploads = Uploads(settings.uploads, int(settings.upload_gb * 1e9))
        self._working: dict[int, Work] = {}
        self._closing = False
        self._changed = threading.Condition()
        self.store.requeue_running()
        self._threads = [
            threading.Thread(target=self._take_jobs, name=f"jobs-{n}", daemon=True)
            for n in range(settings.jobs)
        ]
        self._threads.append(threading.Thread(target=self._probe_quarantined, name="infirmary", daemon=True))
        if settings.preload:
            self._threads.append(threading.Thread(target=self._preload, name="preload", daemon=True))
        for thread in self._threads:
            thread.start()

    def _assemble(self) -> Parts:
        settings, workers = self.settings, self.workers
        memory = int(settings.memory_gb * 1e9) if settings.memory_gb else free_memory()
        slots = Slots(settings.workers, memory)
        return Parts(
            settings=settings,
            store=self.store,
            artifacts=Artifacts(settings.data),
            workers=workers,
            slots=slots,
            events=self.events,
            infirmary=Infirmary(self.store, self._probe),
            catalogue=self.catalogue,
            intake=Intake(workers, self.views, settings),
            preferences=self.preferences,
            models=self.models,
            warm=Warm(slots),
            views=self.views,
            file_locks={},
        )

    # -- what can be asked of it -------------------------------------------------------------

    def submit(self, path: Path, request: Request) -> Job:
        """Store a job and answer at once. The same request that is not finished yet is not stored twice, unless
        something is said of the file in it, which holds from now on.

        Raises
        ------
        BadRequest
            A question, plugin or setting is not known; the message lists what is.
        """
        self._check(request)
        parameters = request.model_dump_json()
        asked = ("analyze", str(path), parameters)
        job = None if request.said else self.store.unfinished_job(*asked)
        if job is None:
            job = self.store.add_job(*asked)
            self.events.tell(Event("job", job.id, status=JobState.QUEUED))
        with self._changed:
            self._changed.notify_all()
        return job

    def retry(self, job: int, plugin: str | None = None, *, within_roots: bool = False) -> Job:
        """Ask again what failed in a job, or what one plugin said: a new job on the file, where it lies now.

        Raises
        ------
        NotFound
            There is no such job.
        Conflict
            It is not over yet.
        BadRequest
            There is no such plugin.
        """
        over = self.job(job)
        if over.state in (JobState.QUEUED, JobState.RUNNING):
            raise Conflict(f"job {job} is {over.state}: it can be tried again when it is over")
        asked = Request.model_validate_json(over.parameters)
        named = () if plugin is None else (plugin,)
        if plugin is not None:
            self.catalogue.provider(plugin)
        again = {"retry": True, "retry_only": named, "force": False, "within_roots": within_roots}
        seen = self.store.paths(over.file) if over.file is not None else []
        there = (path for path in (over.path, *(one.path for one in seen)) if os.path.exists(path))
        return self.submit(Path(next(there, over.path)), asked.again().model_copy(update=again))

    def wait(self, job: int) -> Job:
        """Wait until a job is done or cancelled; raises DatabaseError when the store fails meanwhile."""
        with self._changed:
            while (found := self.job(job)).state in (JobState.QUEUED, JobState.RUNNING):
                if self.failure is not None:
                    raise self.failure
                self._changed.wait(IDLE_S)
        return found

    def job(self, number: int) -> Job:
        """A job; raises NotFound when there is none of this number."""
        job = self.store.job(number)
        if job is None:
            raise NotFound(f"there is no job {number}")
        return job

    def document(self, job: int) -> bytes:
        """The whole document of a finished job, JSON."""
        rows = self.store.document_rows(job)
        if rows is None:
            raise NotFound(f"there is no job {job}")
        return document(rows)

    def cancel(self, job: int) -> bool:
        """Cancel a job: its workers are killed, stored answers stay. False when it is over already."""
        with self._changed:
            work = self._working.get(job)
            marked = self.store.cancel_job(job)
            if work is not None:
                work.stop()
            self._changed.notify_all()
        if marked and work is None:
            self.events.tell(Event("done", job, status=JobState.CANCELLED))
        return marked

    def progress(self, job: int) -> tuple[float, str]:
        """How far a running job is, 0 to 1, and what runs in it; (0, "") for one that is not running."""
        work = self._working.get(job)
        return (0.0, "") if work is None else (work.fraction, work.now)

    def running_plugins(self) -> int:
        """How many plugins and decoders run now."""
        return self._parts.slots.in_use

    def check_alive(self) -> None:
        """Raise DatabaseError or RuntimeError, with a sentence, when the database or the job loop does not work."""
        if self.failure is not None:
            raise self.failure
        self.store.alive()
        ended = [
            thread.name
            for thread in self._threads
            if thread.name.startswith("jobs-") and not thread.is_alive()
        ]
        if ended:
            raise RuntimeError(f"the job loop has ended ({', '.join(ended)}); start Hemiola again")

    def listen(self) -> Listener:
        """A listener for everything that happens from now on."""
        return self.events.listen()

    def close(self) -> None:
        """Stop all work. A job in the middle of it goes on at the next start."""
        with self._changed:
            self._closing = True
            for work in self._working.values():
                work.stop()
            self._changed.notify_all()
        self.catalogue.close()
        self.workers.stop_starting()
        for thread in self._threads:
            thread.join()
        self._parts.warm.close()
        self.workers.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def _check(self, request: Request) -> None:
        self.catalogue.chain(request.questions, request.plugins, request.only)
        for name, config in request.config.items():
            self.plugins.check_config(name, config)

    # -- the threads -------------------------------------------------------------------------

    def _probe(self, provider: Provider) -> Said:
        models = self.models.at_hand(provider.models({}))
        still_s = self.settings.still_s
        return probe(provider, self.workers, still_s, cancelled=lambda: self._closing, models=models)

    def _probe_quarantined(self) -> None:
        try:
            self._parts.infirmary.probe_all(list(self.catalogue.providers().values()))
        except Cancelled:
            return
        except DatabaseError as error:
            self.failure = error

    def _preload(self) -> None:
        with contextlib.suppress(Cancelled):
            preload(self._parts, lambda: self._closing)

    def _take_jobs(self) -> None:
        while not self._closing and self.failure is None:
            try:
                job = self.store.claim_job()
                if job is None:
                    with self._changed:
                        self._changed.wait(IDLE_S)
                else:
                    self._do(job)
            except DatabaseError as error:
                self.failure = error

    def _do(self, job: Job) -> None:
        work = Work(self._parts, job)
        with self._changed:
            self._working[job.id] = work
            now = self.store.job(job.id)
            cancelled = now is None or now.state != JobState.RUNNING  # since it was claimed
            if self._closing or cancelled:
                work.stop()
        self.events.tell(Event("job", job.id, status=JobState.RUNNING))
        try:
            work.run()
        except Cancelled:
            if work.cancelled:
                self.events.tell(Event("done", job.id, status=JobState.CANCELLED))
        except DatabaseError:
            raise
        except Exception as error:  # a fault of ours: this job says so, the next one runs
            logging.getLogger(__name__).exception("job %d failed", job.id)
            work.fail(f"the program itself failed on this file ({type(error).__name__}: {error})")
        finally:
            with self._changed:
                del self._working[job.id]
                self._changed.notify_all()
