"""Asking one question about every region of a file: providers in rank order, each answer looked up before it is run."""

from __future__ import annotations

from bridges.workers import EnvironmentUnavailable
from core import keys
from core.calling import Calling, Parts, Subject
from core.chain import Provider, Question
from core.errors import NoModel
from core.ledger import Row
from core.upstream import Given, Known, Missing
from core.views import View
from core.words import ANSWERS, TRANSIENT, Code, Level, Status, clock
from database.records import Answer, Region


class Asking:
    """One question of one job."""

    def __init__(self, parts: Parts, subject: Subject, question: Question) -> None:
        self._parts, self._subject, self._question = parts, subject, question
        self._calling = Calling(parts, subject, question)
        self._regions = self._asked = 0

    def run(self) -> None:
        """Ask about every region of the question's levels, coarse first; raises Cancelled when the job is stopped."""
        levels = [level for level in Level if level in self._question.levels]
        regions = [region for level in levels for region in self._subject.tree.at(level)]
        self._regions = len(regions)
        try:
            for self._asked, region in enumerate(regions):
                self._ask(region)
        finally:
            self._calling.close()

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
        row = Row(subject.job, region, provider, rank, degraded or provider.manifest.degraded, wins)
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
        reason = self._parts.workers.reason(provider.manifest.environment)
        if reason is not None:
            return Status.UNAVAILABLE, Code.ENVIRONMENT, reason
        reason = self._parts.infirmary.quarantined(provider)
        if reason is not None:
            return Status.QUARANTINED, Code.QUARANTINED, reason
        reason = self._subject.patience.lost(provider.name)
        if reason is not None:
            return Status.BLOCKED, Code.GAVE_UP, reason
        try:
            self._calling.models(provider)
        except NoModel as error:
            return Status.UNAVAILABLE, Code.MODEL, str(error)
        return None

    def _key(self, provider: Provider, region: Region, given: list[Given]) -> str:
        audio = provider.manifest.audio
        upstream = [
            (g.known.question, g.known.region.start_sample, g.known.region.end_sample, g.known.result_hash)
            for g in given
        ]
        span = (region.start_sample, region.end_sample)
        view = View.of(audio) if audio is not None else None
        config, corrections = self._calling.config(provider), self._calling.corrections(provider)
        return keys.answer_key(
            self._subject.sha,
            view,
            span,
            provider.manifest,
            config,
            upstream,
            corrections,
            [model.digest for model in self._calling.models(provider)],
        )

    def _kept(self, key: str, provider: Provider, region: Region) -> Answer | None:
        """The stored answer, where it may be used again."""
        request = self._subject.request
        own = self._subject.ledger.has(region, provider)
        answer = None if request.force and not own else self._parts.store.answer(key)
        if answer is None or answer.status not in ANSWERS or not self._whole(answer):
            return None
        named = provider.name in request.retry_only
        if own or (answer.status in (Status.OK, Status.SKIPPED) and not named):
            return answer
        again = named if request.retry_only else request.retry or answer.status in TRANSIENT
        return None if again else answer

    def _whole(self, answer: Answer) -> bool:
        """Whether the arrays and files that an answer names are still there."""
        return answer.artifact is None or self._parts.artifacts.whole(answer.artifact)

    def _run(self, provider: Provider, region: Region, given: list[Given], key: str, row: Row) -> Row:
        ledger = self._subject.ledger
        try:
            said = self._calling.run(provider, region, given, key, lambda f: self._tell(provider, region, f))
        except EnvironmentUnavailable as error:
            return ledger.write(row.without(Status.UNAVAILABLE, Code.ENVIRONMENT, str(error)))
        if said.status == Status.UNAVAILABLE:
            return ledger.write(row.without(Status.UNAVAILABLE, said.code, said.reason or ""))
        return ledger.write(row.answered(self._calling.answer(provider, region, key, said), "fresh"), said)

    def _tell(self, provider: Provider, region: Region, fraction: float) -> None:
        """How far the question is: the regions before this one, and this one's fraction."""
        done = (self._asked + fraction) / max(1, self._regions)
        where = f"{clock(region.start_s)} – {clock(region.end_s)}"
        self._subject.progress(self._question.name, done, f"{provider.name}, {region.level} {where}")


def _said_of(missing: Missing) -> tuple[str, str]:
    if missing.skipped is not None:
        return Code.NEEDS_SKIPPED, f"{missing.question} was skipped: {missing.skipped}"
    return Code.NEEDS_MISSING, f"it needs {missing.question}, and nothing answered that here"
