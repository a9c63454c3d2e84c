"""Confinement: what a freshly forked worker gives up, in order, before it reads a byte of the task."""

from __future__ import annotations

import ctypes
import faulthandler
import io
import os
import resource
import signal
import struct
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hemiola._worker import landlock, seccomp

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CAPABILITY_VERSION = 0x20080522
CAPSET = {"x86_64": 126, "aarch64": 91}
OPEN_FILES = 256
OOM_SCORE = 800
PENDING = 256
"""Queued signals and timers; the kernel counts them for all of a user's processes together."""
SLACK = 256 << 20
"""Address space beyond what a task declares: thread stacks, malloc arenas, libraries loaded late."""
SOCKET, FIRST_FREE = 3, 4
READABLE_SYSTEM = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo",
    "/etc/ld.so.cache", "/etc/localtime",
    "/dev/urandom", "/dev/random", "/dev/zero", "/proc/self", "/proc/cpuinfo", "/proc/meminfo",
    "/sys/devices/system/cpu",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """What one worker may do.

    Parameters
    ----------
    confined
        Whether Landlock, seccomp and the rest are applied; False in portable mode.
    readable, writable
        Files and folders beyond the interpreter's.
    address_space
        Bytes it may map beyond its size at fork; None for no limit.
    file_size
        Largest file it may write, bytes; 0: none.
    """

    confined: bool = True
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    address_space: int | None = None
    file_size: int = 0

    def to_json(self) -> dict[str, Any]:
        """The policy as the host sends it."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Policy:
        """The policy as the zygote receives it."""
        return cls(**{**told, "readable": tuple(told["readable"]), "writable": tuple(told["writable"])})


def layers() -> dict[str, bool]:
    """Which layers of confinement this machine offers, each tried or asked of the kernel."""
    return {
        "landlock": landlock.abi() >= landlock.REQUIRED_ABI,
        "seccomp": seccomp.supported() and os.path.exists("/proc/sys/kernel/seccomp"),
        "pidfd": hasattr(os, "pidfd_open"),
    }


def die_with_parent(parent: int) -> None:
    """Be killed when the thread that started this process ends; end now if it has already."""
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def become_worker(sock: int, output: int, parent: int) -> None:
    """Leave the zygote behind: own session, dies with its parent, only its own descriptors.

    Afterwards descriptor 0 is empty, 1 and 2 are the bounded output pipe, 3 is the socket.
    """
    os.setsid()
    die_with_parent(parent)
    empty = os.open(os.devnull, os.O_RDONLY)
    for target, source in enumerate(_lifted(empty, output, output, sock)):
        os.dup2(source, target, inheritable=False)
    os.closerange(FIRST_FREE, 1 << 20)


def tell_of_crashes() -> None:
    """Have a fatal signal write where Python was, and every printed line leave at once, for the outcome's detail."""
    faulthandler.enable()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)


def _lifted(*fds: int) -> list[int]:
    """Copies of the descriptors, out of the way of the numbers they are going to take."""
    import fcntl

    return [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 64) for fd in fds]


def limit(policy: Policy) -> None:
    """Resource limits, and being the first that the kernel ends when memory runs out."""
    if sys.platform == "linux":
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE))
        resource.setrlimit(resource.RLIMIT_SIGPENDING, (PENDING, PENDING))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (policy.file_size, policy.file_size))
    if policy.address_space is not None and sys.platform == "linux":
        size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        most = size + policy.address_space + SLACK
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def confine(policy: Policy) -> None:
    """Give up privileges, files and system calls for good. Seccomp comes last: it refuses the rest of this list."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _drop_capabilities()
    readable = [Path(path) for path in (*READABLE_SYSTEM, *policy.readable)]
    landlock.restrict(readable, [Path(path) for path in policy.writable])
    seccomp.install()


def _drop_capabilities() -> None:
    """Without them root is a user like any other: it cannot raise its limits again."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, none = struct.pack("<Ii", CAPABILITY_VERSION, 0), bytes(24)
    if libc.syscall(CAPSET[os.uname().machine], header, none) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"capset: {os.strerror(number)}")


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")
