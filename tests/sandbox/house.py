"""An engine with plugins that do harm beside innocent ones, and what is looked at after each of them."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from core.engine import Engine
from core.requests import Request
from core.settings import Settings
from hemiola.testing import click_track, tone
from tests.conftest import ROOT, write_wav

HERE = Path(__file__).resolve().parent
INNOCENT = ("labels", "notes", "chords")
"""Questions of the innocent plugins."""
MISBEHAVING = ROOT / "tests" / "misbehaving"
MARKS = [Path("/tmp/hemiola-harm"), Path("/dev/shm/hemiola-harm"), Path("/var/tmp/hemiola-harm")]
"""Files that the plugins try to leave."""
EXAMPLES = int(os.environ.get("HEMIOLA_EXAMPLES", "60"))
"""Inputs drawn by lot for each property of frames and results; `make soak` draws more."""
VOLATILE = ("seconds", "peak_mb", "disposition")
WORKER = "hemiola._worker"

Document = dict[str, Any]


def settings(folder: Path, mode: str = "confined", **changes: Any) -> Settings:
    """Settings in which nothing is writable for a worker, also where coverage is measured."""
    return Settings(data=folder / "data", cache=folder / "cache", sandbox=mode, still_s=2.0, **changes)


def drop_in(chosen: Settings, sources: Mapping[str, str] = {}, folders: Iterable[Path] = ()) -> None:
    """Put the innocent plugins, further files by name, and folders into `plugins.d`."""
    plugins = chosen.data / "plugins.d"
    plugins.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "innocent.py", plugins)
    for folder in folders:
        shutil.copytree(folder, plugins / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in sources.items():
        (plugins / name).write_text(text)


def clicks(path: Path, seconds: float = 4.0, hz: float = 220.0) -> Path:
    """A recording of one take."""
    rate = 22050
    swell = 0.1 + 0.05 * np.sin(2 * np.pi * 0.7 * np.arange(round(seconds * rate)) / rate)
    samples = click_track(np.arange(0.25, seconds, 0.5), seconds, rate) + swell * tone(hz, seconds, rate, 1.0)
    return write_wav(path, samples, rate)


def analyze(engine: Engine, path: Path, *questions: str, **asked: Any) -> Document:
    """The document of a job."""
    job = engine.submit(path, Request(questions=questions or None, **asked))
    engine.wait(job.id)
    document: Document = json.loads(engine.document(job.id))
    return document


def outcomes(document: Document, question: str) -> list[dict[str, Any]]:
    """The ledger's rows about a question."""
    return [
        row for region in document["regions"] for row in region["outcomes"] if row["question"] == question
    ]


def outcome(document: Document, question: str) -> dict[str, Any]:
    """The one row about a question."""
    (row,) = outcomes(document, question)
    return row


def answers(document: Document, questions: Iterable[str] = INNOCENT) -> str:
    """All that a document says about some questions, without what differs from run to run."""
    asked = set(questions)
    told = [
        {
            "region": region["id"],
            "results": {name: result for name, result in region["results"].items() if name in asked},
            "outcomes": [
                {name: value for name, value in row.items() if name not in VOLATILE}
                for row in region["outcomes"]
                if row["question"] in asked
            ],
        }
        for region in document["regions"]
    ]
    return json.dumps(told)


def processes() -> set[int]:
    """Every process of this one's, and workers that have lost their parent."""
    found = {child.pid for child in psutil.Process().children(recursive=True)}
    for one in psutil.process_iter(["ppid", "cmdline"]):
        if one.info["ppid"] == 1 and any(WORKER in word for word in one.info["cmdline"] or ()):
            found.add(one.pid)
    return found


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has taken note of does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def files(chosen: Settings) -> set[Path]:
    """Every file of the data and cache folders but the database's own and stored arrays."""
    kept = ("artifacts", "manifests")
    found = [path for root in (chosen.data, chosen.cache) for path in root.rglob("*") if path.is_file()]
    return {
        path for path in found if not path.name.startswith("hemiola.") and not set(kept) & set(path.parts)
    }


def descriptors() -> list[str]:
    """What this process has open, but for its connections to the database: those come and go."""
    links = []
    for fd in os.listdir("/proc/self/fd"):
        try:
            links.append(os.readlink(f"/proc/self/fd/{fd}"))
        except OSError:
            continue
    return sorted(link for link in links if "/hemiola.db" not in link)


def soon(true: Callable[[], bool], seconds: float = 3.0) -> bool:
    """Whether something becomes true in this time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Traces:
    """What a machine looks like before harm is done, to be compared with afterwards."""

    def __init__(self, chosen: Settings) -> None:
        self._settings = chosen
        self._processes, self._files, self._descriptors = processes(), files(chosen), len(descriptors())

    def assert_none_new(self) -> None:
        """No process, no file, no descriptor that was not there before."""
        assert soon(lambda: processes() <= self._processes), f"left running: {processes() - self._processes}"
        self.assert_no_more()

    def assert_no_more(self) -> None:
        """Not more processes, though others; no file, no descriptor more."""
        assert soon(lambda: len(processes()) <= len(self._processes)), f"running: {processes()}"
        assert soon(lambda: len(descriptors()) <= self._descriptors), descriptors()
        assert files(self._settings) <= self._files, files(self._settings) - self._files
        assert not [mark for mark in MARKS if mark.exists()]
