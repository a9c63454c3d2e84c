"""Measures what decoding a file costs in memory, in a process of its own."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from pathlib import Path

from bridges.tasks.decode import Request, ViewRequest, decode, probe


def anonymous_peak(path: Path, folder: Path) -> int:
    """Largest anonymous memory in bytes at any progress report while a file is decoded."""
    folder.mkdir(exist_ok=True)
    largest = 0

    def progress(_: float) -> None:
        nonlocal largest
        found = re.search(r"RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text())
        largest = max(largest, int(found[1]) * 1024 if found else 0)

    with ExitStack() as stack:

        def opened(name: Path, flags: int) -> int:
            fd = os.open(name, flags, 0o600)
            stack.callback(os.close, fd)
            return fd

        source = opened(path, os.O_RDONLY)
        outputs = [opened(folder / name, os.O_RDWR | os.O_CREAT | os.O_TRUNC) for name in "abcd"]
        request = Request((ViewRequest(22050, 1, (outputs[0],)),), *outputs[1:])
        decode(source, probe(source, path.name), request, progress)
    return largest
