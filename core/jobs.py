"""One job, from its path to its verdict. Whatever happens in it, the ledger says what, and the next job runs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import orjson

from bridges.intake_codes import IntakeCode
from bridges.texts import safe
from bridges.worker import Cancelled
from core import corrections, keys, summary
from core.asking import Asking
from core.calling import Parts, Subject
from core.chain import Question
from core.errors import IntakeRefused
from core.events import Event
from core.files import OpenFile
from core.health import Patience
from core.intake import MEMORY
from core.ledger import Ledger, Row
from core.requests import Request
from core.segmentation import segment
from core.upstream import Answers, Tree
from core.views import VERSION, Stored, View
from core.words import HARM, Code, JobState, Status, Verdict
from database.records import Document, File, Job, Region, Summary

LOOK_S = 0.2
"""A job that waits for another one on the same bytes looks this often whether it is cancelled."""
DECODING = 0.1
"""Part of a job's progress that decoding is shown as."""


class Work:
    """A job being done."""

    def __init__(self, parts: Parts, job: Job) -> None:
        self.job = job
        self._parts = parts
        self._request = Request.model_validate_json(job.parameters)
        self._stop = threading.Event()
        self._fractions: dict[str, float] = {}
        self._at_work: dict[str, str] = {}  # by question, the latest last
        self.fraction, self.now = 0.0, ""
        """How far it is, and what runs."""
        self.cancelled = False
        """Whether it was cancelled, not only interrupted."""
        self._asked: tuple[Question, ...] = ()

    def stop(self) -> None:
        """End it soon: its workers are killed, what is stored stays."""
        self._stop.set()

    def run(self) -> None:
        """Do the job to its end; raises Cancelled when stopped, and what the store raises."""
        try:
            roots = self._parts.settings.roots if self._request.within_roots else None
            with OpenFile(Path(self.job.path), roots) as file:
                sha = file.sha256(self._stopped)
                if self._stopped():
                    raise Cancelled
                with self._alone_with(sha), self._parts.views.hold(sha):
                    self._analyze_or_stop(file, sha)
        except IntakeRefused as refused:
            self._refuse(refused)
        except Cancelled:
            self.cancelled = self._was_cancelled()
            raise

    @contextlib.contextmanager
    def _alone_with(self, sha: str) -> Iterator[None]:
        """While inside, no other job works on these bytes; raises Cancelled when stopped while waiting for that."""
        lock = self._parts.file_locks.setdefault(sha, threading.Lock())
        while not lock.acquire(timeout=LOOK_S):
            if self._stopped():
                raise Cancelled
        try:
            yield
        finally:
            lock.release()

    def _analyze_or_stop(self, file: OpenFile, sha: str) -> None:
        """Analyze; where the job is cancelled meanwhile, say so in the ledger while the file is still held."""
        try:
            self._analyze(file, sha)
        except Cancelled:
            if self._was_cancelled():
                self._write_cancelled()
            raise

    def _was_cancelled(self) -> bool:
        found = self._parts.store.job(self.job.id)
        return found is None or found.state == JobState.CANCELLED

    # -- the steps -----------------------------------------------------------------------

    def _analyze(self, file: OpenFile, sha: str) -> None:
        asked = self._request
        chain = self._asked = self._parts.catalogue.chain(asked.questions, asked.plugins, asked.only)
        wanted = [
            View.of(p.manifest.audio) for q in chain for p in q.everyone if p.manifest.audio is not None
        ]
        lock = threading.Lock()

        def decoded() -> Stored:
            with lock:
                return self._parts.intake.take_in(file, sha, wanted, self._decoding, self._stopped)

        def redecode() -> Stored:
            self._parts.views.discard(sha)
            return decoded()

        regions, facts = self._regions(file, sha, decoded)
        said = self._parts.store.respect(self.job.id, sha, self._request.said, corrections.AUTHOR)
        tree = Tree(regions)
        subject = Subject(
            job=self.job.id,
            sha=sha,
            name=file.name,
            rate=facts.rate or 1,
            request=self._request,
            config=self._parts.preferences.config_with(self._request.config),
            corrections=corrections.held(said),
            tree=tree,
            answers=Answers(tree),
            patience=Patience(),
            ledger=Ledger(self._parts.store, self._parts.events, self.job.id),
            decoded=decoded,
            redecode=redecode,
            cancelled=self._stopped,
            progress=self._progress,
        )
        self._ask(chain, subject)
        self._finish(facts, regions)

    def _regions(self, file: OpenFile, sha: str, decoded: Callable[[], Stored]) -> tuple[list[Region], File]:
        """The file's facts and regions: from the store when it was taken in before, else from decoding it."""
        store, settings = self._parts.store, self._request.regions
        name = keys.canonical(settings)
        key = keys.segmentation_key(sha, name)
        known, regions = store.file(sha), store.segmentation(key)
        if known is None or known.intake_version != VERSION or regions is None:
            with self._parts.slots.taken(MEMORY, self._stopped):
                self._parts.workers.prepare({p.manifest.environment for q in self._asked for p in q.everyone})
                stored = decoded()
            known = _file_record(sha, file.size, stored.facts)
            regions = segment(sha, stored, settings)
        store.put_file(known, str(file.path))
        store.put_segmentation(key, sha, name, regions)
        store.set_job_file(self.job.id, sha, key)
        return regions, known

    def _ask(self, chain: Sequence[Question], subject: Subject) -> None:
        """Ask every question as soon as those it needs are answered."""
        names = {question.name: question for question in chain}
        graph = {
            q.name: {up for p in q.everyone for up in p.upstream if up in names} - {q.name} for q in chain
        }
        sorter = TopologicalSorter(graph)
        sorter.prepare()
        running: dict[Future[None], str] = {}
        with ThreadPoolExecutor(max(1, len(chain)), thread_name_prefix=f"job-{self.job.id}") as pool:
            try:
                while sorter.is_active():
                    for name in sorter.get_ready():
                        running[pool.submit(Asking(self._parts, subject, names[name]).run)] = name
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        name = running.pop(future)
                        future.result()
                        self._progress(name, 1.0, "")
                        sorter.done(name)
            except BaseException:
                self.stop()
                raise

    # -- how it ends -----------------------------------------------------------------------

    def _finish(self, file: File, regions: list[Region]) -> None:
        store = self._parts.store
        whole = self._rows()
        rows = whole.outcomes
        verdict = summary.verdict(self._asked, rows)
        facts = orjson.loads(file.facts)
        notices = [*facts.get("notices", []), *summary.notices(self._asked, rows)]
        intake = {
            "status": file.intake_status,
            "code": file.intake_code,
            "reason": file.intake_reason,
            "truncated_at_s": file.truncated_at_s,
        }
        told = summary.summary(regions, rows, corrections.respected(whole.job))
        store.put_summary(
            Summary(
                file.sha256,
                self.job.id,
                keys.canonical(told),
                verdict,
                told["bpm"],
                told["meter"],
                told["key"],
                summary.labels(rows),
            )
        )
        store.finish_job(self.job.id, verdict, keys.canonical(notices), intake=keys.canonical(intake))
        self._tell_done(verdict)
        self._note_health(file.sha256, rows)

    def _note_health(self, sha: str, rows: summary.Rows) -> None:
        ran: dict[str, bool] = {}
        for outcome, _ in rows:
            if outcome.disposition == "fresh":
                ran[outcome.plugin] = ran.get(outcome.plugin, False) or outcome.status in HARM
        providers = {p.name: p for question in self._asked for p in question.everyone}
        for name, failed in ran.items():
            self._parts.infirmary.note(providers[name], sha, failed)

    def _refuse(self, refused: IntakeRefused) -> None:
        reason = safe(str(refused))  # it names the file, and a name that is not UTF-8 is no JSON
        intake = {"status": "refused", "code": refused.code, "reason": reason, "truncated_at_s": None}
        self._parts.store.finish_job(self.job.id, Verdict.NONE, intake=keys.canonical(intake))
        self._tell_done(Verdict.NONE)

    def _rows(self) -> Document:
        rows = self._parts.store.document_rows(self.job.id)
        assert rows is not None, "the job is stored before it is worked on"
        return rows

    def fail(self, reason: str) -> None:
        """End the job after a fault of the program's own: partial, with the reason as a notice."""
        self._parts.store.finish_job(self.job.id, Verdict.PARTIAL, keys.canonical([reason]))
        self._tell_done(Verdict.PARTIAL)

    def _write_cancelled(self) -> None:
        """Write `cancelled` for every question about every region that has no outcome yet."""
        rows = self._rows()
        there = {(outcome.region, outcome.question) for outcome, _ in rows.outcomes}
        ledger = Ledger(self._parts.store, self._parts.events, self.job.id)
        for question in self._asked:
            for region in rows.regions:
                if region.level in question.levels and (region.id, question.name) not in there:
                    row = Row(self.job.id, region, question.everyone[0], 0, None, wins=True)
                    ledger.write(row.without(Status.CANCELLED, Code.CANCELLED, "the job was cancelled"))

    # -- telling -----------------------------------------------------------------------------

    def _stopped(self) -> bool:
        return self._stop.is_set()

    def _decoding(self, fraction: float) -> None:
        self._tell(DECODING * fraction, "decoding")

    def _progress(self, question: str, fraction: float, now: str) -> None:
        self._fractions[question] = max(fraction, self._fractions.get(question, 0.0))
        asked = sum(self._fractions.values()) / max(1, len(self._asked))
        self._at_work.pop(question, None)
        if now:
            self._at_work[question] = now
        self._tell(DECODING + (1 - DECODING) * asked, ["", *self._at_work.values()][-1])

    def _tell(self, fraction: float, now: str) -> None:
        self.fraction, self.now = max(self.fraction, fraction), now
        self._parts.events.tell(Event("progress", self.job.id, self.fraction, now))

    def _tell_done(self, verdict: Verdict) -> None:
        self._parts.events.tell(Event("done", self.job.id, 1.0, "", verdict))


def _file_record(sha: str, size: int, facts: dict[str, Any]) -> File:
    cut = facts["truncated_at_s"]
    reason = (
        None
        if cut is None
        else f"“{facts['name']}” ends at {cut:.2f} s, before its own header says; it is analysed up to there."
    )
    return File(
        sha256=sha,
        size=size,
        format=facts["format"],
        duration_s=facts["duration_s"],
        rate=facts["rate"],
        channels=facts["channels"],
        frames=facts["frames"],
        intake_status="ok",
        intake_code=IntakeCode.OK if cut is None else IntakeCode.TRUNCATED,
        intake_reason=reason,
        truncated_at_s=cut,
        loudness_lufs=facts["loudness_lufs"],
        intake_version=VERSION,
        facts=keys.canonical(
            {name: facts[name] for name in ("peak_db", "dc_offset", "clipped_samples", "notices")}
        ),
    )
