"""What the machine has and how much of it is used, and giving up what can be made again."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.settings import Settings

GPU_QUERY = ("--query-gpu=name,memory.total,memory.used,utilization.gpu", "--format=csv,noheader,nounits")
GPU_S = 2.0


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk that a folder lies on, bytes."""

    what: str
    path: Path
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics processor as the driver tells of it."""

    name: str
    total_bytes: int
    used_bytes: int
    percent: float | None


@dataclass(frozen=True, slots=True)
class Resources:
    """Processors, memory in bytes, disks, graphics processors."""

    cores: int
    cpu_percent: float
    memory_bytes: int
    memory_free_bytes: int
    process_bytes: int
    disks: tuple[Disk, ...]
    gpus: tuple[Gpu, ...]


def resources(settings: Settings) -> Resources:
    """Look now. `cpu_percent` is of the time since the last look."""
    memory = psutil.virtual_memory()
    return Resources(
        cores=psutil.cpu_count() or 1,
        cpu_percent=psutil.cpu_percent(),
        memory_bytes=memory.total,
        memory_free_bytes=memory.available,
        process_bytes=psutil.Process().memory_info().rss,
        disks=tuple(_disk(what, path) for what, path in (("data", settings.data), ("cache", settings.cache))),
        gpus=_gpus(),
    )


def _disk(what: str, path: Path) -> Disk:
    there = next(one for one in (path, *path.parents) if one.exists())
    usage = shutil.disk_usage(there)
    return Disk(what, path, usage.total, usage.free)


def _gpus() -> tuple[Gpu, ...]:
    """Those that NVIDIA's own tool names, where it is installed."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    try:
        said = subprocess.run(
            [tool, *GPU_QUERY], capture_output=True, text=True, timeout=GPU_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(_gpu(line) for line in said.splitlines() if line.count(",") == 3)


def _gpu(line: str) -> Gpu:
    name, total, used, busy = (part.strip() for part in line.split(","))
    share = float(busy) if busy.isdigit() else None
    held, taken = (int(n) << 20 if n.isdigit() else 0 for n in (total, used))
    return Gpu(name, held, taken, share)
