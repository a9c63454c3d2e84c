"""The plugins under test, loaded by file location as a worker does, and the pure functions beside them."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

from hemiola import Plugin
from hemiola.testing import load

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = (
    "features",
    "content",
    "onsets",
    "beats",
    "tempo",
    "meter",
    "key",
    "subdivision",
    "hits",
    "stems",
)


@functools.cache
def plugins_of(question: str) -> dict[str, type[Plugin[Any, Any]]]:
    """The plugin classes of a question by name."""
    return load(ROOT / "plugins" / question)


def plugin(name: str) -> type[Plugin[Any, Any]]:
    """The plugin of that name."""
    return plugins_of(name.split(".")[0])[name]


def part(question: str, module: str) -> ModuleType:
    """The module of pure functions beside a question's plugins."""
    package = next(iter(plugins_of(question).values())).__module__.partition(".")[0]
    return importlib.import_module(f"{package}.{module}")


def in_environment(environment: str) -> list[str]:
    """Names of the built-in plugins that run in an environment."""
    classes = (made for question in QUESTIONS for made in plugins_of(question).values())
    return [made.name for made in classes if made.environment == environment]
