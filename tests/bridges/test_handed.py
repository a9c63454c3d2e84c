"""Files that a plugin leaves in its scratch folder belong to its answer: looked at, kept whole, removed with it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import core.engine
from bridges.handed import handed
from bridges.results import InvalidResult
from bridges.workers import Workers
from core.engine import Engine
from core.requests import Request
from core.settings import Settings
from database.artifacts import Artifacts
from tests.conftest import Recording
from tests.sandbox import lent

SPLITTER = '''
import os
from hemiola import Config, Context, Plugin, Region, hookimpl
from hemiola.results import Stem, Stems

class Settings(Config):
    harm: str = ""

class Splitter(Plugin[Stems, Settings]):
    """Leaves two files."""
    name, version, licence, scratch, memory = "stems.split", "1", "MIT", "8 MiB", "128 MiB"
    degraded = "it only splits"

    def analyze(self, region: Region, context: Context) -> Stems:
        for name in ("drums", "rest"):
            (context.scratch / f"{name}.flac").write_bytes(b"fLaC" + name.encode() * 1000)
        drums = context.scratch / "drums.flac"
        if self.config.harm:
            drums.unlink()
        if self.config.harm == "words":
            drums.write_text("no sound")
        elif self.config.harm == "folder":
            drums.mkdir()
        elif self.config.harm == "link":
            os.symlink(context.scratch / "rest.flac", drums)
        names = ("drums", "drums") if self.config.harm == "twice" else ("drums", "rest")
        if self.config.harm == "twice":
            drums.write_bytes(b"fLaC")
        stems = [Stem(name=name, artifact=f"{name}.flac") for name in names]
        return Stems(model="split", stems=tuple(stems))

@hookimpl
def hemiola_plugins(): return [Splitter]
'''


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Workers for every engine that is started here for one test."""
    with lent.lent(tmp_path_factory.mktemp("lent")) as made:
        yield made


@pytest.fixture
def engine(settings: Settings, workers: Workers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine that knows the splitter."""
    monkeypatch.setattr(core.engine, "Workers", lambda environments, mode, coverage: workers)
    dropped = settings.data / "plugins.d"
    dropped.mkdir(parents=True)
    (dropped / "splitter.py").write_text(SPLITTER)
    with Engine(settings) as made:
        yield made


def asked(engine: Engine, path: Path, harm: str = "", force: bool = False) -> dict[str, Any]:
    """The outcome of asking the splitter."""
    request = Request(
        only=("stems.split",), questions=("stems",), config={"stems.split": {"harm": harm}}, force=force
    )
    job = engine.submit(path, request)
    engine.wait(job.id)
    told = json.loads(engine.document(job.id))
    (outcome,) = [o for region in told["regions"] for o in region["outcomes"]]
    assert isinstance(outcome, dict)
    return outcome


def test_files_are_kept_with_the_answer_and_go_with_it(
    engine: Engine, settings: Settings, recording: Recording
) -> None:
    path = recording()
    outcome = asked(engine, path)
    assert (outcome["status"], outcome["degraded"]) == ("ok", "it only splits"), outcome
    kept = Artifacts(settings.data)
    drums = kept.file(outcome["artifact"], "drums.flac")
    assert drums.read_bytes() == b"fLaC" + b"drums" * 1000
    assert kept.whole(outcome["artifact"]) and kept.read(outcome["artifact"]) == {}
    assert asked(engine, path)["disposition"] == "reused"

    drums.unlink()
    again = asked(engine, path)
    assert again["disposition"] == "fresh" and drums.exists()

    engine.library.delete(hashlib.sha256(path.read_bytes()).hexdigest())
    assert not [file for file in (settings.data / "artifacts").rglob("*") if file.is_file()]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("gone", "drums.flac, which is not in its scratch folder"),
        ("words", "drums.flac is no FLAC"),
        ("folder", "drums.flac is no plain file"),
        ("link", "drums.flac, which is not in its scratch folder"),
        ("twice", "drums.flac twice"),
    ],
)
def test_what_is_not_there_or_no_file_of_its_own_is_invalid(
    engine: Engine, settings: Settings, recording: Recording, harm: str, said: str
) -> None:
    outcome = asked(engine, recording(), harm)
    assert (outcome["status"], outcome["code"]) == ("invalid", "schema"), outcome
    assert said in outcome["reason"]
    assert not list((settings.data / "artifacts").rglob("*.flac"))


def test_links_and_pipes_are_no_files_of_its_own(tmp_path: Path) -> None:
    """Whatever confinement lets a plugin make of a name, nothing but a plain file is opened for its bytes."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"fLaC")
    folder = tmp_path / "scratch"
    folder.mkdir()
    os.link(secret, folder / "twin.flac")
    os.symlink(secret, folder / "link.flac")
    os.mkfifo(folder / "pipe.flac")
    for name in ("twin.flac", "link.flac", "pipe.flac"):
        with pytest.raises(InvalidResult, match=name):
            handed(str(folder), [name])
    with pytest.raises(InvalidResult, match="declares no scratch"):
        handed(None, ["drums.flac"])
