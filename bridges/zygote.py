"""The host's side of a zygote: start it, ask it for workers, hear how they end."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import threading
from pathlib import Path

from bridges.environments import Environment
from bridges.processes import Exit, ForkedProcess, ZygoteLost, command, vitals
from hemiola._worker.confine import Policy
from hemiola.errors import FrameError
from hemiola.frames import Channel, Frame

START_S = 120.0
"""Longest a warm-up may take, on a machine whose disk is cold."""
FORK_S = 30.0
ENDED_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM)
"""Exit codes of a zygote that someone ended: another one is tried."""


class ZygoteFailed(Exception):
    """An environment's zygote could not be started; the message says why."""


class Zygote:
    """One warmed process of an environment that forks workers.

    Its process is started by a thread that lives as long as it does: the kernel ends it when that
    thread ends, which is when the host does.
    """

    def __init__(self, environment: Environment, coverage: Path | None = None) -> None:
        self.environment = environment
        self._coverage = coverage
        self._asking = threading.Lock()
        self._answers: queue.SimpleQueue[ForkedProcess | str | None] = queue.SimpleQueue()
        self._workers: dict[int, ForkedProcess] = {}
        self._ready = threading.Event()
        self.failure: str | None = None
        """Why it did not become ready; None while it may or has."""
        self._channel: Channel | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._over = False
        self.pid: int | None = None
        self.warm_s: float | None = None
        self._cpu_when_warm = self._workers_cpu_s = 0.0
        name = f"zygote-{environment.name}"
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._thread.is_alive() and not self._over and self.failure is None

    @property
    def warming(self) -> bool:
        """Whether it is not ready yet."""
        return not self._ready.is_set()

    def wait_ready(self) -> None:
        """Wait until it is warm; raises ZygoteFailed with the reason when it does not become so."""
        if not self._ready.wait(START_S):
            self.failure = f"its warm-up took longer than {START_S:.0f} s"
        if self.failure is not None:
            raise ZygoteFailed(self.failure)

    def fork(self, policy: Policy, sock: socket.socket, output: int) -> ForkedProcess:
        """A new worker that owns this end of a socket pair and writes its output to this descriptor.

        Raises ZygoteFailed when the environment cannot start one, ZygoteLost when the zygote has ended.
        """
        self.wait_ready()
        with self._asking:
            if self._channel is None or not self.alive:
                raise ZygoteLost
            fds = [sock.fileno(), output]
            try:
                self._channel.send("fork", {"policy": policy.to_json()}, fds=fds)
                answer = self._answers.get(timeout=FORK_S)
            except (OSError, queue.Empty) as error:
                self._give_up()  # an answer that comes late would be taken for the next one
                raise ZygoteLost from error
        if answer is None:
            raise ZygoteLost
        if isinstance(answer, str):
            raise ZygoteFailed(answer)
        return answer

    def _give_up(self) -> None:
        self._over = True
        if self._process is not None:
            self._process.kill()

    def cpu_s(self) -> float:
        """CPU seconds it used since it was warm, and those of its workers that have ended."""
        return self._workers_cpu_s + self._own_cpu_s() - self._cpu_when_warm

    def _own_cpu_s(self) -> float:
        now = vitals(self.pid) if self.pid is not None else None
        return now.cpu_s if now is not None else self._cpu_when_warm

    def close(self) -> None:
        """End it and, with it, every worker it has; one that is still warming up does not listen, and is killed."""
        if not self._ready.is_set():
            self._give_up()
        if self._channel is not None:
            try:
                self._channel.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return
        self._thread.join(5.0)

    # -- the thread --------------------------------------------------------------

    def _live(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            process = self._start(theirs)
        if process is None:
            ours.close()
            self._ready.set()
            return
        self._process, self.pid = process, process.pid
        if self._over:
            process.kill()
        self._channel = Channel(ours, accepts_fds=True)
        try:
            while (frame := self._channel.receive()) is not None:
                self._hear(frame)
        except (OSError, FrameError):
            process.kill()
        self._bury(process)

    def _start(self, theirs: socket.socket) -> subprocess.Popen[bytes] | None:
        environment = self.environment
        warmup = [str(environment.warmup)] if environment.warmup is not None else []
        try:
            return subprocess.Popen(
                command(environment.python, "zygote", str(theirs.fileno()), *warmup),
                env={**environment.environ(), **_measuring(self._coverage)},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError as error:
            self.failure = f"its Python could not be started: {error}"
            return None

    def _hear(self, frame: Frame) -> None:
        if frame.kind == "exited":
            told = frame.body
            self._workers_cpu_s += told["cpu_s"]
            self._workers.pop(told["pid"]).tell(Exit.from_status(told["status"], told["cpu_s"]))
        elif frame.kind == "forked":
            worker = ForkedProcess(frame.body["pid"], frame.fds[0])
            self._workers[worker.pid] = worker
            self._answers.put(worker)
        elif frame.kind == "ready":
            self.warm_s = frame.body["warm_s"]
            self._cpu_when_warm = self._own_cpu_s()
            self._ready.set()
        elif self._ready.is_set():
            self._answers.put(str(frame.body["reason"]))
        else:
            self.failure = frame.body["reason"]
            self._ready.set()

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        """The zygote has ended: nobody waits for it any longer."""
        try:
            code = process.wait(5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        self._over = True
        if not self._ready.is_set() and code not in ENDED_FROM_OUTSIDE:
            self.failure = f"its Python ended with {code} while warming up"
        self._ready.set()
        self._answers.put(None)
        for worker in list(self._workers.values()):
            worker.tell(None)
        with self._asking:
            if self._channel is not None:
                self._channel.close()


def _measuring(folder: Path | None) -> dict[str, str]:
    """What makes coverage measure a process from its start."""
    if folder is None:
        return {}
    return {"COVERAGE_PROCESS_START": str(folder / "workers.ini"), "COVERAGE_FILE": str(folder / ".coverage")}


def output_pipe() -> tuple[int, int]:
    """A pipe for a worker's output: our end does not block, neither end is inherited."""
    ours, theirs = os.pipe2(os.O_CLOEXEC) if hasattr(os, "pipe2") else os.pipe()
    os.set_blocking(ours, False)
    return ours, theirs
