"""One plugin that makes the system calls it is told to, as a hostile one would, and tells what each answered."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import signal
from typing import Any

from hemiola._worker.seccomp import ARCHITECTURES

from .base import OK, harm, told

NOWHERE = ctypes.c_void_p(8)
"""An address that nothing is mapped at: a call that is not refused fails with EFAULT, or with what it says."""


def arguments(name: str, other: int) -> tuple[int, ...]:
    """Arguments that do harm where the call is allowed for some; a process of another's where one is named."""
    chosen: dict[str, tuple[int, ...]] = {
        "kill": (other, 0),
        "tkill": (other, 0),
        "tgkill": (other, other, 0),
        "rt_sigqueueinfo": (other, 0),
        "rt_tgsigqueueinfo": (other, other, 0),
        "prlimit64": (other, 7),
        "sched_setparam": (other,),
        "sched_setscheduler": (other,),
        "sched_setaffinity": (other,),
        "sched_setattr": (other,),
        "move_pages": (other,),
        "migrate_pages": (other,),
        "setpriority": (0, other, 5),
        "ioprio_set": (1, other, 0),
        "clone": (signal.SIGCHLD,),
        "prctl": (1, 0),
        "fcntl": (0, 8, other),
        "ioctl": (0, 0x8901),
        "socket": (2, 1, 0),
        "socketpair": (1, 2, 0),
        "ptrace": (0, 0),
    }
    return chosen.get(name, ())


def call(name: str, *given: int) -> int:
    """The error number of a call, 0 when it was done."""
    libc = ctypes.CDLL(None, use_errno=True)
    number = ARCHITECTURES[platform.machine()].numbers[name]
    words = [ctypes.c_long(value) for value in given]
    padding = [NOWHERE] * (6 - len(words))
    return ctypes.get_errno() if libc.syscall(ctypes.c_long(number), *words, *padding) == -1 else 0


@harm(OK)
def syscall(self: Any, region: Any, context: Any) -> Any:
    """Makes every call named in its target."""
    names = self.config.target.split()
    return told(self, json.dumps({name: call(name, *arguments(name, os.getppid())) for name in names}))
