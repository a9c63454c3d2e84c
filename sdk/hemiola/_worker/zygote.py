"""The zygote: one process per environment, warmed once, that forks a worker for each task.

It runs the SDK's code and the environment's warm-up only, keeps one thread, reads requests from the
host's socket and answers each with the worker's pid and pidfd; when a worker has ended it says how.
It ends with its socket.

    host -> zygote   fork {policy}  + descriptors: worker's socket, output pipe
    zygote -> host   ready {pid, warm_s} · forked {pid} + pidfd · exited {pid, status, cpu_s} · failed {reason}
"""

from __future__ import annotations

import gc
import importlib.util
import os
import select
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from types import FrameType
from typing import NoReturn

from hemiola._worker import confine, measured, pages
from hemiola._worker.serve import serve
from hemiola.frames import Channel, Frame


def warm(script: Path) -> None:
    """Run `warm()` of the environment's warm-up script, so that what it imports is shared by every worker."""
    spec = importlib.util.spec_from_file_location("_hemiola_warmup", script)
    if spec is None or spec.loader is None:
        raise ImportError(f"{script} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.warm()


def threads() -> int:
    """Threads of this process; a fork copies only one of them."""
    return len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 1


def main() -> None:
    """Serve forks until the socket ends. Arguments: the socket's descriptor, the warm-up script."""
    channel = Channel(socket.socket(fileno=int(sys.argv[1])), accepts_fds=True)
    started = time.monotonic()
    try:
        if len(sys.argv) > 2:
            warm(Path(sys.argv[2]))
        if threads() != 1:
            raise RuntimeError(f"the warm-up left {threads()} threads running; forking needs one")
    except BaseException:
        channel.send("failed", {"reason": traceback.format_exc(limit=8)[-4000:]})
        raise SystemExit(1) from None
    gc.collect()
    gc.freeze()
    pages.gather()
    channel.send("ready", {"pid": os.getpid(), "warm_s": round(time.monotonic() - started, 3)})
    _serve(channel)


def _serve(channel: Channel) -> None:
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, _noted)
    signal.set_wakeup_fd(wake)
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    poll.register(woken, select.POLLIN)
    while True:
        ready = {fd for fd, _event in poll.poll()}
        if woken in ready:
            os.read(woken, 4096)
            _report_exits(channel)
        if channel.fileno() in ready:
            alive = channel.pump_in()
            while (frame := channel.next()) is not None:
                _fork(channel, frame)
            if not alive:
                return


def _noted(_number: int, _frame: FrameType | None) -> None:
    """A child has ended; the wake-up descriptor tells the loop."""


def _report_exits(channel: Channel) -> None:
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        cpu = usage.ru_utime + usage.ru_stime
        channel.send("exited", {"pid": pid, "status": status, "cpu_s": cpu})


def _fork(channel: Channel, frame: Frame) -> None:
    sock, output = frame.fds
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        channel.send("failed", {"reason": f"no worker could be started: {error}"})
    else:
        if pid == 0:
            _work(confine.Policy.from_json(frame.body["policy"]), sock, output, parent)
        pidfd = os.pidfd_open(pid)
        channel.send("forked", {"pid": pid}, fds=[pidfd])
        os.close(pidfd)
    finally:
        os.close(sock)
        os.close(output)


def _work(policy: confine.Policy, sock: int, output: int, parent: int) -> NoReturn:
    """In the child: confine, serve one task, end. Nothing here returns into the zygote's loop."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        confine.become_worker(sock, output, parent)
        confine.limit(policy)
        confine.tell_of_crashes()
        if policy.confined:
            confine.confine(policy)
        code = serve(Channel(socket.socket(fileno=confine.SOCKET), accepts_fds=True))
    except BaseException:
        traceback.print_exc()
    finally:
        measured.keep()
        os._exit(code)
