"""Landlock: which files a worker may open, by the kernel, for good (Linux 6.2 or newer: ABI 3).

References
----------
The kernel's documentation, userspace-api/landlock.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""System call numbers, the same on every architecture."""
VERSION_FLAG = 1
PATH_BENEATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE = 1 << 14
RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
NETWORK = 0b11
"""Bind and connect TCP, from ABI 4."""
SCOPED = 0b11
"""Abstract Unix sockets and signals of other processes, from ABI 6."""
REQUIRED_ABI = 3
"""Before it, truncating a file is free."""

_libc = ctypes.CDLL(None, use_errno=True)


def _syscall(*arguments: object) -> int:
    result = int(_libc.syscall(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"landlock: {os.strerror(number)}")
    return result


def abi() -> int:
    """The kernel's Landlock ABI; 0 where there is none."""
    try:
        return _syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION_FLAG))
    except OSError:
        return 0


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Allow this thread, and all it starts, to open nothing but what lies beneath these paths.

    Parameters
    ----------
    readable
        Files and folders that may be read. Those that do not exist are left out.
    writable
        Files and folders in which everything but executing is allowed.

    Raises
    ------
    OSError
        The kernel refuses; nothing is restricted then.
    """
    version = abi()
    handled = RIGHTS_BY_ABI[min(version, max(RIGHTS_BY_ABI))]
    network = NETWORK if version >= 4 else 0
    scoped = SCOPED if version >= 6 else 0
    attributes = struct.pack("<QQQ", handled, network, scoped)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _syscall(CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path in readable:
            _allow(ruleset, path, READ_FILE | READ_DIR)
        for path in writable:
            _allow(ruleset, path, handled & ~EXECUTE)
        _allow(ruleset, Path(os.devnull), READ_FILE | WRITE_FILE)
        _syscall(RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(f"/proc/self/fd/{fd}"):
            rights &= READ_FILE | WRITE_FILE | TRUNCATE
        rule = struct.pack("<Qi", rights, fd)
        _syscall(ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(PATH_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(fd)
