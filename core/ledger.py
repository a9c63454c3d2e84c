"""The ledger of one job: rows of outcomes, written to the store as they come."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridges.calls import Said
from core.chain import Provider
from core.events import Event, Events
from core.words import Status
from database.records import Answer, Outcome, Region
from database.store import Store


@dataclass(frozen=True, slots=True)
class Row:
    """One outcome in the making."""

    job: int
    region: Region
    provider: Provider
    rank: int
    degraded: str | None
    wins: bool
    status: Status = Status.BLOCKED
    code: str | None = None
    signal: str | None = None
    reason: str | None = None
    disposition: str | None = None
    answer: Answer | None = None

    @property
    def ends_question(self) -> bool:
        """Whether no further provider is asked."""
        return self.status in (Status.OK, Status.SKIPPED) or self.code == "needs_skipped"

    def without(self, status: Status, code: str, reason: str) -> Row:
        """There is no answer, and why."""
        return replace(self, status=status, code=str(code), reason=reason, degraded=None)

    def answered(self, answer: Answer, disposition: str) -> Row:
        """There is an answer, fresh or reused."""
        status = Status(answer.status)
        degraded = self.degraded if status == Status.OK else None
        told = replace(self, status=status, code=answer.code, signal=answer.signal, reason=answer.reason)
        return replace(told, answer=answer, disposition=disposition, degraded=degraded)

    def outcome(self) -> Outcome:
        """The row as it is stored."""
        manifest, answer = self.provider.manifest, self.answer
        return Outcome(
            job=self.job,
            region=self.region.id,
            question=manifest.question,
            plugin=manifest.name,
            version=manifest.version,
            status=self.status,
            disposition=self.disposition,
            degraded=self.degraded,
            rank=self.rank,
            winner=self.wins and self.status == Status.OK,
            answer=answer.key if answer else None,
            environment=manifest.environment,
            code=self.code,
            signal=self.signal,
            reason=self.reason,
            detail=answer.detail if answer else None,
            seconds=answer.seconds if answer else None,
            peak_mb=answer.peak_mb if answer else None,
        )


class Ledger:
    """Writes rows. A row and its fresh answer go in one transaction."""

    def __init__(self, store: Store, events: Events, job: int) -> None:
        self._store, self._events, self._job = store, events, job
        self._own = {(o.region, o.plugin) for o in store.outcomes(job) if o.disposition == "fresh"}

    def has(self, region: Region, provider: Provider) -> bool:
        """Whether this job itself ran the provider here already, before it was interrupted."""
        return (region.id, provider.name) in self._own

    def write(self, row: Row, said: Said | None = None) -> Row:
        """Store a row; with what a plugin just said, its answer as well."""
        outcome = row.outcome()
        number = self._store.record(outcome, row.answer if said is not None else None)
        what = f"{row.provider.name} {row.region.start_s:.1f} s"
        self._events.tell(Event("outcome", self._job, 0.0, what, row.status, number, outcome))
        return row
