"""What envs/NAME/environment.toml declares, and the record that a build leaves."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

RECORD_NAME = "hemiola-build.json"
RECORD_SCHEMA = 1
State = Literal["ready", "missing", "failed"]


class DeclarationError(ValueError):
    """An environment.toml says something that cannot be built; the message names file and field."""


@dataclass(frozen=True)
class Plan:
    """One way to build an environment: a Python minor version ("3.11") and the lock that goes with it."""

    minor: str
    lock: Path
    notice: str | None = None

    @property
    def dev_lock(self) -> Path:
        """What the tests need on top, installed by `make test` only."""
        return self.lock.with_name(self.lock.name.replace("lock-", "lock-dev-", 1))


@dataclass(frozen=True)
class Compiled:
    """A distribution published as source only, and what has to be importable while it is compiled."""

    name: str
    build_requirements: tuple[str, ...]


@dataclass(frozen=True)
class Declaration:
    """An environment as its environment.toml describes it.

    Attributes
    ----------
    name : the folder's name under envs/
    folder : envs/NAME
    venv : where it is built
    plans : ways to build it, the preferred one first
    torch : torch's exact version, installed first, alone, outside the locks; or None
    compiled : what is compiled here, or None
    site : folders of this checkout put on the environment's path
    warmup : script with `warm()`, or None
    optional : built by `hemiola envs build NAME` only
    licences : distribution -> licence, of those whose licence a user should know
    """

    name: str
    title: str
    folder: Path
    venv: Path
    plans: tuple[Plan, ...]
    torch: str | None = None
    compiled: Compiled | None = None
    site: tuple[Path, ...] = ()
    warmup: Path | None = None
    optional: bool = False
    licences: tuple[tuple[str, str], ...] = ()

    @property
    def is_host(self) -> bool:
        return self.name == "host"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"


@dataclass(frozen=True)
class Record:
    """What a build left in .venv/hemiola-build.json: its outcome and what it was built from.

    `root` is the checkout it was built for: it holds absolute paths, so a moved one is built anew.
    """

    state: State
    root: str
    lock: str = ""
    lock_hash: str = ""
    dev_hash: str = ""
    warm_hash: str = ""
    interpreter: str = ""
    python_version: str = ""
    base_prefix: str = ""
    reason: str = ""
    remedy: str = ""
    notice: str = ""
    built_at: str = ""
    seconds: float = 0.0
    schema: int = RECORD_SCHEMA

    def write(self, venv: Path) -> None:
        """Write it whole or not at all."""
        venv.mkdir(parents=True, exist_ok=True)
        part = venv / f"{RECORD_NAME}.{os.getpid()}"
        part.write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n", encoding="utf-8")
        part.replace(venv / RECORD_NAME)


def read_record(venv: Path) -> Record | None:
    """The record of the last finished build, or None: never built, killed half-way, or of another schema."""
    try:
        document = json.loads((venv / RECORD_NAME).read_text(encoding="utf-8"))
        record = Record(**document)
    except (OSError, ValueError, TypeError):
        return None
    return record if record.schema == RECORD_SCHEMA and record.state in ("ready", "failed") else None


def read_declaration(folder: Path, root: Path) -> Declaration:
    """Read `folder`/environment.toml of the checkout `root`.

    Raises
    ------
    DeclarationError
        Where the file is not valid TOML, or lacks a title or interpreters.
    """
    source = folder / "environment.toml"
    try:
        table = tomllib.loads(source.read_text(encoding="utf-8"))
        return Declaration(
            name=folder.name,
            title=table["title"],
            folder=folder,
            venv=root / table["venv"] if "venv" in table else folder / ".venv",
            plans=_plans(folder, table),
            torch=table.get("torch"),
            compiled=_compiled(table.get("compile")),
            site=tuple(folder / name for name in table.get("site", ())),
            warmup=folder / table["warmup"] if "warmup" in table else None,
            optional=table.get("optional", False),
            licences=tuple(table.get("licences", {}).items()),
        )
    except KeyError as error:
        raise DeclarationError(f"{source} lacks {error}") from None
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise DeclarationError(f"{source} cannot be read: {error}") from None


def read_declarations(root: Path) -> dict[str, Declaration]:
    """Every environment declared under envs/ of the checkout `root`, the host first, then by name."""
    folders = [path.parent for path in (root / "envs").glob("*/environment.toml")]
    found = (read_declaration(folder, root) for folder in folders)
    return {one.name: one for one in sorted(found, key=lambda one: (not one.is_host, one.optional, one.name))}


def plan_of(declaration: Declaration, record: Record) -> Plan | None:
    """The plan that a record's build followed, or None where it is declared no more."""
    return next((plan for plan in declaration.plans if plan.lock.name == record.lock), None)


def _plans(folder: Path, table: dict[str, Any]) -> tuple[Plan, ...]:
    plans = [Plan(minor, folder / f"lock-{minor}.txt") for minor in table["interpreters"]]
    if fallback := table.get("fallback"):
        plans += [
            Plan(minor, folder / fallback["lock"].format(minor=minor), fallback["notice"])
            for minor in fallback["interpreters"]
        ]
    return tuple(plans)


def _compiled(table: dict[str, Any] | None) -> Compiled | None:
    if table is None:
        return None
    return Compiled(table["name"], tuple(table["with"]))


def lock_hash(declaration: Declaration, plan: Plan) -> str:
    """SHA-256 of everything that decides which packages a build holds; shown beside every result."""
    compiled = declaration.compiled
    parts = [plan.lock.read_bytes(), (declaration.torch or "").encode()]
    if compiled:
        parts.append("\n".join([compiled.name, *compiled.build_requirements]).encode())
    return _digest(parts)


def warm_hash(declaration: Declaration) -> str:
    """SHA-256 of what the warm-up runs of this checkout: its script and the shims."""
    files = [declaration.warmup] if declaration.warmup else []
    files += sorted(path for folder in declaration.site for path in folder.rglob("*.py"))
    return _digest([path.read_bytes() for path in files])


def _digest(parts: list[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()
