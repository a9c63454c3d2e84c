"""A worker's scratch folder: how much it keeps there, and taking it away whatever was made of it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
from pathlib import Path

ENTRY = 4096
"""Bytes that a file or folder counts for beyond its content."""
MOST_ENTRIES = 50_000
BEYOND = 1 << 62
"""What cannot be measured: too many entries, paths too long to open, folders that nobody may list."""


def used(folder: Path, pid: int) -> int:
    """Bytes that a process keeps on disk: what lies beneath the folder, and its open files without a name."""
    total, entries, pending = 0, 0, [str(folder)]
    while pending:
        try:
            with os.scandir(pending.pop()) as listed:
                for entry in listed:
                    entries += 1
                    total += entry.stat(follow_symlinks=False).st_blocks * 512 + ENTRY
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
        except FileNotFoundError:
            continue  # it was removed meanwhile
        except OSError:
            return BEYOND
        if entries > MOST_ENTRIES:
            return BEYOND
    return total + _nameless(pid)


def _nameless(pid: int) -> int:
    """Bytes of open files that were unlinked: no folder shows them."""
    total = 0
    descriptors = Path(f"/proc/{pid}/fd")
    try:
        for fd in os.listdir(descriptors):
            told = os.stat(descriptors / fd)
            if stat.S_ISREG(told.st_mode) and told.st_nlink == 0:
                total += told.st_blocks * 512
    except OSError:
        return total  # the process or the descriptor is gone, or there is no /proc
    return total


def remove(folder: Path) -> None:
    """Delete a folder that a worker could write to; what cannot be removed stays.

    Folders within are emptied into the uppermost, one level at a time, so that none lies too deep, and are made
    listable first.
    """
    _flatten(folder)
    shutil.rmtree(folder, ignore_errors=True)


def empty(folder: Path) -> None:
    """Delete all that is in it, in the same way; the folder stays, since its worker may write to no other."""
    _flatten(folder)
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            path.unlink(missing_ok=True)


def _flatten(folder: Path) -> None:
    prefix, number = secrets.token_hex(8), 0
    with contextlib.suppress(OSError):
        while nested := [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]:
            for path in nested:
                path.chmod(0o700)
                for name in os.listdir(path):
                    number += 1
                    os.rename(path / name, folder / f"{prefix}-{number}")
                path.rmdir()
