"""The library: the files that were taken in, where they lie, and what is kept of them."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from bridges.texts import unsafe
from core.calling import Parts
from core.corrections import AUTHOR
from core.errors import BadRequest, Conflict, IntakeRefused, NotFound
from core.files import OpenFile
from core.hashes import Hashes
from core.playable import Playables
from core.views import Stored
from core.words import JobState
from database.errors import FileInUse
from database.records import Listed, Tag

Roots = Iterable[Path] | None
ALL = 1_000_000
AT_ONCE = 2
"""Files decoded because somebody looks at them."""
LOOK_AGAIN_S = 0.2
YOUNG_S = 60.0
"""An upload's job may not be stored yet."""


class Library:
    """What can be asked about files. A file's id is the SHA-256 of its bytes.

    Methods that open a file take `roots`: folders it must lie under, links resolved; None for anywhere.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts, self._store = parts, parts.store
        self._decoding = threading.Semaphore(AT_ONCE)
        self._playables = Playables(parts.intake, parts.views, self._decoding)
        self._hashes = Hashes()

    def file(self, sha: str) -> Listed:
        """One file; raises NotFound."""
        listed = self._store.listed(sha)
        if listed is None:
            raise NotFound(f"there is no file {sha} in the library")
        return listed

    @contextlib.contextmanager
    def decoded(self, sha: str, roots: Roots) -> Iterator[Stored]:
        """A file's decoded form, for drawing; decoded anew when the cache gave it up, and kept while inside.

        Raises
        ------
        NotFound
            There is no such file, or it is no longer where it was seen.
        IntakeRefused
            It cannot be decoded.
        """
        with self._parts.views.hold(sha):
            yield self._parts.views.find(sha) or self._decode(sha, roots)

    def _decode(self, sha: str, roots: Roots) -> Stored:
        lock = self._parts.file_locks.setdefault(sha, threading.Lock())
        with self.original(sha, roots) as file:
            while not lock.acquire(timeout=LOOK_AGAIN_S):  # a job works on it, and may decode it
                stored = self._parts.views.find(sha)
                if stored is not None:
                    return stored
            try:
                with self._decoding:
                    return self._parts.intake.take_in(file, sha, (), lambda fraction: None, lambda: False)
            finally:
                lock.release()

    def original(self, sha: str, roots: Roots) -> OpenFile:
        """The file with these bytes, opened where it was seen last; the caller closes it. Raises NotFound."""
        self.file(sha)
        for seen in self._store.paths(sha):
            try:
                file = OpenFile(Path(seen.path), roots)
            except IntakeRefused:
                continue
            if self._is(file, sha):
                return file
            file.close()
        raise NotFound("the file is no longer where it was seen; say where it is now, and it is found again")

    def playable(self, path: Path, roots: Roots) -> tuple[str, OpenFile]:
        """The hash of the file at a path, and a copy that a browser can play, open; raises IntakeRefused."""
        with OpenFile(path, roots) as file:
            sha = self._hashes.of(file)
            known = self._store.file(sha)
            return sha, self._playables.get(sha, file, known.duration_s if known else None)

    def relink(self, sha: str, path: Path, roots: Roots) -> Listed:
        """Say where a file lies now.

        Raises
        ------
        NotFound
            There is no such file.
        BadRequest
            The bytes at that path are others.
        IntakeRefused
            There is no readable file at that path.
        """
        self.file(sha)
        with OpenFile(path, roots) as file:
            if not self._is(file, sha):
                raise BadRequest(
                    f"“{file.name}” is another recording: its bytes are not those that were analysed"
                )
        self._store.put_path(sha, str(path))
        return self.file(sha)

    def delete(self, sha: str) -> None:
        """Forget a file: its rows, arrays, decoded audio, and the copy that came as an upload. Never the user's file.

        Raises
        ------
        NotFound
            There is no such file.
        Conflict
            A job works on it.
        """
        lock = self._parts.file_locks.setdefault(sha, threading.Lock())
        if not lock.acquire(blocking=False):
            raise Conflict("the file is being worked on; cancel its job, or wait until it is over")
        try:
            deleted = self._store.delete_file(sha)
        except FileInUse as error:
            raise Conflict(str(error)) from error
        finally:
            lock.release()
        if deleted is None:
            raise NotFound(f"there is no file {sha} in the library")
        for name in deleted.artifacts:
            self._parts.artifacts.remove(name)
        self._parts.views.discard(sha)
        shutil.rmtree(self._parts.settings.uploads / sha, ignore_errors=True)

    def tag(self, sha: str, text: str) -> list[Tag]:
        """Put a tag on a file; returns all it has. Raises NotFound, BadRequest for what is no tag."""
        self.file(sha)
        tag = _tag(text)
        if unsafe(tag.text):
            raise BadRequest("a tag is a word, or key=value, on one line")
        self._store.put_tag(sha, tag)
        return self._store.tags(sha)

    def untag(self, sha: str, text: str) -> list[Tag]:
        """Take a tag off a file; returns those left. Raises NotFound when file or tag is not there."""
        self.file(sha)
        tag = _tag(text)
        if not self._store.remove_tag(sha, tag.key, tag.value):
            raise NotFound(f"the file has no tag {tag.text}")
        return self._store.tags(sha)

    def take_back(self, sha: str) -> None:
        """Take back what a person said of a file; the next job measures it again. Raises NotFound."""
        if not self._store.take_back(sha, AUTHOR):
            raise NotFound(f"there is no file {sha} in the library")

    def clean(self) -> dict[str, int]:
        """Give up decoded audio that no job uses, and uploads that no file or waiting job refers to; bytes by kind."""
        freed = {"decoded audio": self._parts.views.empty(), "uploads": 0}
        waiting = {
            job.path
            for state in (JobState.QUEUED, JobState.RUNNING)
            for job in self._store.jobs(state, limit=ALL)
        }
        for folder in self._parts.settings.uploads.glob("*"):
            young = folder.stat().st_mtime > time.time() - YOUNG_S
            known = young or not folder.is_dir() or self._store.file(folder.name) is not None
            if not known and not any(str(file) in waiting for file in folder.iterdir()):
                freed["uploads"] += sum(file.stat().st_size for file in folder.iterdir())
                shutil.rmtree(folder, ignore_errors=True)
        return freed

    def document_job(self, sha: str) -> int:
        """The newest finished job about a file, the newest of all where none has ended well; raises NotFound."""
        job = self._store.latest_job(sha, JobState.DONE) or self._store.latest_job(sha)
        if job is None:
            raise NotFound(f"there is no analysis of the file {sha}")
        return job.id

    def _is(self, file: OpenFile, sha: str) -> bool:
        try:
            return self._hashes.of(file) == sha
        except IntakeRefused:
            return False


def _tag(text: str) -> Tag:
    try:
        return Tag.of(text)
    except ValueError as error:
        raise BadRequest(str(error)) from error
