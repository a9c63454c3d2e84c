"""The yardstick of the benchmarks: one warm process of an environment that calls the plugins' functions bare.

Started with an environment's own Python; reads requests, one JSON line each, and answers each with the
seconds it took. No sandbox, no store, no supervision: what is left is the work itself.

    {"decode": {"path", "folder", "views"} | null, "calls": [{"source", "plugin", "region", "view", "inputs"}]}
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from hemiola._worker.loading import load_source
from hemiola._worker.zygote import warm
from hemiola.plugin import Plugin
from hemiola.results import KNOWN
from hemiola.testing import GivenContext, GivenRegion, load

_plugins: dict[str, Plugin[Any, Any]] = {}


def main() -> None:
    """Warm up, say so, serve requests until standard input ends. Argument: the warm-up script."""
    warm(Path(sys.argv[1]))
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        cpu, wall = time.process_time(), time.monotonic()
        if request["decode"] is not None:
            _decode(**request["decode"])
        for call in request["calls"]:
            _call(**call)
        told = {"cpu_s": time.process_time() - cpu, "wall_s": time.monotonic() - wall}
        print(json.dumps(told), flush=True)


def _call(
    source: str, plugin: str, region: dict[str, Any], view: dict[str, Any] | None, inputs: list[Any]
) -> None:
    if plugin not in _plugins:
        made = load(source)[plugin]
        _plugins[plugin] = made(made.config_type())
        _plugins[plugin].load()
    samples = np.zeros(0, np.float32)
    if view is not None:
        samples = np.memmap(view["path"], "<f4", mode="r")[view["first"] : view["stop"]]
    given = GivenRegion(
        samples, view["rate"] if view else 22050, start_s=region["start_s"], level=region["level"]
    )
    given.end_s = region["end_s"]
    single: list[Any] = []
    finer: list[Any] = []
    for told in inputs:
        arrays = dict(np.load(told["artifact"])) if told["artifact"] else {}
        result = KNOWN[told["question"]].from_json(told["json"].encode(), arrays)
        (finer if told["finer"] else single).append(result)
    inside = [(given, result) for result in finer]
    result = _plugins[plugin].analyze(given, GivenContext(given, single, inside))
    KNOWN[result.question].from_json(result.to_json(), result.arrays())


def _decode(path: str, folder: str, views: list[dict[str, Any]], task: str) -> None:
    """The decoder's own functions, writing to plain files."""
    decode = load_source({"path": task, "module": None})
    contract = sys.modules[f"{decode.__name__}._contract"]
    fd = os.open(path, os.O_RDONLY)
    probed = decode.probe(fd, Path(path).name)
    made: list[int] = []

    def new(name: str) -> int:
        made.append(os.open(Path(folder, name), os.O_RDWR | os.O_CREAT | os.O_TRUNC))
        return made[-1]

    wanted = []
    for index, view in enumerate(views):
        count = view["channels"] or probed.channels
        fds = tuple(new(f"view-{index}-{channel}") for channel in range(count))
        wanted.append(contract.ViewRequest(view["rate"], view["channels"], fds))
    request = contract.Request(tuple(wanted), new("peaks"), new("blocks"), new("envelope"))
    decode.decode(fd, probed, request, lambda fraction: None)
    for opened in (fd, *made):
        os.close(opened)


if __name__ == "__main__":
    assert importlib.util.find_spec("core") is None, "the yardstick runs in an environment, not in the host"
    main()
