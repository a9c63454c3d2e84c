"""Loading modules by file location under a private package name, and telling of errors safely."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy
from pydantic import ValidationError

from hemiola.errors import PluginError
from hemiola.hooks import PROJECT, Hooks
from hemiola.plugin import Plugin

DETAIL = 4000
REASON = 500


def load_source(source: dict[str, Any]) -> ModuleType:
    """The module at `path` (a file, or a folder with an __init__.py), or the installed one named `module`.

    A file or folder becomes a package of its own, so that relative imports between its modules work
    and nothing else of its surroundings is importable.
    """
    if source.get("module"):
        return importlib.import_module(source["module"])
    path = Path(source["path"])
    name = f"_hemiola_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    folder = path.parent if path.is_file() else path
    file = path if path.is_file() else path / "__init__.py"
    if not file.is_file():
        raise PluginError(f"{path.name} has no __init__.py: a plugin folder registers its plugins there")
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None:
        raise PluginError(f"{file.name} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def registered(module: ModuleType) -> list[type[Plugin[Any, Any]]]:
    """The plugin classes that a module's hook returns; raises PluginError when it has no such hook."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    manager.register(module)
    manager.check_pending()
    if not manager.hook.hemiola_plugins.get_hookimpls():
        raise PluginError("no hook found: write @hookimpl above def hemiola_plugins(): return [YourPlugin]")
    listed = [plugin for answer in manager.hook.hemiola_plugins() for plugin in answer]
    for plugin in listed:
        if not (isinstance(plugin, type) and issubclass(plugin, Plugin)):
            raise PluginError(
                f"hemiola_plugins() must return a list of plugin classes, not {plugin!r}"[:REASON]
            )
    return listed


def say(error: BaseException) -> str:
    """One line that names the error; never raises, whatever its __str__ does."""
    try:
        text = first_mistake(error) if isinstance(error, ValidationError) else str(error)
    except BaseException:
        text = "(its message could not be read)"
    first = _storable(text.strip().splitlines()[0]) if text.strip() else ""
    return f"{type(error).__name__}: {first}"[:REASON] if first else type(error).__name__[:REASON]


def first_mistake(error: ValidationError) -> str:
    """What a model says of the first field that is wrong."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the whole"
    return f"{error.title}: {where}: {first['msg']}"


def trace(error: BaseException) -> str:
    """The end of the traceback, at most 4,000 characters; never raises."""
    try:
        return _storable("".join(traceback.format_exception(error, limit=-12))[-DETAIL:])
    except BaseException:
        return say(error)


def _storable(text: str) -> str:
    """Text without lone surrogates, which names of files bring in and no encoding takes."""
    return text.encode("utf-8", "replace").decode()
