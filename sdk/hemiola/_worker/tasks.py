"""The task that a worker serves: its opening frame, and the conversation that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hemiola.frames import Body, Channel, Part

PROGRESS_STEP = 0.005
"""Smallest progress worth a frame."""


@dataclass(slots=True)
class Task:
    """What a task module's `run` is given.

    Attributes
    ----------
    header
        The opening frame's body.
    fds
        The descriptors that came with it.
    """

    header: Body
    fds: list[int]
    channel: Channel
    _told: float = field(default=-1.0)

    def receive(self) -> tuple[Body, dict[str, np.ndarray], list[int]]:
        """Body, arrays and descriptors of the next frame; raises EOFError when the host has hung up."""
        frame = self.channel.receive()
        if frame is None:
            raise EOFError("the host closed the conversation")
        return frame.body, frame.arrays(), list(frame.fds)

    def send(self, kind: str, body: Body | None = None, parts: Mapping[str, Part] | None = None) -> None:
        """Send a frame to the host."""
        self.channel.send(kind, body, parts)

    def progress(self, fraction: float) -> None:
        """Say how far the task is, 0 to 1; small steps are kept back."""
        if fraction - self._told >= PROGRESS_STEP or fraction >= 1.0 > self._told:
            self._told = fraction
            self.channel.send("progress", {"fraction": min(1.0, max(0.0, float(fraction)))})


Source = dict[str, Any]
"""Where a module lies: {"path": file or folder, "module": dotted name of an installed one or null}."""
