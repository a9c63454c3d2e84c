"""Builds the host's .venv and the environments: `python3 bridges/build.py setup`, and `hemiola envs build`.

Standard library only: it runs before anything is installed. Each environment is built from the lock of the
Python found, recorded in its .venv/hemiola-build.json when it stands, and left alone as long as that record
agrees with the checkout. Without a record (never built, or killed half-way) it is built anew.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - said in words, before a newer module is missed below
    sys.exit("Hemiola needs Python 3.11, 3.12 or 3.13. Name one: make setup PYTHON=python3.12")

import argparse
import contextlib
import dataclasses
import datetime
import hashlib
import platform
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if not __package__:  # run as a script: its folder makes way for the checkout
    sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry).resolve() != ROOT / "bridges")]

from bridges.building import interpreters, links, wheels  # noqa: E402
from bridges.building.declarations import (  # noqa: E402
    RECORD_NAME,
    Declaration,
    DeclarationError,
    Plan,
    Record,
    lock_hash,
    plan_of,
    read_declarations,
    read_record,
    warm_hash,
)
from bridges.building.interpreters import Interpreter, Rejected  # noqa: E402
from bridges.building.steps import BuildFailed, Say, one_build_at_a_time, pip, run  # noqa: E402
from bridges.environments import process_environ  # noqa: E402

# Run inside the environment: does what plugins do, and proves that a fork of this process would be safe.
WARM = """
import importlib.util, os, sys, time
started = time.monotonic()
spec = importlib.util.spec_from_file_location("warmup", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.warm()
threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1
if threads != 1:
    sys.exit(f"the warm-up left {threads} threads; a process forked from it could hang")
print(f"warmed in {time.monotonic() - started:.1f} s")
"""


def setup(root: Path, say: Say, *, names: Sequence[str] = (), dev: bool = False) -> list[Record]:
    """Build what is not built: the named environments, or all that are not optional.

    A failed environment does not stop the others: its record says why.

    Raises
    ------
    BuildFailed
        For another system than Linux and macOS, or an unknown name.
    """
    if sys.platform not in ("linux", "darwin"):
        raise BuildFailed(
            f"Hemiola runs on Linux and macOS, not on {platform.system()}; on Windows, inside WSL."
        )
    declarations = read_declarations(root)
    if unknown := [name for name in names if name not in declarations]:
        raise BuildFailed(f"There is no environment {unknown[0]!r}; there are {', '.join(declarations)}.")
    chosen = [declarations[name] for name in names] or [
        one for one in declarations.values() if not one.optional
    ]
    return [build(declaration, root, say, dev=dev) for declaration in chosen]


def build(declaration: Declaration, root: Path, say: Say, *, dev: bool = False, anew: bool = False) -> Record:
    """Bring one environment to what the checkout declares; a second call finds nothing to do.

    Parameters
    ----------
    declaration : what to build
    root : the checkout
    say : called with a line for each step
    dev : also install what the tests need
    anew : build even where the record says that it stands
    """
    with one_build_at_a_time(declaration.folder, say):
        record = read_record(declaration.venv)
        stands = record is not None and _stands(declaration, record, root) and not anew
        try:
            if record is None or not stands:
                record = _build_anew(declaration, root, say)
            record = _refresh(declaration, record, root, say)
        except (BuildFailed, OSError) as error:
            remedy = "make setup" if declaration.is_host else f"hemiola envs build {declaration.name}"
            record = Record("failed", str(root), reason=str(error), remedy=remedy, built_at=_now())
            record.write(declaration.venv)
            typed = remedy if declaration.is_host else f".venv/bin/{remedy}"
            say(f"{declaration.name}: NOT BUILT. {error} Then run: {typed}")
        return _with_dev(declaration, record, say) if dev and record.state == "ready" else record


def _stands(declaration: Declaration, record: Record, root: Path) -> bool:
    if record.state != "ready" or record.root != str(root) or not declaration.python.exists():
        return False
    plan = plan_of(declaration, record)
    return plan is not None and record.lock_hash == lock_hash(declaration, plan)


def _build_anew(declaration: Declaration, root: Path, say: Say) -> Record:
    """Everything up to the warm-up, into an emptied folder; no record is written yet."""
    started = time.monotonic()
    say(f"{declaration.name}: building ({declaration.title}); {_duration(declaration)}")
    plan, interpreter = choose(declaration)
    say(f"{declaration.name}: Python {interpreter.version}, {interpreter.path}")
    if plan.notice:
        say(f"{declaration.name}: {plan.notice}")
    _empty(declaration.venv)
    run(declaration.venv, [interpreter.path, "-I", "-m", "venv", declaration.venv], "venv")
    _install(declaration, plan, say)
    return Record(
        "ready",
        str(root),
        lock=plan.lock.name,
        lock_hash=lock_hash(declaration, plan),
        interpreter=str(interpreter.path),
        python_version=interpreter.version,
        base_prefix=str(interpreter.base_prefix),
        notice=plan.notice or "",
        built_at=_now(),
        seconds=round(time.monotonic() - started, 1),
    )


def _duration(declaration: Declaration) -> str:
    """How long a build may take, in words. Measured: half a minute an environment where packages come fast."""
    if declaration.torch:
        return "some minutes: torch alone is hundreds of megabytes"
    return "half a minute, or some minutes where downloads are slow"


def _empty(venv: Path) -> None:
    """Remove a former build, its record first: killed after that, there is none."""
    (venv / RECORD_NAME).unlink(missing_ok=True)
    if venv.exists():
        shutil.rmtree(venv)


def _install(declaration: Declaration, plan: Plan, say: Say) -> None:
    """Everything of the lock; torch before it, what has to be compiled after it."""
    if declaration.torch:
        say(f"{declaration.name}: torch {declaration.torch}, a large download")
        pip(declaration.venv, "install", f"torch=={declaration.torch}")
    locked = plan.lock.read_text(encoding="utf-8").split()
    compiled = f"{declaration.compiled.name}==" if declaration.compiled else None
    from_source = [line for line in locked if compiled and line.startswith(compiled)]
    say(f"{declaration.name}: downloading and installing {len(locked)} packages of {plan.lock.name}")
    if wanted := [line for line in locked if line not in from_source]:
        pip(declaration.venv, "install", "--no-deps", *wanted)
    for requirement in from_source:
        wheel = wheels.compiled_wheel(declaration, plan, requirement, say)
        pip(declaration.venv, "install", "--no-deps", str(wheel))


def _refresh(declaration: Declaration, record: Record, root: Path, say: Say) -> Record:
    """What is brought up to date without building anew: the links to the checkout, the warm-up."""
    links.link_checkout(declaration, record, root)
    if declaration.is_host:
        links.write_launcher(root, declaration.venv)
    else:
        _compile(declaration, root)
    wanted = warm_hash(declaration)
    if record.warm_hash == wanted:
        return record
    if declaration.warmup:
        command: list[str | Path] = [declaration.python, "-c", WARM, declaration.warmup]
        say(f"{declaration.name}: warming up, seconds to a minute")
        told = run(declaration.venv, command, "its warm-up", process_environ(declaration.venv))
        say(f"{declaration.name}: {told.splitlines()[-1]}")
    record = dataclasses.replace(record, warm_hash=wanted)
    record.write(declaration.venv)
    say(f"{declaration.name}: ready")
    return record


def _compile(declaration: Declaration, root: Path) -> None:
    """Write bytecode of what workers load: a fresh worker would compile it each time (measured: 25 ms).

    A plugin with a mistake in its syntax fails no build: the worker that loads it says what is wrong.
    """
    sources = [path for name in ("plugins", "bridges/tasks", "sdk/hemiola") if (path := root / name).is_dir()]
    command: list[str | Path] = [declaration.python, "-m", "compileall", "-q", *sources]
    with contextlib.suppress(BuildFailed):
        run(declaration.venv, command, "compiling the plugins", process_environ(declaration.venv))


def _with_dev(declaration: Declaration, record: Record, say: Say) -> Record:
    """What the tests need, on top. A failure here ends the call; the environment itself stands."""
    plan = plan_of(declaration, record)
    if plan is None or record.dev_hash == (wanted := hashlib.sha256(plan.dev_lock.read_bytes()).hexdigest()):
        return record
    say(f"{declaration.name}: what the tests need ({plan.dev_lock.name})")
    pip(declaration.venv, "install", "--no-deps", "-r", str(plan.dev_lock))
    record = dataclasses.replace(record, dev_hash=wanted)
    record.write(declaration.venv)
    return record


def choose(declaration: Declaration) -> tuple[Plan, Interpreter]:
    """The first plan whose Python is found, with that Python; the one this runs on is preferred.

    Raises
    ------
    BuildFailed
        Where none is found, or a C compiler is needed and missing.
    """
    rejected: list[Rejected] = []
    here = "{}.{}".format(*sys.version_info)
    for plan in sorted(declaration.plans, key=lambda plan: plan.minor != here or plan.notice is not None):
        missing = declaration.compiled if wheels.cached_wheel(declaration, plan) is None else None
        found, others = interpreters.find(plan.minor, headers=missing is not None)
        rejected += others
        if found and missing and interpreters.compiler() is None:
            raise BuildFailed(
                f"{missing.name} has to be compiled and there is no C compiler: {interpreters.compiler_remedy()}."
            )
        if found:
            return plan, found
    tried = "".join(f" {one.path} {one.why}." for one in rejected)
    minors = " or ".join(plan.minor for plan in declaration.plans)
    raise BuildFailed(f"No Python {minors} that can be built on was found; install one.{tried}")


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; exit status 1 where the host, or with --strict anything, could not be built."""
    parser = argparse.ArgumentParser(prog="bridges/build.py", description="Builds Hemiola's environments.")
    parser.add_argument("command", choices=["setup"])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="all that are not optional, where none is named"
    )
    parser.add_argument("--dev", action="store_true", help="also install what the tests need")
    parser.add_argument("--strict", action="store_true", help="fail where any environment cannot be built")
    options = parser.parse_intermixed_args(arguments)
    try:
        records = setup(ROOT, lambda line: print(line, flush=True), names=options.names, dev=options.dev)
    except (BuildFailed, DeclarationError) as error:
        print(error, file=sys.stderr)
        return 1
    host = read_record(ROOT / ".venv")
    failed = [record for record in records if record.state == "failed"]
    return int(host is None or host.state == "failed" or (options.strict and bool(failed)))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
