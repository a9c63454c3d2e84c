"""One plugin's worker for one job: loaded once, called region after region, replaced when it dies."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from bridges.deaths import Death
from bridges.discovery import PluginSource
from bridges.handed import Handed, handed
from bridges.processes import ZygoteLost
from bridges.results import InvalidResult, checked
from bridges.scratch import empty, remove
from bridges.texts import safe_or_none
from bridges.worker import Limits, Worker
from bridges.workers import EnvironmentUnavailable, Workers
from hemiola._worker.analyze import RESULT
from hemiola._worker.confine import Policy
from hemiola.corrections import NOTHING_SAID, Corrections
from hemiola.errors import FrameError
from hemiola.frames import Frame, Part
from hemiola.manifest import PluginManifest

LOAD_S = 60.0
"""CPU seconds that importing and reading weights may take."""
SAYABLE = (
    ("ok", "ok"),
    ("skipped", "skip"),
    ("unavailable", "unavailable"),
    ("failed", "exception"),
    ("crashed", "exit"),
    ("out_of_memory", "memory_error"),
    ("invalid", "schema"),
    ("invalid", "too_large"),
    ("invalid", "type"),
)
"""What a worker may say of itself: status and code. All else is the host's to say."""
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Said:
    """What came of one call. Its files are the caller's to close."""

    status: str
    code: str
    signal: str | None = None
    reason: str | None = None
    detail: str | None = None
    text: bytes | None = None
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    seconds: float = 0.0
    peak_mb: float = 0.0
    files: tuple[Handed, ...] = ()

    def close(self) -> None:
        """Close the files."""
        for one in self.files:
            one.file.close()


@dataclass(frozen=True, slots=True)
class Input:
    """An upstream answer for a call: whose region's, and its bytes."""

    question: str
    key: str
    region: dict[str, Any]
    finer: bool
    text: bytes
    arrays: Mapping[str, np.ndarray]

    @property
    def told(self) -> dict[str, Any]:
        """As the worker is told of it."""
        return {"question": self.question, "key": self.key, "region": self.region, "finer": self.finer}

    def parts(self) -> dict[str, Part]:
        """Its JSON and arrays as parts of a frame."""
        return {self.key: self.text, **{f"{self.key}:{name}": values for name, values in self.arrays.items()}}


@dataclass(frozen=True, slots=True)
class Call:
    """One region to be asked about: what the plugin is handed and what it may use."""

    region: dict[str, Any]
    view: dict[str, Any] | None
    open_view: Callable[[], list[int]]
    inputs: tuple[Input, ...]
    seed: int
    cpu_s: float
    corrections: Corrections = NOTHING_SAID


class PluginWorker:
    """A plugin in its worker. Close it when the job is done with the plugin.

    Parameters
    ----------
    workers
        Where its processes come from.
    manifest, source, config
        The plugin, where it lies, its settings.
    mapped
        Bytes of views it may have mapped at once.
    scratch
        A folder it may write to, or None.
    still_s
        Longest it may stand still.
    models
        Where the models that it declares lie, by name, those that are there.
    readable
        What else it may read: those models.
    """

    def __init__(
        self,
        workers: Workers,
        manifest: PluginManifest,
        source: PluginSource,
        config: dict[str, Any],
        *,
        mapped: int,
        scratch: str | None,
        still_s: float,
        models: Mapping[str, str] | None = None,
        readable: tuple[str, ...] = (),
    ) -> None:
        self._workers, self._manifest, self._source, self._config = workers, manifest, source, config
        self._scratch, self._still_s = scratch, still_s
        self.mapped, self.memory = mapped, manifest.memory
        """Bytes that it may map, and that it declares."""
        self._models = dict(models or {})
        self._policy = Policy(
            readable=(*source.readable, *readable),
            writable=(scratch,) if scratch else (),
            address_space=manifest.memory + mapped,
            file_size=manifest.scratch or 0,
        )
        self._keep_for = f"{manifest.name} {source.digest}"
        self._worker: Worker | None = None
        self._sent: set[str] = set()

    def call(self, call: Call, progress: Callable[[float], None], cancelled: Callable[[], bool]) -> Said:
        """Ask about one region; starts and loads the worker first where there is none.

        Raises EnvironmentUnavailable when no worker can be started, Cancelled when the job was.
        """
        for _attempt in range(ATTEMPTS):
            try:
                return self._call(call, progress, cancelled)
            except ZygoteLost:
                self._worker = None
        raise EnvironmentUnavailable(f"the environment {self._manifest.environment!r} keeps ending")

    @property
    def idle(self) -> bool:
        """Whether it is there, its plugin loaded, and waits for a call."""
        return self._worker is not None and self._worker.idle

    def rest(self) -> None:
        """Between two jobs: empty its scratch folder, and send it all inputs anew."""
        self._sent.clear()
        if self._scratch is not None:
            empty(Path(self._scratch))

    def close(self) -> None:
        """Let the worker end, and take its scratch folder away."""
        if self._worker is not None:
            self._workers.finish(self._worker, self._keep_for)
            self._worker = None
        if self._scratch is not None:
            remove(Path(self._scratch))

    # -- one call ------------------------------------------------------------------

    def _call(self, call: Call, progress: Callable[[float], None], cancelled: Callable[[], bool]) -> Said:
        started = time.monotonic()
        if self._worker is None:
            failed = self.load(cancelled)
            if failed is not None:
                return replace(failed, seconds=time.monotonic() - started)
        worker = self._worker
        assert worker is not None
        limits = self._limits(call.cpu_s)
        with _closing(call.open_view()) as fds:
            try:
                worker.say(self._frame(call, fds))
            except FrameError as error:
                return Said(
                    "unavailable", "too_large", reason=f"what it needs is too much to hand over: {error}"
                )
            answer = worker.listen(limits, progress, cancelled)
        said = self._heard(answer)
        if isinstance(answer, Death) or said.code == "garbled":
            worker.end()
            self._worker = None
        return replace(
            said, seconds=time.monotonic() - started, peak_mb=max(0.0, worker.peak_bytes / (1 << 20))
        )

    def load(self, cancelled: Callable[[], bool]) -> Said | None:
        """Start a worker and have it load the plugin; what went wrong, or None."""
        worker = self._workers.start(self._manifest.environment, self._policy, self._keep_for)
        self._sent.clear()
        opening = {
            "source": self._source.told,
            "plugin": self._manifest.name,
            "config": self._config,
            "models": self._models,
        }
        worker.say(Frame("analyze", opening))
        try:
            answer = worker.listen(self._limits(LOAD_S), None, cancelled)
        except BaseException:
            worker.end()
            raise
        if isinstance(answer, Frame) and answer.kind == "ready":
            self._worker = worker
            return None
        worker.end()
        said = self._heard(answer)
        if said.status == "ok" or said.status == "skipped":
            return Said("invalid", "garbled", reason="it answered before it was asked")
        return said

    def _limits(self, cpu_s: float) -> Limits:
        room = (self._scratch, self._manifest.scratch or 0) if self._scratch else None
        return Limits(cpu_s, self._manifest.memory, self._still_s, scratch=room)

    def _frame(self, call: Call, fds: list[int]) -> Frame:
        """The call's frame; an input that the worker still holds from the call before is only named."""
        parts: dict[str, Part] = {}
        for given in call.inputs:
            if given.key not in self._sent:
                parts.update(given.parts())
        self._sent = {given.key for given in call.inputs if not given.finer}
        body = {
            "region": call.region,
            "view": call.view,
            "inputs": [given.told for given in call.inputs],
            "seed": call.seed,
            "scratch": self._scratch,
            "corrections": call.corrections.model_dump(mode="json"),
        }
        return Frame("call", body, parts, tuple(fds))

    def _heard(self, answer: Frame | Death) -> Said:
        if isinstance(answer, Death):
            return Said(answer.status, answer.code, answer.signal, answer.reason, answer.detail)
        body = answer.body
        status, code = body.get("status"), body.get("code")
        reason, detail = safe_or_none(body.get("reason"), 500), safe_or_none(body.get("detail"), 4096)
        if answer.kind == "broken":
            return Said("failed", "exception", reason=reason, detail=detail)
        if answer.kind != "said" or (status, code) not in SAYABLE:
            return Said(
                "invalid", "garbled", reason=f"it sent {answer.kind[:50]!r} where an answer was expected"
            )
        if status != "ok":
            return Said(str(status), str(code), reason=reason or "it gave no reason", detail=detail)
        try:
            result = checked(self._manifest, answer.parts, RESULT)
            files = handed(self._scratch, result.files)
        except InvalidResult as error:
            return Said("invalid", "schema", reason=str(error)[:500])
        return Said("ok", "ok", text=result.text, arrays=result.arrays, files=files)


@contextlib.contextmanager
def _closing(fds: list[int]) -> Iterator[list[int]]:
    try:
        yield fds
    finally:
        for fd in fds:
            os.close(fd)
