"""Uploads: streamed to the data folder, kept once by their bytes, and gone without a trace when they fail."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from core import uploads
from core.uploads import Uploads
from tests.api.live import Json, Live
from tests.sandbox.house import soon

ADDRESS = "/api/analyze/upload"
TOO_LARGE = 2_500_000


def kept(live: Live) -> list[Path]:
    """Every file below the folder of uploads."""
    return sorted(path for path in live.settings.uploads.rglob("*") if path.is_file())


def send(live: Live, *files: tuple[str, bytes], status: int = 202) -> list[Json]:
    told = live.post(ADDRESS, status, files=[("files", file) for file in files])
    return list(told.get("jobs", []))


def body(*parts: tuple[str, bytes], end: bytes = b"--x--\r\n") -> bytes:
    """A multipart body, headers as they stand."""
    return b"".join(b"--x\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts) + end


def part(name: str, data: bytes = b"no sound", field: str = "files") -> tuple[str, bytes]:
    return f'Content-Disposition: form-data; name="{field}"; filename="{name}"', data


FORM = "multipart/form-data; boundary=x"


def send_raw(live: Live, whole: bytes | Iterator[bytes], status: int, kind: str = FORM) -> Json:
    told: Json = live.post(ADDRESS, status, content=whole, headers={"Content-Type": kind})
    return told


@pytest.fixture
def unchanged(live: Live) -> Iterator[None]:
    """Nothing is left on the disk by what happens in the test."""
    before = kept(live)
    yield
    assert soon(lambda: kept(live) == before), set(kept(live)) - set(before)


def test_an_uploaded_recording_is_kept_and_analysed(live: Live) -> None:
    path = live.sound("sent.wav", seconds=1.5)
    (told,) = send(live, ("sent.wav", path.read_bytes()))
    assert told["name"] == "sent.wav" and told["links"]["events"] == f"/jobs/{told['job_id']}/events"
    job = live.done(told["job_id"])
    document = live.get(job["links"]["analysis"])
    failed = [o for r in document["regions"] for o in r["outcomes"] if o["status"] not in ("ok", "skipped")]
    assert job["verdict"] == "complete", failed
    file = live.get(job["links"]["file"])
    assert file["path"] == str(live.settings.uploads / file["id"] / "sent.wav")
    assert live.client.get(file["links"]["audio"]).content == path.read_bytes()
    assert live.client.get(file["links"]["processed_audio"]).status_code == 200
    assert os.stat(live.settings.uploads).st_mode & 0o777 == 0o700
    live.delete(f"/api/files/{file['id']}", 204)
    assert not [one for one in kept(live) if file["id"] in one.parts] and path.exists()


def test_several_files_are_a_job_each(live: Live) -> None:
    jobs = send(live, *((f"{n}.wav", b"not a sound %d" % n) for n in range(5)))
    assert [job["name"] for job in jobs] == [f"{n}.wav" for n in range(5)]
    assert len({job["job_id"] for job in jobs}) == 5
    assert {live.done(job["job_id"])["verdict"] for job in jobs} == {"none"}


def test_the_same_bytes_are_kept_once(live: Live) -> None:
    before = len(kept(live))
    send(live, ("one.wav", b"twice the same"), ("two.wav", b"twice the same"), ("one.wav", b"twice the same"))
    send(live, ("one.wav", b"twice the same"))
    new = [path for path in kept(live) if path.read_bytes() == b"twice the same"]
    assert [path.name for path in new] == ["one.wav", "two.wav"] and len(kept(live)) == before + 2
    assert len({path.stat().st_ino for path in new}) == 1, "two names of the same bytes"


NAMES = {
    "../../x.wav": "x.wav",
    "/etc/passwd": "passwd",
    "..\\..\\x.wav": "x.wav",
    "C:\\takes\\x.wav": "x.wav",
    "..": "recording",
    ".": "recording",
    "": "recording",
    "/": "recording",
    ".hidden.wav": "hidden.wav",
    " x.wav ": "x.wav",
    "a\x00b.wav": "a_b.wav",
    "a\x1b[31mb.wav": "a_[31mb.wav",
    "a\u202eb.wav": "a_b.wav",
    "e\u0301.wav": "é.wav",
    "日本 🎵.wav": "日本 🎵.wav",
    "n" * 400 + ".wav": "n" * 146 + ".wav",
    "音" * 200 + ".wav": "音" * 48 + ".wav",
    "x." + "y" * 400: ("x." + "y" * 400)[:150],
    "%2e%2e%2fx.wav": "%2e%2e%2fx.wav",
    "a;b=c.wav": "a;b=c.wav",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_becomes_a_plain_one(live: Live, name: str) -> None:
    whole = body(part(name, b"a name: " + name.encode()))
    (job,) = send_raw(live, whole, 202)["jobs"]
    assert job["name"] == NAMES[name]
    path = Path(live.done(job["job_id"])["file"]["path"])
    assert path.parent.parent == live.settings.uploads and path.is_file()
    assert path.read_bytes() == b"a name: " + name.encode()


def test_bytes_that_are_no_text_make_a_name_too(live: Live) -> None:
    head = b'Content-Disposition: form-data; name="files"; filename="caf\xe9.wav"'
    whole = b"--x\r\n" + head + b"\r\n\r\nlatin\r\n--x--\r\n"
    assert send_raw(live, whole, 202)["jobs"][0]["name"] == "caf\ufffd.wav"


def test_other_fields_beside_the_files_are_left_out(live: Live) -> None:
    other = ('Content-Disposition: form-data; name="comment"', b"loud")
    told = send_raw(live, body(other, part("a.wav"), other, part("b.wav", field="other")), 202)
    assert [job["name"] for job in told["jobs"]] == ["a.wav"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("before", [0, 2])
def test_a_file_that_is_too_large_leaves_nothing(live: Live, before: int) -> None:
    small = [(f"{n}.wav", b"small %d" % n) for n in range(before)]
    told = live.post(ADDRESS, 413, files=[("files", one) for one in (*small, ("big.wav", b"\0" * TOO_LARGE))])
    assert "big.wav" in told["detail"] and "HEMIOLA_UPLOAD_GB" in told["detail"]


@pytest.mark.usefixtures("unchanged")
def test_a_file_that_is_too_large_is_told_to_a_client_that_goes_on_sending(live: Live) -> None:
    def pieces() -> Iterator[bytes]:
        yield body(part("endless.wav", b""), end=b"")[:-2]
        for _ in range(300):
            yield b"\0" * 100_000

    send_raw(live, pieces(), 413)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("whole", "status"),
    [
        (body(part("cut.wav"), end=b""), 400),
        (body(part("cut.wav"))[:-20], 400),
        (body(part("one.wav"), part("cut.wav"), end=b""), 400),
        (b"", 400),
        (b"--y\r\n\r\n", 400),
        (b"garbage", 400),
        (b"--x\r\nno header at all\r\n\r\nx\r\n--x--\r\n", 400),
        (b"--x--\r\n", 422),
        (body(part("a.wav", field="file")), 422),
        (body(('Content-Disposition: form-data; name="files"', b"a text, no file")), 422),
    ],
)
def test_what_is_no_whole_upload_leaves_nothing(live: Live, whole: bytes, status: int) -> None:
    assert send_raw(live, whole, status)["detail"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/mixed; boundary=x",
    ],
)
def test_what_is_no_multipart_is_422(live: Live, kind: str) -> None:
    assert "files" in send_raw(live, body(part("a.wav")), 422, kind)["detail"]


@pytest.mark.usefixtures("unchanged")
def test_a_thousand_files_are_enough(live: Live) -> None:
    whole = body(*(part(f"{n}.wav", b"") for n in range(1001)))
    assert "1000" in send_raw(live, whole, 413)["detail"]


@pytest.mark.usefixtures("unchanged")
def test_a_client_that_goes_away_leaves_nothing(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_connection(("127.0.0.1", live.port)) as door:
        head = f"POST {ADDRESS} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n"
        door.sendall(head.encode() + b"Content-Type: multipart/form-data; boundary=x\r\n\r\n")
        door.sendall(body(part("gone.wav", b"\0" * 100_000), end=b""))
        assert soon(lambda: any(path.suffix == ".part" for path in kept(live)))
    assert soon(lambda: not any(path.suffix == ".part" for path in kept(live)))
    time.sleep(0.1)
    assert not [record for record in caplog.records if record.levelname == "ERROR"], caplog.text


@pytest.mark.usefixtures("unchanged")
def test_a_disk_that_is_nearly_full_is_507(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "SPARE", shutil.disk_usage(live.settings.data).free + (1 << 40))
    told = live.post(ADDRESS, 507, files=[("files", ("a.wav", b"a")), ("files", ("b.wav", b"b"))])
    assert "a.wav" in told["detail"] and "Make room" in told["detail"]


FIRST_AND_SECOND = [("files", ("first.wav", b"1st")), ("files", ("second.wav", b"2nd"))]


class _Usage(NamedTuple):
    free: int


@pytest.mark.usefixtures("unchanged")
def test_a_disk_that_fills_up_between_two_files_keeps_neither(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = iter([_Usage(1 << 50), _Usage(0)])
    with monkeypatch.context() as patch:
        patch.setattr(uploads.shutil, "disk_usage", lambda folder: next(said))
        told = live.post(ADDRESS, 507, files=FIRST_AND_SECOND)
    assert "second.wav" in told["detail"]


FULL = """
import os, resource, signal, sys
sys.path[:0] = [{root!r}, {sdk!r}]
from pathlib import Path
from core.errors import NoRoom
from core.uploads import Uploads
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
uploads = Uploads(Path(sys.argv[1]), 10**9)
try:
    with uploads.receive("large.wav") as upload:
        for _ in range(100):
            upload.write(b"x" * 10_000)
        upload.keep()
except NoRoom as error:
    print(error)
"""


def test_a_write_that_the_system_refuses_leaves_nothing(tmp_path: Path) -> None:
    root = Path(uploads.__file__).parent.parent
    script = FULL.format(root=str(root), sdk=str(root / "sdk"))
    said = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True
    )
    assert "large.wav" in said.stdout and "could not be kept" in said.stdout
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_server_left_is_removed_at_the_next_start(tmp_path: Path) -> None:
    with Uploads(tmp_path, 100).receive("whole.wav") as upload:
        upload.write(b"kept")
        whole = upload.keep()
    (tmp_path / "abcdef.part").write_bytes(b"half")
    Uploads(tmp_path, 100)
    assert list(tmp_path.rglob("*.part")) == [] and whole.read_bytes() == b"kept"
