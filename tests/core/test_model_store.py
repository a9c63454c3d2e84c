"""The models of a cache: known, fetched once, verified, removed, rolled back; by several processes at a time."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridges.worker import Cancelled
from core.errors import Conflict, NoModel, NotFound
from core.models.entries import read
from core.models.known import SHIPPED
from core.models.store import Models
from core.models.there import Model
from core.settings import Settings
from tests.conftest import ROOT
from tests.sources import Source, serving

ONE, TWO = (random.Random(seed).randbytes(300_000) for seed in (1, 2))
HEMIOLA = ROOT / ".venv" / "bin" / "hemiola"


@pytest.fixture
def source() -> Iterator[Source]:
    with serving() as one:
        one.has("/one.bin", ONE)
        one.has("/two.bin", TWO)
        yield one


def sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def entry(source: Source, version: str, path: str, body: bytes, name: str = "net") -> str:
    """A model of one file, as a user's list has it."""
    return (
        f'[[model]]\nname = "{name}"\nversion = "{version}"\nsource = "{source.address}{path}"\n'
        f'sha256 = "{sha(body)}"\nsize = {len(body)}\nlicence = "MIT"\n'
    )


def models(folder: Path, *entries: str, **settings: Any) -> Models:
    """The models of a folder, with a user's own entries."""
    chosen = Settings(data=folder / "data", cache=folder / "cache", **settings)
    chosen.data.mkdir(parents=True, exist_ok=True)
    if entries:
        (chosen.data / "models.toml").write_text("\n".join(entries))
    return Models(chosen)


def got(there: Models, name: str = "net") -> Model:
    """What a plugin is handed."""
    model = there.resolve(name, lambda: False)
    assert model is not None
    return model


def states(there: Models, name: str = "net") -> list[tuple[str | None, str, bool]]:
    return [(one.version, one.state, one.in_use) for one in there.every() if one.name == name]


def test_a_model_is_fetched_once_and_is_there_offline(source: Source, tmp_path: Path) -> None:
    there = models(tmp_path, entry(source, "1", "/one.bin", ONE))
    assert states(there) == [("1", "not fetched", True)]
    model = got(there)
    assert model.path == tmp_path / "cache" / "models" / "net" / "1" / "one.bin"
    assert model.path.read_bytes() == ONE and model.version == "1"
    assert states(there) == [("1", "fetched", True)]
    source.bodies.clear()
    assert got(models(tmp_path)) == model and len(source.asked) == 1


def test_several_files_are_a_folder(source: Source, tmp_path: Path) -> None:
    files = "\n".join(
        f'[[model.files]]\nsource = "{source.address}{path}"\nsha256 = "{sha(body)}"'
        for path, body in (("/one.bin", ONE), ("/two.bin", TWO))
    )
    there = models(tmp_path, f'[[model]]\nname = "net"\nversion = "1"\n{files}')
    model = got(there)
    assert sorted(path.name for path in model.path.iterdir()) == ["one.bin", "two.bin"]
    (model.path / "stray").write_text("no part of it")
    assert got(there).digest == model.digest


def test_a_path_in_a_list_is_relative_to_it(tmp_path: Path) -> None:
    there = models(tmp_path, '[[model]]\nname = "net"\nversion = "1"\nsource = "nets/a.bin"')
    (tmp_path / "data" / "nets").mkdir()
    (tmp_path / "data" / "nets" / "a.bin").write_bytes(ONE)
    assert got(there).path.read_bytes() == ONE


def test_what_a_person_put_there_comes_first_and_is_never_touched(source: Source, tmp_path: Path) -> None:
    there = models(tmp_path, entry(source, "1", "/one.bin", ONE))
    got(there)
    hand = tmp_path / "data" / "models" / "net"
    hand.mkdir(parents=True)
    (hand / "mine").write_text("mine")
    assert got(there).path == hand and got(there).version is None
    assert states(there) == [(None, "by hand", True), ("1", "fetched", False)]
    with pytest.raises(Conflict, match="by hand"):
        there.use("net", "1")
    there.remove("net", None)
    assert (hand / "mine").exists()


def test_a_name_without_source_is_no_error_and_a_list_that_cannot_be_read_is(tmp_path: Path) -> None:
    assert models(tmp_path).resolve("net", lambda: False) is None
    there = models(tmp_path, '[[model]]\nname = "net"')
    assert "version" in there.problems[0]
    with pytest.raises(NoModel, match=r"models\.toml"):
        there.resolve("net", lambda: False)
    assert models(tmp_path, "= 1").problems and models(tmp_path, "x = 1").problems


def test_another_version_is_used_until_the_default_changes(source: Source, tmp_path: Path) -> None:
    one, two = entry(source, "1", "/one.bin", ONE), entry(source, "2", "/two.bin", TWO)
    there = models(tmp_path, two, one)
    second = got(there)
    assert second.version == "2"
    there.use("net", "1")
    assert (first := got(there)).version == "1" and first.digest != second.digest
    assert got(models(tmp_path)).version == "1"
    there.use("net", None)
    assert got(there).version == "2"
    there.use("net", "1")
    three = entry(source, "3", "/two.bin", TWO)
    assert got(models(tmp_path, three, two, one)).version == "3"
    with pytest.raises(NotFound, match="1, 2, 3 are known"):
        there.use("net", "4")
    with pytest.raises(NotFound, match=r"models\.toml in the data folder"):
        there.use("nett", "1")


def test_the_sites_network_lies_where_other_programs_look_and_a_new_version_is_fetched_anew(
    source: Source, tmp_path: Path
) -> None:
    def site(version: str, path: str, **more: Any) -> Models:
        return models(
            tmp_path,
            model_uri=f"{source.address}{path}",
            model_version=version,
            model_cache_dir=tmp_path / "nets",
            **more,
        )

    first = got(site("1", "/one.bin"), "annoteator")
    assert first.path == tmp_path / "nets" / "complete_network" / "1" / "complete_network.h5"
    again = got(site("1", "/two.bin"), "annoteator")
    assert again == first and len(source.asked) == 1
    second = got(site("2", "/two.bin"), "annoteator")
    assert second.path.parent.name == "2" and second.path.read_bytes() == TWO
    there = site("2", "/two.bin")
    there.use("annoteator", "1")
    assert got(there, "annoteator") == first
    assert got(site("3", "/two.bin"), "annoteator").version == "3"
    with pytest.raises(NoModel, match="not what it should be"):
        got(site("3", "/two.bin", model_sha256="0" * 64), "annoteator")
    assert models(tmp_path).resolve("annoteator", lambda: False) is None


def test_a_damaged_model_is_found_and_fetched_anew(source: Source, tmp_path: Path) -> None:
    there = models(tmp_path, entry(source, "1", "/one.bin", ONE))
    path = got(there).path
    assert [wrong for _, wrong in there.verify()] == [None]
    path.write_bytes(ONE[:-1] + b"?")
    os.utime(path, ns=(1, 1))
    ((_, wrong),) = there.verify("net")
    assert wrong is not None and "is damaged; `hemiola models fetch net 1`" in wrong
    assert got(there).path.read_bytes() == ONE and len(source.asked) == 2
    path.write_bytes(ONE + b"?")
    source.bodies.clear()
    with pytest.raises(NoModel, match=r"net 1 cannot be had: .* 404"):
        got(models(tmp_path))


def test_a_right_file_that_lies_there_already_is_taken(source: Source, tmp_path: Path) -> None:
    there = models(tmp_path, entry(source, "1", "/one.bin", ONE))
    path = tmp_path / "cache" / "models" / "net" / "1" / "one.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(ONE)
    assert got(there).path == path and source.asked == []


def test_removed_versions_are_gone(source: Source, tmp_path: Path) -> None:
    there = models(
        tmp_path, entry(source, "2", "/two.bin", TWO), entry(source, "1", "/one.bin", ONE), model_uri="/x"
    )
    for version in ("1", "2"):
        there.fetch("net", version, lambda: False)
    assert [one.title for one in there.remove("net", "1")] == ["net 1"]
    assert states(there) == [("2", "fetched", True), ("1", "not fetched", False)]
    with pytest.raises(NotFound, match="no model net 1 is fetched"):
        there.remove("net", "1")
    with pytest.raises(NotFound, match="no model other is fetched"):
        there.verify("other")


def test_a_failure_stands_for_a_while_and_a_file_that_came_meanwhile_ends_it(
    source: Source, tmp_path: Path
) -> None:
    body = source.bodies.pop("/one.bin")
    there = models(tmp_path, entry(source, "1", "/one.bin", ONE))
    for _ in range(3):
        with pytest.raises(NoModel, match="404"):
            got(there)
    assert len(source.asked) == 1
    source.bodies["/one.bin"] = body
    models(tmp_path).fetch("net", None, lambda: False)
    assert got(there).path.read_bytes() == ONE


def test_a_cache_that_cannot_be_written_is_said(source: Source, tmp_path: Path) -> None:
    (tmp_path / "nets").write_text("a file")
    there = models(tmp_path, entry(source, "1", "/one.bin", ONE), model_cache_dir=tmp_path / "nets")
    with pytest.raises(NoModel, match="cannot be written"):
        got(there)


def test_a_source_that_hangs_holds_nobody_who_is_stopped(source: Source, tmp_path: Path) -> None:
    source.stuck = True
    there = models(tmp_path, entry(source, "1", "/one.bin", ONE))
    began = time.monotonic()
    with pytest.raises(Cancelled):
        there.resolve("net", lambda: time.monotonic() > began + 0.5)
    assert time.monotonic() < began + 5


def test_every_model_that_the_project_names_has_a_hash_and_a_licence() -> None:
    shipped = read(SHIPPED)
    assert {entry.name for entry in shipped} >= {"htdemucs", "htdemucs_ft", "htdemucs_6s", "mdx"}
    for entry in shipped:
        assert entry.licence and entry.citation and entry.folder
        for file in entry.files:  # their authors put the first digits into the name
            assert file.sha256 and file.source.startswith("https://")
            assert file.name.removesuffix(".th").rpartition("-")[2] == file.sha256[:8]


# -- several processes ---------------------------------------------------------------------


def command(folder: Path, *words: str) -> subprocess.Popen[str]:
    """A `hemiola models` of its own."""
    environ = {
        **os.environ,
        "HEMIOLA_DATA": str(folder / "data"),
        "HEMIOLA_CACHE": str(folder / "cache"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    return subprocess.Popen(
        [str(HEMIOLA), "models", *words],
        env=environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def soon_there(folder: Path, at_least: int, process: subprocess.Popen[str]) -> Path:
    """The part of a download, once it has so many bytes."""
    deadline = time.monotonic() + 30
    while True:
        for part in (folder / "cache").rglob("*.part"):
            if part.name.startswith(".one.bin") and part.stat().st_size >= at_least:
                return part
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)


def test_two_processes_that_want_the_same_model_fetch_it_once(source: Source, tmp_path: Path) -> None:
    models(tmp_path, entry(source, "1", "/one.bin", ONE))
    source.pause = 0.05
    running = [command(tmp_path, "fetch", "net") for _ in range(2)]
    said = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    assert len(source.asked) == 1
    assert (tmp_path / "cache" / "models" / "net" / "1" / "one.bin").read_bytes() == ONE


def test_a_killed_download_leaves_nothing_in_its_place_and_is_resumed(source: Source, tmp_path: Path) -> None:
    models(tmp_path, entry(source, "1", "/one.bin", ONE))
    source.pause = 0.1
    process = command(tmp_path, "fetch", "net")
    part = soon_there(tmp_path, 50_000, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    had = part.stat().st_size
    assert 50_000 <= had < len(ONE) and not (part.parent / "one.bin").exists()
    source.pause = 0.0
    again = command(tmp_path, "fetch", "net")
    _, err = again.communicate(timeout=60)
    assert again.returncode == 0, err
    assert source.asked[-1][1] == f"bytes={had}-"
    assert (part.parent / "one.bin").read_bytes() == ONE and not part.exists()


def test_what_is_noted_of_a_model_has_no_secret(source: Source, tmp_path: Path) -> None:
    address = source.address.replace("http://", "http://ann:secret@") + "/one.bin"
    got(models(tmp_path, model_uri=address), "annoteator")
    (noted,) = (tmp_path / "cache").rglob(".1.json")
    assert "secret" not in noted.read_text()
    assert json.loads(noted.read_text())["files"][0]["sha256"] == sha(ONE)
