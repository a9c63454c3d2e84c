"""A step of a build: a command whose output goes to the log and whose failure is told in a sentence."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path

LOG_NAME = "hemiola-build.log"
LOCK_NAME = ".build.lock"
Say = Callable[[str], None]
_lock: ContextVar[tuple[int, ...]] = ContextVar("lock", default=())


class BuildFailed(Exception):
    """An environment cannot be built; the message says in sentences what is wrong and what mends it."""


def pip(venv: Path, command: str, *arguments: str, python_path: Path | None = None) -> None:
    """Run pip of the environment at `venv`; `python_path` lends it packages for this one call."""
    call: list[str | Path] = [venv / "bin" / "python", "-m", "pip", command]
    options = ["--quiet", "--disable-pip-version-check", "--no-input"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    if python_path:
        environ["PYTHONPATH"] = str(python_path)
    run(venv, [*call, *options, *arguments], f"pip {command}", environ)


def run(
    venv: Path, command: Sequence[str | Path], what: str, environ: Mapping[str, str] | None = None
) -> str:
    """Run a step, keep what it prints in the log inside `venv`, and return it.

    Raises
    ------
    BuildFailed
        With the line that tells what went wrong.
    """
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environ,
        pass_fds=_lock.get(),
    )
    log = venv / LOG_NAME
    venv.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as stream:
        stream.write(f"$ {shlex.join(map(str, command))}\n{done.stdout}")
    if done.returncode:
        told = _telling(done.stdout, done.returncode)
        raise BuildFailed(f"{what} failed: {told}{_remedy(done.stdout)} (All that it said: {log})")
    return done.stdout


@contextlib.contextmanager
def one_build_at_a_time(folder: Path, say: Say) -> Iterator[None]:
    """Hold the build lock of the environment `folder`; the kernel drops it when its last holder ends.

    Steps inherit it: where a build is killed, the next one waits until the pip that it left behind has ended.
    """
    descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{folder.name}: another build is running; waiting for it")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        token = _lock.set((descriptor,))
        try:
            yield
        finally:
            _lock.reset(token)
    finally:
        os.close(descriptor)


REMEDIES = (
    (
        ("connection broken by", "NewConnectionError", "Name or service not known", "Read timed out"),
        "The package index was not reached: check the network, and a proxy or mirror in pip's configuration.",
    ),
    (("No space left on device",), "The disk is full: free a few gigabytes."),
    (("Permission denied",), "A folder cannot be written: look at whose the checkout is."),
    (("HASHES", "hash mismatch"), "A download was damaged: try again."),
)
"""Signs in what a step said, and what mends it."""


def _remedy(output: str) -> str:
    """What mends a failure whose cause is known, after a space; nothing for another."""
    return next((f" {words}" for signs, words in REMEDIES if any(sign in output for sign in signs)), "")


def _telling(output: str, status: int) -> str:
    """The line of a failed command's output that says what is wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "fatal"))]
    return (errors or lines or [f"exit status {status}"])[-1][:300].rstrip(".") + "."
