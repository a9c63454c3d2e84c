"""A plugin that asks for scratch gets a folder to write in, within its size, gone after the job."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import core.engine
from bridges.workers import Workers
from core.engine import Engine
from core.requests import Request
from core.settings import Settings
from tests.conftest import Recording
from tests.sandbox import lent

WRITER = '''
import time
from typing import ClassVar
from hemiola import Config, Context, Plugin, Region, Result, hookimpl

class Written(Result):
    """How much was written."""
    question: ClassVar[str] = "written"
    files: int

class Settings(Config):
    files: int = 3

class Writer(Plugin[Written, Settings]):
    """Writes files of one MiB."""
    name, version, licence, scratch, memory = "written.mib", "1", "MIT", "8 MiB", "128 MiB"

    def analyze(self, region: Region, context: Context) -> Written:
        for number in range(self.config.files):
            (context.scratch / f"{number}.bin").write_bytes(b"x" * (1 << 20))
            time.sleep(0.02)
        return Written(files=len(list(context.scratch.iterdir())))

@hookimpl
def hemiola_plugins(): return [Writer]
'''


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Workers for every engine that is started here for one test."""
    with lent.lent(tmp_path_factory.mktemp("lent")) as made:
        yield made


@pytest.mark.parametrize(("files", "status", "code"), [(3, "ok", "ok"), (200, "out_of_memory", "scratch")])
def test_scratch_is_watched_and_emptied(
    settings: Settings,
    recording: Recording,
    workers: Workers,
    monkeypatch: pytest.MonkeyPatch,
    files: int,
    status: str,
    code: str,
) -> None:
    monkeypatch.setattr(core.engine, "Workers", lambda environments, mode, coverage: workers)
    dropped = settings.data / "plugins.d"
    dropped.mkdir(parents=True)
    (dropped / "writer.py").write_text(WRITER)
    path: Path = recording()
    with Engine(settings) as engine:
        request = Request(questions=("written",), config={"written.mib": {"files": files}})
        job = engine.submit(path, request)
        engine.wait(job.id)
        told = json.loads(engine.document(job.id))
    (outcome,) = [o for region in told["regions"] for o in region["outcomes"]]
    assert (outcome["status"], outcome["code"]) == (status, code), outcome
    assert not list(settings.cache.rglob("scratch-*"))
