"""Plugins that start processes, or reach for those of others."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import sys
import threading
from typing import Any

from .base import OK, REFUSED, Outcome, harm, told

F_SETSIG, FIOSETOWN, SIOCSPGRP, TIOCSTI = 10, 0x8901, 0x8902, 0x5412


@harm(REFUSED)
def fork_bomb(self: Any, region: Any, context: Any) -> None:
    """Forks for ever."""
    while True:
        os.fork()


@harm(REFUSED)
def daemonise(self: Any, region: Any, context: Any) -> None:
    """Leaves a process behind that belongs to nobody."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)"])
    os._exit(0)


@harm(REFUSED)
def run_program(self: Any, region: Any, context: Any) -> None:
    """Runs a program."""
    subprocess.run(["/bin/true"], check=True)


@harm(REFUSED)
def spawn_program(self: Any, region: Any, context: Any) -> None:
    """Runs a program, by the C library's own way."""
    os.posix_spawn("/bin/true", ["true"], {})


@harm(REFUSED)
def become_program(self: Any, region: Any, context: Any) -> None:
    """Becomes another program."""
    os.execv("/bin/true", ["true"])


@harm(REFUSED)
def kill_parent(self: Any, region: Any, context: Any) -> None:
    """Ends the process that started it."""
    os.kill(os.getppid(), signal.SIGKILL)


@harm(REFUSED)
def kill_group(self: Any, region: Any, context: Any) -> None:
    """Ends its group."""
    os.kill(0, signal.SIGKILL)


@harm(REFUSED)
def kill_host(self: Any, region: Any, context: Any) -> None:
    """Stops the host."""
    os.kill(int(self.config.target), signal.SIGSTOP)


@harm(REFUSED)
def send_by_owner(self: Any, region: Any, context: Any) -> None:
    """Has the kernel send the signal: it owns a descriptor, and something arrives there."""
    fcntl.fcntl(3, fcntl.F_SETOWN, int(self.config.target))


@harm(REFUSED)
def send_by_chosen_signal(self: Any, region: Any, context: Any) -> None:
    """Chooses which signal the kernel sends when something arrives."""
    fcntl.fcntl(3, F_SETSIG, signal.SIGKILL)


@harm(Outcome("failed", "exception", says="Inappropriate ioctl"))
def send_by_ioctl(self: Any, region: Any, context: Any) -> None:
    """Owns a descriptor by another call, or types into the terminal."""
    for request in (FIOSETOWN, SIOCSPGRP, TIOCSTI):
        try:
            fcntl.ioctl(3, request, struct.pack("i", int(self.config.target)))
        except OSError as error:
            refusal = error
        else:
            raise AssertionError(f"ioctl {request:#x} was not refused")
    raise refusal


@harm(REFUSED)
def limit_host(self: Any, region: Any, context: Any) -> None:
    """Forbids the host to write any file, for good."""
    import resource

    resource.prlimit(int(self.config.target), resource.RLIMIT_FSIZE, (0, 0))


@harm(REFUSED)
def slow_host(self: Any, region: Any, context: Any) -> None:
    """Gives the host the processor last."""
    os.sched_setscheduler(int(self.config.target), os.SCHED_IDLE, os.sched_param(0))


@harm(Outcome("failed", "exception", says="ValueError"))
def raise_limits(self: Any, region: Any, context: Any) -> None:
    """Takes its own limits off."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@harm(OK, portable=True)
def thread_left(self: Any, region: Any, context: Any) -> Any:
    """Leaves a thread running that keeps a processor busy."""

    def spin() -> None:
        while True:
            pass

    threading.Thread(target=spin, daemon=True).start()
    return told(self)


@harm(OK, portable=True)
def stubborn_thread_left(self: Any, region: Any, context: Any) -> Any:
    """Leaves a thread running that an interpreter waits for when it ends."""
    threading.Thread(target=threading.Event().wait, daemon=False).start()
    return told(self)
