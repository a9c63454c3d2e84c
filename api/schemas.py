"""What requests and responses hold, with an example of each field for OpenAPI."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PATH = "/home/ann/takes/tuesday.wav"
TIME = "2026-03-02T19:20:03.120000Z"


def _eg(value: Any, **more: Any) -> Any:
    """A field with an example."""
    return Field(examples=[value], **more)


class Body(BaseModel):
    """A request: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class AnalyzeBody(Body):
    """What to analyse, and how."""

    file_path: str = _eg(
        PATH, min_length=1, max_length=12_300, description="Absolute, beginning with ~, or a file:// address."
    )
    questions: list[str] | None = Field(None, examples=[["key", "tempo"]], max_length=200)
    """What is asked, with what it needs; by default every question but the costly ones."""
    plugins: list[str] = Field([], examples=[["onsets.essentia"]], max_length=200)
    """Further plugins, run beside the chain's own choice."""
    config: dict[str, dict[str, Any]] = Field({}, examples=[{"beats.madmom": {"min_bpm": 60}}])
    """Settings by plugin, for this job."""
    force: bool = Field(False, examples=[False], description="Run everything again.")
    wait: bool = Field(False, examples=[True], description="Answer when it is done, with the whole document.")


class RetryBody(Body):
    """What to ask again; nothing named: all that failed."""

    plugin: str | None = Field(None, examples=["key.essentia"])
    """Only this plugin, whatever it said."""


class RankBody(Body):
    """Where a plugin is asked among its question's providers."""

    rank: Annotated[int, Field(ge=1, le=10_000, examples=[1], description="1 is asked first.")]


class RelinkBody(Body):
    """Where a file lies now."""

    path: str = _eg(
        PATH, min_length=1, max_length=12_300, description="Absolute, beginning with ~, or a file:// address."
    )


Links = Annotated[dict[str, str | None], Field(examples=[{"self": "/jobs/12", "events": "/jobs/12/events"}])]


class Accepted(BaseModel):
    """A job that was stored and will be done."""

    job_id: int = _eg(12)
    name: str = _eg("tuesday.wav")
    links: Links


class Uploaded(BaseModel):
    """The jobs of an upload, one per file."""

    jobs: list[Accepted] = _eg([{"job_id": 12, "name": "tuesday.wav", "links": {"self": "/jobs/12"}}])


class JobFile(BaseModel):
    """Which file a job is about; its id is known once its bytes are hashed."""

    id: str | None = _eg(SHA)
    name: str = _eg("tuesday.wav")
    path: str = _eg(PATH)


class IntakeShown(BaseModel):
    """How a file was taken in."""

    status: str = _eg("ok")
    code: str | None = _eg("ok")
    reason: str | None = _eg(None)
    truncated_at_s: float | None = _eg(None)


class JobShown(BaseModel):
    """A job: `verdict` is null until it is done, `now` says what runs."""

    id: int = _eg(12)
    kind: str = _eg("analyze")
    state: Literal["queued", "running", "done", "cancelled"] = _eg("running")
    verdict: Literal["complete", "partial", "none"] | None = _eg(None)
    progress: float = _eg(0.42, ge=0, le=1)
    now: str = _eg("beats.madmom, take 0:12 – 3:45")
    file: JobFile = _eg({"id": SHA, "name": "tuesday.wav", "path": PATH})
    created: datetime = _eg(TIME)
    started: datetime | None = _eg(TIME)
    finished: datetime | None = _eg(None)
    notices: list[str] = _eg(["nothing here could answer meter"])
    intake: IntakeShown | None = _eg(None)
    links: Links


class Jobs(BaseModel):
    """A page of jobs, newest first."""

    items: list[JobShown]
    next_cursor: str | None = _eg("11")
    total: int = _eg(1)


class SummaryShown(BaseModel):
    """What a file is: the longest take's tempo, meter and key, and how many outcomes have which status."""

    takes: int = _eg(3)
    regions: int = _eg(12)
    bpm: float | None = _eg(118.2)
    meter: str | None = _eg("4/4")
    key: str | None = _eg("A minor")
    counts: dict[str, int] = _eg({"ok": 84, "skipped": 2})


class FileShown(BaseModel):
    """A file of the library; its id is the SHA-256 of its bytes."""

    id: str = _eg(SHA)
    name: str = _eg("tuesday.wav")
    path: str = _eg(PATH)
    size: int = _eg(42_336_044)
    duration_s: float | None = _eg(240.0)
    rate: int | None = _eg(44100)
    channels: int | None = _eg(2)
    format: str | None = _eg("wav")
    added: datetime = _eg(TIME)
    verdict: Literal["complete", "partial", "none"] | None = _eg("complete")
    summary: SummaryShown | None
    tags: list[str] = _eg(["live", "band=The Quarters"])
    links: Links = Field(examples=[{"self": f"/api/files/{SHA}"}])


class Files(BaseModel):
    """A page of files, newest first; `total` counts all that match, or the first thousands where it is not `exact`."""

    items: list[FileShown]
    next_cursor: str | None = _eg("57")
    total: int = _eg(1)
    exact: bool = _eg(True)


class PathSeen(BaseModel):
    """Where a file was seen, and whether something is there now."""

    path: str = _eg(PATH)
    seen: datetime = _eg(TIME)
    exists: bool = _eg(True)


class FileWhole(FileShown):
    """A file with all the places it was seen at, and the newest job about it."""

    paths: list[PathSeen]
    job: JobShown | None


class Tags(BaseModel):
    """A file's tags."""

    tags: list[str] = _eg(["live", "band=The Quarters"])


class Stats(BaseModel):
    """What the database holds."""

    files: int = _eg(40)
    takes: int = _eg(212)
    regions: int = _eg(1740)
    answers: dict[str, int] = _eg({"ok": 9120, "skipped": 31})
    jobs: dict[str, int] = _eg({"done": 40, "running": 1})
    size_bytes: int = _eg(18_350_080)


class Library(BaseModel):
    """A distribution that a plugin stands on."""

    name: str = _eg("madmom")
    version: str = _eg("0.16.1")


class HealthShown(BaseModel):
    """How a plugin fares; `streak` counts the files in a row on which it failed."""

    state: Literal["ok", "quarantined", "unavailable"] = _eg("ok")
    reason: str | None = _eg(None)
    streak: int = _eg(0)


class PluginShown(BaseModel):
    """A plugin; `rank` is its place among its question's providers, 1 for the one asked first."""

    name: str = _eg("beats.madmom")
    question: str = _eg("beats")
    version: str = _eg("1.0.0")
    summary: str = _eg("Beat times by recurrent networks and a dynamic Bayesian network.")
    levels: list[str] = _eg(["take"])
    environment: str = _eg("numpy1")
    source: str = _eg("builtin")
    needs: list[str] = _eg([])
    uses: list[str] = _eg(["content"])
    libraries: list[Library]
    licence: str = _eg("MIT")
    model_licence: str | None = _eg("CC BY-NC-SA 4.0")
    health: HealthShown
    rank: int = _eg(1)
    config: dict[str, Any] = _eg({})
    config_schema: dict[str, Any] = _eg({"type": "object", "properties": {}})


class Plugins(BaseModel):
    """Every plugin by question, in the order in which they are asked; `problems` says what was left out."""

    discovering: bool = _eg(False)
    items: list[PluginShown]
    problems: list[str] = _eg([])


class Order(BaseModel):
    """A question's providers in the order in which they are asked."""

    question: str = _eg("onsets")
    order: list[str] = _eg(["onsets.superflux", "onsets.essentia"])


class Welcome(BaseModel):
    """What this is."""

    name: str = _eg("hemiola")
    version: str = _eg("0.1.0")
    links: Links = Field(examples=[{"page": "/ui/", "docs": "/docs"}])


class Health(BaseModel):
    """Whether it works: ok, degraded (an environment is missing) or failing."""

    status: Literal["ok", "degraded", "failing"] = _eg("ok")
    problems: list[str] = _eg([])


class Queue(BaseModel):
    """Jobs that wait and run."""

    queued: int = _eg(3)
    running: int = _eg(2)


class WorkersShown(BaseModel):
    """Plugins that run now, and how many may."""

    running: int = _eg(2)
    limit: int = _eg(2)


class EnvironmentShown(BaseModel):
    """A Python environment that plugins run in."""

    name: str = _eg("main")
    title: str = _eg("librosa and decoding")
    state: str = _eg("ready")
    reason: str | None = _eg(None)


class Confinement(BaseModel):
    """What holds plugins, layer by layer."""

    mode: Literal["confined", "portable"] = _eg("confined")
    sentence: str = _eg("plugins are confined")
    layers: dict[str, bool] = _eg({"landlock": True, "seccomp": True})


class Cache(BaseModel):
    """Decoded audio: all of it can be made again."""

    path: str = _eg("/home/ann/.cache/hemiola")
    bytes: int = _eg(1_200_000_000)
    limit_bytes: int = _eg(20_000_000_000)


class Quarantined(BaseModel):
    """A plugin kept from running, and why."""

    plugin: str = _eg("key.mine")
    reason: str = _eg("it failed on 5 files in a row and on the built-in clip (segmentation fault)")


class ServerShown(BaseModel):
    """The process that answers; no address where it answers through the data folder's socket alone."""

    pid: int = _eg(4711)
    address: str | None = _eg("http://127.0.0.1:8000")
    data: str = _eg("/home/ann/.local/share/hemiola")


class Status(BaseModel):
    """What the server is doing, and with what."""

    queue: Queue
    workers: WorkersShown
    environments: list[EnvironmentShown]
    confinement: Confinement
    cache: Cache
    quarantined: list[Quarantined]
    versions: dict[str, str] = _eg({"hemiola": "0.1.0", "python": "3.11.7"})
    server: ServerShown
    roots: list[str] = _eg(["/home/ann"])


class Cpu(BaseModel):
    """Processors; percent of all of them since the last look."""

    count: int = _eg(8)
    percent: float = _eg(37.5)


class Memory(BaseModel):
    """Memory, bytes; `process_bytes` is the server's own."""

    total_bytes: int = _eg(16_000_000_000)
    available_bytes: int = _eg(9_000_000_000)
    process_bytes: int = _eg(120_000_000)


class DiskShown(BaseModel):
    """The disk a folder lies on."""

    what: str = _eg("data")
    path: str = _eg("/home/ann/.local/share/hemiola")
    total_bytes: int = _eg(500_000_000_000)
    free_bytes: int = _eg(120_000_000_000)


class GpuShown(BaseModel):
    """A graphics processor."""

    name: str = _eg("NVIDIA RTX A2000")
    total_bytes: int = _eg(12_000_000_000)
    used_bytes: int = _eg(0)
    percent: float | None = _eg(0.0)


class Resources(BaseModel):
    """What the machine has and how much of it is used."""

    cpu: Cpu
    memory: Memory
    disk: list[DiskShown]
    gpus: list[GpuShown] = _eg([])


class Freed(BaseModel):
    """What a clean-up gave up."""

    what: str = _eg("decoded audio")
    bytes: int = _eg(1_200_000_000)


class Cleanup(BaseModel):
    """What was freed in all, and of what."""

    freed_bytes: int = _eg(1_200_000_000)
    what: list[Freed]


class Entry(BaseModel):
    """A folder, or a file that may be analysed."""

    name: str = _eg("tuesday.wav")
    path: str = _eg(PATH)
    kind: Literal["folder", "audio"] = _eg("audio")
    size: int | None = _eg(42_336_044)


class Folder(BaseModel):
    """A folder inside the roots."""

    path: str = _eg("/home/ann/takes")
    parent: str | None = _eg("/home/ann")
    roots: list[str] = _eg(["/home/ann"])
    items: list[Entry]


class Waveform(BaseModel):
    """Lowest, highest and root mean square sample per point; full scale at 1."""

    sample_rate: int = _eg(44100)
    samples_per_pixel: float = _eg(10584.0)
    length: int = _eg(2)
    min: list[float] = _eg([-0.5, -0.4])
    max: list[float] = _eg([0.5, 0.3])
    rms: list[float] = _eg([0.1, 0.08])


class OutcomeEvent(BaseModel):
    """A row of the ledger, as the event stream tells it."""

    id: int = _eg(812)
    job: int = _eg(12)
    file: str | None = _eg(SHA)
    region: str = _eg("3f09c2")
    level: str | None = _eg("take")
    start_s: float | None = _eg(0.12)
    end_s: float | None = _eg(239.8)
    question: str = _eg("beats")
    plugin: str = _eg("beats.madmom")
    status: str = _eg("ok")
    code: str | None = _eg("ok")
    signal: str | None = _eg(None)
    reason: str | None = _eg(None)
    degraded: str | None = _eg(None)
    disposition: str | None = _eg("fresh")
    seconds: float | None = _eg(2.4)


class ProgressEvent(BaseModel):
    """How far a job is, and what runs in it."""

    job: int = _eg(12)
    progress: float = _eg(0.42)
    now: str = _eg("beats.madmom, take 0:12 – 3:45")
