"""The server's socket in the data folder: through it the owner's commands reach a running server."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

SOCKET = "server.sock"
LONGEST = 100
"""Bytes of a socket's address; Linux takes 107, macOS 103."""


@contextlib.contextmanager
def reachable(path: Path) -> Iterator[str]:
    """An address of a socket's path that is short enough; valid while inside."""
    if len(os.fsencode(path)) <= LONGEST or not os.path.isdir("/proc/self/fd"):
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
