"""The rows that core and database share, as frozen values; results stay bytes, no JSON is parsed here.

Times named `_s` are seconds from the start of the file; `created`, `started`, `finished`, `added`, `seen`, `said`
and `probed_at` are seconds since the epoch. A text said to be JSON is stored and given back as it came.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class File:
    """One audio file, known by the SHA-256 of its bytes."""

    sha256: str
    size: int  # bytes
    format: str | None
    duration_s: float | None  # None, like the next three, for a file that no decoder opened
    rate: int | None  # Hz
    channels: int | None
    frames: int | None
    intake_status: str  # "ok" or "refused"
    intake_code: str | None
    intake_reason: str | None
    truncated_at_s: float | None
    loudness_lufs: float | None
    intake_version: str
    facts: str = "{}"  # JSON: peak, notices and what else intake saw


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a file: the file itself, a take, or a region of a take."""

    id: str
    file: str  # SHA-256
    level: str  # "file", "take" or "region"
    parent: str | None
    start_sample: int
    end_sample: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a plugin produced for a cache key."""

    key: str
    file: str  # SHA-256
    region: str
    plugin: str
    version: str
    question: str
    config: str  # canonical JSON
    status: str
    code: str | None
    signal: str | None
    reason: str | None
    detail: str | None
    seconds: float | None  # CPU seconds
    peak_mb: float | None
    environment: str
    environment_lock: str | None
    libraries: str  # JSON
    licence: str | None
    model: str | None
    model_licence: str | None
    result: bytes | None  # JSON
    result_hash: str | None
    artifact: str | None  # path of an .npz, relative to the data folder


@dataclass(frozen=True, slots=True)
class Shown:
    """What a document shows of an answer beyond its outcome."""

    libraries: str  # JSON
    licence: str | None
    model: str | None
    model_licence: str | None
    result: bytes | None  # JSON
    artifact: str | None

    @classmethod
    def of(cls, answer: Answer) -> Shown:
        """That part of an answer."""
        return cls(*(getattr(answer, field.name) for field in fields(cls)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of the ledger: per job, region, question and provider its answer, or why there is none."""

    job: int
    region: str
    question: str
    plugin: str
    version: str
    status: str
    disposition: str | None  # "fresh", "reused" or None
    degraded: str | None
    rank: int
    winner: bool
    answer: str | None  # the answer's key
    environment: str | None
    code: str | None
    signal: str | None
    reason: str | None
    detail: str | None
    seconds: float | None
    peak_mb: float | None


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work that was asked for, and how far it is."""

    id: int
    kind: str
    path: str
    file: str | None  # SHA-256, once the bytes are hashed
    segmentation: str | None
    parameters: str  # JSON
    state: str  # "queued", "running", "done" or "cancelled"
    verdict: str | None
    intake: str | None  # JSON: status, code, reason, truncated_at_s as this job saw them
    notices: str  # JSON
    created: float
    started: float | None
    finished: float | None
    corrections: str = "{}"  # JSON: what held of the file when this job worked on it, by field


@dataclass(frozen=True, slots=True)
class Health:
    """How a plugin fares in one version and environment, across files."""

    plugin: str
    version: str
    environment: str
    streak: int  # files in a row on which it failed
    files: str  # JSON list of their SHA-256
    state: str  # "ok" or "quarantined"
    reason: str | None
    probed_at: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A file's summary, with the columns that the library is searched and listed by."""

    file: str  # SHA-256
    job: int
    summary: str  # JSON
    verdict: str
    bpm: float | None
    meter: str | None
    key: str | None
    labels: str = ""  # such as "music percussive"


@dataclass(frozen=True, slots=True)
class Tag:
    """A word that a file is marked with, such as "live", or a key with a value, such as "band=X".

    Examples
    --------
    >>> Tag.of("band=X")
    Tag(key='band', value='X', source='user')
    >>> Tag.of("live").text
    'live'
    """

    key: str
    value: str = ""
    source: str = "user"  # "user", "auto", "sidecar" or "file"

    @classmethod
    def of(cls, text: str, source: str = "user") -> Tag:
        """Return the tag that is written as `text`; ValueError when nothing stands before its "="."""
        key, _, value = (part.strip() for part in text.partition("="))
        if not key:
            raise ValueError(f"{text!r} is no tag: write a word such as live, or a pair such as band=X")
        return cls(key, value, source)

    @property
    def text(self) -> str:
        """The tag as it is written."""
        return f"{self.key}={self.value}" if self.value else self.key


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said of a file, and when."""

    field: str  # "bpm", "octave" or "meter"
    value: str
    author: str
    said: float


@dataclass(frozen=True, slots=True)
class SeenPath:
    """Where a file was seen, and when it was there last."""

    path: str
    seen: float


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the library lists it; `path` is where it was last seen."""

    file: File
    path: str
    summary: Summary | None
    added: float
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some listed files, newest first; the last page has no `next_cursor`, `total` counts all that match."""

    items: tuple[Listed, ...]
    next_cursor: str | None
    total: int
    exact: bool = True  # False: a query finds more than `total`, which were not counted to their end


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a file leaves behind when its rows are deleted: arrays that no row names any more."""

    artifacts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """What a person set for a plugin; None is the plugin's own."""

    plugin: str
    config: str | None  # JSON
    rank: int | None


@dataclass(frozen=True, slots=True)
class Document:
    """All rows that one job's document is made of; each outcome comes with what is shown of its answer."""

    job: Job
    file: File | None
    regions: tuple[Region, ...]
    outcomes: tuple[tuple[Outcome, Shown | None], ...]
