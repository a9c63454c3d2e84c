"""What every plugin that does harm is made of: a question of its own, one thing it does, and what must come of it."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from hemiola import Budget, Config, Context, Frames, Plugin, Region, Result
from hemiola.results import Labels
from hemiola.results.base import Numbers, Times

SOON = Budget(seconds=0.5, per_audio_second=0.0)
"""Processor time of those that never end."""


class Told(Result):
    """What a harmful plugin answers when it gets that far."""

    text: Annotated[str, Field(max_length=20_000)] = ""
    times: Times = ()
    values: Numbers = ()
    curve: Frames | None = None


class Target(Config):
    """What a test lets it loose on: a file, a folder, the number of a process, names."""

    target: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The row of the ledger that a harm must come to; `says` is part of its reason."""

    status: str
    code: str
    signal: str | None = None
    says: str = ""


REFUSED = Outcome("failed", "exception", says="not permitted")
DENIED = Outcome("failed", "exception", says="Permission denied")
GARBLED = Outcome("invalid", "garbled")
OK = Outcome("ok", "ok")

HARMS: list[type[Plugin[Any, Any]]] = []


class Harm(Plugin[Told, Target]):
    """The base of all: it comes after `labels`, so that something innocent runs before, beside and after it."""

    comes_to: ClassVar[Outcome]
    portable: ClassVar[Outcome | None]
    """The same without confinement; None where only confinement holds it."""


Act = Callable[[Any, Region, Context], Any]


def harm(
    comes_to: Outcome,
    *,
    portable: Outcome | bool = False,
    load: Callable[[Any], None] | None = None,
    **declared: Any,
) -> Callable[[Act], Act]:
    """Make the decorated function the `analyze` of a plugin `harm_FUNCTION.it`.

    Parameters
    ----------
    comes_to
        What the ledger must say.
    portable
        True: the same in portable mode; an Outcome: that one; False: not to be run there.
    load
        What it does in `load`.
    declared
        Further attributes of the plugin: budget, memory.
    """

    def make(act: Act) -> Act:
        title = f"harm_{act.__name__}"
        answer = type(title, (Told,), {"question": title, "levels": ("take",), "__module__": __name__})
        attributes: dict[str, Any] = {
            "name": f"{title}.it",
            "version": "1",
            "uses": (Labels,),
            "memory": "256 MiB",
            "__doc__": act.__doc__,
            "__module__": __name__,
            "comes_to": comes_to,
            "portable": comes_to if portable is True else portable or None,
            "analyze": act,
            **({"load": load} if load else {}),
            **declared,
        }
        made = type(title, (Harm,), attributes)
        made.result_type = answer
        HARMS.append(made)
        return act

    return make


def told(plugin: Any, text: object = "") -> Told:
    """An answer of the plugin's own type."""
    return plugin.result_type(text=str(text)[:20_000])


def own_socket(context: Any) -> socket.socket:
    """The worker's end of its conversation, which a hostile plugin finds with ease."""
    return context.task.channel.sock


def send(context: Any, data: bytes) -> None:
    """Write raw bytes to the host, waiting for room."""
    sock, view = own_socket(context), memoryview(data)
    while view:
        select.select([], [sock], [])
        try:
            view = view[sock.send(view) :]
        except BlockingIOError:
            continue


def refused(number: int) -> None:
    """Raise what a system call answered."""
    raise OSError(number, os.strerror(number))
