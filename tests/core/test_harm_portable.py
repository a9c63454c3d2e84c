"""Where nothing confines a plugin: what a buggy one does is still its own affair."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bridges.workers import PORTABLE
from core.engine import Engine
from hemiola.testing import load
from tests.misbehaving import sources
from tests.sandbox import house

HARMS = {
    name.removeprefix("harm_").removesuffix(".it"): plugin
    for name, plugin in load(house.MISBEHAVING).items()
    if plugin.portable is not None  # type: ignore[attr-defined]
}
LEFT = """
import subprocess, sys
from hemiola import Config, Plugin, Result, hookimpl

class Left(Result):
    question = "left"
    levels = ("take",)

class It(Plugin[Left, Config]):
    name = "left.it"
    version = "1"

    def analyze(self, region, context):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(601.5)"])
        import os
        os._exit(1)

@hookimpl
def hemiola_plugins():
    return [It]
"""
BROKEN, HANGING = ("raises", "segfaults", "misspells", "is_no_python"), "sleeps"
MARK = "time.sleep(601.5)"


class Bungalow:
    """A running engine in portable mode."""

    def __init__(self, folder: Path) -> None:
        self.settings = house.settings(folder, PORTABLE)
        wrong = {f"{name}.py": sources.BROKEN[name][0] for name in BROKEN}
        hanging = {f"{HANGING}.py": sources.HANGING[HANGING][0]}
        later = {f"{name}.py": sources.later(name) for name in sources.LATER if name != "eats_later"}
        house.drop_in(
            self.settings, {**wrong, **hanging, **later, "left.py": LEFT}, folders=[house.MISBEHAVING]
        )
        self.file = house.clicks(folder / "take.wav")
        self.engine = Engine(self.settings)
        self.alone = house.answers(house.analyze(self.engine, self.file, *house.INNOCENT))
        self.traces = house.Traces(self.settings)

    def run(self, question: str) -> house.Document:
        return house.analyze(self.engine, self.file, *house.INNOCENT, question, force=True)


@pytest.fixture(scope="module")
def bungalow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bungalow]:
    made = Bungalow(tmp_path_factory.mktemp("bungalow"))
    yield made
    made.engine.close()


@pytest.mark.parametrize("name", sorted(HARMS))
def test_a_buggy_plugin_harms_itself_alone(bungalow: Bungalow, name: str) -> None:
    expected = HARMS[name].portable  # type: ignore[attr-defined]
    document = bungalow.run(f"harm_{name}")
    row = house.outcome(document, f"harm_{name}")
    assert (row["status"], row["code"], row["signal"]) == (expected.status, expected.code, expected.signal), (
        row
    )
    assert expected.says in (row["reason"] or ""), row["reason"]
    assert document["verdict"] == ("complete" if expected.status in ("ok", "skipped") else "partial")
    assert house.answers(document) == bungalow.alone


@pytest.mark.parametrize("name", [name for name in sources.LATER if name != "eats_later"])
def test_a_drop_in_that_goes_wrong_when_asked_harms_itself_alone(bungalow: Bungalow, name: str) -> None:
    document = bungalow.run(name)
    row = house.outcome(document, name)
    assert (row["status"], row["code"], row["signal"]) == sources.LATER[name][1], row
    assert house.answers(document) == bungalow.alone


def test_what_a_plugin_started_ends_with_it(bungalow: Bungalow) -> None:
    row = house.outcome(bungalow.run("left"), "left")
    assert (row["status"], row["code"]) == ("crashed", "exit"), row
    assert house.soon(lambda: not _sleepers()), _sleepers()


def _sleepers() -> list[str]:
    """Processes of that plugin's making."""
    told = [" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"])]
    return [line for line in told if MARK in line]


def test_plugins_keep_their_process_from_job_to_job(bungalow: Bungalow) -> None:
    bungalow.run("harm_numpy_scalars")
    before = house.processes()
    bungalow.run("harm_numpy_scalars")
    assert house.processes() == before


def test_closing_leaves_no_process(tmp_path: Path) -> None:
    chosen = house.settings(tmp_path, PORTABLE)
    house.drop_in(chosen)
    before = house.processes()
    with Engine(chosen) as engine:
        house.analyze(engine, house.clicks(tmp_path / "take.wav"), *house.INNOCENT)
        assert house.processes() > before
    assert house.soon(lambda: house.processes() == before)
