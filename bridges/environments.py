"""The environments that plugins run in: which there are, in what state, and what a process in one needs.

Nothing is run here: a build's record and the files it left are read. Standard library only.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bridges.building.declarations import (
    Declaration,
    Record,
    State,
    lock_hash,
    plan_of,
    read_declarations,
    read_record,
)

ENTRY_POINT_GROUP = "hemiola"
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
# Where a system's own Python finds its library, shared objects and the dynamic loader's list of them.
SYSTEM_PATHS = (
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
)


@dataclass(frozen=True)
class EntryPoint:
    """A plugin source that an installed distribution names in the group `hemiola`; not imported."""

    name: str
    value: str
    distribution: str
    version: str


@dataclass(frozen=True)
class Environment:
    """A Python interpreter with its own packages, as its last build left it.

    Attributes
    ----------
    name : folder under envs/
    title : what it holds, for reading
    folder : envs/NAME
    python : its interpreter; may not exist where `state` is not "ready"
    state : "ready", "missing" (never built, or a build was killed) or "failed"
    reason : where not ready, a sentence that says why and ends in the command that mends it
    notice : something worth knowing of a ready one (built on a fallback; older than the checkout), or None
    python_version : "3.11.7", empty where never built
    lock_hash : SHA-256 of what it was built from, hexadecimal; stored beside every answer
    site : folders of the checkout on its path
    warmup : the script whose `warm()` imports and exercises what plugins use, or None
    sdk : the folder that holds the package `hemiola`
    base_prefix : the installation its interpreter came from, or None
    optional : declared, but not built by the set-up
    licences : (distribution, licence) of those whose licence a user should know
    """

    name: str
    title: str
    folder: Path
    python: Path
    state: State
    reason: str | None
    notice: str | None
    python_version: str
    lock_hash: str
    site: tuple[Path, ...]
    warmup: Path | None
    sdk: Path
    base_prefix: Path | None
    optional: bool = False
    licences: tuple[tuple[str, str], ...] = ()

    @property
    def venv(self) -> Path:
        """The virtual environment's folder."""
        return self.python.parent.parent

    @property
    def site_packages(self) -> Path:
        """Where its distributions lie."""
        return self.venv / "lib" / f"python{self.python_version.rpartition('.')[0]}" / "site-packages"

    @property
    def numba_cache(self) -> Path:
        """Compiled functions, filled by the build: a confined process can read, not write."""
        return self.venv / "numba-cache"

    @cached_property
    def packages(self) -> dict[str, str]:
        """Distribution (lower case, with hyphens) -> version of all that is installed, also by a user."""
        found = (
            (one.metadata["Name"], one.version)
            for one in importlib.metadata.distributions(path=self._distribution_path)
        )
        return {name.lower().replace("_", "-"): version for name, version in found if name}

    def versions(self, distributions: Iterable[str]) -> dict[str, str]:
        """The installed versions of these distributions, as named; "not installed" where one is missing."""
        named = {name: name.lower().replace("_", "-") for name in distributions}
        return {name: self.packages.get(key, "not installed") for name, key in named.items()}

    def entry_points(self) -> list[EntryPoint]:
        """The entry points of group `hemiola`, by distribution and name."""
        found = [
            EntryPoint(point.name, point.value, one.metadata["Name"], one.version)
            for one in importlib.metadata.distributions(path=self._distribution_path)
            for point in one.entry_points
            if point.group == ENTRY_POINT_GROUP
        ]
        return sorted(found, key=lambda point: (point.distribution, point.name))

    def read_paths(self) -> list[Path]:
        """Files and folders that a confined process of this environment has to read, those that exist."""
        wanted = [self.venv, self.sdk, *self.site, *map(Path, SYSTEM_PATHS)]
        if self.warmup:
            wanted.append(self.warmup)
        if self.base_prefix and self.base_prefix not in (Path("/"), Path("/usr")):
            wanted.append(self.base_prefix)
        wanted.append(self.python.resolve())
        return list(dict.fromkeys(path for path in wanted if path.exists()))

    def environ(self) -> dict[str, str]:
        """The whole environment of a process of this environment: one thread, the same bytes each time."""
        return process_environ(self.venv)

    @property
    def _distribution_path(self) -> list[str]:
        return [str(self.site_packages)] if self.python_version else []


def process_environ(venv: Path) -> dict[str, str]:
    """Environment variables for a process of the virtual environment `venv`, and no others."""
    return {
        "PATH": f"{venv / 'bin'}:/usr/bin:/bin",
        "HOME": str(venv),  # no configuration of the user's reaches a plugin
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "NUMBA_CACHE_DIR": str(venv / "numba-cache"),
        **dict.fromkeys(ONE_THREAD, "1"),
    }


def environments(root: Path) -> dict[str, Environment]:
    """Every environment of the checkout `root` that plugins can run in (the host is none), by name."""
    declared = read_declarations(root)
    return {name: _environment(one, root) for name, one in declared.items() if not one.is_host}


def _environment(declaration: Declaration, root: Path) -> Environment:
    record = read_record(declaration.venv)
    state, reason = _state(declaration, record, root)
    return Environment(
        name=declaration.name,
        title=declaration.title,
        folder=declaration.folder,
        python=declaration.python,
        state=state,
        reason=reason,
        notice=_notice(declaration, record) if record and state == "ready" else None,
        python_version=record.python_version if record else "",
        lock_hash=record.lock_hash if record else "",
        site=declaration.site,
        warmup=declaration.warmup,
        sdk=root / "sdk",
        base_prefix=Path(record.base_prefix) if record and record.base_prefix else None,
        optional=declaration.optional,
        licences=declaration.licences,
    )


def _state(declaration: Declaration, record: Record | None, root: Path) -> tuple[State, str | None]:
    remedy = f"Run: hemiola envs build {declaration.name}"
    if record is None:
        return "missing", f"The environment {declaration.name} is not built. {remedy}"
    if record.state == "failed":
        return "failed", f"The environment {declaration.name} could not be built: {record.reason} {remedy}"
    if not declaration.python.exists():
        return (
            "missing",
            f"The Python of the environment {declaration.name} ({record.interpreter}) is gone. {remedy}",
        )
    if record.root != str(root):
        return (
            "missing",
            f"The environment {declaration.name} was built for {record.root}, not for {root}. {remedy}",
        )
    return "ready", None


def _notice(declaration: Declaration, record: Record) -> str | None:
    if record.notice:
        return f"The environment {declaration.name} was {record.notice}."
    plan = plan_of(declaration, record)
    if plan is None or lock_hash(declaration, plan) != record.lock_hash:
        return (
            f"The environment {declaration.name} was built from another lock than the checkout's. "
            f"Run: hemiola envs build {declaration.name}"
        )
    return None
