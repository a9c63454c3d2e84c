"""Finding plugins: where their sources lie, and a manifest of each, told by a confined describe worker.

Nothing of a plugin is imported here. A manifest is kept under (source hash, SDK version, environment
lock), so that a source is described once; one that fails is kept with what was wrong.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from bridges.deaths import Death
from bridges.environments import Environment
from bridges.processes import ZygoteLost
from bridges.texts import safe
from bridges.worker import Cancelled, Limits
from bridges.workers import EnvironmentUnavailable, Workers
from hemiola import __version__
from hemiola._worker.confine import Policy
from hemiola.frames import Frame
from hemiola.manifest import SourceManifest

DESCRIBE = Limits(cpu_s=10.0, memory=512 << 20, still_s=10.0, wall_s=10.0)
MAX_SOURCE_FILES = 2000
MAX_MANIFEST = 4 << 20
"""Bytes of a source's manifest: parsing makes twenty times that of it."""


@dataclass(frozen=True, slots=True)
class PluginSource:
    """One place plugins come from.

    Attributes
    ----------
    name
        How it is spoken of: the question's folder, the drop-in's file, the distribution.
    kind
        "builtin", "dropin" or "installed".
    path, module
        A file or folder, or the dotted name of an installed module.
    environment
        Where it is described.
    digest
        SHA-256 of its bytes (of an installed one: name, version and entry point).
    """

    name: str
    kind: Literal["builtin", "dropin", "installed"]
    path: Path | None
    module: str | None
    environment: str
    digest: str

    @property
    def told(self) -> dict[str, Any]:
        """As a worker is told of it."""
        return {"path": str(self.path) if self.path else None, "module": self.module}

    @property
    def readable(self) -> tuple[str, ...]:
        """What a worker must read beyond its environment: a folder whole, of a single file that alone."""
        return (str(self.path),) if self.path else ()


def find_sources(root: Path, data: Path, environments: Mapping[str, Environment]) -> list[PluginSource]:
    """Every source: the checkout's plugins, the data folder's drop-ins, installed entry points."""
    ready = [name for name, environment in environments.items() if environment.state == "ready"]
    anywhere = "main" if "main" in ready or not ready else ready[0]
    builtin = [p for p in sorted((root / "plugins").glob("*")) if (p / "__init__.py").is_file()]
    dropped = [p for p in sorted((data / "plugins.d").glob("*")) if _is_module(p)]
    found = [_lying(path, "builtin", anywhere) for path in builtin] + [
        _lying(path, "dropin", anywhere) for path in dropped
    ]
    for name in ready:
        for point in environments[name].entry_points():
            text = f"{point.distribution} {point.version} {point.value}"
            digest = hashlib.sha256(text.encode()).hexdigest()
            module = point.value.split(":")[0]
            found.append(PluginSource(point.distribution, "installed", None, module, name, digest))
    return found


def _is_module(path: Path) -> bool:
    hidden = path.name.startswith((".", "_"))
    return not hidden and ((path.suffix == ".py" and path.is_file()) or (path / "__init__.py").is_file())


def _lying(path: Path, kind: Literal["builtin", "dropin"], environment: str) -> PluginSource:
    return PluginSource(path.name, kind, path.resolve(), None, environment, _digest(path))


def _digest(path: Path) -> str:
    """SHA-256 over the names and bytes of a source's files; of one that cannot be read, over the error."""
    digest = hashlib.sha256()
    files: Iterable[Path] = [path] if path.is_file() else sorted(path.rglob("*"))[:MAX_SOURCE_FILES]
    for file in files:
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(path.parent)}\0".encode())
            try:
                with file.open("rb") as opened:
                    digest.update(hashlib.file_digest(opened, "sha256").digest())
            except OSError as error:
                digest.update(str(error).encode())
    return digest.hexdigest()


def source_at(path: Path, environments: Mapping[str, Environment]) -> PluginSource:
    """The source at a path that is no drop-in yet: a file or a folder of its author's."""
    ready = [name for name, environment in environments.items() if environment.state == "ready"]
    return _lying(path, "dropin", "main" if "main" in ready or not ready else ready[0])


def describe(source: PluginSource, workers: Workers, cache: Path | None) -> SourceManifest:
    """The manifest of a source, from the cache (where one is given) or from a worker; problems are in it, never raised.

    Raises
    ------
    EnvironmentUnavailable
        It would have to be described in an environment that cannot be used.
    Cancelled
        The program is ending.
    """
    if cache is None:
        return _ask(source, workers)
    lock = (
        workers.environments[source.environment].lock_hash
        if source.environment in workers.environments
        else ""
    )
    key = hashlib.sha256(json.dumps([source.digest, source.told, __version__, lock]).encode()).hexdigest()
    kept = cache / "manifests" / f"{key}.json"
    try:
        return SourceManifest.model_validate_json(kept.read_bytes())
    except (OSError, ValidationError):
        manifest = _ask(source, workers)
    if workers.ending:  # a worker that was ended with its zygote says nothing about the source
        raise Cancelled
    with contextlib.suppress(OSError):  # a cache: without it the source is described again
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}.part")
        partial.write_text(manifest.model_dump_json())
        partial.replace(kept)
    return manifest


def _ask(source: PluginSource, workers: Workers) -> SourceManifest:
    for _attempt in range(2):
        try:
            return _told(source, workers)
        except ZygoteLost:
            continue
    raise EnvironmentUnavailable(f"the environment {source.environment!r} ended twice meanwhile")


def _told(source: PluginSource, workers: Workers) -> SourceManifest:
    policy = Policy(readable=source.readable, address_space=DESCRIBE.memory)
    worker = workers.start(source.environment, policy)
    worker.say(Frame("describe", {"source": source.told}))
    said = worker.listen(DESCRIBE)
    if isinstance(said, Death):
        return SourceManifest(problems=(f"{said.reason}\n{said.detail or ''}".strip(),))
    workers.finish(worker)
    text = said.parts.get("manifest")
    if said.kind != "described" or not isinstance(text, bytes) or len(text) > MAX_MANIFEST:
        return SourceManifest(problems=(f"it sent {said.kind[:50]!r} where its manifest was expected",))
    try:
        told = SourceManifest.model_validate_json(text)
        return told.model_copy(update={"problems": tuple(map(safe, told.problems))})
    except ValidationError as error:
        return SourceManifest(problems=(f"what it told of its plugins is malformed: {error}"[:4000],))
