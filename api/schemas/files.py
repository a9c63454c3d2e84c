"""Files of the library, their places, tags and waveforms, and folders."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.base import PATH, SHA, TIME, Body, Links, example
from api.schemas.jobs import JobShown


class RelinkBody(Body):
    """Where a file lies now."""

    path: str = example(
        PATH, min_length=1, max_length=12_300, description="Absolute, beginning with ~, or a file:// address."
    )


Source = Literal["estimated", "user"] | None


class SummaryShown(BaseModel):
    """What a file is: the longest take's tempo, meter and key, and how many outcomes have which status.

    The sources say whether tempo and meter were estimated, or set by a person.
    """

    takes: int = example(3)
    regions: int = example(12)
    bpm: float | None = example(118.2)
    bpm_source: Source = Field(None, examples=["estimated"])
    meter: str | None = example("4/4")
    meter_source: Source = Field(None, examples=["user"])
    key: str | None = example("A minor")
    counts: dict[str, int] = example({"ok": 84, "skipped": 2})


class FileShown(BaseModel):
    """A file of the library; its id is the SHA-256 of its bytes."""

    id: str = example(SHA)
    name: str = example("tuesday.wav")
    path: str = example(PATH)
    size: int = example(42_336_044)
    duration_s: float | None = example(240.0)
    rate: int | None = example(44100)
    channels: int | None = example(2)
    format: str | None = example("wav")
    added: datetime = example(TIME)
    verdict: Literal["complete", "partial", "none"] | None = example("complete")
    summary: SummaryShown | None
    tags: list[str] = example(["live", "band=The Quarters"])
    links: Links = Field(examples=[{"self": f"/api/files/{SHA}"}])


class Files(BaseModel):
    """A page of files, newest first; `total` counts all that match, or the first thousands where it is not `exact`."""

    items: list[FileShown]
    next_cursor: str | None = example("57")
    total: int = example(1)
    exact: bool = example(True)


class PathSeen(BaseModel):
    """Where a file was seen, and whether something is there now."""

    path: str = example(PATH)
    seen: datetime = example(TIME)
    exists: bool = example(True)


class CorrectionShown(BaseModel):
    """What a person said of a file: its tempo, how many times the measured one it is, or its meter."""

    field: Literal["bpm", "octave", "meter"] = example("meter")
    value: str = example("7/8 2+2+3")
    author: str = example("user")
    said: datetime = example(TIME)


class FileWhole(FileShown):
    """A file with all the places it was seen at, what was said of it, and the newest job about it."""

    paths: list[PathSeen]
    corrections: list[CorrectionShown]
    job: JobShown | None


class Tags(BaseModel):
    """A file's tags."""

    tags: list[str] = example(["live", "band=The Quarters"])


class Stats(BaseModel):
    """What the database holds."""

    files: int = example(40)
    takes: int = example(212)
    regions: int = example(1740)
    answers: dict[str, int] = example({"ok": 9120, "skipped": 31})
    jobs: dict[str, int] = example({"done": 40, "running": 1})
    size_bytes: int = example(18_350_080)


class Entry(BaseModel):
    """A folder, or a file that may be analysed."""

    name: str = example("tuesday.wav")
    path: str = example(PATH)
    kind: Literal["folder", "audio"] = example("audio")
    size: int | None = example(42_336_044)


class Folder(BaseModel):
    """A folder inside the roots."""

    path: str = example("/home/ann/takes")
    parent: str | None = example("/home/ann")
    roots: list[str] = example(["/home/ann"])
    items: list[Entry]


class Waveform(BaseModel):
    """Lowest, highest and root mean square sample per point; full scale at 1."""

    sample_rate: int = example(44100)
    samples_per_pixel: float = example(10584.0)
    length: int = example(2)
    min: list[float] = example([-0.5, -0.4])
    max: list[float] = example([0.5, 0.3])
    rms: list[float] = example([0.1, 0.08])
