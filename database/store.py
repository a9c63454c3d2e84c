"""The store: every read and write of the database, safe to call from any thread.

A method that writes returns when its change is committed, and a kill -9 right after loses nothing of it.
Methods that read see one committed state each. All raise `database.errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine

from database import (
    corrections,
    health,
    jobs,
    ledger,
    library,
    listing,
    plugin_settings,
    removal,
    schema,
    tags,
)
from database.connections import BUSY_TIMEOUT_S, NAME, errors_in_words, reading_engine, writing_engine
from database.errors import NotADatabase, from_os
from database.records import (
    Answer,
    Correction,
    Deleted,
    Document,
    File,
    Health,
    Job,
    Listed,
    Outcome,
    Page,
    PluginSettings,
    Region,
    SeenPath,
    Summary,
    Tag,
)
from database.writer import Writer

T = TypeVar("T")


class Store:
    """The database of one data folder; made by `Store.open`."""

    def __init__(self, file: Path, writer: Writer, readers: Engine) -> None:
        self._file = file
        self._writer = writer
        self._readers = readers

    @classmethod
    def open(cls, data: Path, *, create: bool = True, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Store:
        """Open the database of a data folder and bring it to this version's tables.

        Parameters
        ----------
        data : Path
            The folder; the caller holds its `database.lock.DataLock`.
        create : bool
            Make folder and database when they are missing.
        busy_timeout_s : float
            How long a statement waits while another program holds the file.

        Raises
        ------
        NotADatabase, NewerDatabase, DamagedDatabase, LockedDatabase, DiskFull, ReadOnlyData
            With a sentence for the user; the file is as it was.
        """
        file = data / NAME
        if create:
            try:
                data.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise from_os(error, data) from error
        elif not file.exists():
            raise NotADatabase(f"{file} does not exist: nothing was analysed with this data folder yet.")
        writing = writing_engine(file, busy_timeout_s)
        try:
            schema.prepare(file, writing, busy_timeout_s)
        except BaseException:
            writing.dispose()
            raise
        return cls(file, Writer(writing, file), reading_engine(file, busy_timeout_s))

    def close(self) -> None:
        """Commit what waits and close every connection; without effect the second time."""
        self._writer.close()
        self._readers.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, query: Callable[[Connection], T]) -> T:
        with errors_in_words(self._file), self._readers.connect() as connection:
            return query(connection)

    def _write(self, change: Callable[[Connection], T]) -> T:
        return self._writer.write(change)

    def _keep(self, change: Callable[[Connection], T]) -> T:
        """Write what a person changed, which no analysis makes anew: it outlives a loss of power as well."""
        return self._writer.write(change, durable=True)

    def alive(self) -> None:
        """Raise a DatabaseError unless the database can be read, and locked for writing, right now."""
        if not self._file.exists():
            raise NotADatabase(f"{self._file} is gone. Put it back, or stop Hemiola and restore a backup.")
        self._read(lambda c: c.exec_driver_sql("SELECT version_num FROM alembic_version").all())
        self._write(lambda c: None)

    def size(self) -> int:
        """Return the bytes of the database and its log on the disk."""
        log = self._file.with_name(f"{self._file.name}-wal")
        return sum(file.stat().st_size for file in (self._file, log) if file.exists())

    # Jobs

    def add_job(self, kind: str, path: str, parameters: str = "{}") -> Job:
        """Queue a job; `parameters` is JSON."""
        return self._write(lambda c: jobs.add(c, kind, path, parameters))

    def unfinished_job(self, kind: str, path: str, parameters: str) -> Job | None:
        """Return the oldest queued or running job that asks exactly this, or None."""
        return self._read(lambda c: jobs.unfinished(c, kind, path, parameters))

    def claim_job(self) -> Job | None:
        """Set the oldest queued job running and return it: to one caller only, across processes as well."""
        return self._write(jobs.claim)

    def requeue_running(self) -> int:
        """Queue again what a killed process left running, and return how many; called once, at start."""
        return self._write(jobs.requeue_running)

    def set_job_file(self, job: int, sha256: str, segmentation: str | None) -> None:
        """Say which file, and which of its sets of regions, a job is about; both are stored before."""
        self._write(lambda c: jobs.set_file(c, job, sha256, segmentation))

    def finish_job(self, job: int, verdict: str, notices: str = "[]", *, intake: str | None = None) -> bool:
        """Set a running job done; False, and nothing changed, when it was cancelled meanwhile."""
        return self._write(lambda c: jobs.finish(c, job, verdict, notices, intake))

    def cancel_job(self, job: int) -> bool:
        """Set a queued or running job cancelled; False when it had ended."""
        return self._write(lambda c: jobs.cancel(c, job))

    def job(self, job: int) -> Job | None:
        """Return one job."""
        return self._read(lambda c: jobs.get(c, job))

    def jobs(self, state: str | None = None, *, limit: int = 100, before: int | None = None) -> list[Job]:
        """Return jobs, newest first; the last one's id is `before` of the next call."""
        return self._read(lambda c: jobs.some(c, state, limit, before))

    def latest_job(self, sha256: str, state: str | None = None) -> Job | None:
        """Return the newest job about a file, in any state unless one is named."""
        return self._read(lambda c: jobs.latest_of(c, sha256, state))

    def latest_job_with(self, sha256: str, question: str) -> Job | None:
        """Return the newest finished job about a file in which a question was answered."""
        return self._read(lambda c: jobs.latest_with(c, sha256, question))

    # Files and their regions

    def put_file(self, file: File, path: str) -> None:
        """Store what intake found, and that the file was seen at `path` just now."""
        self._write(lambda c: library.put_file(c, file, path))

    def file(self, sha256: str) -> File | None:
        """Return a file."""
        return self._read(lambda c: library.get_file(c, sha256))

    def put_segmentation(self, key: str, sha256: str, settings: str, regions: Sequence[Region]) -> None:
        """Store a file's set of regions, in order, under a key that says what made it, unless it is there."""
        self._write(lambda c: library.put_segmentation(c, key, sha256, settings, regions))

    def segmentation(self, key: str) -> list[Region] | None:
        """Return a set of regions in order; None when it was never stored, [] for a silent file."""
        return self._read(lambda c: library.get_segmentation(c, key))

    def put_summary(self, summary: Summary) -> None:
        """Store a file's summary; the library is searched by its key, meter and labels."""
        self._write(lambda c: library.put_summary(c, summary))

    def summary(self, sha256: str) -> Summary | None:
        """Return a file's summary."""
        return self._read(lambda c: library.get_summary(c, sha256))

    def files(self, query: str | None = None, *, cursor: str | None = None, limit: int = 50) -> Page:
        """Return a page of files, newest first.

        Parameters
        ----------
        query : str, optional
            A stretch of a path, of a tag, of the labels, of the key or of the meter, whatever its case. One of
            under three characters is compared with the whole meter, the whole key or its tonic, with each
            label, and with each tag's key and value.
        cursor : str, optional
            `next_cursor` of the page before; ValueError for one that is no number.
        limit : int
            At most so many.

        Returns
        -------
        Page
            A query that finds more than 5,000 files is counted no further; the page says so.
        """
        return self._read(lambda c: listing.page(c, query, cursor, limit))

    def listed(self, sha256: str) -> Listed | None:
        """Return one file as `files` lists it."""
        return self._read(lambda c: listing.one(c, sha256))

    def put_path(self, sha256: str, path: str) -> bool:
        """Store that a file was seen at `path` just now; False when there is no such file."""
        return self._keep(lambda c: library.put_path(c, sha256, path))

    def paths(self, sha256: str) -> list[SeenPath]:
        """Return where a file was seen, the latest first."""
        return self._read(lambda c: library.paths(c, sha256))

    def files_at(self, path: str) -> list[str]:
        """Return the SHA-256 of every file that was seen at exactly this path, the latest first."""
        return self._read(lambda c: library.files_at(c, path))

    def delete_file(self, sha256: str) -> Deleted | None:
        """Delete a file's rows: jobs, outcomes, answers, regions, summary, tags and paths with it.

        Returns
        -------
        Deleted or None
            The arrays that the caller then removes (`Artifacts.remove`); None when there is no such file.

        Raises
        ------
        FileInUse
            A job about it is queued or running; nothing was deleted.
        """
        return self._keep(lambda c: removal.delete_file(c, sha256))

    # Tags

    def tags(self, sha256: str) -> list[Tag]:
        """Return a file's tags by key and value."""
        return self._read(lambda c: tags.of_file(c, sha256))

    def put_tag(self, sha256: str, tag: Tag) -> bool:
        """Mark a file; a tag that a person gave stays theirs. False when there is no such file."""
        return self._keep(lambda c: tags.put(c, sha256, tag))

    def remove_tag(self, sha256: str, key: str, value: str = "") -> bool:
        """Take a tag off a file; False when it was not there."""
        return self._keep(lambda c: tags.remove(c, sha256, key, value))

    # What a person said

    def respect(self, job: int, sha256: str, said: Mapping[str, str | None], author: str) -> dict[str, str]:
        """Keep what a job brought of a person's word, and note with the job what holds of its file.

        Parameters
        ----------
        said : mapping of str to str or None
            By field: "bpm", "octave", "meter"; None takes one back. A later job's word is not touched.

        Returns
        -------
        dict of str to str
            What holds now, by field.
        """
        write = self._keep if said else self._write
        return write(lambda c: corrections.respect(c, job, sha256, said, author))

    def corrections(self, sha256: str) -> list[Correction]:
        """Return what a person said of a file, by field."""
        return self._read(lambda c: corrections.of_file(c, sha256))

    def take_back(self, sha256: str, author: str) -> bool:
        """Take back all that was said of a file; jobs asked for before do not bring it again. False without it."""
        return self._keep(lambda c: corrections.take_back(c, sha256, author))

    def counters(self) -> dict[str, int]:
        """Return `files`, `takes`, `regions`, `answers.STATUS`, `jobs.STATE`: those that ever were."""
        return self._read(library.counted)

    # Answers and the ledger

    def answer(self, key: str) -> Answer | None:
        """Return the answer under a cache key, with its result."""
        return self.answers_for([key]).get(key)

    def answers_for(self, keys: Sequence[str]) -> dict[str, Answer]:
        """Return the answers under these cache keys, by key; missing ones are left out."""
        return self._read(lambda c: ledger.get_answers(c, keys))

    def record(self, outcome: Outcome, answer: Answer | None = None) -> int:
        """Store an outcome, and a fresh answer with it, in one transaction, and return the ledger row's
        number.

        An outcome of the same job, region, question and plugin, and an answer of the same key, are replaced.
        A reused answer is named by `outcome.answer` alone.

        Raises
        ------
        LookupError
            `outcome.answer` names an answer that is not stored.
        """
        return self._write(lambda c: ledger.record(c, outcome, answer))

    def record_all(self, rows: Iterable[tuple[Outcome, Answer | None]]) -> list[int]:
        """Do as `record` for several, in one transaction: all are stored, or none."""
        rows = list(rows)
        return self._write(lambda c: [ledger.record(c, outcome, answer) for outcome, answer in rows])

    def outcomes(self, job: int) -> list[Outcome]:
        """Return a job's outcomes in the order they were stored."""
        return self._read(lambda c: ledger.of_job(c, job))

    def outcomes_after(self, row: int, limit: int) -> list[tuple[int, Outcome, str | None]]:
        """Return ledger rows above a number, in order: their numbers, and the SHA-256 that their jobs are about.

        None stands for a job that has no file yet.
        """
        return self._read(lambda c: ledger.after(c, row, limit))

    def last_outcome_id(self) -> int:
        """Return the highest number that a ledger row ever had; 0 before the first."""
        return self._read(ledger.last)

    def document_rows(self, job: int) -> Document | None:
        """Return all that one job's document is made of, as of one moment."""
        return self._read(lambda c: ledger.document(c, job))

    # Plugins

    def health(self, plugin: str, version: str, environment: str) -> Health | None:
        """Return how a plugin fares in this version and environment."""
        return self._read(lambda c: health.get(c, plugin, version, environment))

    def healths(self) -> list[Health]:
        """Return how all plugins fare that ever failed or were probed."""
        return self._read(health.every)

    def put_health(self, value: Health) -> None:
        """Store how a plugin fares."""
        self._write(lambda c: health.put(c, value))

    def plugin_settings(self) -> dict[str, PluginSettings]:
        """Return what a person set for plugins, by plugin; those without are left out."""
        return self._read(plugin_settings.every)

    def put_plugin_config(self, plugin: str, config: str | None) -> None:
        """Store a plugin's settings, JSON; None goes back to its own."""
        self._keep(lambda c: plugin_settings.put_config(c, plugin, config))

    def put_plugin_ranks(self, ranks: Mapping[str, int | None]) -> None:
        """Store several plugins' ranks at once; None goes back to its own, plugins not named keep theirs."""
        self._keep(lambda c: plugin_settings.put_ranks(c, ranks))
