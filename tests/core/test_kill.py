"""kill -9 of the host at any moment, of a zygote, of a worker: nothing stored is lost, nothing is left running."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil
import pytest

from bridges.workers import CONFINED, best_mode
from core.engine import Engine
from core.requests import Request
from database.connections import NAME
from database.store import Store
from tests.conftest import ROOT
from tests.sandbox import house

FILES = 4
SLOW = """
import time
from hemiola import Config, Plugin, Result, hookimpl

class Slow(Result):
    question = "slow"
    levels = ("take",)

class It(Plugin[Slow, Config]):
    name = "slow.it"
    version = "1"

    def analyze(self, region, context):
        for n in range(15):
            context.progress(n / 15)
            time.sleep(0.1)
        return Slow()

@hookimpl
def hemiola_plugins():
    return [It]
"""

pytestmark = pytest.mark.skipif(best_mode() != CONFINED, reason="this kernel cannot confine")


@dataclass
class Run:
    """One process with an engine, and what it has said."""

    process: subprocess.Popen[bytes]
    rows: list[tuple[int, str, float]] = field(default_factory=list)
    there: bool = False
    done: bool = False
    _rest: bytes = b""

    @classmethod
    def start(cls, folder: Path, recordings: list[Path]) -> Run:
        command = [sys.executable, "-m", "tests.sandbox.killed", str(folder), *map(str, recordings)]
        path = os.pathsep.join([str(ROOT), str(ROOT / "sdk")])
        environ = {**os.environ, "PYTHONPATH": path}
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE)
        os.set_blocking(_out(process).fileno(), False)
        return cls(process)

    def listen(self) -> None:
        """Take in what it has said so far."""
        self._rest += _out(self.process).read() or b""
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            words = line.decode().split()
            self.there = self.there or words == ["there"]
            self.done = self.done or words == ["done"]
            if len(words) == 3:
                self.rows.append((int(words[0]), words[1], float(words[2])))

    def kill(self) -> list[psutil.Process]:
        """Kill -9; returns the processes that it had."""
        family: list[psutil.Process] = []
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGSTOP)  # so that its family is counted whole
            family = psutil.Process(self.process.pid).children(recursive=True)
            self.process.kill()
        self.process.wait()
        os.set_blocking(_out(self.process).fileno(), True)
        self.listen()
        _out(self.process).close()
        return family


def _out(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None
    return process.stdout


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("tapes")
    return [house.clicks(folder / f"tape-{n}.wav", 3.0, 200.0 + 20 * n) for n in range(FILES)]


@pytest.fixture(scope="module")
def undisturbed(recordings: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = _folder(tmp_path_factory.mktemp("undisturbed"))
    return _to_the_end(folder, recordings)


def _folder(folder: Path) -> Path:
    house.drop_in(house.settings(folder))
    return folder


def _to_the_end(folder: Path, recordings: list[Path]) -> dict[str, str]:
    """Documents by file, of a run that nobody kills."""
    run = Run.start(folder, recordings)
    assert run.process.wait(120) == 0
    run.kill()
    assert run.done
    return {path.stem: _lasting((folder / f"{path.stem}.json").read_bytes()) for path in recordings}


def _lasting(document: bytes) -> str:
    """A document without what differs from run to run."""
    told: dict[str, Any] = json.loads(document)
    for region in told["regions"]:
        region["outcomes"].sort(key=lambda row: (row["question"], row["plugin"]))
        for row in region["outcomes"]:
            for name in house.VOLATILE:
                del row[name]
    return json.dumps(told, sort_keys=True)


def _stored(folder: Path) -> set[tuple[int, str, float]]:
    """Every row of the ledger whose answer is there: job, plugin, start."""
    found = set()
    with Store.open(folder / "data") as store:
        for job in store.jobs():
            rows = store.document_rows(job.id)
            assert rows is not None
            starts = {region.id: region.start_s for region in rows.regions}
            for outcome, answer in rows.outcomes:
                assert answer is not None and answer.result is not None
                found.add((job.id, outcome.plugin, round(starts[outcome.region], 1)))
    return found


def _assert_sound(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "data" / NAME)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _killed_at_random(folder: Path, recordings: list[Path], chance: random.Random) -> Run:
    """A run that is killed after a number of rows, or some time before the first."""
    run = Run.start(folder, recordings)
    rows, late = chance.randrange(0, 3 * FILES + 1), chance.uniform(0.0, 0.08)
    patience = time.monotonic() + (chance.uniform(0.0, 3.0) if rows == 0 else 60.0)
    while time.monotonic() < patience and not run.done and (rows == 0 or len(run.rows) < rows):
        time.sleep(0.005)
        run.listen()
    time.sleep(late)
    family = run.kill()
    assert house.soon(lambda: not any(one.is_running() and house.alive(one.pid) for one in family), 1.0), (
        family
    )
    return run


@pytest.mark.parametrize("kills", [12, pytest.param(200, marks=pytest.mark.soak)])
def test_a_host_killed_at_random_loses_nothing_and_ends_as_an_undisturbed_one(
    kills: int, recordings: list[Path], undisturbed: dict[str, str], tmp_path: Path
) -> None:
    chance = random.Random(kills)
    folder, seen, interrupted = _folder(tmp_path / "0"), set[tuple[int, str, float]](), 0
    for number in range(1, kills + 1):
        run = _killed_at_random(folder, recordings, chance)
        seen |= set(run.rows)
        if (folder / "data" / NAME).exists():
            _assert_sound(folder)
            assert seen <= _stored(folder)
        interrupted += bool(run.rows) and not run.done
        if run.done or number == kills:
            assert _to_the_end(folder, recordings) == undisturbed
            folder, seen = _folder(tmp_path / str(number)), set()
    assert interrupted > kills // 4, "most runs were killed before or after their work"


WARMING = """
import os, signal, sys, time
from bridges.environments import environments
from bridges.workers import CONFINED, Workers
from core.settings import ROOT
workers = Workers(environments(ROOT), CONFINED)
workers.prepare(["main"])
time.sleep(float(sys.argv[1]))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("seconds", [0.0, 0.03, 0.1, 0.4, 1.0])
def test_a_host_killed_while_an_environment_warms_up_leaves_nothing(seconds: float) -> None:
    before = house.processes()
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "sdk")])}
    killed = subprocess.run([sys.executable, "-c", WARMING, str(seconds)], env=environ, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert house.soon(lambda: house.processes() <= before, 1.0)


class Yard:
    """A running engine with a plugin that takes its time."""

    def __init__(self, folder: Path) -> None:
        self.settings = house.settings(folder)
        house.drop_in(self.settings, {"slow.py": SLOW})
        self.file = house.clicks(folder / "take.wav")
        self.engine = Engine(self.settings)
        self.alone = house.answers(house.analyze(self.engine, self.file, *house.INNOCENT, "slow"))
        self.traces = house.Traces(self.settings)

    @property
    def zygote(self) -> psutil.Process:
        return psutil.Process(self.engine.workers._zygotes["main"].pid)

    def disturbed(self, disturb: Callable[[], None]) -> house.Document:
        """The document of a job in the middle of whose slow plugin something happens."""
        listener = self.engine.listen()
        job = self.engine.submit(self.file, Request(questions=(*house.INNOCENT, "slow"), force=True))
        while not (event := listener.next(20.0)) or not (
            event.now.startswith("slow") and event.fraction > 0.8
        ):
            assert event is not None, "the slow plugin was not asked"
        listener.close()
        disturb()
        self.engine.wait(job.id)
        document: house.Document = json.loads(self.engine.document(job.id))
        return document


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    made = Yard(tmp_path_factory.mktemp("yard"))
    yield made
    made.engine.close()


def test_a_zygote_killed_meanwhile_is_started_anew_and_no_plugin_is_blamed(yard: Yard) -> None:
    before = yard.zygote.pid
    document = yard.disturbed(lambda: yard.zygote.kill())
    assert document["verdict"] == "complete", house.outcomes(document, "slow")
    assert house.answers(document) == yard.alone
    assert yard.zygote.pid != before
    yard.traces.assert_no_more()


def test_a_zygote_killed_between_two_jobs_is_started_anew(yard: Yard) -> None:
    yard.zygote.kill()
    document = house.analyze(yard.engine, yard.file, *house.INNOCENT, force=True)
    assert document["verdict"] == "complete" and house.answers(document) == yard.alone


def test_a_zygote_killed_while_it_warms_up_is_started_anew(tmp_path: Path) -> None:
    chosen = house.settings(tmp_path)
    house.drop_in(chosen)
    with Engine(chosen) as engine:
        assert house.soon(
            lambda: bool(engine.workers._zygotes) and engine.workers._zygotes["main"].pid is not None
        )
        psutil.Process(engine.workers._zygotes["main"].pid).kill()
        document = house.analyze(engine, house.clicks(tmp_path / "take.wav"), *house.INNOCENT)
    assert document["verdict"] == "complete"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (signal.SIGKILL, ("crashed", "signal", "SIGKILL")),
        (signal.SIGTERM, ("crashed", "signal", "SIGTERM")),
        (signal.SIGSTOP, ("timed_out", "still", "SIGKILL")),
    ],
)
def test_a_worker_ended_or_stopped_from_outside_is_told(
    yard: Yard, number: int, expected: tuple[str, ...]
) -> None:
    document = yard.disturbed(lambda: [one.send_signal(number) for one in yard.zygote.children()] and None)
    row = house.outcome(document, "slow")
    assert (row["status"], row["code"], row["signal"]) == expected, row
    assert document["verdict"] == "partial" and house.answers(document) == yard.alone
    yard.traces.assert_no_more()
    assert house.analyze(yard.engine, yard.file, "slow", force=True)["verdict"] == "complete"
