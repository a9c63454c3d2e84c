"""Finds a Python that can be built on: every candidate is run, because a name on PATH proves nothing.

A pyenv shim named python3.12 fails when 3.12 is not selected; Debian's python3 may lack venv or headers.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROBE_SECONDS = 20
PROBE = """
import importlib.util, json, os, sys, sysconfig
print(json.dumps({
    "version": "%d.%d.%d" % sys.version_info[:3],
    "base_prefix": sys.base_prefix,
    "implementation": sys.implementation.name,
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "venv": all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")),
    "headers": os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")),
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python that ran: its path, full version and what it can be used for."""

    path: Path
    version: str
    base_prefix: Path
    has_headers: bool

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])


@dataclass(frozen=True)
class Rejected:
    """A candidate that does not do, and why, as the second half of a sentence."""

    path: Path
    why: str


def find(minor: str, *, headers: bool = False) -> tuple[Interpreter | None, list[Rejected]]:
    """The first Python `minor` ("3.11") that runs and has what a build needs, with those rejected before it.

    Parameters
    ----------
    minor : version as "3.11"
    headers : whether Python.h must be there, to compile an extension
    """
    rejected: list[Rejected] = []
    for candidate in candidates(minor):
        answer = probe(candidate)
        if isinstance(answer, Rejected):
            rejected.append(answer)
        elif answer.minor != minor:
            continue
        elif headers and not answer.has_headers:
            rejected.append(Rejected(candidate, f"lacks Python.h{_debian(f'python{minor}-dev')}"))
        else:
            return answer, rejected
    return None, rejected


def candidates(minor: str) -> Iterator[Path]:
    """Paths where Python `minor` may be found, most likely first, each once."""
    seen: set[Path] = set()
    for path in _places(minor):
        if path not in seen and os.access(path, os.X_OK):
            seen.add(path)
            yield path


def _places(minor: str) -> Iterator[Path]:
    if minor == ".".join(map(str, sys.version_info[:2])):
        # Not the virtual environment that this may run in: it can be rebuilt under its child.
        yield Path(os.path.realpath(sys.executable))
    for name in (f"python{minor}", "python3"):
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            if folder:
                yield Path(folder, name)
    home = Path.home()
    yield from sorted(home.glob(f".pyenv/versions/{minor}.*/bin/python{minor}"), reverse=True)
    yield from sorted(home.glob(f".local/share/uv/python/cpython-{minor}.*/bin/python{minor}"), reverse=True)
    for folder in ("/usr/local/bin", "/opt/homebrew/bin", "/usr/bin"):
        yield Path(folder, f"python{minor}")
    yield Path(f"/Library/Frameworks/Python.framework/Versions/{minor}/bin/python{minor}")


def probe(path: Path) -> Interpreter | Rejected:
    """Run the Python at `path` and ask it what it is."""
    try:
        done = subprocess.run(
            [path, "-I", "-c", PROBE],
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            stdin=subprocess.DEVNULL,
        )
        told = json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return Rejected(path, f"does not run ({type(error).__name__})")
    if told is None:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[0]
        return Rejected(path, f"does not run ({last})")
    if told["implementation"] != "cpython" or told["free_threaded"]:
        return Rejected(path, "is not the standard CPython that the packages are built for")
    if not told["venv"]:
        minor = ".".join(told["version"].split(".")[:2])
        return Rejected(path, f"lacks the module venv or ensurepip{_debian(f'python{minor}-venv')}")
    return Interpreter(path, told["version"], Path(told["base_prefix"]), told["headers"])


def compiler() -> Path | None:
    """The C compiler on PATH ($CC, cc, gcc or clang), or None."""
    for name in (os.environ.get("CC", "").split() or [""])[:1] + ["cc", "gcc", "clang"]:
        if name and (found := shutil.which(name)):
            return Path(found)
    return None


def compiler_remedy() -> str:
    """How a C compiler is installed here, as a clause."""
    if platform.system() == "Darwin":
        return "run `xcode-select --install`"
    return "install one (Debian and Ubuntu: `sudo apt install build-essential`)"


def _debian(package: str) -> str:
    return f" (Debian and Ubuntu: `sudo apt install {package}`)" if shutil.which("apt-get") else ""
