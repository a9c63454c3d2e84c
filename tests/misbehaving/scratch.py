"""Plugins that fill the scratch folder they asked for, by every way that hides it."""

from __future__ import annotations

import os
import time
from typing import Any

from .base import OK, Outcome, harm, told

MIB = 1 << 20
FULL = Outcome("out_of_memory", "scratch", "SIGKILL", "more than its 8 MiB of scratch")
TOO_LARGE = Outcome("failed", "exception", says="File too large")


@harm(OK, scratch="8 MiB", portable=True)
def modest_scratch(self: Any, region: Any, context: Any) -> Any:
    """Writes what it may, and cleans nothing up."""
    (context.scratch / "a" / "b").mkdir(parents=True)
    (context.scratch / "a" / "b" / "c").write_bytes(b"x" * MIB)
    time.sleep(0.8)
    return told(self)


@harm(TOO_LARGE, scratch="8 MiB")
def one_large_file(self: Any, region: Any, context: Any) -> None:
    """Writes one file that is too large."""
    with open(context.scratch / "large", "wb", buffering=0) as file:
        while True:
            file.write(b"x" * MIB)


@harm(FULL, scratch="8 MiB", portable=True)
def many_files(self: Any, region: Any, context: Any) -> None:
    """Writes many files, none too large."""
    for number in range(100):
        (context.scratch / str(number)).write_bytes(b"x" * MIB)
        time.sleep(0.02)
    time.sleep(60)


@harm(FULL, scratch="8 MiB")
def nameless_files(self: Any, region: Any, context: Any) -> None:
    """Writes files that have no name any more."""
    kept = []
    for number in range(20):
        kept.append(open(context.scratch / str(number), "wb", buffering=0))  # noqa: SIM115
        os.unlink(context.scratch / str(number))
        kept[-1].write(b"x" * MIB)
    time.sleep(60)


@harm(FULL, scratch="8 MiB")
def deep_folders(self: Any, region: Any, context: Any) -> None:
    """Makes folders in folders, until no path reaches the last."""
    os.chdir(context.scratch)
    for _ in range(3000):
        os.mkdir("d")
        os.chdir("d")
    time.sleep(60)


@harm(FULL, scratch="8 MiB")
def empty_files(self: Any, region: Any, context: Any) -> None:
    """Makes files without content until the disk has no room for names."""
    for number in range(20_000):
        os.close(os.open(context.scratch / str(number), os.O_CREAT | os.O_WRONLY))
    time.sleep(60)
