"""Plugins that never end."""

from __future__ import annotations

import ctypes
import re
import signal
import time
from typing import Any

from .base import SOON, Outcome, harm

CPU = Outcome("timed_out", "cpu", "SIGKILL", "processor time")
STILL = Outcome("timed_out", "still", "SIGKILL", "did nothing for 2 s")


@harm(CPU, portable=True, budget=SOON)
def python_loop(self: Any, region: Any, context: Any) -> None:
    """Computes for ever."""
    while True:
        pass


@harm(CPU, portable=True, budget=SOON)
def c_loop(self: Any, region: Any, context: Any) -> None:
    """Computes for ever in C, holding the interpreter."""
    re.match(r"(a*)*b", "a" * 60)


@harm(CPU, budget=SOON)
def deaf_loop(self: Any, region: Any, context: Any) -> None:
    """Computes for ever and ignores every signal that it can."""
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass


@harm(STILL, portable=True)
def sleep(self: Any, region: Any, context: Any) -> None:
    """Sleeps."""
    time.sleep(600)


@harm(STILL)
def c_sleep(self: Any, region: Any, context: Any) -> None:
    """Sleeps in C, holding the interpreter."""
    ctypes.PyDLL(None).sleep(600)


@harm(Outcome("timed_out", "wall", "SIGKILL", "had not answered after 2 s"), portable=True, budget=SOON)
def endless_progress(self: Any, region: Any, context: Any) -> None:
    """Says how far it is, for ever."""
    while True:
        context.task.send("progress", {"fraction": 0.5})
        time.sleep(0.02)


def _sleep_in_load(self: Any) -> None:
    time.sleep(600)


@harm(STILL, load=_sleep_in_load)
def sleep_in_load(self: Any, region: Any, context: Any) -> None:
    """Sleeps in load."""
