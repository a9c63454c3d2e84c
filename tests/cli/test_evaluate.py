"""`hemiola evaluate`: it goes on in an environment of its own, and says in a sentence what it cannot read."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bridges.environments import environments
from core.settings import ROOT

HEMIOLA = ROOT / ".venv" / "bin" / "hemiola"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    if environments(ROOT)["evaluation"].state != "ready":
        pytest.skip("the environment evaluation is not built: hemiola envs build evaluation")
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "HEMIOLA_DATA": str(tmp_path / "data"),
        "HEMIOLA_CACHE": str(tmp_path / "cache"),
    }

    def call(*words: object) -> subprocess.CompletedProcess[str]:
        command = [str(HEMIOLA), "evaluate", *map(str, words)]
        return subprocess.run(
            command, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
        )

    return call


def test_the_built_in_set_is_made_and_scored(run: Run, tmp_path: Path) -> None:
    done = run("builtin", "--cases", 2, "--question", "onsets", "--question", "key")
    assert done.returncode == 0, done.stderr
    assert "onset F (50 ms)" in done.stdout
    assert (tmp_path / "evaluation-report" / "results.json").exists()


def test_a_folder_that_is_no_set_is_said_in_a_sentence(run: Run) -> None:
    done = run("nowhere")
    assert done.returncode == 2
    assert done.stderr.startswith("hemiola: nowhere: is not there")


def test_a_baseline_of_something_else_is_said_in_a_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("{}")
    done = run("builtin", "--baseline", "old.json")
    assert done.returncode == 2
    assert done.stderr.startswith("hemiola: old.json: is no results.json")


def test_its_environment_holds_the_hosts_packages_at_the_hosts_versions() -> None:
    for lock in sorted((ROOT / "envs" / "host").glob("lock-3.*.txt")):
        own = set((ROOT / "envs" / "evaluation" / lock.name).read_text().split())
        assert set(lock.read_text().split()) <= own, lock.name
