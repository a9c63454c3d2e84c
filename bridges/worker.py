"""One worker under supervision: a conversation in frames, with deadlines, a memory watch and an end.

Budgets are CPU seconds, so that a busy machine makes no false `timed_out`; a wall guard and a guard
against standing still catch what uses none.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bridges import deaths, scratch
from bridges.deaths import Death
from bridges.processes import Exit, Process, Vitals, ZygoteLost, vitals
from bridges.texts import safe
from hemiola.errors import FrameError
from hemiola.frames import Channel, Frame

TICK_S = 0.1
WALL_FACTOR = 5.0
SCRATCH_S = 0.5
TAIL = 4096
MODULES = re.compile(r"\n*Extension modules: [^\n]*")
DRAIN = 1 << 20
"""Most output read in one turn, so that a flood does not keep the loop from its other duties."""
FAREWELL_S = 1.0
REAP_S = 10.0
"""Longest that the end of a process, once seen, takes to be told."""
LAST_TURNS = 64
"""Turns in which all is read that a process can have left in its socket."""
MAX_PROGRESS = 1000
"""Most progress frames in one exchange; an honest worker sends two hundred."""
MAX_THREADS = 256
"""Most threads of a worker; beyond lies what keeps a machine from starting any process."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange may use.

    Parameters
    ----------
    cpu_s
        CPU seconds; five times that on the wall.
    memory
        Bytes beyond what the process had when it was forked.
    still_s
        Longest it may stand without using CPU time or sending a frame.
    """

    cpu_s: float
    memory: int
    still_s: float = 30.0
    wall_s: float | None = None
    """Seconds on the wall, where five times the CPU seconds is not meant."""
    scratch: tuple[str, int] | None = None
    """The folder it may write to, and the bytes that may lie in it."""

    @property
    def wall(self) -> float:
        """Longest the exchange may last, seconds."""
        return max(self.cpu_s * WALL_FACTOR, self.still_s) if self.wall_s is None else self.wall_s


class _Closable(Process, Protocol):
    def close(self) -> None: ...


class Cancelled(Exception):
    """The job was cancelled while a worker ran; the worker has been ended."""


class Worker:
    """A process, the channel to it, and the tail of what it printed."""

    def __init__(self, process: _Closable, channel: Channel, output: int) -> None:
        self.process = process
        self.channel = channel
        self.peak_bytes = 0
        self._output: int | None = output
        self._tail = bytearray()
        self._poll = select.poll()
        self._poll.register(output, select.POLLIN)
        if process.end_fd is not None:
            self._poll.register(process.end_fd, select.POLLIN)
        now = vitals(process.pid)
        self._base = now.memory if now else 0
        self._gone: Exit | None = None
        self._closed = False
        self._heard = 0

    @property
    def tail(self) -> str:
        """The last 4 kB of what it printed, without Python's list of loaded modules after a fatal signal."""
        return safe(MODULES.sub("", self._tail.decode("utf-8", "replace"))[-TAIL:])

    @property
    def idle(self) -> bool:
        """Whether it waits for the next task: it has said nothing since the last one, nor hung up."""
        return not self._closed and not self.channel.unsent and not self.channel.readable

    def say(self, frame: Frame) -> None:
        """Line a frame up; it is sent while listening. Its descriptors must stay open until an answer came."""
        self.channel.queue(frame)

    def listen(
        self,
        limits: Limits,
        on_progress: Callable[[float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Frame | Death:
        """The next frame other than progress, or how the worker died (of itself or of its limits).

        Raises
        ------
        Cancelled
            `cancelled` said so; the worker has been ended.
        ZygoteLost
            The zygote ended and took the worker with it.
        """
        watch = _Watch(limits, self.process.pid)
        self.peak_bytes = self._heard = 0
        while True:
            event = self._turn(watch, on_progress)
            if event is not None:
                self._measure(vitals(self.process.pid))
                return event
            if cancelled is not None and cancelled():
                self.end()
                raise Cancelled
            if watch.due:
                now = vitals(self.process.pid)
                self._measure(now)
                death = watch.broken(now, self.peak_bytes)
                if death is not None:
                    self.end()
                    return death.told(self.tail)

    def end(self) -> Exit | None:
        """Kill it, wait until it is gone, give back what it held; returns how it ended, where that is known."""
        if not self._closed:
            self.process.kill()
            with contextlib.suppress(ZygoteLost):
                self._gone = self.process.ended(REAP_S)
            self._drain()
            self._close()
        return self._gone

    def dismiss(self) -> bool:
        """End its task but not the process; False when it is not there any more."""
        return not self._closed and self._send_end()

    def farewell(self) -> Exit | None:
        """Let it end by itself (it writes what it still has to write), or kill it after a second."""
        if not self._closed and self._send_end():
            with contextlib.suppress(ZygoteLost):
                self._gone = self.process.ended(FAREWELL_S)
            if self._gone is not None:
                self._close()
        return self.end()

    # -- one turn ----------------------------------------------------------------

    def _turn(self, watch: _Watch, on_progress: Callable[[float], None] | None) -> Frame | Death | None:
        out = select.POLLOUT if self.channel.unsent else 0
        self._poll.register(self.channel, select.POLLIN | out)
        ready = dict(self._poll.poll(TICK_S * 1000))
        if self._output in ready:
            self._drain(DRAIN)
        try:
            return self._exchange(ready, watch, on_progress)
        except FrameError as error:
            self.end()
            return Death("invalid", "garbled", None, f"what it sent could not be read ({error})").told(
                self.tail
            )

    def _exchange(
        self, ready: dict[int, int], watch: _Watch, on_progress: Callable[[float], None] | None
    ) -> Frame | Death | None:
        events = ready.get(self.channel.fileno(), 0)
        over = self.process.end_fd in ready
        alive = True
        if events & select.POLLOUT:
            alive = self._flush()
        if events & ~select.POLLOUT:
            alive = self._read(to_the_end=over) and alive
        while (frame := self.channel.next()) is not None:
            watch.touch()
            if frame.kind != "progress":
                return frame
            self._count(frame)
            if on_progress is not None:
                on_progress(_fraction(frame))
        if not alive or over:
            return self._died(over)
        return None

    def _count(self, progress: Frame) -> None:
        self._heard += 1
        if progress.parts or self._heard > MAX_PROGRESS:
            raise FrameError("far more progress than there is")

    def _flush(self) -> bool:
        try:
            self.channel.pump_out()
        except OSError:
            return False
        return True

    def _read(self, *, to_the_end: bool) -> bool:
        """Read a turn's worth; of a process that has ended all that it left. False where nothing will follow."""
        try:
            for _ in range(LAST_TURNS if to_the_end else 1):
                if not self.channel.pump_in():
                    return False
                if not self.channel.readable:
                    break
        except OSError:
            return False
        return True

    def _died(self, over: bool) -> Death:
        """The other end is gone. A process that only hung up is given a moment, then killed."""
        try:
            exit_ = self._gone = self.process.ended(REAP_S if over else FAREWELL_S)
        except ZygoteLost:
            self._drain()
            self._close()
            raise
        hung_up = exit_ is None and not over
        if exit_ is None:
            exit_ = self.end()
        else:
            self._drain()
            self._close()
        return deaths.of(exit_, hung_up=hung_up, tail=self.tail)

    def _send_end(self) -> bool:
        try:
            self.channel.queue(Frame("end"))
            self.channel.pump_out()
        except OSError:
            return False
        return not self.channel.unsent

    def _measure(self, now: Vitals | None) -> None:
        if now is not None:
            self.peak_bytes = max(self.peak_bytes, now.memory - self._base)

    def _drain(self, most: int = 1 << 30) -> None:
        """Read what it printed, keeping the end of it."""
        if self._output is None:
            return
        taken = 0
        while taken < most:
            try:
                block = os.read(self._output, 1 << 16)
            except BlockingIOError:
                return
            if not block:
                self._poll.unregister(self._output)
                os.close(self._output)
                self._output = None
                return
            taken += len(block)
            self._tail += block
            del self._tail[: -4 * TAIL]

    def _close(self) -> None:
        self._closed = True
        self.channel.close()
        self.process.close()
        if self._output is not None:
            os.close(self._output)
            self._output = None


def _fraction(frame: Frame) -> float:
    fraction = frame.body.get("fraction")
    return float(fraction) if isinstance(fraction, int | float) and 0 <= fraction <= 1 else 0.0


class _Watch:
    """The deadlines of one exchange."""

    def __init__(self, limits: Limits, pid: int) -> None:
        now, start = time.monotonic(), vitals(pid)
        self._limits, self._pid = limits, pid
        self._cpu_at_start = self._cpu = start.cpu_s if start else 0.0
        self._wall_end = now + limits.wall
        self._moved = now
        self._next = self._next_scratch = now + TICK_S

    def touch(self) -> None:
        """A frame came."""
        self._moved = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether it is time to look again."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + TICK_S
        return True

    def broken(self, now: Vitals | None, grown: int) -> Death | None:
        """Which limit is passed, if any."""
        if now is None:
            return None
        if now.cpu_s > self._cpu:
            self._cpu = now.cpu_s
            self.touch()
        limits, clock = self._limits, time.monotonic()
        if grown > limits.memory:
            said = f"it used more than its {limits.memory >> 20} MiB of memory"
            return Death("out_of_memory", "memory", "SIGKILL", said)
        if limits.scratch is not None and self._overflows(*limits.scratch):
            said = f"it wrote more than its {limits.scratch[1] >> 20} MiB of scratch"
            return Death("out_of_memory", "scratch", "SIGKILL", said)
        if now.threads > MAX_THREADS:
            return Death("crashed", "threads", "SIGKILL", f"it started more than {MAX_THREADS} threads")
        if now.cpu_s - self._cpu_at_start > limits.cpu_s:
            return Death(
                "timed_out", "cpu", "SIGKILL", f"it used more than its {limits.cpu_s:.0f} s of processor time"
            )
        if clock > self._wall_end:
            return Death("timed_out", "wall", "SIGKILL", f"it had not answered after {limits.wall:.0f} s")
        if clock - self._moved > limits.still_s:
            return Death("timed_out", "still", "SIGKILL", f"it did nothing for {limits.still_s:.0f} s")
        return None

    def _overflows(self, folder: str, most: int) -> bool:
        """Whether it keeps more on disk than it may; looked at less often, since a folder is walked."""
        now = time.monotonic()
        if now < self._next_scratch:
            return False
        self._next_scratch = now + SCRATCH_S
        return scratch.used(Path(folder), self._pid) > most
