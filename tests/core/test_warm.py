"""A plugin that declares it keeps its worker between jobs: loaded once, clean for each, gone when it should be."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.engine import Engine
from core.slots import Slots
from core.warm import MAPPED
from tests.sandbox import house

KEEPS = '''
import os
from typing import ClassVar
from hemiola import Config, Context, Plugin, Region, Result, hookimpl

class Kept(Result):
    """Which process answered, how often it was asked, what lay in its scratch folder."""
    question: ClassVar[str] = "kept"
    levels: ClassVar[tuple[str, ...]] = ("take",)
    pid: int
    calls: int
    scratch: int

class KeptConfig(Config):
    how: str = "well"

class Keeps(Plugin[Kept, KeptConfig]):
    """Says who it is."""
    name, version, licence, memory = "kept.model", "1", "MIT", "128 MiB"
    scratch = "1 MiB"
    keep_warm = True
    models = ("net",)
    def load(self):
        self.calls = 0
    def analyze(self, region, context):
        if self.config.how == "ill":
            raise ValueError("ill")
        if self.config.how == "dead":
            os._exit(3)
        self.calls += 1
        there = len(list(context.scratch.iterdir()))
        (context.scratch / "left").mkdir()
        (context.scratch / "left" / "over").write_text("over")
        return Kept(pid=os.getpid(), calls=self.calls, scratch=there)

@hookimpl
def hemiola_plugins():
    return [Keeps]
'''


def engine_in(folder: Path, **changes: Any) -> Engine:
    chosen = house.settings(folder, **changes)
    house.drop_in(chosen, {"keeps.py": KEEPS})
    return Engine(chosen)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with engine_in(tmp_path) as running:
        yield running


def ask(engine: Engine, file: Path, **config: str) -> dict[str, Any]:
    """What the plugin said in a new job."""
    document = house.analyze(engine, file, "kept", force=True, config={"kept.model": config})
    (take,) = [region for region in document["regions"] if region["level"] == "take"]
    return {**house.outcome(document, "kept"), **take["results"].get("kept", {})}


@pytest.mark.parametrize("mode", ["confined", "portable"])
def test_one_worker_answers_job_after_job_with_an_empty_scratch_folder(tmp_path: Path, mode: str) -> None:
    files = [house.clicks(tmp_path / f"{n}.wav", seconds=3.0 + n) for n in range(3)]
    with engine_in(tmp_path, mode=mode) as engine:
        said = [ask(engine, file) for file in files]
    assert [one["calls"] for one in said] == [1, 2, 3] and len({one["pid"] for one in said}) == 1
    assert [one["scratch"] for one in said] == [0, 0, 0]


def test_other_settings_and_another_model_are_another_worker(engine: Engine, tmp_path: Path) -> None:
    file = house.clicks(tmp_path / "take.wav")
    first = ask(engine, file)
    assert ask(engine, file, how="better")["pid"] != first["pid"]
    net = engine.settings.models_folder / "net"
    net.parent.mkdir()
    net.write_text("other weights")
    assert ask(engine, file)["pid"] != first["pid"]
    net.unlink()
    assert ask(engine, file)["calls"] == 2


@pytest.mark.parametrize(("how", "status"), [("ill", "failed"), ("dead", "crashed")])
def test_a_worker_that_did_harm_is_not_kept(engine: Engine, tmp_path: Path, how: str, status: str) -> None:
    file = house.clicks(tmp_path / "take.wav")
    before = house.processes()
    assert ask(engine, file, how=how)["status"] == status
    assert engine._parts.warm._kept == {}
    assert house.soon(lambda: len(house.processes()) <= len(before) + 1)


def test_a_kept_worker_that_ended_is_replaced(engine: Engine, tmp_path: Path) -> None:
    file = house.clicks(tmp_path / "take.wav")
    ask(engine, file)
    (kept,) = engine._parts.warm._kept.values()
    assert kept.worker._worker is not None
    kept.worker._worker.process.kill()
    assert house.soon(lambda: not kept.worker.idle)
    assert ask(engine, file)["calls"] == 1


def test_it_ends_when_it_has_been_idle_for_long(engine: Engine, tmp_path: Path) -> None:
    engine._parts.warm._idle_s = 0.5
    pid = ask(engine, house.clicks(tmp_path / "take.wav"))["pid"]
    assert house.soon(lambda: not engine._parts.warm._kept and not house.alive(pid), 5)


def test_it_gives_way_to_what_needs_its_memory(tmp_path: Path) -> None:
    with engine_in(tmp_path, memory_gb=0.2) as engine:
        file = house.clicks(tmp_path / "take.wav")
        pid = ask(engine, file)["pid"]
        assert engine._parts.warm._kept
        house.analyze(engine, file, "labels", force=True)
        assert house.soon(lambda: not house.alive(pid))
        assert engine._parts.slots.in_use == 0


def test_a_longer_file_than_it_may_map_has_a_fresh_one(engine: Engine, tmp_path: Path) -> None:
    file = house.clicks(tmp_path / "take.wav")
    first = ask(engine, file)
    (kept,) = engine._parts.warm._kept.values()
    assert kept.worker.mapped == MAPPED
    kept.worker.mapped = 0
    assert ask(engine, file)["pid"] != first["pid"]


def test_the_engine_leaves_none_behind(tmp_path: Path) -> None:
    before = house.processes()
    with engine_in(tmp_path) as engine:
        ask(engine, house.clicks(tmp_path / "take.wav"))
        folder = engine.settings.workshop
    assert house.soon(lambda: house.processes() <= before)
    assert not list(folder.glob("scratch-*"))


def test_what_is_preloaded_is_there_before_the_first_job(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        with engine_in(tmp_path, preload=("no.such", "onsets.librosa", "kept.model")) as engine:
            assert house.soon(lambda: bool(engine._parts.warm._kept), 60)
            (kept,) = engine._parts.warm._kept.values()
            assert kept.until == float("inf") and kept.worker._worker is not None
            pid = kept.worker._worker.process.pid
            ask(engine, house.clicks(tmp_path / "take.wav"))
            (again,) = engine._parts.warm._kept.values()
            assert again.worker._worker is not None and again.worker._worker.process.pid == pid
            assert again.until == float("inf")
    assert "no.such is not warmed: there is no plugin 'no.such'" in caplog.text


def test_nothing_is_held_while_somebody_waits() -> None:
    slots = Slots(1, 100)
    assert slots.hold(60) and not slots.hold(60)
    given: list[float] = []

    def give_up() -> None:
        assert not slots.hold(10)
        given.append(time.monotonic())
        slots.give_back(60)

    slots.when_short(give_up)
    with slots.taken(80, lambda: False):
        assert given and not slots.hold(60) and slots.hold(20)
