"""A worker as a process: its vital signs, its end, and how it is ended. Forked by a zygote or started on its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

TICKS = os.sysconf("SC_CLK_TCK")
BEGIN = """
import os, sys
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(1, 9)
if os.getppid() != int(sys.argv.pop(1)):
    os._exit(1)
os.nice(5)
from hemiola._worker.{module} import main
main()
"""
"""How every process of an environment begins: before it imports anything it asks to be killed with its parent.

It steps back behind the host, so that pages and commands are answered while all cores analyse.
"""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended: an exit code or a signal, and the CPU seconds it used."""

    code: int | None
    signal: int | None
    cpu_s: float = 0.0

    @classmethod
    def from_status(cls, status: int, cpu_s: float) -> Exit:
        """From the status that wait4 gives."""
        if os.WIFSIGNALED(status):
            return cls(None, os.WTERMSIG(status), cpu_s)
        return cls(os.waitstatus_to_exitcode(status), None, cpu_s)


@dataclass(frozen=True, slots=True)
class Vitals:
    """CPU seconds used so far, bytes of memory held that are its own (not mapped files), threads."""

    cpu_s: float
    memory: int
    threads: int = 1


class Process(Protocol):
    """What the supervision needs of a process."""

    pid: int

    @property
    def end_fd(self) -> int | None:
        """A descriptor that becomes readable when the process ends; None where there is none."""

    def kill(self) -> None:
        """End it, at once and for certain."""

    def ended(self, timeout_s: float) -> Exit | None:
        """How it ended; None when it has not within this time."""


def command(python: Path, module: str, *arguments: str) -> list[str]:
    """The command line that runs `main` of a module of `hemiola._worker`."""
    return [str(python), "-P", "-c", BEGIN.format(module=module), str(os.getpid()), *arguments]


class ZygoteLost(Exception):
    """The zygote ended, and its workers with it: nothing that the plugin did."""


class ForkedProcess:
    """A worker forked by a zygote; the zygote tells how it ended."""

    def __init__(self, pid: int, pidfd: int) -> None:
        self.pid = pid
        self._pidfd = pidfd
        self._told = threading.Event()
        self._exit: Exit | None = None

    @property
    def end_fd(self) -> int | None:
        """See Process.end_fd."""
        return self._pidfd

    def tell(self, exit_: Exit | None) -> None:
        """Called by the zygote's reader: how it ended, or None when the zygote itself is gone."""
        self._exit = exit_
        self._told.set()

    def kill(self) -> None:
        """See Process.kill. By pidfd: a number used again is never hit."""
        try:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        except ProcessLookupError:
            return

    def ended(self, timeout_s: float) -> Exit | None:
        """See Process.ended; raises ZygoteLost when nobody is left to tell."""
        if not self._told.wait(timeout_s):
            return None
        if self._exit is None:
            raise ZygoteLost
        return self._exit

    def close(self) -> None:
        """Give the pidfd back."""
        os.close(self._pidfd)


class StartedProcess:
    """A worker started on its own, in a session of its own that is ended as a whole."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self.pid = popen.pid
        self._popen = popen
        self._pidfd = os.pidfd_open(popen.pid) if hasattr(os, "pidfd_open") else None

    @property
    def end_fd(self) -> int | None:
        """See Process.end_fd; where there are no pidfds the end shows at the socket."""
        return self._pidfd

    def kill(self) -> None:
        """See Process.kill."""
        self._popen.kill()
        self._end_group()

    def ended(self, timeout_s: float) -> Exit | None:
        """See Process.ended; what it started itself ends with it."""
        try:
            code = self._popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None
        self._end_group()
        return Exit(None, -code) if code < 0 else Exit(code, None)

    def close(self) -> None:
        """Give the pidfd back."""
        if self._pidfd is not None:
            os.close(self._pidfd)

    def _end_group(self) -> None:
        """While anything of the group lives, its number names no other; once nothing does, nobody is there."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return


def vitals(pid: int) -> Vitals | None:
    """What a living process uses now; None when it is gone."""
    if sys.platform != "linux":
        return _vitals_elsewhere(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
        status = Path(f"/proc/{pid}/status").read_bytes()
    except OSError:
        return None
    fields = stat.rpartition(b")")[2].split()
    cpu_s = (int(fields[11]) + int(fields[12])) / TICKS
    memory = sum(_number(status, label) for label in (b"RssAnon", b"RssShmem", b"HugetlbPages"))
    return Vitals(cpu_s, memory << 10, _number(status, b"Threads"))


def _number(status: bytes, label: bytes) -> int:
    """A number of /proc/PID/status; sought from a line's start, since a process chooses its own name."""
    at = status.find(b"\n" + label + b":")
    return int(status[at + len(label) + 2 :].split(None, 1)[0]) if at >= 0 else 0


def _vitals_elsewhere(pid: int) -> Vitals | None:
    import psutil

    try:
        process = psutil.Process(pid)
        times, memory = process.cpu_times(), process.memory_info()
    except psutil.Error:
        return None
    return Vitals(times.user + times.system, int(memory.rss))
