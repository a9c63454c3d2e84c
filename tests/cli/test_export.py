"""`hemiola export` as it is called: what it writes where, what it says, how it exits."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.live import HERE
from tests.cli.test_client import Serving
from tests.conftest import ROOT, Recording

HEMIOLA = ROOT / ".venv" / "bin" / "hemiola"
Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    plugins = tmp_path / "data" / "plugins.d"
    plugins.mkdir(parents=True)
    drummer = (HERE / "drummer.py").read_text().replace("peer = True", "")
    (plugins / "drummer.py").write_text(drummer)
    folders = {"HEMIOLA_DATA": str(tmp_path / "data"), "HEMIOLA_CACHE": str(tmp_path / "cache")}
    bare = {
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "LOW_CONFIDENCE_THRESHOLD": "0.3",
        "PDF_BACKEND": "none",
    }
    beside = tmp_path / "beside"
    beside.mkdir()

    def call(*words: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [str(HEMIOLA), *map(str, words)],
            env={**os.environ, **folders, **bare},
            cwd=beside,
            capture_output=True,
            timeout=180,
            check=False,
        )

    return call


def test_a_file_is_analysed_and_written_beside_or_where_it_is_said(
    run: Run, recording: Recording, tmp_path: Path
) -> None:
    song = recording("song.wav", seconds=8.0)
    done = run("export", song)
    assert (done.returncode, done.stdout) == (0, b"song.musicxml\n"), done.stderr
    assert b"<score-partwise" in (tmp_path / "beside" / "song.musicxml").read_bytes()
    told = run("export", song, "--format", "hits", "--out", "-")
    hits = json.loads(told.stdout)
    assert hits["hits"] and hits["low_confidence"] is False  # 0.4, and the threshold is 0.3
    made = run("export", song, "--format", "midi", "--out", tmp_path / "x.mid", "--take", 1)
    assert made.returncode == 0 and (tmp_path / "x.mid").read_bytes().startswith(b"MThd"), made.stderr
    assert run("export", song, "--format", "pdf").returncode == 3
    assert b"PDF is switched off" in run("export", song, "--format", "pdf").stderr
    assert run("export", song, "--take", 7).returncode == 2


def test_a_file_that_is_no_sound_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "no.wav").write_bytes(b"not sound at all" * 100)
    done = run("export", tmp_path / "no.wav")
    assert done.returncode == 4 and b"no.wav" in done.stderr and not done.stdout


def test_a_server_writes_the_same_and_its_remarks_are_said(recording: Recording, tmp_path: Path) -> None:
    serving = Serving(tmp_path)
    (serving.data / "plugins.d" / "drummer.py").write_text((HERE / "drummer.py").read_text())
    song, here, there = recording("dru'm é.wav", seconds=8.0), tmp_path / "here.xml", tmp_path / "there.xml"
    alone = serving.run("export", song, "--out", here, "--take", 1)
    serving.start()
    try:
        asked = serving.run("export", song, "--out", there, "--take", 1)
    finally:
        serving.stop()
    assert (alone.returncode, asked.returncode) == (0, 0), alone.stderr + asked.stderr
    assert here.read_bytes() == there.read_bytes()
    assert [line for line in asked.stderr.splitlines() if "hemiola:" in line] == [
        line for line in alone.stderr.splitlines() if "hemiola:" in line
    ]


def test_a_folder_that_is_not_there_is_said(run: Run, recording: Recording, tmp_path: Path) -> None:
    done = run("export", recording("song.wav"), "--out", tmp_path / "nowhere" / "x.musicxml")
    assert done.returncode == 3 and b"cannot be written: No such file" in done.stderr
