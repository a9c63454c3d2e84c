"""Event streams: what the engine tells, to every open page, each with a bounded queue of its own.

One thread hears the engine, reads what a message needs and hands it to the event loop; a slow client loses
its queue and is told `resync`. Names: job, progress, outcome, done, resync. An outcome's id is its row in the
ledger, so that a client that comes back says where it was; `progress` has none and is not replayed.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pydantic import BaseModel
from sse_starlette import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api import schemas, shown
from core.engine import Engine
from core.events import Event
from core.words import JobState
from database.records import Job, Outcome, Region

ROOM = 512
"""Messages a client may be behind."""
MOST_REPLAYED = 2000
LISTEN_S = 0.2
LOOK_AGAIN_S = 5.0
OVER = (JobState.DONE, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Message:
    """One event, ready to be sent."""

    name: str
    job: int
    data: str
    id: int | None = None

    @property
    def sent(self) -> ServerSentEvent:
        """As it goes over the wire."""
        return ServerSentEvent(self.data, event=self.name, id=None if self.id is None else str(self.id))


RESYNC = Message("resync", 0, "{}")


class Client:
    """One open stream."""

    def __init__(self, job: int | None) -> None:
        self.job = job
        self.queue: asyncio.Queue[Message | None] = asyncio.Queue(ROOM + 2)

    def put(self, message: Message) -> None:
        """Add a message; too far behind, everything waiting is dropped for one `resync`."""
        if message is not RESYNC and self.job not in (None, message.job):
            return
        if self.queue.qsize() >= ROOM:
            self._drop()
            message = RESYNC
        self.queue.put_nowait(message)

    def end(self) -> None:
        """Let the stream end."""
        self._drop()
        self.queue.put_nowait(None)

    def _drop(self) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()


class Streams:
    """All open streams of one server, and those who wait for a job's end."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._clients: set[Client] = set()
        self._waiting: dict[int, set[asyncio.Event]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.closed = False
        self._thread = threading.Thread(target=self._hear, name="streams", daemon=True)

    def open(self) -> None:
        """Begin to hear; called on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def close(self) -> None:
        """End every stream and every wait; called on the event loop."""
        self.closed = True
        for client in self._clients:
            client.end()
        for waiting in self._waiting.values():
            for one in waiting:
                one.set()

    async def stream(self, job: int | None, after: int | None) -> AsyncIterator[ServerSentEvent]:
        """The events of one job until it is over, or of all.

        Parameters
        ----------
        after
            Row of the ledger that the client saw last; what came since is told first.
        """
        client = Client(job)
        self._clients.add(client)
        try:
            waiting = await run_in_threadpool(self._earlier, job, after)
            while not self.closed:
                for message in waiting:
                    yield message.sent
                    if job is not None and message.name == "done":
                        return
                told = await client.queue.get()
                if told is None:
                    return
                waiting = [told]
                if told is RESYNC and job is not None:  # what was missed may be its end
                    waiting += await run_in_threadpool(self._earlier, job, None)
        finally:
            self._clients.discard(client)

    async def finished(self, job: int) -> Job:
        """Wait until a job is over, or the server stops: then it is not. Raises what the store raises."""
        over = asyncio.Event()
        self._waiting.setdefault(job, set()).add(over)
        try:
            while True:
                found = await run_in_threadpool(self._engine.job, job)
                if found.state in OVER or self.closed:
                    return found
                if self._engine.failure is not None:
                    raise self._engine.failure
                try:
                    await asyncio.wait_for(over.wait(), LOOK_AGAIN_S)
                except TimeoutError:
                    continue
        finally:
            self._waiting[job].discard(over)
            if not self._waiting[job]:
                del self._waiting[job]

    # -- the thread that hears ----------------------------------------------------------------

    def _hear(self) -> None:
        listener = self._engine.listen()
        regions = _Regions(self._engine)
        while not self.closed:
            event = listener.next(LISTEN_S)
            if event is None:
                continue
            try:
                message = self._message(event, regions)
            except Exception:  # told to nobody, but the next ones are
                logging.getLogger(__name__).exception("an event was not told")
                message = RESYNC
            if listener.lost:
                listener.lost, message = 0, RESYNC
            if message is not None and self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._hand, message)
        listener.close()

    def _hand(self, message: Message) -> None:
        for client in self._clients:
            client.put(message)
        if message.name == "done":
            for one in self._waiting.get(message.job, ()):
                one.set()

    def _message(self, event: Event, regions: _Regions) -> Message | None:
        if event.kind == "progress":
            told: BaseModel = schemas.ProgressEvent(
                job=event.job, progress=round(event.fraction, 4), now=event.now
            )
            return Message("progress", event.job, told.model_dump_json())
        if event.kind == "outcome":
            return None if event.outcome is None else regions.message(event.row, event.outcome)
        job = self._engine.store.job(event.job)
        return None if job is None else self._of_job(job, event.kind)

    def _of_job(self, job: Job, name: str) -> Message:
        return Message(name, job.id, shown.job(self._engine, job).model_dump_json())

    def _earlier(self, job: int | None, after: int | None) -> list[Message]:
        """What a client missed, then the state of every job it may not know of."""
        store = self._engine.store
        messages: list[Message] = []
        touched: set[int] = set()
        if after is not None:
            regions = _Regions(self._engine)
            rows = store.outcomes_after(after, MOST_REPLAYED + 1)
            if len(rows) > MOST_REPLAYED:
                rows, messages = [], [RESYNC]
            rows = [row for row in rows if job in (None, row[1].job)]
            messages += [regions.message(number, outcome) for number, outcome, _ in rows]
            touched = {outcome.job for _, outcome, _ in rows}
        numbers = {job} if job is not None else touched | {one.id for one in store.jobs(JobState.RUNNING)}
        for found in filter(None, (store.job(number) for number in sorted(numbers))):
            messages.append(self._of_job(found, "done" if found.state in OVER else "job"))
        return messages


class _Regions:
    """The regions of the jobs that events are about, read once per job."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._of: dict[int, tuple[str | None, dict[str, Region]]] = {}

    def message(self, row: int, outcome: Outcome) -> Message:
        """A row of the ledger as a message."""
        file, regions = self._known(outcome.job)
        region = regions.get(outcome.region)
        told = schemas.OutcomeEvent(
            id=row,
            job=outcome.job,
            file=file,
            region=outcome.region,
            level=region.level if region else None,
            start_s=region.start_s if region else None,
            end_s=region.end_s if region else None,
            question=outcome.question,
            plugin=outcome.plugin,
            status=outcome.status,
            code=outcome.code,
            signal=outcome.signal,
            reason=outcome.reason,
            degraded=outcome.degraded,
            disposition=outcome.disposition,
            seconds=outcome.seconds,
        )
        return Message("outcome", outcome.job, told.model_dump_json(), row)

    def _known(self, number: int) -> tuple[str | None, dict[str, Region]]:
        if number not in self._of:
            if len(self._of) > 100:
                self._of.clear()
            job = self._engine.store.job(number)
            key = job.segmentation if job is not None else None
            regions = self._engine.store.segmentation(key) if key is not None else None
            self._of[number] = (job.file if job else None, {region.id: region for region in regions or []})
        return self._of[number]
