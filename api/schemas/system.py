"""The server and the machine."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.base import Links, example


class Welcome(BaseModel):
    """What this is."""

    name: str = example("hemiola")
    version: str = example("0.2.0")
    links: Links = Field(examples=[{"page": "/ui/", "docs": "/docs"}])


class Health(BaseModel):
    """Whether it works: ok, degraded (an environment is missing) or failing."""

    status: Literal["ok", "degraded", "failing"] = example("ok")
    problems: list[str] = example([])


class Queue(BaseModel):
    """Jobs that wait and run."""

    queued: int = example(3)
    running: int = example(2)


class WorkersShown(BaseModel):
    """Plugins that run now, and how many may."""

    running: int = example(2)
    limit: int = example(2)


class EnvironmentShown(BaseModel):
    """A Python environment that plugins run in."""

    name: str = example("main")
    title: str = example("librosa and decoding")
    state: str = example("ready")
    reason: str | None = example(None)


class Confinement(BaseModel):
    """What holds plugins, layer by layer."""

    mode: Literal["confined", "portable"] = example("confined")
    sentence: str = example("plugins are confined")
    layers: dict[str, bool] = example({"landlock": True, "seccomp": True})


class Cache(BaseModel):
    """Decoded audio: all of it can be made again."""

    path: str = example("/home/ann/.cache/hemiola")
    bytes: int = example(1_200_000_000)
    limit_bytes: int = example(20_000_000_000)


class Quarantined(BaseModel):
    """A plugin kept from running, and why."""

    plugin: str = example("key.mine")
    reason: str = example("it failed on 5 files in a row and on the built-in clip (segmentation fault)")


class ServerShown(BaseModel):
    """The process that answers; no address where it answers through the data folder's socket alone."""

    pid: int = example(4711)
    address: str | None = example("http://127.0.0.1:8000")
    data: str = example("/home/ann/.local/share/hemiola")


class Status(BaseModel):
    """What the server is doing, and with what."""

    queue: Queue
    workers: WorkersShown
    environments: list[EnvironmentShown]
    confinement: Confinement
    cache: Cache
    quarantined: list[Quarantined]
    versions: dict[str, str] = example({"hemiola": "0.2.0", "python": "3.11.7"})
    server: ServerShown
    roots: list[str] = example(["/home/ann"])


class Cpu(BaseModel):
    """Processors; percent of all of them since the last look."""

    count: int = example(8)
    percent: float = example(37.5)


class Memory(BaseModel):
    """Memory, bytes; `process_bytes` is the server's own."""

    total_bytes: int = example(16_000_000_000)
    available_bytes: int = example(9_000_000_000)
    process_bytes: int = example(120_000_000)


class DiskShown(BaseModel):
    """The disk a folder lies on."""

    what: str = example("data")
    path: str = example("/home/ann/.local/share/hemiola")
    total_bytes: int = example(500_000_000_000)
    free_bytes: int = example(120_000_000_000)


class GpuShown(BaseModel):
    """A graphics processor."""

    name: str = example("NVIDIA RTX A2000")
    total_bytes: int = example(12_000_000_000)
    used_bytes: int = example(0)
    percent: float | None = example(0.0)


class Resources(BaseModel):
    """What the machine has and how much of it is used."""

    cpu: Cpu
    memory: Memory
    disk: list[DiskShown]
    gpus: list[GpuShown] = example([])


class Freed(BaseModel):
    """What a clean-up gave up."""

    what: str = example("decoded audio")
    bytes: int = example(1_200_000_000)


class Cleanup(BaseModel):
    """What was freed in all, and of what."""

    freed_bytes: int = example(1_200_000_000)
    what: list[Freed]
