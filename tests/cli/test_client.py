"""Commands as clients of a running server: the same documents and exit statuses as without one, and what is said."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.client import ServerError, connected
from tests.cli.test_analyze import HEMIOLA, PEAK, SLOW
from tests.conftest import Recording

SECONDS = 60.0
Run = Callable[..., subprocess.CompletedProcess[str]]


class Serving:
    """A folder of data and cache, and a server on it that can be started and stopped."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        (self.data / "plugins.d").mkdir(parents=True)
        (self.data / "plugins.d" / "loudest.py").write_text(PEAK)
        (self.data / "plugins.d" / "slow.py").write_text(SLOW.replace("sleep(1.5)", "sleep(8)"))
        told = {"HEMIOLA_DATA": str(self.data), "HEMIOLA_CACHE": str(folder / "cache"), "HEMIOLA_PORT": "0"}
        self.environ = {**os.environ, **told, "XDG_CONFIG_HOME": str(folder / "config")}
        self.process: subprocess.Popen[str] | None = None
        self.address = ""

    def start(self) -> int:
        """Start it; returns its pid once it answers."""
        self.process = subprocess.Popen(
            [str(HEMIOLA), "serve"],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        found = re.search(r"(http://127\.0\.0\.1:\d+)/ui/", said)
        assert found, said
        self.address = found[1]
        return self.process.pid

    def stop(self, number: int = signal.SIGINT) -> tuple[int, float]:
        """Stop it: its exit status, and how many seconds that took."""
        assert self.process is not None and self.process.stdout is not None
        started = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(30)
        self.process.stdout.close()
        self.process = None
        return status, time.monotonic() - started

    def run(self, *words: object, **changes: str) -> subprocess.CompletedProcess[str]:
        """Call a command."""
        return subprocess.run(
            [str(HEMIOLA), *map(str, words)],
            env={**self.environ, **changes},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    one = Serving(tmp_path_factory.mktemp("serving"))
    yield one
    if one.process is not None:
        one.stop(signal.SIGKILL)


@pytest.fixture
def pid(serving: Serving) -> int:
    """A server runs."""
    return serving.process.pid if serving.process is not None else serving.start()


def asked(done: subprocess.CompletedProcess[str]) -> list[Any]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_server_gives_the_same_documents_and_statuses(
    serving: Serving, pid: int, recording: Recording, tmp_path: Path
) -> None:
    (tmp_path / "empty.wav").touch()
    words = [
        "analyze",
        recording(),
        tmp_path / "empty.wav",
        tmp_path / "nowhere.wav",
        "--question",
        "onsets",
        "--json",
    ]
    assert serving.run(*words).returncode == 3
    there = serving.run(*words)
    unknown = serving.run("analyze", recording(), "--question", "mood")
    assert serving.stop()[0] == 0
    here = serving.run(*words)
    assert [one["verdict"] for one in asked(there)] == ["complete", "none"]
    assert (there.stdout, there.returncode, there.stderr) == (here.stdout, here.returncode, here.stderr)
    assert unknown.returncode == 2 and "onsets" in unknown.stderr and "'mood'" in unknown.stderr


def test_a_path_is_bytes(serving: Serving, pid: int, recording: Recording, tmp_path: Path) -> None:
    path = recording().rename(tmp_path / os.fsdecode(b"take \xff [b].wav"))
    done = serving.run(
        "analyze", os.fsencode(path).decode("utf-8", "surrogateescape"), "--question", "onsets"
    )
    assert done.returncode == 0 and "[b].wav" in done.stdout, done.stderr


def test_who_answers_is_told_to_the_server(serving: Serving, pid: int, recording: Recording) -> None:
    done = serving.run("analyze", recording(), "--question", "onsets", "--only", "onsets.loudest", "--json")
    (document,) = asked(done)
    assert {row["plugin"] for region in document["regions"] for row in region["outcomes"]} == {
        "onsets.loudest"
    }


def test_what_is_known_of_a_file_is_said_to_the_server_and_outlives_it(
    serving: Serving, pid: int, recording: Recording
) -> None:
    words = ["analyze", recording(bpm=101.0), "--question", "onsets", "--json"]
    there = serving.run(*words, "--bpm", "118", "--meter", "7/8 2+2+3")
    nonsense = serving.run(*words, "--octave", "abc")
    assert serving.stop()[0] == 0
    here = serving.run(*words)
    for done in (there, here):
        (document,) = asked(done)
        assert document["corrections"] == {"bpm": 118, "octave": None, "meter": "7/8", "grouping": [2, 2, 3]}
        assert (document["summary"]["bpm"], document["summary"]["bpm_source"]) == (118, "user")
    assert nonsense.returncode == 2 and "“abc” cannot be: octave says how many times" in nonsense.stderr
    (back,) = asked(serving.run(*words, "--bpm", "auto", "--meter", "auto"))
    assert (back["summary"]["bpm"], back["summary"]["meter"]) == (None, None)


def test_jobs_has_no_effect_on_a_server_and_a_table_is_shown(
    serving: Serving, pid: int, recording: Recording
) -> None:
    done = serving.run("analyze", recording(), "--question", "onsets", "--jobs", 2)
    assert done.returncode == 0 and "take.wav" in done.stdout
    assert "--jobs has no effect" in done.stderr and str(pid) in done.stderr


def test_bars_are_drawn_from_the_event_stream(serving: Serving, pid: int, recording: Recording) -> None:
    words = ["analyze", str(recording()), "--question", "onsets", "--plugin", "onsets.slow", "--json"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [str(HEMIOLA), *words], env=serving.environ, stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    drawn = bytearray()

    def read() -> None:
        while process.poll() is None:
            try:
                drawn.extend(os.read(ours, 4096))
            except OSError:  # nobody writes any more
                return

    thread = threading.Thread(target=read)
    thread.start()
    until = time.monotonic() + SECONDS
    while b"onsets.slow" not in drawn:
        assert time.monotonic() < until and process.poll() is None, bytes(drawn)
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 130
    thread.join(10)
    assert process.stdout is not None
    process.stdout.close()
    os.close(ours)
    said = bytes(drawn).decode()
    number = re.search(r"`hemiola jobs cancel (\d+)`", said)
    assert "take.wav" in said and f"(pid {pid}) goes on with the job" in said and number
    listed = serving.run("jobs", "list", "--state", "running")
    assert number[1] in listed.stdout
    assert serving.run("jobs", "cancel", number[1]).returncode == 0
    assert serving.run("jobs", "cancel", number[1]).returncode == 3


def test_a_job_is_tried_again(serving: Serving, pid: int, recording: Recording) -> None:
    done = serving.run("analyze", recording(), "--question", "onsets", "--json")
    (number, *_) = [
        json.loads(line)["id"] for line in serving.run("jobs", "list", "--json").stdout.splitlines()
    ]
    again = serving.run("jobs", "retry", number, "--json")
    assert again.returncode == 0 and asked(again)[0]["file"] == asked(done)[0]["file"]
    missing = serving.run("jobs", "retry", 9999)
    assert missing.returncode == 2 and "there is no job 9999" in missing.stderr


def test_a_rank_and_settings_are_kept_with_and_without_a_server(serving: Serving, pid: int) -> None:
    first = ["onsets.superflux", "onsets.essentia", "onsets.loudest", "onsets.slow"]
    assert serving.run("plugins", "rank", "onsets.loudest", 1).returncode == 0
    assert serving.run("plugins", "config", "onsets.loudest", "least=0.2").stdout == "least = 0.2\n"
    there = serving.run("plugins", "list", "--json").stdout
    serving.stop()
    assert serving.run("plugins", "list", "--json").stdout == there
    items = [one for one in json.loads(there)["items"] if one["question"] == "onsets"]
    order = [one["name"] for one in items if not one["peer"]]
    assert order == ["onsets.loudest", *(name for name in first if name != "onsets.loudest")]
    wrong = serving.run("plugins", "config", "onsets.loudest", "least=much")
    assert wrong.returncode == 2 and "do not fit" in wrong.stderr
    assert "0.1  (its default)" in serving.run("plugins", "config", "onsets.loudest", "--reset").stdout
    assert serving.run("plugins", "release", "onsets.loudest").stdout == "onsets.loudest: ok\n"
    assert serving.run("plugins", "rank", "onsets.loudest", 99).returncode == 2
    serving.run("plugins", "rank", "onsets.loudest", len(first))


def test_doctor_and_a_second_server_name_the_first(serving: Serving, pid: int) -> None:
    second = serving.run("serve")
    assert second.returncode == 3
    for said in (second.stderr, serving.run("doctor").stdout):
        assert f"(pid {pid})" in said and serving.address in said


def test_a_restore_is_refused_beside_a_server_and_a_backup_is_not(
    serving: Serving, pid: int, tmp_path: Path
) -> None:
    assert serving.run("db", "backup", tmp_path / "kept").returncode == 0
    assert serving.run("db", "check").returncode == 0
    refused = serving.run("db", "restore", tmp_path / "kept")
    assert refused.returncode == 3 and f"(pid {pid})" in refused.stderr


def test_the_socket_is_its_owners_alone(serving: Serving, pid: int) -> None:
    assert stat.S_IMODE((serving.data / "server.sock").stat().st_mode) == 0o600


def test_what_cannot_be_served_is_said_in_a_sentence(serving: Serving, pid: int, tmp_path: Path) -> None:
    elsewhere = {"HEMIOLA_DATA": str(tmp_path / "data")}
    port = serving.address.rpartition(":")[2]
    for words, said in (
        (["--port", port], "cannot be listened on"),
        (["--host", "0.0.0.0"], "HEMIOLA_TOKEN"),
        (["--workers", "2"], "HEMIOLA_WORKERS"),
    ):
        done = serving.run("serve", *words, **elsewhere)
        assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_a_stopped_server_ends_its_streams_and_is_said_to_whoever_waits(
    serving: Serving, pid: int, recording: Recording
) -> None:
    port = int(serving.address.rpartition(":")[2])
    open_streams = []
    for _ in range(3):
        one = socket.create_connection(("127.0.0.1", port))
        one.sendall(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert one.recv(12) == b"HTTP/1.1 200"
        open_streams.append(one)
    words = ["analyze", str(recording()), "--question", "onsets", "--plugin", "onsets.slow", "--force"]
    waiting = subprocess.Popen([str(HEMIOLA), *words], env=serving.environ, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + SECONDS
    while "onsets.slow" not in serving.run("jobs", "list", "--state", "running", "--json").stdout:
        assert time.monotonic() < until
    status, seconds = serving.stop()
    for one in open_streams:
        one.close()
    _, said = waiting.communicate(timeout=30)
    assert status == 0 and seconds < 5, f"{status} after {seconds:.2f} s"  # two: tests/api/test_serve.py
    assert waiting.returncode == 3 and "is gone" in said and "hemiola serve" in said


def test_a_server_that_holds_the_folder_and_is_not_reached_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from database.lock import DataLock

    monkeypatch.setattr("cli.client.START_S", 0.2)
    with DataLock(tmp_path, "server"), pytest.raises(ServerError, match=f"pid {os.getpid()}"):
        with connected(tmp_path):
            pass


def test_without_a_command_the_launcher_shows_help_and_main_serves(serving: Serving) -> None:
    shown = serving.run()
    assert shown.returncode == 0 and "serve" in shown.stdout
    root = HEMIOLA.parents[2]
    refused = subprocess.run(
        [str(root / ".venv/bin/python"), str(root / "main.py")],
        env={**serving.environ, "HEMIOLA_HOST": "0.0.0.0"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert refused.returncode == 2 and "HEMIOLA_TOKEN" in refused.stderr
