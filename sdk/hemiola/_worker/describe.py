"""The describe task: import one source, register it with pluggy, tell its manifests."""

from __future__ import annotations

from hemiola._worker.loading import load_source, registered, say, trace
from hemiola._worker.tasks import Task
from hemiola.manifest import PluginManifest, SourceManifest, describe


def run(task: Task) -> None:
    """Answer {"kind": "described"} with the source's manifest; what is wrong is listed in it."""
    plugins: list[PluginManifest] = []
    problems: list[str] = []
    try:
        classes = registered(load_source(task.header["source"]))
    except BaseException as error:
        problems.append(f"{say(error)}\n{trace(error)}")
        classes = []
    for plugin in classes:
        try:
            plugins.append(describe(plugin))
        except Exception as error:
            problems.append(say(error))
    manifest = SourceManifest(plugins=tuple(plugins), problems=tuple(problems))
    task.send("described", {}, {"manifest": manifest.model_dump_json().encode()})
