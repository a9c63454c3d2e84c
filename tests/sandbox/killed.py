"""A process to be killed: an engine that works on recordings and says each row of the ledger once it is stored.

Arguments: a folder for data and cache, then recordings. Environments are not warmed up, which takes longer
than all the rest and is no part of what is tested. Prints `there`, then `JOB PLUGIN START` for each row, then `done`.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import threading
from pathlib import Path

import core.engine
from bridges.environments import environments
from core.events import Listener
from core.requests import Request
from tests.sandbox import house


def cold(root: Path) -> dict[str, object]:
    """The environments without their warm-up."""
    return {name: dataclasses.replace(one, warmup=None) for name, one in environments(root).items()}


def tell(listener: Listener) -> None:
    """Print every row as it is stored."""
    while True:
        event = listener.next(10.0)
        if event is not None and event.kind == "outcome":
            print(event.job, *event.now.split()[:2], flush=True)


def main() -> None:
    """Work until all is done."""
    core.engine.environments = cold  # type: ignore[assignment]
    folder, recordings = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
    with core.engine.Engine(house.settings(folder)) as engine:
        threading.Thread(target=tell, args=(engine.listen(),), daemon=True).start()
        print("there", flush=True)
        jobs = [engine.submit(path, Request(questions=house.INNOCENT)) for path in recordings]
        for job in jobs:
            engine.wait(job.id)
        for job in jobs:
            (folder / f"{Path(job.path).stem}.json").write_bytes(engine.document(job.id))
        print("done", flush=True)
        os._exit(0)


if __name__ == "__main__":
    main()
