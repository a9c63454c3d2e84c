"""Plugins that take memory, by every way that leads to it."""

from __future__ import annotations

import ctypes
import mmap
import os
import threading
import time
from typing import Any

from .base import DENIED, REFUSED, Outcome, harm

MIB = 1 << 20
GREW = Outcome("out_of_memory", "memory", "SIGKILL", "more than its 256 MiB")
PR_SET_NAME, M_ARENA_MAX = 15, -8


@harm(Outcome("out_of_memory", "memory_error", says="more memory than it may"))
def allocate_64_gb(self: Any, region: Any, context: Any) -> None:
    """Asks for 64 GB."""
    bytearray(64 << 30)


@harm(GREW, portable=True)
def grow(self: Any, region: Any, context: Any) -> None:
    """Grows slowly."""
    kept = []
    while True:
        kept.append(b"x" * (8 * MIB))
        time.sleep(0.02)


@harm(GREW, portable=True)
def grow_shared(self: Any, region: Any, context: Any) -> None:
    """Grows by shared anonymous memory."""
    kept = []
    while True:
        kept.append(mmap.mmap(-1, 8 * MIB))
        kept[-1].write(b"x" * (8 * MIB))
        time.sleep(0.02)


@harm(Outcome("failed", "exception", says="Cannot allocate memory"))
def grow_unseen(self: Any, region: Any, context: Any) -> None:
    """Grows by shared memory that it gives back to the kernel's keeping: no longer resident, still there."""
    kept = []
    while True:
        kept.append(mmap.mmap(-1, 8 * MIB))
        kept[-1].write(b"x" * (8 * MIB))
        kept[-1].madvise(mmap.MADV_DONTNEED)


@harm(GREW)
def grow_disguised(self: Any, region: Any, context: Any) -> None:
    """Takes a name that reads like the line of /proc/PID/status that is watched."""
    ctypes.CDLL(None).prctl(PR_SET_NAME, b"RssAnon:\t0", 0, 0, 0)
    kept = []
    while True:
        kept.append(b"x" * (8 * MIB))
        time.sleep(0.02)


@harm(Outcome("ok", "ok"))
def odd_name(self: Any, region: Any, context: Any) -> Any:
    """Takes a name that is no number where one is looked for."""
    ctypes.CDLL(None).prctl(PR_SET_NAME, b"RssAnon:x)", 0, 0, 0)
    time.sleep(0.3)
    return self.result_type()


@harm(REFUSED)
def grow_memfd(self: Any, region: Any, context: Any) -> None:
    """Grows by files in memory."""
    fd = os.memfd_create("harm")
    while True:
        os.write(fd, b"x" * MIB)


@harm(DENIED)
def grow_tmpfs(self: Any, region: Any, context: Any) -> None:
    """Grows by files in a folder that is memory."""
    with open("/dev/shm/hemiola-harm", "wb") as file:
        file.write(b"x" * MIB)


@harm(Outcome("crashed", "threads", "SIGKILL", "threads"), memory="1 GiB")
def thread_bomb(self: Any, region: Any, context: Any) -> None:
    """Starts threads until no process can be started on the machine."""
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
    threading.stack_size(32 << 10)
    for _ in range(4000):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    time.sleep(60)


@harm(REFUSED)
def kernel_buffers(self: Any, region: Any, context: Any) -> None:
    """Has the kernel keep what it writes: large buffers of sockets that nobody reads."""
    import socket

    kept = []
    while True:
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
        kept += [ours, theirs]


def _allocate_in_load(self: Any) -> None:
    bytearray(64 << 30)


@harm(Outcome("out_of_memory", "memory_error"), load=_allocate_in_load)
def allocate_in_load(self: Any, region: Any, context: Any) -> None:
    """Asks for 64 GB in load."""
