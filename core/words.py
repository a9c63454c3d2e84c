"""The words of the ledger, exactly as they are stored and shown."""

from __future__ import annotations

from enum import StrEnum


def clock(seconds: float) -> str:
    """A time in a file as people write it: 4:07, or 1:02:33."""
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


class Status(StrEnum):
    """What became of asking one provider about one region."""

    OK = "ok"
    SKIPPED = "skipped"
    FAILED = "failed"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    INVALID = "invalid"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    QUARANTINED = "quarantined"
    UNAVAILABLE = "unavailable"


HARM = frozenset({Status.FAILED, Status.CRASHED, Status.TIMED_OUT, Status.OUT_OF_MEMORY, Status.INVALID})
"""A provider ran and did not answer."""
ANSWERS = HARM | {Status.OK, Status.SKIPPED}
"""Stored under a cache key."""
TRANSIENT = frozenset({Status.TIMED_OUT, Status.OUT_OF_MEMORY})
"""Tried once more by a new job."""


class Code(StrEnum):
    """The codes that the engine itself gives; a worker's death has those of bridges.deaths."""

    NEEDS_MISSING = "needs_missing"
    NEEDS_SKIPPED = "needs_skipped"
    GAVE_UP = "gave_up"
    ENVIRONMENT = "environment"
    MODEL = "model"
    QUARANTINED = "quarantined"
    CANCELLED = "cancelled"
    TOUCHED_INPUT = "touched_input"
    SCHEMA = "schema"


class Verdict(StrEnum):
    """What a job comes to."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    NONE = "none"


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class Level(StrEnum):
    """The three levels of a region, coarse to fine."""

    FILE = "file"
    TAKE = "take"
    REGION = "region"
