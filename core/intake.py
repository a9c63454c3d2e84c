"""Intake: one streaming pass over a file in a decode worker, written where workers will map it.

The host makes the files, the decoder fills them through their descriptors under a size limit, and the
host checks what came of it. The decoder sees nothing but the descriptor of the one file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from bridges.deaths import Death
from bridges.intake_codes import IntakeCode
from bridges.worker import Limits, Worker
from bridges.workers import EnvironmentUnavailable, Workers
from core.errors import IntakeRefused
from core.files import OpenFile
from core.settings import ROOT, Settings
from core.views import ALWAYS, Stored, View, Views
from core.waveform import PeaksError, parse_peaks, write_points
from hemiola._worker.confine import Policy
from hemiola.frames import Frame

DECODER = ROOT / "bridges" / "tasks"
ENVIRONMENT = "main"
MEMORY = 1 << 30
SPARE = 512 << 20
"""Disk that is left free."""
Choose = Callable[[dict[str, Any]], list[View]]
EXTRAS = ("peaks.dat", "blocks.f32", "envelope.f32")


class Intake:
    """Decodes files into the view cache, and finds there what was decoded before."""

    def __init__(self, workers: Workers, views: Views, settings: Settings) -> None:
        self._workers, self._views, self._settings = workers, views, settings

    def take_in(
        self,
        file: OpenFile,
        sha: str,
        wanted: Iterable[View],
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> Stored:
        """The decoded form of a file with at least the wanted views.

        Raises
        ------
        IntakeRefused
            The file cannot be taken in; code and sentence say why.
        Cancelled
            The job was cancelled meanwhile.
        """
        views = sorted({ALWAYS, *wanted})
        stored = self._views.find(sha)
        if stored is not None and all(stored.has(view) for view in views):
            return stored
        with self.unpacked(file, views, progress, cancelled) as (partial, facts, names):
            return self._views.publish(sha, partial, facts, [*names, *write_points(partial)])

    @contextlib.contextmanager
    def unpacked(
        self,
        file: OpenFile,
        views: list[View] | Choose,
        progress: Callable[[float], None] = lambda fraction: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[tuple[Path, dict[str, Any], list[str]]]:
        """A file decoded into a folder that is gone afterwards: the folder, the decoder's facts, the files' names.

        Views may be chosen by what the decoder says of the file before it decodes it.

        Raises what `take_in` raises; an OSError inside becomes IntakeRefused(NO_SPACE).
        """
        try:
            self._views.root.mkdir(parents=True, exist_ok=True)
            partial = Path(tempfile.mkdtemp(suffix=".part", dir=self._views.root))
        except OSError as error:
            raise _no_room(file, error) from error
        try:
            facts, names = self._decode(file, partial, views, progress, cancelled)
            file.check_unchanged()
            yield partial, facts, names
        except OSError as error:
            raise _no_room(file, error) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _decode(
        self,
        file: OpenFile,
        partial: Path,
        wanted: list[View] | Choose,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> tuple[dict[str, Any], list[str]]:
        most = self._most_bytes([View(0, 0)] if callable(wanted) else wanted)
        policy = Policy(readable=(str(DECODER),), address_space=MEMORY, file_size=most)
        try:
            worker = self._workers.start(ENVIRONMENT, policy, "decode")
        except EnvironmentUnavailable as error:
            raise IntakeRefused(IntakeCode.UNREADABLE, f"“{file.name}” cannot be decoded: {error}") from error
        fds: list[int] = []
        try:
            probe = self._probe(worker, file, cancelled)
            views = wanted(probe) if callable(wanted) else wanted
            names = [
                view.file(n) for view in views for n in range(view.channels or probe["channels"])
            ] + list(EXTRAS)
            self._check_room(file, probe, views)
            for name in names:
                fds.append(os.open(partial / name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            asked = [{"rate": view.rate or None, "channels": view.channels or None} for view in views]
            worker.say(Frame("decode", {"views": asked, "reserve_bytes": SPARE}, fds=tuple(fds)))
            facts = _said(worker.listen(self._limits(probe), progress, cancelled), "decoded", file)
        except BaseException:
            worker.end()
            raise
        finally:
            for fd in fds:
                os.close(fd)
        self._workers.finish(worker, "decode")
        _check_lengths(partial, views, facts)
        return {**probe, **facts}, names

    def _probe(self, worker: Worker, file: OpenFile, cancelled: Callable[[], bool]) -> dict[str, Any]:
        opening = {
            "task": "decode",
            "source": {"path": str(DECODER / "decode.py"), "module": None},
            "name": file.name,
            "max_seconds": self._settings.max_hours * 3600,
        }
        worker.say(Frame("decode", opening, fds=(file.fd,)))
        limits = Limits(cpu_s=60.0, memory=MEMORY, still_s=self._settings.still_s)
        return _said(worker.listen(limits, None, cancelled), "probe", file)

    def _limits(self, probe: dict[str, Any]) -> Limits:
        """Decoding costs a small part of real time; an unknown length counts as the longest."""
        seconds = probe["duration_s"] or self._settings.max_hours * 3600
        return Limits(cpu_s=120 + 0.1 * seconds, memory=MEMORY, still_s=self._settings.still_s)

    def _most_bytes(self, views: list[View]) -> int:
        """Largest file the decoder may write: the longest recording at the highest rate."""
        highest = max(
            [view.rate for view in views if view.rate] + [384_000 if any(not v.rate for v in views) else 0]
        )
        return int(self._settings.max_hours * 3600 * max(highest, 48_000) * 4) + (1 << 20)

    def _check_room(self, file: OpenFile, probe: dict[str, Any], views: list[View]) -> None:
        if not probe["duration_s"]:
            return
        rates = [(view.rate or probe["rate"]) * (view.channels or probe["channels"]) for view in views]
        needed = int(min(probe["duration_s"], self._settings.max_hours * 3600) * 4 * sum(rates))
        free = shutil.disk_usage(self._views.root).free
        if needed + SPARE > free:
            reason = (
                f"“{file.name}” would unpack to {needed / 1e9:.1f} GB, and the disk with the cache has"
                f" {free / 1e9:.1f} GB left. Make room or choose another cache folder."
            )
            raise IntakeRefused(IntakeCode.NO_SPACE, reason)


def _said(frame: Frame | Death, kind: str, file: OpenFile) -> dict[str, Any]:
    """The body of the expected frame; anything else becomes a refusal with a sentence."""
    if isinstance(frame, Death):
        late = frame.status == "timed_out"
        code = IntakeCode.TIMED_OUT if late else IntakeCode.DECODER_CRASHED
        raise IntakeRefused(
            code, f"“{file.name}” could not be decoded: the decoder gave up ({frame.reason})."
        )
    if frame.kind == kind:
        return frame.body
    if frame.kind == "refused" and frame.body.get("code") in set(IntakeCode):
        raise IntakeRefused(IntakeCode(frame.body["code"]), str(frame.body["reason"])[:500])
    reason = frame.body.get("reason", "it said something unexpected")
    raise IntakeRefused(IntakeCode.DECODER_CRASHED, f"“{file.name}” could not be decoded: {reason}"[:500])


def _check_lengths(partial: Path, views: list[View], facts: dict[str, Any]) -> None:
    """A view is as long as its rate says, within one sample, the peaks as their header; a decoder is not believed."""
    try:
        parse_peaks((partial / "peaks.dat").read_bytes())
    except PeaksError as error:
        raise IntakeRefused(IntakeCode.DECODER_CRASHED, f"the decoder drew no waveform: {error}") from error
    for view in views:
        expected = facts["frames"] * ((view.rate or facts["rate"]) / facts["rate"])
        size = (partial / view.file(0)).stat().st_size
        if abs(size / 4 - expected) > 2:
            reason = f"the decoder announced {expected:.0f} samples at {view.rate} Hz and wrote {size // 4}"
            raise IntakeRefused(IntakeCode.DECODER_CRASHED, reason)


def _no_room(file: OpenFile, error: OSError) -> IntakeRefused:
    return IntakeRefused(IntakeCode.NO_SPACE, f"“{file.name}” cannot be unpacked: {error.strerror or error}.")
