"""A worker's life: read the opening frame, run the task it names, say plainly when that fails."""

from __future__ import annotations

import sys
import traceback

from hemiola._worker import analyze, describe, loading
from hemiola._worker.tasks import Task
from hemiola.frames import Channel


def serve(channel: Channel, *, keep: bool = False) -> int:
    """Serve one task, or with `keep` one after the other until the socket ends; returns the exit code."""
    while (opening := channel.receive()) is not None:
        _run(Task(opening.body, list(opening.fds), channel), opening.kind)
        sys.stdout.flush()
        sys.stderr.flush()
        if not keep:
            break
    return 0


def _run(task: Task, kind: str) -> None:
    try:
        if kind == "describe":
            describe.run(task)
        elif kind == "analyze":
            analyze.run(task)
        else:
            loading.load_source(task.header["source"]).run(task)
    except (EOFError, ConnectionError):
        return  # the host has hung up
    except BaseException as error:
        task.send("broken", {"reason": loading.say(error), "detail": loading.trace(error)})
        if not isinstance(error, Exception):
            raise
        traceback.clear_frames(error.__traceback__)
