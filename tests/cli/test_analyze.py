"""`hemiola analyze` as it is called: what it prints, how it exits, what Ctrl-C leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Recording

HEMIOLA = ROOT / ".venv" / "bin" / "hemiola"
PEAK = (ROOT / "README.md").read_text().split("```python\n")[1].split("```")[0]
"""The README's example plugin."""
SLOW = PEAK.replace("onsets.loudest", "onsets.slow").replace(
    "        at = int", "        import time\n        time.sleep(1.5)\n        at = int"
)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "data" / "plugins.d").mkdir(parents=True)
    (tmp_path / "data" / "plugins.d" / "loudest.py").write_text(PEAK)
    folders = {"HEMIOLA_DATA": str(tmp_path / "data"), "HEMIOLA_CACHE": str(tmp_path / "cache")}
    return {**os.environ, **folders, "XDG_CONFIG_HOME": str(tmp_path / "config")}


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    def call(*words: object) -> subprocess.CompletedProcess[str]:
        command = [str(HEMIOLA), *map(str, words)]
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)

    return call


def test_standard_output_is_one_document_a_line_and_nothing_else(run: Run, recording: Recording) -> None:
    paths = [recording("a.wav"), recording("b.wav", bpm=90.0)]
    done = run("analyze", *paths, "--question", "onsets", "--json")
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [document["file"]["name"] for document in documents] == ["a.wav", "b.wav"]
    assert {document["verdict"] for document in documents} == {"complete"}
    assert all(document["schema"] == 1 for document in documents)


def test_a_table_names_every_file_and_what_is_to_know(run: Run, recording: Recording, tmp_path: Path) -> None:
    recording("songs/good.wav")
    (tmp_path / "songs" / "broken.mp3").write_bytes(b"not sound at all" * 100)
    (tmp_path / "songs" / "notes.txt").write_text("no audio ending: not walked")
    done = run("analyze", tmp_path / "songs", "--question", "onsets")
    assert done.returncode == 3
    assert "good.wav" in done.stdout and "broken.mp3" in done.stdout and "notes.txt" not in done.stdout


def test_none_taken_in_exits_with_4(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    done = run("analyze", tmp_path / "empty.wav", "--json")
    (told,) = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 4
    assert (told["verdict"], told["intake"]["code"], told["regions"]) == ("none", "empty", [])
    assert "Traceback" not in done.stdout + done.stderr


def test_usage_exits_with_2_and_says_what_is_known(run: Run, recording: Recording, tmp_path: Path) -> None:
    assert run("analyze", tmp_path / "nowhere").returncode == 2
    done = run("analyze", recording(), "--question", "mood")
    assert done.returncode == 2 and "onsets" in done.stderr and "Traceback" not in done.stderr


def test_a_plugin_is_run_beside_the_chains_own(run: Run, recording: Recording) -> None:
    done = run("analyze", recording(), "--question", "onsets", "--plugin", "onsets.loudest", "--json")
    told = json.loads(done.stdout)
    beside = [o for r in told["regions"] for o in r["outcomes"] if o["plugin"] == "onsets.loudest"]
    assert beside and all(o["status"] == "ok" and len(o["result"]["times"]) == 1 for o in beside)


def test_a_plugin_answers_in_place_of_those_ranked_for_its_question(run: Run, recording: Recording) -> None:
    done = run("analyze", recording(), "--question", "onsets", "--only", "onsets.loudest", "--json")
    told = json.loads(done.stdout)
    asked = {o["plugin"] for r in told["regions"] for o in r["outcomes"] if o["question"] == "onsets"}
    assert asked == {"onsets.loudest"} and told["verdict"] == "complete"
    assert [len(r["results"]["onsets"]["times"]) for r in told["regions"] if "onsets" in r["results"]] == [1]
    wrong = run("analyze", recording(), "--only", "onsets.mine")
    assert wrong.returncode == 2 and "onsets.mine" in wrong.stderr and "onsets.loudest" in wrong.stderr


def test_ctrl_c_leaves_a_job_that_the_next_start_resumes(
    run: Run, environ: dict[str, str], recording: Recording, tmp_path: Path
) -> None:
    (tmp_path / "data" / "plugins.d" / "slow.py").write_text(SLOW)
    words = ["analyze", str(recording()), "--question", "onsets", "--plugin", "onsets.slow", "--json"]
    process = subprocess.Popen(
        [str(HEMIOLA), *words], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while (
        b"slow" not in (tmp_path / "data" / "hemiola.db-wal").read_bytes()
        if (tmp_path / "data" / "hemiola.db-wal").exists()
        else True
    ):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130 and b"same command goes on" in said
    done = run(*words)
    assert done.returncode == 0 and json.loads(done.stdout)["verdict"] == "complete"


def test_an_interrupted_write_of_the_output_is_no_traceback(
    environ: dict[str, str], recording: Recording
) -> None:
    command = f"'{HEMIOLA}' analyze '{recording()}' --question onsets --json | true"
    done = subprocess.run(
        ["bash", "-c", command], env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert "Traceback" not in done.stderr
