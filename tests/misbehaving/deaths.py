"""Plugins that end or stop their process."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import sys
import time
from typing import Any

from .base import Outcome, harm

EXIT_BY_OLD_GATE = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"
"""mov eax, 20 (getpid of 32-bit x86); int 0x80; ret."""
X32 = 0x40000000


def killed(signal_name: str, says: str = "") -> Outcome:
    """A signal ended it."""
    return Outcome("crashed", "signal", signal_name, says)


@harm(killed("SIGSEGV", "segmentation fault"), portable=True)
def segfault(self: Any, region: Any, context: Any) -> None:
    """Reads address zero."""
    ctypes.string_at(0)


@harm(killed("SIGABRT", "aborted"), portable=True)
def abort(self: Any, region: Any, context: Any) -> None:
    """Aborts."""
    os.abort()


@harm(killed("SIGFPE", "arithmetic error"))
def arithmetic(self: Any, region: Any, context: Any) -> None:
    """Ends as after a division by zero in C."""
    os.kill(os.getpid(), signal.SIGFPE)


@harm(killed("SIGKILL", "something killed it"), portable=True)
def kill_self(self: Any, region: Any, context: Any) -> None:
    """Ends as when the machine has no memory left."""
    os.kill(os.getpid(), signal.SIGKILL)


@harm(killed("signal 40", "signal 40"))
def strange_signal(self: Any, region: Any, context: Any) -> None:
    """Ends by a signal without a name."""
    os.kill(os.getpid(), 40)


@harm(Outcome("crashed", "exit", says="code 0"), portable=True)
def exit_0(self: Any, region: Any, context: Any) -> None:
    """Leaves as if all were well."""
    os._exit(0)


@harm(Outcome("crashed", "exit", says="code 3"), portable=True)
def exit_3(self: Any, region: Any, context: Any) -> None:
    """Leaves."""
    os._exit(3)


@harm(Outcome("out_of_memory", "memory", "SIGABRT", "could not get the memory"), portable=True)
def bad_alloc(self: Any, region: Any, context: Any) -> None:
    """Ends as C++ does that gets no memory."""
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


@harm(Outcome("timed_out", "still", "SIGKILL", "did nothing for 2 s"), portable=True)
def stop(self: Any, region: Any, context: Any) -> None:
    """Stops itself."""
    os.kill(os.getpid(), signal.SIGSTOP)


@harm(Outcome("crashed", "hung_up", says="closed its connection"), portable=True)
def close_all(self: Any, region: Any, context: Any) -> None:
    """Closes every descriptor and goes on."""
    os.closerange(0, 1024)
    time.sleep(60)


def _segfault_in_load(self: Any) -> None:
    ctypes.string_at(0)


@harm(killed("SIGSEGV"), portable=True, load=_segfault_in_load)
def segfault_in_load(self: Any, region: Any, context: Any) -> None:
    """Reads address zero in load."""


@harm(killed("SIGSYS", "forbidden system call"))
def x32_call(self: Any, region: Any, context: Any) -> None:
    """Calls by the numbers of another ABI."""
    number = X32 + 39 if sys.platform == "linux" else 0
    ctypes.CDLL(None).syscall(ctypes.c_long(number))


@harm(killed("SIGSYS", "forbidden system call"))
def old_gate(self: Any, region: Any, context: Any) -> None:
    """Calls the kernel by the gate of 32-bit programs."""
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(EXIT_BY_OLD_GATE)
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
