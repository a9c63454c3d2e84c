"""Paths that people name: what lies outside the roots is not there, what is no file is said, every name is a name."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import httpx
import pytest

from core.requests import Request
from tests.api.live import DEVICE, Live, behind


def problem(live: Live, path: Path) -> httpx.Response:
    response = live.client.post("/analyze", json={"file_path": str(path), "questions": ["features"]})
    assert response.headers["content-type"] == "application/problem+json"
    return response


def test_missing_and_outside_the_roots_are_one_answer(live: Live, tmp_path: Path) -> None:
    """Byte for byte, but for the name."""
    inside = live.sound("real.wav")
    (tmp_path / "secret.wav").write_bytes(inside.read_bytes())
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "loop.wav").symlink_to(tmp_path / "loop.wav")
    (live.home / "way-out.wav").symlink_to(tmp_path / "secret.wav")
    (live.home / "way-out").symlink_to(tmp_path)
    missing = problem(live, live.home / "none.wav")
    assert missing.status_code == 404
    for path in (
        tmp_path / "none.wav",
        tmp_path / "secret.wav",
        tmp_path / "folder",
        tmp_path / "pipe.wav",
        tmp_path / "loop.wav",
        live.home / "way-out.wav",
        live.home / "way-out" / "secret.wav",
        live.home / ".." / tmp_path.name / "secret.wav",
        inside / "below-a-file.wav",
        Path("/dev/zero"),
        Path("/proc/self/fd/0"),
        Path("/etc/passwd"),
    ):
        response = problem(live, path)
        named = response.content.replace(
            json.dumps(f"“{path.name}”", ensure_ascii=False)[1:-1].encode(), b"NAME"
        )
        assert named == missing.content.replace("“none.wav”".encode(), b"NAME"), path
        assert response.headers.get("content-length") is not None


def test_the_answer_says_how_folders_are_added(live: Live) -> None:
    told = problem(live, live.home / "a: b.wav").json()
    assert told["detail"].startswith("“a: b.wav” is not there, or not in a folder that this server may read.")
    assert "HEMIOLA_ALLOW" in told["detail"] and str(live.home) in told["detail"]
    assert told["code"] == "vanished"


def test_other_routes_say_no_more_than_this(live: Live, tmp_path: Path) -> None:
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    for path in (tmp_path / "secret.wav", live.home / "none.wav"):
        told = live.get(f"/api/processed_audio{behind(path)}", 404)
        assert "HEMIOLA_ALLOW" in told["detail"]
        live.get(f"/database/files{behind(path)}", 404)
    told = [
        live.get("/api/browse", 404, params={"path": str(path)})["detail"] for path in (tmp_path, Path("/no"))
    ]
    assert told[0].replace(str(tmp_path), "") == told[1].replace("/no", "")


def test_a_folder_a_pipe_a_socket_and_a_device_are_422(live: Live) -> None:
    os.mkfifo(live.home / "pipe.wav")
    door = live.home / "door.wav"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(door))
        for path, word in ((live.home, "a folder"), (live.home / "pipe.wav", "a pipe"), (door, "a socket")):
            told = live.told(problem(live, path), 422)
            assert word in told["detail"] and told["code"] == "not_a_file"


def test_a_device_inside_the_roots_is_422(live: Live) -> None:
    assert "a device" in live.told(problem(live, DEVICE), 422)["detail"]


def test_a_link_inside_the_roots_is_followed(live: Live) -> None:
    path = live.sound("linked.wav")
    (live.home / "link.wav").symlink_to(path)
    assert live.analyze(live.home / "link.wav")["verdict"] == "complete"


def test_a_link_that_is_turned_between_request_and_job_leads_nowhere(live: Live, tmp_path: Path) -> None:
    path = live.sound("turned.wav")
    outside = path.rename(tmp_path / "secret.wav")
    path.symlink_to(outside)
    job = live.engine.submit(path, Request(questions=("features",), within_roots=True))
    over = live.done(job.id)
    assert (over["verdict"], over["intake"]["code"], over["file"]["id"]) == ("none", "vanished", None)
    retried = live.done(live.post(f"/jobs/{job.id}/retry", 202)["job_id"])
    assert retried["intake"]["code"] == "vanished"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"Tuesday: no solo.\n" * 50, "unknown_format"),
        (bytes(range(256)) * 20, "unknown_format"),
    ],
)
def test_a_file_that_cannot_be_decoded_is_a_job_with_verdict_none(
    live: Live, content: bytes, code: str
) -> None:
    path = live.home / f"bad-{len(content)}.wav"
    path.write_bytes(content)
    job = live.done(live.begin(path))
    assert (job["verdict"], job["intake"]["code"], job["progress"]) == ("none", code, 1.0)
    assert path.name in job["intake"]["reason"] and job["links"]["file"] is None
    document = live.post("/analyze", json={"file_path": str(path), "wait": True})
    assert document["verdict"] == "none" and document["intake"]["code"] == code
    assert document["regions"] == [] and document["file"]["sha256"] is None


def named(path: Path) -> str:
    """A path as JSON tells it: an address where it is no text."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return f"file://{behind(path)}"
    return str(path)


NAMES = [
    b"with space.wav",
    b"quote'\"`.wav",
    b"percent%41 %2F%.wav",
    b"question?#hash&.wav",
    b"plus+semi;colon:.wav",
    "émile 日本 🎵.wav".encode(),
    "e\u0301 decomposed.wav".encode(),
    b"line\nbreak\ttab.wav",
    b"\x1b[31mred.wav",
    "\u202evaw.txt.wav".encode(),
    b"back\\slash.wav",
    b"<script>alert(1)</script>.wav".replace(b"/", b"_"),
    b"caf\xe9 latin.wav",
    b"\xff\xfe\x80.wav",
    b"\xed\xb3\xa9 surrogate bytes.wav",
    b"-rf.wav",
    b"~tilde.wav",
    b" leading and inner .wav",
    b"n" * 251 + b".wav",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_goes_through_every_route(live: Live, name: bytes) -> None:
    made = live.sound("made.wav", seconds=0.2 + NAMES.index(name) / 100)
    path = made.rename(live.home / os.fsdecode(name))
    document = live.analyze(named(path))
    assert document["verdict"] == "complete", document
    sha = document["file"]["sha256"]
    shown = live.get(f"/api/files/{sha}")
    assert shown["name"] == document["file"]["name"] and shown["paths"][0]["exists"]
    assert shown["job"]["file"]["name"] == shown["name"]
    assert not any(sign in shown["name"] for sign in "\x1b\u202e\udce9")
    address = behind(path)
    assert shown["links"]["processed_audio"] == f"/api/processed_audio{address}"
    assert live.client.get(shown["links"]["processed_audio"]).content[:4] == b"RIFF"
    assert live.client.get(shown["links"]["audio"]).content == path.read_bytes()
    for prefix in ("/database/files", "/database/files/", "/database/files/%2F"):
        assert live.get(prefix + (address if prefix[-1] == "s" else address[1:]))["file"]["sha256"] == sha
    assert sha in [one["id"] for one in live.get("/database/files", params={"limit": 500})["items"]]
    assert shown["name"] in [one["file"]["name"] for one in live.get("/jobs")["items"]]
    assert shown["name"] in [one["name"] for one in live.get("/api/browse")["items"]]
    assert live.post(f"/api/files/{sha}/relink", json={"path": named(path)})["path"] == shown["path"]
    live.delete(f"/api/files/{sha}", 204)
    path.unlink()


@pytest.mark.parametrize(
    "name", [b"caf\xe9.wav", "日本.wav".encode(), b"line\nbreak.wav", b"n" * 300, b"a%2Fb.wav"]
)
def test_names_of_nothing_are_404_or_422_and_never_500(live: Live, name: bytes) -> None:
    path = live.home / os.fsdecode(name)
    for route in ("/database/files", "/api/processed_audio"):
        response = live.client.get(route + behind(path))
        live.told(response, 422 if len(name) > 255 and "audio" in route else 404)
    live.post("/analyze", 422 if len(name) > 255 else 404, json={"file_path": named(path)})


@pytest.mark.parametrize("raw", ["%00", "%00.wav", "a%00b", "%ff%00"])
def test_a_zero_byte_is_422(live: Live, raw: str) -> None:
    live.get(f"/database/files/{raw}", 422)
    live.get(f"/api/processed_audio/{raw}", 422)
    live.get(f"/api/browse?path=/{raw}", 422)


@pytest.mark.parametrize("raw", ["%ff", "%ED%B3%A9", "%C3", "%F0%9F", "%ef%bf%bd"])
def test_bytes_that_are_no_text_are_never_500(live: Live, raw: str) -> None:
    sha = "0" * 64
    for address, status in (
        (f"/api/browse?path=/{raw}", 404),
        (f"/database/files?query={raw}", 200),
        (f"/jobs?state={raw}", 422),
        (f"/jobs?cursor={raw}", 422),
        (f"/jobs/{raw}", 422),
        (f"/api/files/{raw}", 422),
        (f"/api/files/{sha}/analysis?question={raw}", 404),
        (f"/ui/{raw}", 404),
        (f"/{raw}", 404),
    ):
        live.get(address, status)
    live.put(f"/api/files/{sha}/tags/{raw}", 404)
    live.delete(f"/api/files/{sha}/tags/{raw}", 404)
    live.put(f"/plugins/{raw}/config", 404, json={})
    live.post(f"/plugins/{raw}/release", 404)
