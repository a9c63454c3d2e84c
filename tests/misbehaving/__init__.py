"""Plugins that do harm, one drop-in folder: every kind that the sandbox is tested against."""

from __future__ import annotations

from typing import Any

from hemiola import Plugin, hookimpl

from . import (
    deaths,
    errors,
    files,
    floods,
    forging,
    loops,
    memory,
    network,
    processes,
    results,
    scratch,
    syscalls,
)
from .base import HARMS

__all__ = [
    "deaths",
    "errors",
    "files",
    "floods",
    "forging",
    "loops",
    "memory",
    "network",
    "processes",
    "results",
    "scratch",
    "syscalls",
]


@hookimpl
def hemiola_plugins() -> list[type[Plugin[Any, Any]]]:
    """All of them."""
    return HARMS
