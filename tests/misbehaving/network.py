"""Plugins that reach for the network, by every door that leads there."""

from __future__ import annotations

import socket
import urllib.request
from typing import Any

from .base import REFUSED, harm


@harm(REFUSED)
def fetch(self: Any, region: Any, context: Any) -> None:
    """Fetches a page of a server on this machine."""
    urllib.request.urlopen("http://127.0.0.1:9/")


@harm(REFUSED)
def connect(self: Any, region: Any, context: Any) -> None:
    """Opens a TCP connection."""
    socket.create_connection(("127.0.0.1", 9), timeout=1)


@harm(REFUSED)
def connect_unix(self: Any, region: Any, context: Any) -> None:
    """Speaks to a server that listens at a path."""
    socket.socket(socket.AF_UNIX).connect(self.config.target)


@harm(REFUSED)
def send_datagram(self: Any, region: Any, context: Any) -> None:
    """Sends to a path, or to a name, from one end of a pair: such a socket is not bound to the other end."""
    ours, _theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.sendto(b"harm", self.config.target)


@harm(REFUSED)
def reconnect_pair(self: Any, region: Any, context: Any) -> None:
    """Connects one end of a pair to someone else."""
    ours, _theirs = socket.socketpair()
    ours.connect(self.config.target)


@harm(REFUSED)
def listen(self: Any, region: Any, context: Any) -> None:
    """Takes a name that others connect to."""
    ours, _theirs = socket.socketpair()
    ours.bind("\0hemiola-harm")
