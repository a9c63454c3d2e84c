"""Exports of a file: documents made of its takes' answers.

hits.json is written here. MIDI, MusicXML and SVG take libraries that the host does not have, and time: a worker writes
them. PDF is made by a program of the machine's. LilyPond's language is one of commands, so no worker writes it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import orjson

from bridges.deaths import Death
from bridges.engraving import Engraver, EngravingFailed, engraver
from bridges.processes import ZygoteLost
from bridges.texts import safe
from bridges.worker import Limits, Worker
from bridges.workers import EnvironmentUnavailable
from core.calling import Parts
from core.corrections import corrected, respected
from core.errors import BadRequest, Conflict, ExportFailed, NotFound, NotInstalled
from core.settings import ROOT
from core.words import Level
from database.records import Document, Region
from exports.errors import NothingToWrite
from exports.hits import hits_document
from exports.lilypond import lilypond
from exports.notation.staff import Mapping
from exports.sheets import sheets_of
from exports.takes import Take
from hemiola._worker.confine import Policy
from hemiola.errors import FrameError
from hemiola.frames import Frame, Part
from hemiola.results import KNOWN

Format = Literal["hits", "midi", "musicxml", "pdf", "svg"]
FORMATS: tuple[Format, ...] = get_args(Format)
MEDIA: dict[Format, tuple[str, str]] = {
    "hits": ("application/json", "hits.json"),
    "midi": ("audio/midi", "mid"),
    "musicxml": ("application/vnd.recordare.musicxml+xml", "musicxml"),
    "pdf": ("application/pdf", "pdf"),
    "svg": ("image/svg+xml", "svg"),
}
"""Media type, and how a file's name ends."""

WRITER, EXPORTS = ROOT / "bridges" / "tasks", ROOT / "exports"
ENVIRONMENT = "main"
QUESTIONS = ("hits", "meter", "tempo", "groove")
MEMORY = 2 << 30
CPU_S, CPU_S_PER_HIT = 120.0, 0.005
AT_ONCE = 2
"""Exports written at the same time."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A document, and what its reader should know."""

    content: bytes
    media_type: str
    name: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Answered:
    """A take with its answers as JSON, by question."""

    number: int
    region: Region
    answers: dict[str, bytes]


class Exports:
    """Writes documents from what is stored of a file."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._writing = threading.Semaphore(AT_ONCE)

    def export(
        self, sha: str, format: Format, take: int | None = None, mapping: Mapping = "default"
    ) -> Exported:
        """A file's drum part, from the newest job that answered its hits.

        Parameters
        ----------
        take
            This take alone, counted from 1; None for all.
        mapping
            Where drums stand on the staff.

        Raises
        ------
        NotFound
            There is no such file.
        Conflict
            Its hits were not asked for, or hold nothing that can be written.
        BadRequest
            There is no such take.
        NotInstalled
            What the format needs is not there.
        ExportFailed
            It could not be written.
        """
        rows = self._rows(sha)
        takes = _chosen(_answered(rows), take)
        media_type, ending = MEDIA[format]
        stem = safe(Path(rows.job.path).stem)
        name = f"{stem}.{ending}" if take is None else f"{stem}.take-{take}.{ending}"
        if format == "hits":
            return Exported(self._hits(rows, takes), media_type, name)
        program = self._engraver() if format == "pdf" else None
        with self._writing:
            if program is None:
                content, remarks = self._write(format, takes, stem, mapping)
            elif program.reads == "lilypond":
                content, remarks = _lilypond(takes, stem, mapping)
            else:
                content, remarks = self._write("musicxml", takes, stem, mapping)
            if program is not None:
                content = _engraved(program, content)
        return Exported(content, media_type, name, remarks)

    def _rows(self, sha: str) -> Document:
        if self._parts.store.file(sha) is None:
            raise NotFound(f"there is no file {sha} in the library")
        job = self._parts.store.latest_job_with(sha, "hits")
        rows = None if job is None else self._parts.store.document_rows(job.id)
        if rows is None:
            raise Conflict(
                "no plugin has answered this file's hits; analyse it with the questions hits, meter and tempo first"
            )
        return rows

    def _hits(self, rows: Document, takes: list[_Answered]) -> bytes:
        duration_s = rows.file.duration_s if rows.file is not None else None
        whole = duration_s if duration_s is not None else max(one.region.end_s for one in takes)
        threshold = self._parts.settings.low_confidence_threshold
        return orjson.dumps(hits_document([_take(one) for one in takes], whole, threshold))

    def _engraver(self) -> Engraver:
        wanted = self._parts.settings.pdf_backend
        if wanted == "none":
            raise NotInstalled("PDF is switched off (PDF_BACKEND is none); musicxml has the same notes")
        found = engraver(wanted)
        if found is None:
            packages = f"the package {wanted}" if wanted else "the package lilypond (or musescore)"
            raise NotInstalled(
                f"PDF needs {packages}, which is not installed here; musicxml has the same notes"
            )
        return found

    def _write(
        self, format: str, takes: list[_Answered], title: str, mapping: Mapping
    ) -> tuple[bytes, tuple[str, ...]]:
        """Have a worker write it: the bytes, and its remarks."""
        policy = Policy(readable=(str(WRITER), str(EXPORTS)), address_space=MEMORY)
        try:
            worker = self._parts.workers.start(ENVIRONMENT, policy, "export")
        except EnvironmentUnavailable as error:
            raise NotInstalled(f"{format} cannot be written: {error}") from error
        told = [{"number": t.number, "start_s": t.region.start_s, "end_s": t.region.end_s} for t in takes]
        parts: dict[str, Part] = {
            f"{index} {question}": text
            for index, one in enumerate(takes)
            for question, text in one.answers.items()
        }
        body = {"format": format, "title": title, "mapping": mapping, "takes": told}
        try:
            return self._said(worker, Frame("export", body, parts), format)
        finally:
            self._parts.workers.finish(worker, "export")

    def _said(self, worker: Worker, asked: Frame, format: str) -> tuple[bytes, tuple[str, ...]]:
        source = {"path": str(WRITER / "export.py"), "module": None}
        worker.say(Frame("export", {"task": "export", "source": source, "exports": str(EXPORTS)}))
        hits = sum(len(text) for name, text in asked.parts.items() if name.endswith(" hits")) // 60
        limits = Limits(CPU_S + CPU_S_PER_HIT * hits, MEMORY, self._parts.settings.still_s)
        try:
            worker.say(asked)
        except FrameError as error:
            raise ExportFailed(
                f"{format} could not be written: the hits are too many to hand over"
            ) from error
        try:
            answer = worker.listen(limits)
        except ZygoteLost as error:
            raise ExportFailed(
                f"{format} could not be written: its environment ended meanwhile; try again"
            ) from error
        if isinstance(answer, Death):
            raise ExportFailed(f"{format} could not be written: {answer.reason}")
        if answer.kind == "refused":
            raise Conflict(safe(str(answer.body.get("reason")))[:2000])
        content = answer.parts.get("document")
        if answer.kind != "exported" or not isinstance(content, bytes):
            raise ExportFailed(f"{format} could not be written: {safe(str(answer.body.get('reason')))[:500]}")
        return content, tuple(safe(str(one))[:500] for one in answer.body.get("remarks", ()))


def _lilypond(takes: list[_Answered], title: str, mapping: Mapping) -> tuple[bytes, tuple[str, ...]]:
    try:
        sheets, remarks = sheets_of([_take(one) for one in takes], mapping)
    except NothingToWrite as reason:
        raise Conflict(str(reason)) from reason
    return lilypond(sheets, title), remarks


def _engraved(program: Engraver, score: bytes) -> bytes:
    try:
        return program.pdf(score)
    except (EngravingFailed, OSError) as error:
        raise ExportFailed(f"the PDF could not be made: {error}") from error


def _answered(rows: Document) -> list[_Answered]:
    """Takes whose hits were answered, each under its number in the file."""
    said = respected(rows.job)
    takes = sorted((one for one in rows.regions if one.level == Level.TAKE), key=lambda one: one.start_sample)
    won: dict[str, dict[str, bytes]] = {}
    for outcome, answer in rows.outcomes:
        if outcome.winner and outcome.question in QUESTIONS and answer is not None and answer.result:
            text = corrected(outcome.question, answer.result, said)
            won.setdefault(outcome.region, {})[outcome.question] = text
    return [
        _Answered(number, take, won[take.id])
        for number, take in enumerate(takes, 1)
        if "hits" in won.get(take.id, {})
    ]


def _chosen(takes: list[_Answered], number: int | None) -> list[_Answered]:
    if number is None:
        return takes
    chosen = [one for one in takes if one.number == number]
    if not chosen:
        there = ", ".join(str(one.number) for one in takes)
        raise BadRequest(f"there are no hits of a take {number}; takes with hits are {there}")
    return chosen


def _take(one: _Answered) -> Take:
    answers: dict[str, Any] = {
        question: KNOWN[question].from_json(one.answers[question])
        for question in QUESTIONS
        if question in one.answers
    }
    return Take(one.number, one.region.start_s, one.region.end_s, **answers)
