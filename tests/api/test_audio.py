"""Audio over HTTP: a decoded copy that is the source to the sample, the original bytes, and pieces of both."""

from __future__ import annotations

import io
import socket
import subprocess
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bridges.workers import Workers
from tests.api.live import Json, Live, behind
from tests.conftest import ROOT, write_wav
from tests.sandbox.house import descriptors, soon

SOUNDFILE = "import soundfile, sys; soundfile.write(sys.argv[2], *soundfile.read(sys.argv[1]))"


def played(live: Live, path: Path) -> tuple[int, np.ndarray]:
    """Rate and samples, shape (n, channels), of the copy for a browser."""
    response = live.client.get(f"/api/processed_audio{behind(path)}")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(response.content)) as told:
        assert told.getsampwidth() == 2
        assert len(response.content) == 44 + told.getnframes() * told.getnchannels() * 2
        samples = np.frombuffer(told.readframes(told.getnframes()), "<i2")
        return told.getframerate(), samples.reshape(-1, told.getnchannels())


def source(path: Path) -> np.ndarray:
    with wave.open(str(path)) as told:
        return np.frombuffer(told.readframes(told.getnframes()), "<i2").reshape(-1, told.getnchannels())


@pytest.mark.parametrize(("rate", "channels"), [(22050, 1), (44100, 2), (48000, 1)])
@pytest.mark.parametrize("analysed", [True, False])
def test_the_copy_of_a_16_bit_wav_is_its_samples(
    live: Live, rate: int, channels: int, analysed: bool
) -> None:
    path = live.sound(f"exact-{rate}-{channels}-{analysed}.wav", rate=rate, channels=channels)
    if analysed:
        live.analyze(path)
    heard_rate, heard = played(live, path)
    assert heard_rate == rate and heard.shape == source(path).shape
    assert np.abs(heard.astype(int) - source(path)).max() <= 1


def test_full_scale_is_not_turned_round(live: Live) -> None:
    samples = np.array([1.0, -1.0, 0.0, 32766 / 32767] * 500)
    path = write_wav(live.home / "full.wav", samples, 22050)
    assert np.array_equal(played(live, path)[1], source(path))


def test_a_96_khz_source_is_played_at_48_khz_and_a_surround_one_in_mono(live: Live) -> None:
    rate, heard = played(live, live.sound("high.wav", rate=96000, channels=2))
    assert (rate, heard.shape[1]) == (48000, 2) and abs(len(heard) - 48000) <= 2
    rate, heard = played(live, live.sound("surround.wav", rate=44100, channels=6))
    assert (rate, heard.shape) == (44100, (44100, 1))


@pytest.mark.parametrize("ending", ["mp3", "ogg", "flac"])
def test_the_copy_of_a_compressed_file_is_as_long_as_its_source(live: Live, ending: str) -> None:
    python = ROOT / "envs" / "main" / ".venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("the environment main is not built")
    path = live.sound("plain.wav", seconds=3.0, rate=44100)
    packed = path.with_suffix(f".{ending}")
    subprocess.run([python, "-c", SOUNDFILE, path, packed], check=True)
    rate, heard = played(live, packed)
    assert rate == 44100 and len(heard) / rate == pytest.approx(3.0, abs=0.1)
    loudest = [np.argmax(np.abs(one[:8000, 0].astype(int))) / rate for one in (heard, source(path))]
    assert loudest[0] == pytest.approx(loudest[1], abs=0.005), "the copy is moved against its source"


def test_a_copy_that_was_given_up_is_made_anew(live: Live) -> None:
    path = live.sound("again.wav")
    before = played(live, path)[1]
    assert live.post("/api/system/cleanup")["freed_bytes"] > 44100
    assert np.array_equal(played(live, path)[1], before)


def test_two_requests_at_once_decode_once(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    path, started = live.sound("once.wav", seconds=4.0), []
    start = Workers.start

    def counted(self: Workers, *args: object, **more: object) -> object:
        started.append(args)
        return start(self, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Workers, "start", counted)
    with ThreadPoolExecutor(4) as pool:
        heard = [samples for _, samples in pool.map(lambda _: played(live, path), range(4))]
    assert len(started) == 1 and all(len(one) == 4 * 22050 for one in heard)


def test_a_cache_smaller_than_the_copy_answers_all_the_same(tmp_path: Path, home: Path, live: Live) -> None:
    path = live.sound("large.wav", seconds=2.0)
    with Live(tmp_path, cache_gb=1e-6) as small:
        document = small.analyze(path)
        assert np.array_equal(played(small, path)[1], source(path))
        assert small.get(f"/api/files/{document['file']['sha256']}/waveform")["length"] > 0


# -- pieces --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def file(live: Live) -> Json:
    """An analysed file's document, with its bytes and the addresses of both kinds of audio."""
    path = live.sound("pieces.wav")
    document = live.analyze(path)
    address = {
        "original": f"/api/audio/{document['file']['sha256']}",
        "copy": f"/api/processed_audio{behind(path)}",
    }
    return {
        kind: {"address": one, "bytes": live.client.get(one).content} for kind, one in address.items()
    } | {"path": path}


RANGES = [
    ("bytes=0-", 0, None),
    ("bytes=0-0", 0, 1),
    ("bytes=100-199", 100, 200),
    ("bytes=43000-", 43000, None),
    ("bytes=-100", -100, None),
    ("bytes=100-999999999", 100, None),
    ("bytes=-999999999", 0, None),
]


@pytest.mark.parametrize("kind", ["original", "copy"])
@pytest.mark.parametrize(("header", "first", "stop"), RANGES)
def test_a_range_is_answered_with_its_bytes(
    live: Live, file: Json, kind: str, header: str, first: int, stop: int | None
) -> None:
    whole, address = file[kind]["bytes"], file[kind]["address"]
    response = live.client.get(address, headers={"Range": header})
    wanted = whole[first:stop]
    start = first if first >= 0 else len(whole) + first
    assert (response.status_code, response.content) == (206, wanted)
    assert response.headers["content-range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(whole)}"
    assert response.headers["content-length"] == str(len(wanted))
    assert response.headers["accept-ranges"] == "bytes"
    head = live.client.head(address, headers={"Range": header})
    assert (head.status_code, head.content) == (206, b"")
    assert head.headers["content-length"] == str(len(wanted))


@pytest.mark.parametrize("kind", ["original", "copy"])
@pytest.mark.parametrize("header", ["bytes=999999999-", "bytes=44144-", "bytes=-0"])
def test_a_range_beyond_the_end_is_416(live: Live, file: Json, kind: str, header: str) -> None:
    response = live.client.get(file[kind]["address"], headers={"Range": header})
    live.told(response, 416)
    assert response.headers["content-range"] == f"bytes */{len(file[kind]['bytes'])}"


@pytest.mark.parametrize("kind", ["original", "copy"])
@pytest.mark.parametrize(
    "header",
    ["bytes=0-1,4-5", "lines=0-1", "bytes=5-3", "bytes=", "bytes=-", "bytes=a-b", f"bytes={'9' * 5000}-"],
)
def test_what_is_no_single_range_is_answered_with_all(live: Live, file: Json, kind: str, header: str) -> None:
    response = live.client.get(file[kind]["address"], headers={"Range": header})
    assert (response.status_code, response.content) == (200, file[kind]["bytes"])
    assert "content-range" not in response.headers


@pytest.mark.parametrize("kind", ["original", "copy"])
def test_a_client_goes_on_only_with_the_same_bytes(live: Live, file: Json, kind: str) -> None:
    address, size = file[kind]["address"], len(file[kind]["bytes"])
    tag = live.client.head(address).headers["etag"]
    said = [
        live.client.get(address, headers={"Range": "bytes=0-9", "If-Range": held}).status_code
        for held in (tag, '"others"')
    ]
    assert said == [206, 200]
    assert live.client.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert live.client.head(address).headers["content-length"] == str(size)
    tags = {live.client.head(file[kind]["address"]).headers["etag"] for kind in ("original", "copy")}
    assert len(tags) == 2


def test_the_original_is_the_files_own_bytes(live: Live, file: Json) -> None:
    response = live.client.get(file["original"]["address"])
    assert response.content == file["path"].read_bytes()
    assert response.headers["content-type"] in ("audio/x-wav", "audio/wav", "audio/vnd.wave")


def test_a_file_that_was_moved_is_404_and_says_what_to_do(live: Live) -> None:
    path = live.sound("moved.wav")
    address = f"/api/audio/{live.analyze(path)['file']['sha256']}"
    path.rename(path.with_name("elsewhere.wav"))
    assert "say where it is now" in live.get(address, 404)["detail"]
    live.sound("other-bytes.wav").rename(path)
    live.get(address, 404)


def test_a_file_of_another_place_is_played_only_from_inside_the_roots(live: Live, tmp_path: Path) -> None:
    path = live.sound("taken-out.wav")
    sha = live.analyze(path)["file"]["sha256"]
    path.rename(tmp_path / "out.wav")
    path.symlink_to(tmp_path / "out.wav")
    live.get(f"/api/audio/{sha}", 404)
    live.get(f"/api/processed_audio{behind(path)}", 404)


def test_a_listener_who_leaves_leaves_no_file_open(live: Live) -> None:
    path = live.sound("long.wav", seconds=40.0, rate=44100)
    address = f"/api/processed_audio{behind(path)}"
    assert len(live.client.get(address).content) == 44 + 2 * 40 * 44100
    before = len(descriptors())
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", live.port)) as door:
            door.sendall(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            assert door.recv(100).startswith(b"HTTP/1.1 200")
    assert soon(lambda: len(descriptors()) <= before), descriptors()


def test_what_cannot_be_played_is_said(live: Live) -> None:
    (live.home / "notes.wav").write_text("no sound in here\n" * 100)
    (live.home / "folder.wav").mkdir()
    for name, status in (("notes.wav", 422), ("folder.wav", 422), ("none.wav", 404)):
        told = live.get(f"/api/processed_audio{behind(live.home / name)}", status)
        assert name in told["detail"]
    for id_, status in (("0" * 64, 404), ("0" * 63, 422), ("G" * 64, 422)):
        live.get(f"/api/audio/{id_}", status)
    assert live.client.head("/api/audio/" + "0" * 64).status_code == 404


def test_a_path_is_the_same_with_and_without_its_first_slash(live: Live) -> None:
    path = live.sound("slash.wav")
    answers = [
        live.client.get(f"/api/processed_audio{slashes}{behind(path)[1:]}") for slashes in ("/", "//", "/%2F")
    ]
    assert [one.status_code for one in answers] == [200] * 3
    assert len({one.content for one in answers}) == 1
