"""The hash of a file that was hashed before and has not changed since: a browser asks for its pieces one by one."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict

from core.files import OpenFile

ROOM = 1000

Identity = tuple[int, int, int, int, int]


class Hashes:
    """Remembers hashes by what the system says of a file: device, inode, size, times."""

    def __init__(self) -> None:
        self._known: OrderedDict[Identity, str] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, file: OpenFile) -> str:
        """SHA-256 of an open file; raises IntakeRefused when it cannot be read or changes meanwhile."""
        info = os.fstat(file.fd)
        identity = (info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
        with self._lock:
            known = self._known.get(identity)
        if known is None:
            known = file.sha256(lambda: False)
            with self._lock:
                self._known[identity] = known
                if len(self._known) > ROOM:
                    self._known.popitem(last=False)
        return known
