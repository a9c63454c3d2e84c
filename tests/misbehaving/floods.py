"""Plugins that write too much, or where they should not."""

from __future__ import annotations

import os
import struct
from typing import Any

from hemiola.frames import MAGIC, PREFIX

from .base import GARBLED, OK, Outcome, harm, send, told

BLOCK = b"x" * (1 << 20)


@harm(OK, portable=True)
def flood_stdout(self: Any, region: Any, context: Any) -> Any:
    """Prints 1 GB."""
    for _ in range(1024):
        view = memoryview(BLOCK)
        while view:
            view = view[os.write(1, view) :]
    return told(self)


@harm(Outcome("failed", "exception", says="ValueError: at last"), portable=True)
def flood_stderr(self: Any, region: Any, context: Any) -> None:
    """Prints a thousand lines, then fails: the end of them is kept."""
    for number in range(10_000):
        os.write(2, f"line {number}\n".encode())
    raise ValueError("at last")


@harm(GARBLED)
def garbage_everywhere(self: Any, region: Any, context: Any) -> None:
    """Writes noise to every descriptor."""
    noise = os.urandom(4096)
    for fd in range(64):
        try:
            os.set_blocking(fd, False)
            os.write(fd, noise)
        except OSError:
            continue


@harm(Outcome("invalid", "garbled", says="far more progress"))
def flood_progress(self: Any, region: Any, context: Any) -> None:
    """Says how far it is, as fast as the socket takes it."""
    header = b'{"kind":"progress","fds":0,"parts":[],"body":{"fraction":0.5}}'
    frames = (PREFIX.pack(MAGIC, len(header), 0) + header) * 1000
    while True:
        send(context, frames)


@harm(Outcome("invalid", "garbled"))
def flood_parts(self: Any, region: Any, context: Any) -> None:
    """Sends frame after frame of 200 MB."""
    size = 200 << 20
    header = b'{"kind":"progress","fds":0,"parts":[["a",%d,[%d]]],"body":{"fraction":0.5}}' % (
        size,
        size // 4,
    )
    while True:
        send(context, PREFIX.pack(MAGIC, len(header), size) + header)
        for _ in range(200):
            send(context, BLOCK)


@harm(Outcome("timed_out", "still", "SIGKILL"))
def promise_parts(self: Any, region: Any, context: Any) -> None:
    """Announces 256 MB and sends a byte."""
    import time

    send(context, struct.pack("<4sIQ", MAGIC, 40, 256 << 20) + b" " * 41)
    time.sleep(60)
