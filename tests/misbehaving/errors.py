"""Plugins that raise."""

from __future__ import annotations

import sys
import threading
from typing import Any

from .base import Outcome, harm


def failed(says: str) -> Outcome:
    """It raised."""
    return Outcome("failed", "exception", says=says)


class Odd(Exception):
    """Holds what no serialiser takes, and has no message."""

    def __init__(self, raised: type[BaseException]) -> None:
        super().__init__(threading.Lock())
        self._raised = raised

    def __str__(self) -> str:
        raise self._raised("there is no message")

    def __reduce__(self) -> Any:
        raise TypeError("this is not to be sent anywhere")


@harm(failed("ValueError: the file is strange"), portable=True)
def exception(self: Any, region: Any, context: Any) -> None:
    """Raises."""
    raise ValueError("the file is strange")


@harm(failed("Odd: (its message could not be read)"), portable=True)
def unserialisable_exception(self: Any, region: Any, context: Any) -> None:
    """Raises what cannot be serialised nor read."""
    raise Odd(ValueError)


@harm(failed("Odd: (its message could not be read)"), portable=True)
def exiting_exception(self: Any, region: Any, context: Any) -> None:
    """Raises what ends the program when it is read."""
    raise Odd(SystemExit)


@harm(failed("ValueError: a name of no encoding: ?"), portable=True)
def surrogate_exception(self: Any, region: Any, context: Any) -> None:
    """Raises with half a character, as names of files have them."""
    raise ValueError("a name of no encoding: \udcff")


@harm(failed("ValueError: \ufffd]0;owned\ufffd \ufffd[2J"), portable=True)
def terminal_exception(self: Any, region: Any, context: Any) -> None:
    """Raises with what a terminal obeys where it is printed."""
    raise ValueError("\x1b]0;owned\x07 \x9b[2J")


@harm(Outcome("crashed", "exit", says="sys.exit(3)"), portable=True)
def sys_exit(self: Any, region: Any, context: Any) -> None:
    """Calls sys.exit."""
    sys.exit(3)


@harm(failed("KeyboardInterrupt"), portable=True)
def interrupt(self: Any, region: Any, context: Any) -> None:
    """Raises what nobody catches."""
    raise KeyboardInterrupt


@harm(failed("RecursionError"), portable=True)
def recursion(self: Any, region: Any, context: Any) -> Any:
    """Calls itself for ever."""
    return recursion(self, region, context)


def _load_fails(self: Any) -> None:
    raise ImportError("No module named 'weights'")


@harm(failed("ImportError: No module named 'weights'"), portable=True, load=_load_fails)
def exception_in_load(self: Any, region: Any, context: Any) -> None:
    """Raises in load."""


def _load_exits(self: Any) -> None:
    sys.exit(0)


@harm(Outcome("crashed", "exit", says="sys.exit(0)"), portable=True, load=_load_exits)
def exit_in_load(self: Any, region: Any, context: Any) -> None:
    """Calls sys.exit in load."""
