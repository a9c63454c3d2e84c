"""A model reaches the plugins that declare it, fetched where need be, and is in their answers' keys; others' do not."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.check import check_plugins
from core.engine import Engine
from core.models.there import by_hand, told
from core.requests import Request
from core.settings import Settings
from tests.sandbox import house
from tests.sources import Source, serving

READERS = '''
from typing import ClassVar
from hemiola import Config, Context, Plugin, Region, Result, hookimpl

class Read(Result):
    """What the model says."""
    question: ClassVar[str] = "read"
    levels: ClassVar[tuple[str, ...]] = ("take",)
    said: str
    refused: str

class Reads(Plugin[Read, Config]):
    """Reads its model, and tries the one beside it."""
    name, version, licence, memory = "read.model", "1", "MIT", "128 MiB"
    audio = None
    models = ("mine",)
    def analyze(self, region, context):
        folder = context.model("mine")
        try:
            refused = (folder.parent / "others" / "weights").read_text()
        except OSError as error:
            refused = type(error).__name__
        return Read(said=(folder / "weights").read_text(), refused=refused)

@hookimpl
def hemiola_plugins():
    return [Reads]
'''

CHOOSERS = '''
from typing import ClassVar, Literal
from hemiola import Config, Context, Plugin, Region, Result, hookimpl

class Chosen(Result):
    """What its model says."""
    question: ClassVar[str] = "chosen"
    levels: ClassVar[tuple[str, ...]] = ("take",)
    said: str

class ChooserConfig(Config):
    model: Literal["small", "large"] = "small"

class Chooses(Plugin[Chosen, ChooserConfig]):
    """Reads the model that its setting names."""
    name, version, licence, memory = "chosen.model", "1", "MIT", "128 MiB"
    audio = None
    models = ("small", "large")
    def analyze(self, region, context):
        return Chosen(said=context.model(self.config.model).read_text())

@hookimpl
def hemiola_plugins():
    return [Chooses]
'''


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    chosen = house.settings(tmp_path)
    house.drop_in(chosen, {"reads.py": READERS, "chooses.py": CHOOSERS})
    with Engine(chosen) as running:
        yield running


def keep(settings: Settings, name: str, text: str) -> Path:
    """Put a model into the models folder."""
    folder = settings.models_folder / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights").write_text(text)
    return folder


def asked(engine: Engine, file: Path) -> dict[str, Any]:
    """The outcome of the plugin that reads its model."""
    return house.outcome(house.analyze(engine, file, "read"), "read")


def test_without_its_model_a_plugin_is_unavailable_and_with_it_it_answers(
    engine: Engine, tmp_path: Path
) -> None:
    file = house.clicks(tmp_path / "take.wav")
    missing = asked(engine, file)
    assert missing["status"] == "unavailable" and "'mine' is not here" in missing["reason"]
    keep(engine.settings, "mine", "first")
    keep(engine.settings, "others", "secret")
    found = asked(engine, file)
    assert found["status"] == "ok" and found["disposition"] == "fresh" and found["model"].startswith("mine ")
    assert asked(engine, file)["disposition"] == "reused"
    keep(engine.settings, "mine", "second one")
    again = asked(engine, file)
    assert again["disposition"] == "fresh" and again["model"] != found["model"]


def test_it_reads_its_own_model_and_not_the_one_beside_it(engine: Engine, tmp_path: Path) -> None:
    keep(engine.settings, "mine", "mine")
    keep(engine.settings, "others", "secret")
    document = house.analyze(engine, house.clicks(tmp_path / "take.wav"), "read")
    (take,) = [region for region in document["regions"] if region["level"] == "take"]
    assert take["results"]["read"]["said"] == "mine"
    assert take["results"]["read"]["refused"] == "PermissionError"


def test_a_link_to_a_model_elsewhere_is_followed(engine: Engine, tmp_path: Path) -> None:
    elsewhere = tmp_path / "downloads"
    elsewhere.mkdir()
    (elsewhere / "weights").write_text("from afar")
    folder = engine.settings.models_folder / "mine"
    folder.mkdir(parents=True)
    (folder / "weights").symlink_to(elsewhere / "weights")
    found = asked(engine, house.clicks(tmp_path / "take.wav"))
    assert found["status"] == "ok"


def test_its_hash_is_that_of_its_files_names_and_bytes(tmp_path: Path) -> None:
    def digest(name: str, text: str) -> str:
        (tmp_path / "net").mkdir(exist_ok=True)
        for old in (tmp_path / "net").iterdir():
            old.unlink()
        (tmp_path / "net" / name).write_text(text)
        model = by_hand(tmp_path, "net")
        assert model is not None
        return model.digest

    assert digest("a", "x") == digest("a", "x") != digest("a", "yy")
    assert digest("b", "x") != digest("a", "x")
    (tmp_path / "file").write_text("x")
    model = by_hand(tmp_path, "file")
    assert (
        model is not None and model.path == tmp_path / "file" and told([model]) == f"file {model.digest[:12]}"
    )
    assert told([]) is None


@pytest.mark.parametrize("name", ["../net", "..", "net/inner", "", "/etc", "absent"])
def test_a_name_leads_nowhere_but_into_the_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "net" / "inner").mkdir(parents=True)
    (tmp_path / "models").mkdir()
    assert by_hand(tmp_path / "models", name) is None
    assert name == "" or by_hand(tmp_path, name) is None


def test_a_link_that_leads_nowhere_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "net").symlink_to(tmp_path / "gone")
    assert by_hand(tmp_path, "net") is None


def test_the_folder_is_the_data_folders_unless_another_is_set(tmp_path: Path) -> None:
    assert Settings(data=tmp_path).models_folder == tmp_path / "models"
    assert Settings(data=tmp_path, models=tmp_path / "nets").models_folder == tmp_path / "nets"


def test_a_check_and_a_probe_hand_over_the_models_that_are_there(engine: Engine, tmp_path: Path) -> None:
    plugin = tmp_path / "reads.py"
    plugin.write_text(READERS)
    (without,) = check_plugins(plugin, engine.workers, engine.models)
    assert not without.good and "'mine' is not here" in without.finding
    keep(engine.settings, "mine", "words")
    keep(engine.settings, "others", "secret")
    (found,) = check_plugins(plugin, engine.workers, engine.models)
    assert found.good and "words" in found.finding


# -- fetched by jobs -----------------------------------------------------------------------


@pytest.fixture
def source() -> Iterator[Source]:
    with serving() as one:
        yield one


def listed(engine: Engine, source: Source, **texts: str) -> None:
    """Have models in the user's list, each of one file."""
    tables = [
        f'[[model]]\nname = "{name}"\nversion = "1"\nsource = "{source.has(f"/{name}", text.encode())}"\n'
        f'sha256 = "{hashlib.sha256(text.encode()).hexdigest()}"\n'
        for name, text in texts.items()
    ]
    (engine.settings.data / "models.toml").write_text("\n".join(tables))


def test_a_job_fetches_the_model_that_its_plugins_setting_names_and_no_other(
    engine: Engine, source: Source, tmp_path: Path
) -> None:
    listed(engine, source, small="little", large="much")
    file = house.clicks(tmp_path / "take.wav")
    first = house.outcome(house.analyze(engine, file, "chosen"), "chosen")
    assert first["status"] == "ok" and first["model"].startswith("small 1 ")
    assert [path for path, _ in source.asked] == ["/small"]
    large = {"chosen.model": {"model": "large"}}
    second = house.outcome(house.analyze(engine, file, "chosen", config=large), "chosen")
    assert second["status"] == "ok" and second["model"].startswith("large 1 ")
    source.bodies.clear()
    again = house.outcome(house.analyze(engine, file, "chosen", force=True), "chosen")
    assert again["status"] == "ok" and len(source.asked) == 2
    listed(engine, source, small="other words", large="much")
    third = house.outcome(house.analyze(engine, file, "chosen"), "chosen")
    assert third["disposition"] == "fresh" and third["model"] != first["model"]


def test_a_model_that_cannot_be_had_makes_its_plugin_unavailable_with_the_sentence(
    engine: Engine, source: Source, tmp_path: Path
) -> None:
    listed(engine, source, small="little")
    source.bodies.clear()
    document = house.analyze(engine, house.clicks(tmp_path / "take.wav"), "chosen")
    found = house.outcome(document, "chosen")
    assert (found["status"], found["code"]) == ("unavailable", "model")
    assert "the model small 1 cannot be had" in found["reason"] and "404 (Not Found)" in found["reason"]


def test_a_job_that_waits_for_a_model_can_be_cancelled(
    engine: Engine, source: Source, tmp_path: Path
) -> None:
    listed(engine, source, small="little" * 10_000)
    source.stuck = True
    job = engine.submit(house.clicks(tmp_path / "take.wav"), Request(questions=("chosen",)))
    assert house.soon(lambda: bool(source.asked), 60)
    assert house.soon(lambda: "fetching the model small 1" in engine.progress(job.id)[1])
    began = time.monotonic()
    assert engine.cancel(job.id) and engine.wait(job.id).state == "cancelled"
    assert house.soon(lambda: not engine.progress(job.id)[1]) and time.monotonic() < began + 5
