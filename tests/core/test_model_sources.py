"""A model's file comes from its source whole and right, or not at all, with a sentence that says why."""

from __future__ import annotations

import hashlib
import random
import socket
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import NoModel
from core.models import fetching
from core.models.entries import ModelFile
from core.models.fetching import fetch
from tests.sources import Source, serving

BODY = random.Random(7).randbytes(600_000)
SHA = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    monkeypatch.setattr(fetching, "PAUSE_S", 0.01)
    with serving() as one:
        one.has("/net.bin", BODY)
        yield one


def bring(source: Source | str, folder: Path, path: str = "/net.bin", **declared: Any) -> ModelFile:
    """Fetch a file into a folder."""
    address = source if isinstance(source, str) else f"{source.address}{path}"
    told: dict[str, Any] = {"sha256": SHA, "name": "net.bin", **declared}
    file = ModelFile(source=address, **told)
    return fetch(file, folder, lambda there, total: None, lambda: False)


def part(folder: Path, address: str) -> Path:
    """Where a broken-off download is kept."""
    key = hashlib.sha256(f"{address}\0{SHA}".encode()).hexdigest()[:8]
    return folder / f".net.bin.{key}.part"


def refused(source: Source | str, folder: Path, **declared: Any) -> str:
    """The sentence of a fetch that does not succeed; nothing is in the file's place then."""
    with pytest.raises(NoModel) as error:
        bring(source, folder, **declared)
    sentence = str(error.value)
    assert "\n" not in sentence and "Traceback" not in sentence and not (folder / "net.bin").exists()
    return sentence


def test_over_http_it_comes_whole_and_nothing_else_stays(source: Source, tmp_path: Path) -> None:
    heard: list[tuple[int, int | None]] = []
    file = ModelFile(source=f"{source.address}/net.bin", sha256=SHA.upper())
    done = fetch(file, tmp_path, lambda *far: heard.append(far), lambda: False)
    assert (done.sha256, done.size) == (SHA, len(BODY))
    assert [path.name for path in tmp_path.iterdir()] == ["net.bin"]
    assert (tmp_path / "net.bin").read_bytes() == BODY
    assert heard[0] == (0, len(BODY)) and heard[-1] == (len(BODY), len(BODY))


@pytest.mark.parametrize("form", ["{}", "file://{}", "file://localhost{}"])
def test_a_file_is_a_source(form: str, tmp_path: Path) -> None:
    there = tmp_path / "a net.bin"
    there.write_bytes(BODY)
    address = form.format(there if form == "{}" else str(there).replace(" ", "%20"))
    (tmp_path / "cache").mkdir()
    bring(address, tmp_path / "cache")
    assert (tmp_path / "cache" / "net.bin").read_bytes() == BODY


def test_a_cut_connection_goes_on_where_it_broke_off(source: Source, tmp_path: Path) -> None:
    source.cuts = [200_000, 100_000]
    bring(source, tmp_path)
    assert (tmp_path / "net.bin").read_bytes() == BODY
    ranges = [asked for _, asked in source.asked]
    assert ranges == [None, "bytes=200000-", "bytes=300000-"]


def test_a_connection_that_is_cut_again_and_again_keeps_what_came(source: Source, tmp_path: Path) -> None:
    source.cuts = [100_000] * 3
    assert "broke off" in refused(source, tmp_path)
    assert part(tmp_path, f"{source.address}/net.bin").stat().st_size == 300_000
    bring(source, tmp_path)
    assert source.asked[-1][1] == "bytes=300000-"
    assert (tmp_path / "net.bin").read_bytes() == BODY


def test_a_server_that_ignores_ranges_begins_anew(source: Source, tmp_path: Path) -> None:
    source.ranges, source.cuts = False, [250_000]
    bring(source, tmp_path)
    assert [asked for _, asked in source.asked] == [None, "bytes=250000-"]
    assert (tmp_path / "net.bin").read_bytes() == BODY


def test_a_part_that_does_not_belong_to_the_rest_is_given_up(source: Source, tmp_path: Path) -> None:
    part(tmp_path, f"{source.address}/net.bin").write_bytes(b"of another file" * 1000)
    bring(source, tmp_path)
    assert [asked for _, asked in source.asked] == ["bytes=15000-", None]
    assert (tmp_path / "net.bin").read_bytes() == BODY


def test_a_part_longer_than_the_whole_is_given_up(source: Source, tmp_path: Path) -> None:
    part(tmp_path, f"{source.address}/net.bin").write_bytes(BODY + b"more")
    bring(source, tmp_path)
    assert (tmp_path / "net.bin").read_bytes() == BODY


def test_without_a_hash_a_cut_download_begins_anew(source: Source, tmp_path: Path) -> None:
    source.cuts = [100_000]
    assert "broke off" in refused(source, tmp_path, sha256=None)
    done = bring(source, tmp_path, sha256=None)
    assert [asked for _, asked in source.asked] == [None, None] and done.sha256 == SHA


def test_a_body_of_untold_length_comes_as_well(source: Source, tmp_path: Path) -> None:
    source.chunked = True
    bring(source, tmp_path)
    assert (tmp_path / "net.bin").read_bytes() == BODY


def test_a_wrong_hash_is_not_kept(source: Source, tmp_path: Path) -> None:
    said = refused(source, tmp_path, sha256="0" * 64)
    assert SHA[:12] in said and "000000000000" in said and "not kept" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_larger_than_declared_is_not_taken(source: Source, tmp_path: Path, chunked: bool) -> None:
    source.chunked = chunked
    said = refused(source, tmp_path, size=1000)
    assert "1000" in said and "declared" in said
    assert list(tmp_path.iterdir()) == []


def test_a_body_smaller_than_declared_is_not_kept(source: Source, tmp_path: Path) -> None:
    source.chunked = True
    assert f"has {len(BODY)} bytes, 700000 are declared" in refused(source, tmp_path, size=700_000)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_is_said_with_its_status(source: Source, tmp_path: Path) -> None:
    assert "answers 404 (Not Found)" in refused(source, tmp_path, path="/gone")


def test_nobody_at_the_address_is_said(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        said = refused(f"http://127.0.0.1:{held.getsockname()[1]}/net.bin", tmp_path)
    assert "cannot be reached" in said and "refused" in said


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ftp://127.0.0.1/net.bin", "no source of models"),
        ("http://[::1/net.bin", "no address"),
        ("http:///net.bin", "cannot be reached"),
        ("file://elsewhere/net.bin", "another machine"),
        ("/nowhere/net.bin", "No such file"),
        ("/dev/zero", "no regular file"),
    ],
)
def test_an_address_that_leads_nowhere_is_said(address: str, words: str, tmp_path: Path) -> None:
    assert words in refused(address, tmp_path)


def test_a_redirect_is_followed(source: Source, tmp_path: Path) -> None:
    source.redirects = {"/latest": "/net.bin"}
    bring(source, tmp_path, path="/latest")
    assert (tmp_path / "net.bin").read_bytes() == BODY


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher:x"])
def test_a_redirect_away_from_http_is_not_followed(source: Source, tmp_path: Path, target: str) -> None:
    source.redirects = {"/latest": target}
    said = refused(source, tmp_path, path="/latest")
    assert "is not followed" in said or "is no address" in said


def test_redirects_in_a_circle_end(source: Source, tmp_path: Path) -> None:
    source.redirects = {"/a": "/b", "/b": "/a"}
    assert "leads on and on" in refused(source, tmp_path, path="/a")


def test_a_full_disk_is_said_and_given_back(source: Source, tmp_path: Path) -> None:
    part(tmp_path, f"{source.address}/net.bin").symlink_to("/dev/full")
    said = refused(source, tmp_path)
    assert "No space left on device; make room, or set MODEL_CACHE_DIR" in said
    assert list(tmp_path.iterdir()) == []


def test_what_the_disk_has_no_room_for_is_not_begun(tmp_path: Path) -> None:
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(1 << 42)  # a hole: it takes no disk
    (tmp_path / "cache").mkdir()
    assert "make room" in refused(str(huge), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_secrets_in_an_address_are_not_told(source: Source, tmp_path: Path) -> None:
    address = source.address.replace("http://", "http://ann:secret@") + "/gone?signature=secret"
    assert "secret" not in refused(address, tmp_path)
    good = source.address.replace("http://", "http://ann:secret@") + "/net.bin"
    assert bring(good, tmp_path).source == f"{source.address}/net.bin"


def test_s3_needs_a_package_that_is_named(tmp_path: Path) -> None:
    assert "fsspec" in refused("s3://bucket/net.bin", tmp_path)


def test_s3_comes_through_fsspec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """fsspec's own interface over a folder: no S3 is at hand here."""
    (tmp_path / "bucket").mkdir()
    (tmp_path / "bucket" / "net.bin").write_bytes(BODY)

    class Folder:
        def size(self, path: str) -> int:
            return (tmp_path / path).stat().st_size

        def open(self, path: str, mode: str) -> Any:
            return (tmp_path / path).open(mode)

    core: Any = types.ModuleType("fsspec.core")
    core.url_to_fs = lambda address: (Folder(), address.removeprefix("s3://"))
    monkeypatch.setitem(sys.modules, "fsspec", types.ModuleType("fsspec"))
    monkeypatch.setitem(sys.modules, "fsspec.core", core)
    (tmp_path / "cache").mkdir()
    part(tmp_path / "cache", "s3://bucket/net.bin").write_bytes(BODY[:1000])
    bring("s3://bucket/net.bin", tmp_path / "cache")
    assert (tmp_path / "cache" / "net.bin").read_bytes() == BODY
    (tmp_path / "other").mkdir()
    assert "cannot be had" in refused("s3://bucket/gone", tmp_path / "other")
