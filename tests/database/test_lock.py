"""One engine per data folder: held while its process lives, and named to whoever waits."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from database.errors import FolderHeld
from database.lock import DataLock, holder

ROOT = Path(__file__).resolve().parents[2]

HOLDING = """
import sys, subprocess
from pathlib import Path
from database.lock import DataLock
with DataLock(Path(sys.argv[1]), sys.argv[2]):
    child = subprocess.Popen(["sleep", "60"], close_fds=False)
    print(child.pid, flush=True)
    sys.stdin.readline()
    child.kill(); child.wait()
"""


@contextmanager
def another_process(data: Path, role: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that holds the lock and has started a program of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(data), role],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdin is not None
    child = int(process.stdout.readline())
    try:
        yield process, child
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stdin.close()
        os.kill(child, 9)


def test_a_free_folder_is_made_and_taken_and_given_back(data: Path) -> None:
    assert holder(data) is None
    with DataLock(data, "command"):
        assert holder(data) == (os.getpid(), "command")
    assert holder(data) is None
    with DataLock(data, "server"):
        assert holder(data) == (os.getpid(), "server")


def test_a_taken_folder_is_refused_by_pid_and_role(data: Path) -> None:
    with another_process(data, "server") as (process, _), pytest.raises(FolderHeld) as refused:
        DataLock(data, "command").acquire(wait=False)

    assert (refused.value.pid, refused.value.role) == (process.pid, "server")
    assert f"in use by another Hemiola server (pid {process.pid})" in str(refused.value)


def test_the_lock_of_a_killed_process_is_free_though_its_children_live(data: Path) -> None:
    with another_process(data, "command") as (process, child):
        process.kill()
        process.wait()
        os.kill(child, 0)

        with DataLock(data, "command"):
            assert holder(data) == (os.getpid(), "command")


def test_who_waits_is_told_once_by_whom_and_goes_on_when_it_ends(data: Path) -> None:
    told: list[tuple[int, str]] = []
    with another_process(data, "command") as (process, _):
        ending = threading.Timer(0.5, process.kill)
        ending.start()
        lock = DataLock(data, "command")
        lock.acquire(on_wait=lambda pid, role: told.append((pid, role)))
        lock.release()
        ending.join()

        assert told == [(process.pid, "command")]


def test_what_the_callback_raises_ends_the_wait(data: Path) -> None:
    class ServerThere(Exception):
        pass

    def go_away(pid: int, role: str) -> None:
        raise ServerThere

    with another_process(data, "server"), pytest.raises(ServerThere):
        DataLock(data, "command").acquire(on_wait=go_away)


def test_asking_who_holds_a_free_folder_refuses_nobody(data: Path) -> None:
    stop = threading.Event()
    with DataLock(data, "command"):
        pass

    def ask() -> None:
        while not stop.is_set():
            holder(data)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(20):
            lock = DataLock(data, "command")
            lock.acquire(wait=False)
            lock.release()
            time.sleep(0.001)
    finally:
        stop.set()
        asking.join()


def test_one_lock_is_not_taken_twice(data: Path) -> None:
    lock = DataLock(data, "command")
    lock.acquire()
    with pytest.raises(RuntimeError, match="already held"):
        lock.acquire()
    lock.release()
    lock.release()
