"""Wheels of distributions published as source only: compiled once per lock, then kept in the cache."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from bridges.building.declarations import Declaration, Plan, lock_hash
from bridges.building.steps import LOG_NAME, BuildFailed, Say, pip


def wheel_folder(declaration: Declaration, plan: Plan) -> Path:
    """Where the compiled wheels of a plan are kept; it exists only once they are whole."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    machine = f"cp{plan.minor.replace('.', '')}-{sys.platform}-{platform.machine()}"
    return cache / "hemiola" / "wheels" / f"{lock_hash(declaration, plan)[:32]}-{machine}"


def cached_wheel(declaration: Declaration, plan: Plan) -> Path | None:
    """The wheel that an earlier build of this plan left in the cache."""
    return next(wheel_folder(declaration, plan).glob("*.whl"), None)


def compiled_wheel(declaration: Declaration, plan: Plan, requirement: str, say: Say) -> Path:
    """The wheel of a source-only distribution: from the cache, else compiled with the environment's NumPy."""
    if cached := cached_wheel(declaration, plan):
        return cached
    assert declaration.compiled is not None
    say(f"{declaration.name}: compiling {requirement}, one to three minutes; it is kept for later builds")
    folder = wheel_folder(declaration, plan)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        tools, built = Path(work, "tools"), Path(work, "wheels")
        pip(declaration.venv, "install", "--target", str(tools), *declaration.compiled.build_requirements)
        options = ["--no-deps", "--no-build-isolation", "--no-binary", declaration.compiled.name]
        pip(declaration.venv, "wheel", *options, "--wheel-dir", str(built), requirement, python_path=tools)
        shutil.rmtree(folder, ignore_errors=True)
        built.rename(folder)
    if wheel := cached_wheel(declaration, plan):
        return wheel
    raise BuildFailed(
        f"Compiling {requirement} left no wheel; {declaration.venv / LOG_NAME} holds what pip said."
    )
