"""Region and Context as a plugin sees them in its worker."""

from __future__ import annotations

import functools
import mmap
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from hemiola._worker.tasks import Task
from hemiola.corrections import NOTHING_SAID, Corrections
from hemiola.errors import Unavailable
from hemiola.plugin import Context, Region
from hemiola.results.base import Result

R = TypeVar("R", bound=Result)


class MappedRegion(Region):
    """A region whose samples are mapped from the descriptors of its view, one per channel."""

    def __init__(self, told: dict[str, Any], view: dict[str, Any] | None, fds: list[int]) -> None:
        self.id, self.level, self.parent_id = told["id"], told["level"], told["parent_id"]
        self.start_s, self.end_s, self.file = told["start_s"], told["end_s"], told["file"]
        self.rate = view["rate"] if view else 0
        self.source = view["source"] if view else "mix"
        self._view, self._fds = view, fds

    @functools.cached_property
    def samples(self) -> npt.NDArray[np.float32]:
        """See Region.samples."""
        channels = self.channels
        samples = channels[0] if len(channels) == 1 else np.stack(channels)
        samples.flags.writeable = False
        return samples

    @functools.cached_property
    def channels(self) -> tuple[npt.NDArray[np.float32], ...]:
        """See Region.channels."""
        if self._view is None:
            raise Unavailable("this plugin declares audio = None, so it is handed no samples")
        first, stop = self._view["first"], self._view["stop"]
        return tuple(_mapped(fd, first, stop) for fd in self._fds)


def _mapped(fd: int, first: int, stop: int) -> npt.NDArray[np.float32]:
    """Samples first to stop of a file of raw float32, mapped read-only."""
    if stop <= first:
        return np.zeros(0, np.float32)
    offset = first * 4 - (first * 4) % mmap.ALLOCATIONGRANULARITY
    mapped = mmap.mmap(fd, stop * 4 - offset, mmap.MAP_SHARED, mmap.PROT_READ, offset=offset)
    return np.frombuffer(mapped, dtype="<f4", offset=first * 4 - offset)


@dataclass(slots=True)
class Held:
    """An upstream answer as it came: decoded when a plugin first asks for it."""

    told: dict[str, Any]
    text: bytes
    arrays: dict[str, np.ndarray]
    decoded: Result | None = None

    def as_(self, result: type[R]) -> R:
        """The answer as this type."""
        if not isinstance(self.decoded, result):
            self.decoded = result.from_json(self.text, self.arrays)
        assert isinstance(self.decoded, result)
        return self.decoded


@dataclass(slots=True)
class WorkerContext(Context):
    """Answers the host sent along, by question; progress goes back to it."""

    region: MappedRegion
    task: Task
    scratch: Path | None
    coarser: dict[str, Held] = field(default_factory=dict)
    finer: dict[str, list[Held]] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    corrections: Corrections = NOTHING_SAID

    def need(self, result: type[R]) -> R:
        """See Context.need."""
        found = self.get(result)
        if found is None:
            raise Unavailable(f"there is no answer about {result.question} here")
        return found

    def get(self, result: type[R]) -> R | None:
        """See Context.get."""
        held = self.coarser.get(result.question)
        if held is None:
            return None
        answer = held.as_(result)
        if held.told["start_s"] == self.region.start_s and held.told["end_s"] == self.region.end_s:
            return answer
        return answer.window(self.region.start_s, self.region.end_s)

    def each(self, result: type[R]) -> list[tuple[Region, R]]:
        """See Context.each."""
        held = self.finer.get(result.question, [])
        told = {"parent_id": self.region.id, "file": self.region.file}
        return [(MappedRegion({**told, **h.told}, None, []), h.as_(result)) for h in held]

    def progress(self, fraction: float) -> None:
        """See Context.progress."""
        self.task.progress(fraction)

    def model(self, name: str) -> Path:
        """See Context.model."""
        if name not in self.models:
            raise Unavailable(
                f"the model {name!r} is not here; a plugin lists the models it uses in `models`"
            )
        return Path(self.models[name])

    def log(self, text: str) -> None:
        """See Context.log."""
        print(text, file=sys.stderr, flush=True)


def close_all(fds: list[int]) -> None:
    """Close a call's descriptors; what is mapped from them stays mapped."""
    for fd in fds:
        os.close(fd)
