"""`hemiola serve` as a process of its own: both doors, what it refuses at its start, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import pytest

from core.doors import SOCKET
from core.uploads import Uploads
from tests.api.live import RATE, Live, behind
from tests.conftest import ROOT, write_wav
from tests.sandbox.house import processes, soon

HEMIOLA = ROOT / ".venv" / "bin" / "hemiola"
GREETING = re.compile(r"(http://\S+?)/ui/(\S*) ")


class Process:
    """A server on a data folder of its own, in a process of its own."""

    def __init__(self, folder: Path, home: Path, **settings: str) -> None:
        self.data = folder / "data"
        told = {"DATA": str(self.data), "CACHE": str(home / ".cache"), "PORT": "0", **settings}
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HEMIOLA_")},
            **{f"HEMIOLA_{name}": value for name, value in told.items()},
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        self._folder = folder

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [HEMIOLA, "serve"],
            env=self._environ,
            cwd=self._folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        self.greeting = self.process.stdout.readline()
        found = GREETING.search(self.greeting)
        assert found, self.greeting
        self.address, self.query = found[1], found[2]
        self.client = httpx.Client(base_url=self.address, timeout=60)
        transport = httpx.HTTPTransport(uds=str(self.data / SOCKET))
        self.local = httpx.Client(base_url="http://local", transport=transport, timeout=60)
        return self

    def stop(self, number: int = signal.SIGINT) -> tuple[int, float, str]:
        """End it: its exit status, the seconds that took, and what it said."""
        began = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(30)
        assert self.process.stdout is not None
        return status, time.monotonic() - began, self.process.stdout.read()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.client.close()
        self.local.close()
        if self.process.poll() is None:
            self.stop(signal.SIGKILL)
        assert self.process.stdout is not None
        self.process.stdout.close()


def refused(folder: Path, home: Path, **settings: str) -> str:
    """What a server says that does not start."""
    process = Process(folder, home, **settings)
    ended = subprocess.run(
        [HEMIOLA, "serve"], env=process._environ, cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode != 0 and "Traceback" not in ended.stderr
    return ended.stderr


@pytest.fixture(scope="module")
def warm(live: Live) -> None:
    """The plugins' manifests lie in the cache."""
    live.engine.catalogue.providers()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, home: Path, warm: None) -> Iterator[Process]:
    with Process(tmp_path_factory.mktemp("served"), home) as running:
        yield running


def test_it_prints_an_address_that_answers(served: Process) -> None:
    assert served.client.get("/health").status_code == 200
    assert served.client.get("/status").json()["server"]["address"] == served.address
    assert "Ctrl-C" in served.greeting and "127.0.0.1" in served.address


def test_answers_come_at_once(served: Process) -> None:
    """A packet that waits for the one before it takes 40 ms."""
    served.client.get("/jobs")
    seconds = []
    for _ in range(20):
        began = time.perf_counter()
        served.client.get("/jobs")
        seconds.append(time.perf_counter() - began)
    assert sorted(seconds)[5] < 0.03, seconds


def test_the_data_folders_door_is_its_owners_alone(served: Process) -> None:
    door = os.stat(served.data / SOCKET)
    assert stat.S_ISSOCK(door.st_mode) and stat.S_IMODE(door.st_mode) == 0o600
    assert os.stat(served.data).st_mode & 0o077 == 0


def test_the_data_folders_door_is_not_bound_by_roots(served: Process, tmp_path: Path, live: Live) -> None:
    outside = write_wav(tmp_path / "outside.wav", [0.1, -0.1] * RATE, RATE)
    asked = {"file_path": str(outside), "questions": ["features"], "wait": True}
    assert served.client.post("/analyze", json=asked).status_code == 404
    told = served.local.post("/analyze", json=asked)
    assert told.status_code == 200 and told.json()["verdict"] == "complete", told.text
    sha = told.json()["file"]["sha256"]
    for client, status in ((served.client, 404), (served.local, 200)):
        assert client.get(f"/api/audio/{sha}").status_code == status
        assert client.get(f"/api/processed_audio{behind(outside)}").status_code == status
        assert client.get("/api/browse", params={"path": str(tmp_path)}).status_code == status
        assert client.post(f"/api/files/{sha}/relink", json={"path": str(outside)}).status_code == status


def test_a_second_server_on_the_same_folder_is_refused(served: Process, home: Path) -> None:
    said = refused(served.data.parent, home)
    assert f"pid {served.process.pid}" in said and str(served.data) in said and served.address in said
    assert served.local.get("/health").status_code == 200, "its door is still there"


def test_an_address_that_is_taken_is_refused(served: Process, tmp_path: Path, home: Path) -> None:
    port = served.address.rpartition(":")[2]
    said = refused(tmp_path, home, PORT=port)
    assert port in said and "HEMIOLA_PORT" in said


def test_others_are_not_let_in_without_a_token(tmp_path: Path, home: Path) -> None:
    assert "HEMIOLA_TOKEN" in refused(tmp_path, home, HOST="0.0.0.0")


def test_the_address_it_prints_holds_the_token(tmp_path: Path, home: Path, warm: None) -> None:
    with Process(tmp_path, home, TOKEN="a+secret&of#some%length", HOST="0.0.0.0") as server:
        port = server.address.rpartition(":")[2]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
            assert browser.get("/status").status_code == 401
            assert browser.get(f"/ui/{server.query}").status_code == 303
            assert browser.get("/status").status_code == 200
        assert server.local.get("/status").status_code == 200, "the owner's door needs none"
        status, seconds, _ = server.stop(signal.SIGTERM)
        assert status == 0 and seconds < 2


def test_it_ends_within_two_seconds_whoever_listens(
    tmp_path: Path, home: Path, warm: None, live: Live
) -> None:
    path = live.sound("interrupted.wav", seconds=2.0)
    before = processes()
    with Process(tmp_path, home) as server, httpx.Client(base_url=server.address, timeout=60) as waiting:
        port = int(server.address.rpartition(":")[2])
        doors = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
        for door in doors:
            door.sendall(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert door.recv(1000).startswith(b"HTTP/1.1 200")
        told: list[httpx.Response] = []
        asked = {"file_path": str(path), "wait": True}
        waiter = threading.Thread(target=lambda: told.append(waiting.post("/analyze", json=asked)))
        waiter.start()
        assert soon(lambda: server.client.get("/status").json()["queue"]["running"] == 1, 20)
        status, seconds, said = server.stop()
        waiter.join(10)
        assert status == 0 and seconds < 2, f"{seconds:.1f} s: {said}"
        assert "Traceback" not in said and "Exception" not in said
        assert told[0].status_code == 503 and "goes on when it is started again" in told[0].json()["detail"]
        for door in doors:
            door.close()
    assert not (server.data / SOCKET).exists()
    assert soon(lambda: processes() <= before), processes() - before


def test_it_ends_at_once_while_it_still_looks_for_plugins(tmp_path: Path) -> None:
    """And what it had not learned of them by then is no fault of theirs."""
    home = tmp_path / "empty"
    home.mkdir()
    with Process(tmp_path, home) as server:
        time.sleep(0.5)
        status, seconds, said = server.stop()
        assert status == 0 and seconds < 2 and "Traceback" not in said, f"{seconds:.1f} s: {said}"
    with Process(tmp_path, home) as server:
        assert soon(lambda: not server.client.get("/plugins").json()["discovering"], 60)
        assert server.client.get("/plugins").json()["problems"] == []


def test_what_a_killed_server_was_being_sent_is_gone_after_the_next_start(
    tmp_path: Path, home: Path, warm: None
) -> None:
    with Process(tmp_path, home) as server:
        uploads = server.data / "uploads"
        with socket.create_connection(("127.0.0.1", int(server.address.rpartition(":")[2]))) as door:
            door.sendall(
                b"POST /api/analyze/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999999\r\n"
                b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
                b'Content-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n' + b"\0" * 200_000
            )
            assert soon(lambda: list(uploads.glob("*.part")) != [])
            server.stop(signal.SIGKILL)
    assert list(uploads.glob("*.part")) != []
    Uploads(uploads, 1)  # as the next start does
    assert list(uploads.iterdir()) == []
