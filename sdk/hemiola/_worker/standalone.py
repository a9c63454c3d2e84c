"""A worker started on its own, for portable mode: not confined, kept for one plugin from job to job."""

from __future__ import annotations

import socket
import sys

from hemiola._worker import confine
from hemiola._worker.serve import serve
from hemiola.frames import Channel


def main() -> None:
    """Serve tasks until the socket ends. Argument: the socket's descriptor."""
    confine.limit(confine.Policy(confined=False, file_size=-1))
    confine.tell_of_crashes()
    raise SystemExit(serve(Channel(socket.socket(fileno=int(sys.argv[1])), accepts_fds=True), keep=True))
