"""Resolves the requirements of environments anew and writes their locks: python3 envs/lock.py [NAME...]

For every Python that an environment names, that very Python's pip resolves `requirements` (nothing is
installed); lock-MINOR.txt gets the whole closure, lock-dev-MINOR.txt what `dev` adds to it. Torch and what it
brings are left out. Releases alone are written, so that any mirror and any platform can serve them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bridges.building import interpreters  # noqa: E402
from bridges.building.declarations import Declaration, Plan, read_declarations  # noqa: E402


def resolve(python: Path, requirements: list[str]) -> list[str]:
    """Everything that pip would install for `requirements`, as sorted "name==version" lines."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command: list[str | Path] = [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--dry-run",
            "--ignore-installed",
        ]
        command += [
            "--disable-pip-version-check",
            "--only-binary",
            ":all:",
            "--report",
            report,
            *requirements,
        ]
        subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True)
        found = json.loads(report.read_text(encoding="utf-8"))["install"]
    pairs = ((entry["metadata"]["name"], entry["metadata"]["version"]) for entry in found)
    return sorted(f"{normal(name)}=={version}" for name, version in pairs)


def normal(name: str) -> str:
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def without(lines: list[str], removed: list[str]) -> list[str]:
    """`lines` whose distribution is not among those of `removed`."""
    names = {line.partition("==")[0] for line in removed}
    return [line for line in lines if line.partition("==")[0] not in names]


def replaced(requirements: list[str], instead: list[str]) -> list[str]:
    """`requirements`, with those of the same name taken from `instead`."""
    return list({named(requirement): requirement for requirement in requirements + instead}.values())


def named(requirement: str) -> str:
    """The distribution that a requirement is about."""
    return normal(re.split(r"[=<>!~]", requirement)[0])


def write_locks(declaration: Declaration, plan: Plan, table: dict[str, Any]) -> None:
    """Resolve one plan and write both of its locks."""
    found, _ = interpreters.find(plan.minor)
    if found is None:
        raise SystemExit(f"no Python {plan.minor} found; install one to write {plan.lock}")
    requirements = table["requirements"]
    if "extends" in table:  # at the very versions of that environment's lock
        requirements = (ROOT / "envs" / table["extends"] / plan.lock.name).read_text().split() + requirements
    if plan.notice:
        requirements = replaced(requirements, table["fallback"]["instead"])
    source_only = [
        line for line in requirements if declaration.compiled and named(line) == declaration.compiled.name
    ]
    requirements = [line for line in requirements if line not in source_only]
    torch = [f"torch=={declaration.torch}"] if declaration.torch else []
    brought = resolve(found.path, torch) if torch else []
    resolved = resolve(found.path, torch + requirements)
    dev = without(resolve(found.path, torch + resolved + table["dev"]), brought + resolved)
    locked = sorted(without(resolved, brought) + source_only)
    plan.lock.write_text("\n".join(locked) + "\n", encoding="utf-8")
    plan.dev_lock.write_text("\n".join(dev) + "\n", encoding="utf-8")
    print(f"{plan.lock.relative_to(ROOT)}: {len(locked)} packages, {len(dev)} more for the tests")


def main(names: list[str]) -> None:
    """Write the locks of the named environments, or of all."""
    declarations = read_declarations(ROOT)
    for declaration in [declarations[name] for name in names] or declarations.values():
        table = tomllib.loads((declaration.folder / "environment.toml").read_text(encoding="utf-8"))
        for plan in declaration.plans:
            write_locks(declaration, plan, table)


if __name__ == "__main__":
    main(sys.argv[1:])
