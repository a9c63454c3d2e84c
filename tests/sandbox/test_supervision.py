"""Processes under supervision: zygotes that start or do not, limits, policies, deaths told in words."""

from __future__ import annotations

import dataclasses
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridges import deaths
from bridges.deaths import Death
from bridges.environments import Environment, environments
from bridges.processes import Exit, ZygoteLost, vitals
from bridges.worker import Cancelled, Limits, Worker
from bridges.workers import CONFINED, PORTABLE, EnvironmentUnavailable, Workers, best_mode
from bridges.zygote import ZygoteFailed
from hemiola._worker.confine import Policy, layers
from hemiola.frames import Frame
from tests.conftest import ROOT
from tests.sandbox import house

LIMITS = Limits(cpu_s=5.0, memory=200 << 20, still_s=2.0)
TASK = """
import os, time, signal, threading
def run(task):
    exec(task.header["act"], {"task": task, "os": os, "time": time, "signal": signal, "threading": threading})
"""

confined_only = pytest.mark.skipif(best_mode() != CONFINED, reason="this kernel cannot confine")


def cold(**changes: object) -> dict[str, Environment]:
    """The environment `main`, not warmed up, or as changed."""
    return {"main": dataclasses.replace(environments(ROOT)["main"], **{"warmup": None, **changes})}


@pytest.fixture(params=[pytest.param(CONFINED, marks=confined_only), PORTABLE])
def workers(request: pytest.FixtureRequest) -> Iterator[Workers]:
    """Workers in both modes."""
    made = Workers(cold(), request.param)
    yield made
    made.close()


@pytest.fixture
def confined() -> Iterator[Workers]:
    """Confined workers."""
    if best_mode() != CONFINED:
        pytest.skip("this kernel cannot confine")
    made = Workers(cold(), CONFINED)
    yield made
    made.close()


Started = Callable[..., Worker]


@pytest.fixture
def task(tmp_path: Path) -> Iterator[Started]:
    """Starts workers that do what a test writes; ends them."""
    (tmp_path / "task.py").write_text(TASK)
    started: list[Worker] = []

    def start(workers: Workers, act: str, policy: Policy | None = None) -> Worker:
        chosen = policy or Policy()
        readable = (*chosen.readable, str(tmp_path / "task.py"))
        worker = workers.start("main", dataclasses.replace(chosen, readable=readable))
        worker.say(Frame("task", {"source": {"path": str(tmp_path / "task.py"), "module": None}, "act": act}))
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.end()


def test_a_task_answers_and_its_worker_ends(workers: Workers, task: Started) -> None:
    worker = task(workers, "task.send('done', {'pid': os.getpid()})")
    answer = worker.listen(LIMITS)
    assert isinstance(answer, Frame) and answer.body["pid"] == worker.process.pid
    workers.finish(worker)
    assert house.soon(lambda: not house.alive(worker.process.pid), 1.0)
    assert worker.farewell() == worker.end()


@pytest.mark.parametrize(
    ("act", "status", "code", "name"),
    [
        ("os.abort()", "crashed", "signal", "SIGABRT"),
        ("os._exit(7)", "crashed", "exit", None),
        ("os.closerange(0, 64); time.sleep(60)", "crashed", "hung_up", None),
        ("time.sleep(60)", "timed_out", "still", "SIGKILL"),
        (
            "kept = [b'x' * (1 << 20) for n in range(4000) if not time.sleep(0.001)]",
            "out_of_memory",
            "memory",
            "SIGKILL",
        ),
        (
            "os.write(3 if os.path.exists('/proc/self/fd/4') else task.channel.fileno(), b'noise' * 10)",
            "invalid",
            "garbled",
            None,
        ),
    ],
)
def test_a_death_has_a_status_a_code_and_a_signal(
    workers: Workers, task: Started, act: str, status: str, code: str, name: str | None
) -> None:
    before = len(house.descriptors())
    said = task(workers, act).listen(LIMITS)
    assert isinstance(said, Death) and (said.status, said.code, said.signal) == (status, code, name), said
    assert len(house.descriptors()) <= before + 4, "a zygote's own at most"


def test_processor_time_and_wall_time_have_their_own_ends(workers: Workers, task: Started) -> None:
    said = task(workers, "while True: pass").listen(Limits(cpu_s=0.3, memory=1 << 30, still_s=5.0))
    assert isinstance(said, Death) and said.code == "cpu"
    said = task(workers, "while True: time.sleep(0.01); sum(range(20000))").listen(
        Limits(cpu_s=60.0, memory=1 << 30, still_s=5.0, wall_s=0.5)
    )
    assert isinstance(said, Death) and said.code == "wall"


def test_the_end_of_what_it_printed_is_kept_with_where_it_stopped(workers: Workers, task: Started) -> None:
    said = task(workers, "os.write(2, b'x' * 100000 + b'last words'); os.abort()").listen(LIMITS)
    assert isinstance(said, Death) and said.detail is not None
    assert "last words" in said.detail and len(said.detail) <= 4096
    assert "Fatal Python error: Aborted" in said.detail and "Extension modules" not in said.detail


def test_peak_memory_is_what_it_took_beyond_its_start(workers: Workers, task: Started) -> None:
    worker = task(workers, "kept = b'x' * (100 << 20); time.sleep(0.5); task.send('done')")
    assert isinstance(worker.listen(LIMITS), Frame)
    assert 90 << 20 < worker.peak_bytes < 200 << 20
    worker.end()


def test_progress_is_handed_on_and_cancelling_ends_the_worker(workers: Workers, task: Started) -> None:
    told: list[float] = []
    worker = task(workers, "task.progress(0.25); task.progress(0.5); time.sleep(60)")
    with pytest.raises(Cancelled):
        worker.listen(LIMITS, told.append, lambda: len(told) == 2)
    assert told == [0.25, 0.5] and not house.alive(worker.process.pid)


def test_an_answer_sent_just_before_the_end_is_heard(workers: Workers, task: Started) -> None:
    worker = task(workers, "task.send('done', {}, {'x': b'x' * 2_000_000}); os._exit(0)")
    time.sleep(0.2)
    answer = worker.listen(LIMITS)
    assert isinstance(answer, Frame) and len(answer.parts["x"]) == 2_000_000
    worker.end()


def test_closing_ends_what_runs_and_starts_nothing_more(workers: Workers, task: Started) -> None:
    before = house.processes()
    task(workers, "time.sleep(60)")
    workers.close()
    assert house.soon(lambda: house.processes() <= before or workers.mode == PORTABLE)
    with pytest.raises(Cancelled):
        workers.start("main", Policy())


# -- confinement -------------------------------------------------------------------------------------


def refusal(worker: Worker) -> str:
    said = worker.listen(LIMITS)
    assert isinstance(said, Frame), said
    worker.end()
    return str(said.body.get("reason") or said.kind)


def test_a_writable_folder_takes_files_of_a_size(confined: Workers, task: Started, tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    policy = Policy(writable=(str(folder),), file_size=1000)
    write = f"with open({str(folder / 'a')!r}, 'wb') as file: file.write(b'x' * %d)\ntask.send('done')"
    assert refusal(task(confined, write % 1000, policy)) == "done"
    assert "File too large" in refusal(task(confined, write % 1001, policy))
    other = f"open({str(tmp_path / 'b')!r}, 'wb')"
    assert "Permission denied" in refusal(task(confined, other, policy))
    run = f"os.chmod({str(folder / 'a')!r}, 0o755)"
    assert "not permitted" in refusal(task(confined, run, policy))


def test_a_readable_file_is_read_and_its_neighbour_is_not(
    confined: Workers, task: Started, tmp_path: Path
) -> None:
    for name in ("mine", "yours"):
        (tmp_path / name).write_text(name)
    policy = Policy(readable=(str(tmp_path / "mine"), str(tmp_path / "not there")))
    assert refusal(task(confined, f"task.send(open({str(tmp_path / 'mine')!r}).read())", policy)) == "mine"
    assert "denied" in refusal(task(confined, f"open({str(tmp_path / 'yours')!r})", policy))
    assert "denied" in refusal(task(confined, f"os.listdir({str(tmp_path)!r})", policy))


def test_address_space_ends_at_what_was_declared(confined: Workers, task: Started) -> None:
    policy = Policy(address_space=100 << 20)
    assert refusal(task(confined, "bytes(100 << 20); task.send('done')", policy)) == "done"
    assert "MemoryError" in refusal(task(confined, "bytes(500 << 20)", policy))


def test_a_worker_keeps_no_privilege_and_dies_first(confined: Workers, task: Started) -> None:
    look = "read = lambda name: open('/proc/self/' + name).read()"
    look += (
        "; task.send('done', {'status': read('status'), 'oom': read('oom_score_adj'), 'sid': os.getsid(0)})"
    )
    worker = task(confined, look)
    said = worker.listen(LIMITS)
    assert isinstance(said, Frame)
    status = dict(line.split(":", 1) for line in said.body["status"].splitlines())
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert status["NoNewPrivs"].strip() == "1" and status["Seccomp"].strip() == "2"
    assert int(said.body["oom"]) == 800
    assert said.body["sid"] == worker.process.pid
    worker.end()


def test_a_worker_has_only_its_own_descriptors(confined: Workers, task: Started) -> None:
    worker = task(confined, "task.send('done', {'fds': sorted(os.listdir('/proc/self/fd'))})")
    said = worker.listen(LIMITS)
    assert isinstance(said, Frame) and len(said.body["fds"]) == 5, "0 to 3 and the listing's own"
    worker.end()


# -- zygotes -----------------------------------------------------------------------------------------


@confined_only
@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("def warm(): raise ImportError('no such library')", "no such library"),
        ("import os; os._exit(9)", "ended with 9"),
        (
            "import threading, time\ndef warm(): threading.Timer(60, print).start()",
            "threads",
        ),
        ("this is no Python", "SyntaxError"),
    ],
)
def test_an_environment_whose_warm_up_fails_says_why_and_what_mends_it(
    tmp_path: Path, script: str, says: str
) -> None:
    (tmp_path / "warmup.py").write_text(script)
    workers = Workers(cold(warmup=tmp_path / "warmup.py"), CONFINED)
    with pytest.raises(EnvironmentUnavailable, match=r"hemiola envs build main") as raised:
        workers.start("main", Policy())
    assert says in str(raised.value)
    assert "hemiola envs build main" in (workers.reason("main") or "")
    with pytest.raises(ZygoteFailed):
        workers.warm("main")
    workers.close()


@confined_only
def test_an_environment_without_its_python_says_so(tmp_path: Path) -> None:
    workers = Workers(cold(python=tmp_path / "python"), CONFINED)
    with pytest.raises(EnvironmentUnavailable, match="could not be started"):
        workers.start("main", Policy())
    workers.close()


def test_an_environment_that_is_not_there_or_not_ready_says_so() -> None:
    workers = Workers(cold(state="missing", reason="it is not built"), PORTABLE)
    assert workers.reason("main") == "it is not built"
    with pytest.raises(EnvironmentUnavailable, match="known are main"):
        workers.start("other", Policy())
    workers.close()


@confined_only
def test_closing_does_not_wait_for_a_warm_up(tmp_path: Path) -> None:
    (tmp_path / "warmup.py").write_text("import time\ntime.sleep(60)\n")
    workers = Workers(cold(warmup=tmp_path / "warmup.py"), CONFINED)
    before = house.processes()
    workers.prepare(["main"])
    time.sleep(0.2)
    begin = time.monotonic()
    workers.close()
    assert time.monotonic() - begin < 2.0
    assert house.soon(lambda: house.processes() <= before)


def test_a_lost_zygote_is_told_apart_from_a_plugins_death(confined: Workers, task: Started) -> None:
    before = len(house.descriptors())
    worker = task(confined, "time.sleep(60)")
    pid = confined._zygotes["main"].pid
    assert pid is not None
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    with pytest.raises(ZygoteLost):
        worker.listen(LIMITS)
    assert house.soon(lambda: not house.alive(worker.process.pid), 1.0)
    assert house.soon(lambda: len(house.descriptors()) <= before), house.descriptors()
    answer = task(confined, "task.send('again')").listen(LIMITS)
    assert isinstance(answer, Frame) and answer.kind == "again"


def test_a_zygote_that_stands_still_is_replaced(
    confined: Workers, task: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridges.zygote.FORK_S", 0.5)
    task(confined, "task.send('first')").end()
    pid = confined._zygotes["main"].pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    answer = task(confined, "task.send('again')").listen(LIMITS)
    assert isinstance(answer, Frame) and answer.kind == "again"
    assert house.soon(lambda: not house.alive(pid))


# -- words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exit_", "tail", "expected"),
    [
        (Exit(None, 11), "", ("crashed", "signal", "SIGSEGV")),
        (Exit(None, 11), "MemoryError", ("out_of_memory", "memory", "SIGSEGV")),
        (Exit(None, 6), "memory allocation of 9 bytes failed", ("out_of_memory", "memory", "SIGABRT")),
        (Exit(None, 9), "MemoryError", ("crashed", "signal", "SIGKILL")),
        (Exit(None, 44), "", ("crashed", "signal", "signal 44")),
        (Exit(0, None), "", ("crashed", "exit", None)),
        (None, "", ("crashed", "hung_up", None)),
    ],
)
def test_a_death_is_told_by_how_it_ended(exit_: Exit | None, tail: str, expected: tuple[str, ...]) -> None:
    death = deaths.of(exit_, hung_up=False, tail=tail)
    assert (death.status, death.code, death.signal) == expected and death.reason


def test_every_signal_has_a_name() -> None:
    for number in range(1, 65):
        assert deaths.of(Exit(None, number), hung_up=False, tail="").signal


def test_vitals_are_of_the_living() -> None:
    own = vitals(os.getpid())
    assert own is not None and own.memory > 10 << 20 and own.cpu_s > 0 and own.threads >= 1
    assert vitals(2**22 + 1) is None


def test_the_best_mode_is_confined_where_every_layer_is() -> None:
    assert best_mode(PORTABLE) == PORTABLE
    assert (best_mode() == CONFINED) == all(layers().values())
