"""Jobs: what is asked for, what is told of them, and the events they make."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.schemas.base import PATH, SHA, TIME, Body, Links, example

Said = Annotated[float, Field(strict=True)] | Annotated[str, Field(max_length=200)]
"""A number, or a text that is read as one."""


class AnalyzeBody(Body):
    """What to analyse, and how."""

    file_path: str = example(
        PATH, min_length=1, max_length=12_300, description="Absolute, beginning with ~, or a file:// address."
    )
    questions: list[str] | None = Field(None, examples=[["key", "tempo"]], max_length=200)
    """What is asked, with what it needs; by default every question but the costly ones."""
    plugins: list[str] = Field([], examples=[["onsets.essentia"]], max_length=200)
    """Further plugins, run beside the chain's own choice."""
    only: list[str] = Field([], examples=[["beats.librosa", "tempo.librosa"]], max_length=200)
    """These answer their questions in this job, in this order, in place of the ranked providers."""
    config: dict[str, dict[str, Any]] = Field({}, examples=[{"beats.madmom": {"min_bpm": 60}}])
    """Settings by plugin, for this job."""
    bpm: Said | None = Field(None, examples=[118.5, "auto"])
    """The file's tempo, when you know it: quarters a minute. It is kept, and holds for every later job; "auto" takes it
    back."""
    octave: Said | None = Field(None, examples=[2, "1/3", "auto"])
    """How many times the measured tempo is meant: 2 where it is heard at half. Kept likewise, in place of `bpm`."""
    meter: str | None = Field(None, examples=["7/8", "7/8 2+2+3", "auto"], max_length=200)
    """The file's meter, with its groups or without. Kept likewise."""
    force: bool = Field(False, examples=[False], description="Run everything again.")
    wait: bool = Field(False, examples=[True], description="Answer when it is done, with the whole document.")


class RetryBody(Body):
    """What to ask again; nothing named: all that failed."""

    plugin: str | None = Field(None, examples=["key.essentia"])
    """Only this plugin, whatever it said."""


class Accepted(BaseModel):
    """A job that was stored and will be done."""

    job_id: int = example(12)
    name: str = example("tuesday.wav")
    links: Links


class Uploaded(BaseModel):
    """The jobs of an upload, one per file."""

    jobs: list[Accepted] = example([{"job_id": 12, "name": "tuesday.wav", "links": {"self": "/jobs/12"}}])


class JobFile(BaseModel):
    """Which file a job is about; its id is known once its bytes are hashed."""

    id: str | None = example(SHA)
    name: str = example("tuesday.wav")
    path: str = example(PATH)


class IntakeShown(BaseModel):
    """How a file was taken in."""

    status: str = example("ok")
    code: str | None = example("ok")
    reason: str | None = example(None)
    truncated_at_s: float | None = example(None)


class JobShown(BaseModel):
    """A job: `verdict` is null until it is done, `now` says what runs."""

    id: int = example(12)
    kind: str = example("analyze")
    state: Literal["queued", "running", "done", "cancelled"] = example("running")
    verdict: Literal["complete", "partial", "none"] | None = example(None)
    progress: float = example(0.42, ge=0, le=1)
    now: str = example("beats.madmom, take 0:12 – 3:45")
    file: JobFile = example({"id": SHA, "name": "tuesday.wav", "path": PATH})
    created: datetime = example(TIME)
    started: datetime | None = example(TIME)
    finished: datetime | None = example(None)
    notices: list[str] = example(["nothing here could answer meter"])
    intake: IntakeShown | None = example(None)
    links: Links


class Jobs(BaseModel):
    """A page of jobs, newest first."""

    items: list[JobShown]
    next_cursor: str | None = example("11")
    total: int = example(1)


class OutcomeEvent(BaseModel):
    """A row of the ledger, as the event stream tells it."""

    id: int = example(812)
    job: int = example(12)
    file: str | None = example(SHA)
    region: str = example("3f09c2")
    level: str | None = example("take")
    start_s: float | None = example(0.12)
    end_s: float | None = example(239.8)
    question: str = example("beats")
    plugin: str = example("beats.madmom")
    status: str = example("ok")
    code: str | None = example("ok")
    signal: str | None = example(None)
    reason: str | None = example(None)
    degraded: str | None = example(None)
    disposition: str | None = example("fresh")
    seconds: float | None = example(2.4)


class ProgressEvent(BaseModel):
    """How far a job is, and what runs in it."""

    job: int = example(12)
    progress: float = example(0.42)
    now: str = example("beats.madmom, take 0:12 – 3:45")
