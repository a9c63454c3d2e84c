"""Where workers come from: a zygote's fork when confined, a process kept for one plugin when portable."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bridges.environments import Environment
from bridges.processes import ForkedProcess, StartedProcess, ZygoteLost, command
from bridges.worker import Cancelled, Worker
from bridges.zygote import Zygote, ZygoteFailed, output_pipe
from hemiola._worker import confine
from hemiola._worker.confine import Policy
from hemiola.frames import Channel

CONFINED, PORTABLE = "confined", "portable"


class EnvironmentUnavailable(Exception):
    """An environment cannot run anything now; the message is a sentence with the remedy."""


def best_mode(wanted: str | None = None) -> str:
    """The mode in force: confined where every layer is there, unless portable is asked for."""
    if wanted == PORTABLE or not all(confine.layers().values()):
        return PORTABLE
    return CONFINED


def _unusable(name: str, failure: str) -> str:
    why = failure.strip().splitlines()[-1]
    return f"the environment {name} does not start ({why}); `hemiola envs build {name} --anew` builds it anew"


class Workers:
    """Starts workers in any environment; one zygote per environment, restarted when it is lost.

    Parameters
    ----------
    environments
        By name; those that are not ready answer EnvironmentUnavailable.
    mode
        CONFINED or PORTABLE.
    coverage
        Tests only: a folder with a workers.ini that every worker may write its coverage to.
    """

    def __init__(
        self, environments: Mapping[str, Environment], mode: str, coverage: Path | None = None
    ) -> None:
        self.environments = dict(environments)
        self.mode = mode
        self._coverage = coverage
        self._zygotes: dict[str, Zygote] = {}
        self._kept: dict[str, Worker] = {}
        self._lock = threading.Lock()
        self.ending = False
        """Whether no worker is started any more."""
        self._starting = ThreadPoolExecutor(1, thread_name_prefix="portable")
        """Starts portable workers: the kernel ends a process when the thread that started it ends."""

    def reason(self, name: str) -> str | None:
        """Why this environment cannot be used, as a sentence; None when it can, as far as is known."""
        environment = self.environments.get(name)
        if environment is None:
            known = ", ".join(sorted(self.environments))
            return f"there is no environment {name!r}; known are {known}"
        if environment.state != "ready":
            return environment.reason
        zygote = self._zygotes.get(name)
        return _unusable(name, zygote.failure) if zygote is not None and zygote.failure else None

    def prepare(self, names: Iterable[str]) -> None:
        """Begin warming environments, without waiting."""
        for name in names:
            if self.mode == CONFINED and self.reason(name) is None:
                self._zygote(name)

    def warm(self, name: str) -> None:
        """Wait until an environment's zygote is warm; raises ZygoteFailed when it does not become so."""
        if self.mode == CONFINED:
            self._zygote(name).wait_ready()

    def cpu_s(self) -> float:
        """CPU seconds that the zygotes since they were warm, and all confined workers that have ended, used."""
        return sum(zygote.cpu_s() for zygote in self._zygotes.values())

    def start(self, environment: str, policy: Policy, keep_for: str = "") -> Worker:
        """A worker in this environment.

        Parameters
        ----------
        environment
            Its name.
        policy
            What it may do beyond reading its own environment.
        keep_for
            Portable mode: a name for the task (plugin and source) whose kept process may serve.

        Raises
        ------
        EnvironmentUnavailable
            It cannot be used; the sentence says why and what mends it.
        Cancelled
            The program is ending.
        """
        if self.ending:
            raise Cancelled
        reason = self.reason(environment)
        if reason is not None:
            raise EnvironmentUnavailable(reason)
        kept = self._take_kept(keep_for)
        if kept is not None:
            return kept
        ours, theirs = socket.socketpair()
        try:
            process, output = self._launch(environment, policy, theirs)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return Worker(process, Channel(ours), output)

    def finish(self, worker: Worker, keep_for: str = "") -> None:
        """A worker's task is over: let it end. In portable mode it is kept for the plugin it served."""
        if self.mode == PORTABLE and keep_for and worker.dismiss():
            with self._lock:
                if keep_for not in self._kept and not self.ending:
                    self._kept[keep_for] = worker
                    return
        worker.farewell()

    def _take_kept(self, keep_for: str) -> Worker | None:
        with self._lock:
            kept = self._kept.pop(keep_for, None)
        if kept is not None and not kept.idle:
            kept.end()
            return None
        return kept

    def stop_starting(self) -> None:
        """Start nothing any more: who asks is told Cancelled, and nobody waits for an environment that warms up."""
        with self._lock:
            self.ending = True
            warming = [zygote for zygote in self._zygotes.values() if zygote.warming]
        for zygote in warming:
            zygote.close()

    def close(self) -> None:
        """End every zygote and kept worker."""
        with self._lock:
            self.ending = True
            zygotes, self._zygotes = list(self._zygotes.values()), {}
            kept, self._kept = list(self._kept.values()), {}
        for worker in kept:
            worker.end()
        for zygote in zygotes:
            zygote.close()
        self._starting.shutdown()

    def _launch(
        self, name: str, policy: Policy, theirs: socket.socket
    ) -> tuple[ForkedProcess | StartedProcess, int]:
        ours_out, theirs_out = output_pipe()
        try:
            if self.mode == PORTABLE:
                started = self._starting.submit(self._exec, self.environments[name], theirs, theirs_out)
                return started.result(), ours_out
            return self._fork(name, self._policy(name, policy), theirs, theirs_out), ours_out
        except BaseException:
            os.close(ours_out)
            raise
        finally:
            os.close(theirs_out)

    def _policy(self, name: str, policy: Policy) -> Policy:
        own = tuple(str(path) for path in self.environments[name].read_paths())
        return Policy(
            confined=True,
            readable=(*own, *policy.readable),
            writable=(*([str(self._coverage)] if self._coverage else ()), *policy.writable),
            address_space=policy.address_space,
            file_size=-1 if self._coverage else policy.file_size,
        )

    def _fork(self, name: str, policy: Policy, theirs: socket.socket, output: int) -> ForkedProcess:
        for attempt in range(3):
            try:
                return self._zygote(name).fork(policy, theirs, output)
            except ZygoteLost:
                if attempt == 2:
                    break
            except ZygoteFailed as error:
                raise EnvironmentUnavailable(_unusable(name, str(error))) from error
        raise EnvironmentUnavailable(f"the environment {name!r} keeps ending; `hemiola envs check` says more")

    def _zygote(self, name: str) -> Zygote:
        with self._lock:
            if self.ending:
                raise Cancelled
            zygote = self._zygotes.get(name)
            if zygote is None or not (zygote.alive or zygote.failure):
                zygote = self._zygotes[name] = Zygote(self.environments[name], self._coverage)
            return zygote

    def _exec(self, environment: Environment, theirs: socket.socket, output: int) -> StartedProcess:
        popen = subprocess.Popen(
            command(environment.python, "standalone", str(theirs.fileno())),
            env=environment.environ(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        return StartedProcess(popen)
