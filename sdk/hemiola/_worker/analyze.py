"""The analyze task: load one plugin, then answer call after call until the host ends it.

host -> worker   analyze {source, plugin, config, models}
worker -> host   ready {} · or said {status, ...} when the plugin cannot be loaded
host -> worker   call {region, view, inputs, seed, scratch, corrections} + the view's descriptors, the inputs
worker -> host   progress {fraction} ... then said {status, code, reason, detail} + result, arrays
host -> worker   end {}
"""

from __future__ import annotations

import functools
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from hemiola._worker.context import Held, MappedRegion, WorkerContext, close_all
from hemiola._worker.loading import first_mistake, load_source, registered, say, trace
from hemiola._worker.tasks import Task
from hemiola.corrections import Corrections
from hemiola.errors import FrameError, PluginError, Skip, Unavailable
from hemiola.frames import Frame, Part
from hemiola.plugin import Plugin
from hemiola.results.base import Result

RESULT = "result"
ARRAY = "array:"


def run(task: Task) -> None:
    """Serve one plugin for one job."""
    loaded = _guarded(task, lambda: _load(task.header))
    if loaded is None:
        return
    task.send("ready")
    kept: dict[str, Held] = {}
    while (frame := task.channel.receive()) is not None and frame.kind == "call":
        task._told = -1.0
        _guarded(task, functools.partial(_answer, task, loaded, frame, kept))
        close_all(list(frame.fds))


def _load(header: dict[str, Any]) -> Plugin[Any, Any]:
    classes = {plugin.name: plugin for plugin in registered(load_source(header["source"]))}
    if header["plugin"] not in classes:
        raise PluginError(
            f"{header['plugin']} is no longer in its source; it has {', '.join(classes) or 'none'}"
        )
    chosen = classes[header["plugin"]]
    plugin = chosen(chosen.config_type.model_validate(header["config"]))
    plugin.load()
    return plugin


def _guarded(task: Task, work: Any) -> Any:
    """Run the plugin's code; whatever it raises becomes a `said` frame, and None is returned."""
    try:
        return work()
    except Skip as said:
        status, code = "skipped", "skip"
        reason: str = _sentence(said)
        detail = None
    except Unavailable as said:
        status, code, reason, detail = "unavailable", "unavailable", _sentence(said), None
    except MemoryError as error:
        status, code, reason, detail = (
            "out_of_memory",
            "memory_error",
            "it asked for more memory than it may",
            trace(error),
        )
    except ValidationError as error:
        status, code = "invalid", "schema"
        reason, detail = first_mistake(error)[:500], trace(error)
    except FrameError as error:
        status, code, reason, detail = "invalid", "too_large", f"its result is too large: {error}", None
    except SystemExit as error:
        status, code, reason, detail = (
            "crashed",
            "exit",
            f"it called sys.exit({error.code!r:.50})",
            trace(error),
        )
    except BaseException as error:
        status, code, reason, detail = "failed", "exception", say(error), trace(error)
    task.send("said", {"status": status, "code": code, "reason": reason, "detail": detail})
    return None


def _sentence(said: Skip | Unavailable) -> str:
    return str(said)[:500] or "no reason was given"


def _answer(task: Task, plugin: Plugin[Any, Any], frame: Frame, kept: dict[str, Held]) -> None:
    context = _context(task, frame, kept)
    _seed(int(frame.body["seed"]))
    result = plugin.analyze(context.region, context)
    expected = plugin.result_type
    if type(result) is not expected:
        reason = f"analyze() returned {type(result).__name__}, not {expected.__name__}"
        task.send("said", {"status": "invalid", "code": "type", "reason": reason, "detail": None})
        return
    text, arrays = Result.to_json(result), Result.arrays(result)
    expected.from_json(text, arrays)
    parts: dict[str, Part] = {RESULT: text, **{ARRAY + name: values for name, values in arrays.items()}}
    task.send("said", {"status": "ok", "code": "ok", "reason": None, "detail": None}, parts)


def _context(task: Task, frame: Frame, kept: dict[str, Held]) -> WorkerContext:
    """The call's region and its inputs; an input that came with an earlier call is only named again."""
    body = frame.body
    region = MappedRegion(body["region"], body["view"], list(frame.fds))
    scratch = Path(body["scratch"]) if body["scratch"] else None
    corrections = Corrections.model_validate(body["corrections"])
    context = WorkerContext(
        region, task, scratch, models=task.header.get("models", {}), corrections=corrections
    )
    fresh: dict[str, Held] = {}
    for told in body["inputs"]:
        held = kept.get(told["key"]) or _held(told, frame)
        if told["finer"]:
            context.finer.setdefault(told["question"], []).append(held)
        else:
            context.coarser[told["question"]] = fresh[told["key"]] = held
    kept.clear()
    kept.update(fresh)
    return context


def _held(told: dict[str, Any], frame: Frame) -> Held:
    text = frame.parts[told["key"]]
    prefix = f"{told['key']}:"
    arrays = {name[len(prefix) :]: part for name, part in frame.arrays().items() if name.startswith(prefix)}
    assert isinstance(text, bytes)
    return Held(told["region"], text, arrays)


def _seed(seed: int) -> None:
    """Seed every generator there is, so that the same call gives the same bytes."""
    random.seed(seed)
    np.random.seed(seed % (1 << 32))  # noqa: NPY002 - plugins use the global generator too
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
