"""How a worker's end is told: a status, a code, the signal's name, and a sentence.

crashed        signal     a signal ended it
crashed        exit       it exited by itself, with whatever code
crashed        hung_up    it closed its connection and went on
crashed        threads    it started more threads than any work needs
out_of_memory  memory     it passed what it declared, or could not get what it asked for
timed_out      cpu | wall | still
invalid        garbled    what it sent is no frame
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace

from bridges.processes import Exit

SENTENCES = {
    signal.SIGSEGV: "segmentation fault",
    signal.SIGABRT: "it aborted itself",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "arithmetic error",
    signal.SIGILL: "illegal instruction",
    signal.SIGKILL: "something killed it; the machine may be short of memory",
    signal.SIGSYS: "a forbidden system call",
    signal.SIGTERM: "it was asked to end",
    signal.SIGXCPU: "its processor time was used up",
}
STARVED = ("bad_alloc", "MemoryError", "Cannot allocate memory", "memory allocation of", "out of memory")
"""Last words of a process that could not get memory."""


@dataclass(frozen=True, slots=True)
class Death:
    """Why there is no answer. `status` is a word of the ledger, `reason` a sentence's end."""

    status: str
    code: str
    signal: str | None
    reason: str
    detail: str | None = None

    def told(self, tail: str) -> Death:
        """The same with the end of what the worker printed."""
        return replace(self, detail=tail or None)


def of(exit_: Exit | None, *, hung_up: bool, tail: str) -> Death:
    """The death of a worker that ended by itself, or hung up and was killed."""
    starved = any(words in tail for words in STARVED)
    if hung_up or exit_ is None:
        return Death("crashed", "hung_up", None, "it closed its connection to the program").told(tail)
    if exit_.signal is not None:
        number = signal.Signals(exit_.signal) if exit_.signal in set(signal.Signals) else None
        name = number.name if number is not None else f"signal {exit_.signal}"
        if starved and number in (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS):
            return Death("out_of_memory", "memory", name, "it could not get the memory it asked for").told(
                tail
            )
        words = SENTENCES.get(number, name) if number is not None else name
        return Death("crashed", "signal", name, f"it stopped ({words})").told(tail)
    return Death("crashed", "exit", None, f"it exited by itself with code {exit_.code}").told(tail)
