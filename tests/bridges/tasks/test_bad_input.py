"""What bad files get: a code and a sentence, never a traceback and never a full disk."""

from __future__ import annotations

import os
import resource
import struct
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from bridges.tasks._output import Output
from bridges.tasks.decode import IntakeCode, IntakeFailure, Request, ViewRequest, decode, probe
from tests.bridges.tasks.decoding import take_in
from tests.bridges.tasks.test_formats import encode, sound

RATE = 44100


def refusal(path: Path, folder: Path, **limits: float) -> IntakeFailure:
    """The failure that a file meets, whose sentence names it."""
    with pytest.raises(IntakeFailure) as caught:
        take_in(path, folder / "out", **limits)
    assert caught.value.reason.startswith(f"“{path.name}” ")
    assert caught.value.reason.endswith(".")
    return caught.value


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", IntakeCode.EMPTY, "no bytes"),
        (b"x", IntakeCode.UNKNOWN_FORMAT, "it holds 1 byte"),
        (b"\0" * 4096, IntakeCode.UNKNOWN_FORMAT, "filled with zeros"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>" * 20, IntakeCode.UNKNOWN_FORMAT, "web page"),
        (b"PK\x03\x04" + b"\x14\0" * 2000, IntakeCode.UNKNOWN_FORMAT, "ZIP"),
        (b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk" + b"\0" * 40, IntakeCode.UNKNOWN_FORMAT, "notes and no sound"),
        ("Probe am Dienstag, drei Stücke.\n".encode() * 50, IntakeCode.UNKNOWN_FORMAT, "a text file"),
        (b"%PDF-1.4\n" + b"stuff\n" * 100, IntakeCode.UNKNOWN_FORMAT, "PDF"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n" * 20, IntakeCode.UNKNOWN_FORMAT, "a text file"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n" * 20, IntakeCode.UNKNOWN_FORMAT, "a text file"),
    ],
)
def test_what_is_no_sound_file(tmp_path: Path, content: bytes, code: IntakeCode, words: str) -> None:
    path = tmp_path / "take 3.wav"
    path.write_bytes(content)
    failure = refusal(path, tmp_path)
    assert failure.code == code
    assert words in failure.reason


def test_random_bytes_are_refused_or_short(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    for number in range(10):
        path = tmp_path / f"{number}.wav"
        path.write_bytes(random.bytes(20000))
        assert refusal(path, tmp_path).code in (IntakeCode.UNKNOWN_FORMAT, IntakeCode.DAMAGED)


def test_a_folder_a_pipe_and_a_device(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for path, words in (
        (tmp_path / "folder", "a folder"),
        (tmp_path / "pipe", "a pipe"),
        (Path("/dev/zero"), "device"),
    ):
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            with pytest.raises(IntakeFailure, match=words) as caught:
                probe(fd, path.name)
        finally:
            os.close(fd)
        assert caught.value.code == IntakeCode.NOT_A_FILE


def test_a_film_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "silent film.mp4"
    with av.open(str(path), "w") as output:
        film = output.add_stream("mpeg4", rate=10)
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        for _ in range(10):
            output.mux(
                film.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24"))
            )
        output.mux(film.encode(None))
    assert refusal(path, tmp_path).code == IntakeCode.NO_AUDIO


def test_a_coding_that_cannot_be_decoded(tmp_path: Path) -> None:
    path = tmp_path / "x.mkv"
    encode(path, "matroska", "flac", False)
    path.write_bytes(path.read_bytes().replace(b"A_FLAC", b"A_XXXX"))
    assert refusal(path, tmp_path).code == IntakeCode.UNSUPPORTED


@pytest.mark.parametrize(("channels", "rate"), [(65, 44100), (1, 500)])
def test_out_of_bounds(tmp_path: Path, channels: int, rate: int) -> None:
    soundfile.write(tmp_path / "x.wav", np.zeros((100, channels)), rate)
    assert refusal(tmp_path / "x.wav", tmp_path).code == IntakeCode.UNSUPPORTED


FORMATS = [
    ("wav", "WAV", "PCM_16"),
    ("wav", "RF64", "PCM_24"),
    ("w64", "W64", "PCM_16"),
    ("aiff", "AIFF", "PCM_24"),
    ("au", "AU", "PCM_16"),
    ("flac", "FLAC", "PCM_16"),
    ("ogg", "OGG", "VORBIS"),
    ("mp3", "MP3", "MPEG_LAYER_III"),
]


@pytest.mark.parametrize(("ending", "container", "subtype"), FORMATS)
def test_a_truncated_file_is_taken_as_far_as_it_goes(
    tmp_path: Path, ending: str, container: str, subtype: str
) -> None:
    path = tmp_path / f"x.{ending}"
    noise = np.random.default_rng(0).normal(0, 0.1, (3 * RATE, 2))  # keeps Ogg's pages short
    soundfile.write(path, sound() + noise, RATE, format=container, subtype=subtype)
    content = path.read_bytes()
    for share in (0.999, 0.7, 0.5, 0.31, 0.2):
        path.write_bytes(content[: int(len(content) * share)])
        decoded = take_in(path, tmp_path / "out").decoded
        assert decoded.duration_s <= 3.0 * share + 0.2
        assert decoded.duration_s >= 3.0 * share - 0.5
        if share < 0.95:
            assert decoded.truncated_at_s == decoded.duration_s


@pytest.mark.parametrize(
    ("ending", "container", "codec", "options"),
    [
        ("m4a", "mp4", "aac", {"movflags": "faststart"}),
        ("mkv", "matroska", "flac", {}),
        ("wv", "wv", "wavpack", {}),
        ("aac", "adts", "aac", {}),
    ],
)
def test_a_truncated_file_that_ffmpeg_reads(
    tmp_path: Path, ending: str, container: str, codec: str, options: dict[str, str]
) -> None:
    path = tmp_path / f"x.{ending}"
    encode(path, container, codec, False, **options)
    assert take_in(path, tmp_path / "out").decoded.truncated_at_s is None
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * 0.7)])
    decoded = take_in(path, tmp_path / "out").decoded
    assert decoded.truncated_at_s == decoded.duration_s == pytest.approx(2.1, abs=0.2)


@pytest.mark.parametrize("ending", ["wav", "aiff", "flac", "ogg", "mp3"])
def test_a_file_cut_within_its_header_is_refused(tmp_path: Path, ending: str) -> None:
    container, subtype = {ending_: (c, s) for ending_, c, s in reversed(FORMATS)}[ending]
    path = tmp_path / f"x.{ending}"
    soundfile.write(path, sound(), RATE, format=container, subtype=subtype)
    content = path.read_bytes()
    for size in range(1, 44, 3):
        path.write_bytes(content[:size])
        failure = refusal(path, tmp_path)
        assert failure.code in (IntakeCode.UNKNOWN_FORMAT, IntakeCode.DAMAGED, IntakeCode.NO_AUDIO)


def test_an_m4a_without_its_index_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "x.m4a"
    encode(path, "mp4", "aac", video=False)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    failure = refusal(path, tmp_path)
    assert failure.code == IntakeCode.DAMAGED
    assert "its index" in failure.reason


def test_a_recorder_that_died_before_writing_the_length(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    soundfile.write(path, sound(), RATE, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    for size in (0, 0xFFFFFFFF):
        content[at : at + 4] = struct.pack("<I", size)
        path.write_bytes(content)
        decoded = take_in(path, tmp_path / "out").decoded
        assert decoded.duration_s == pytest.approx(3.0, abs=0.01)
        assert decoded.truncated_at_s is None


def test_a_wav_that_claims_a_day_ends_where_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    soundfile.write(path, sound(1, 8000), 8000, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = struct.pack("<I", 86400 * 16000)
    path.write_bytes(content)
    decoded = take_in(path, tmp_path / "out").decoded
    assert decoded.duration_s == pytest.approx(3.0)
    assert decoded.truncated_at_s == pytest.approx(3.0)


@pytest.mark.parametrize("claim", [86400 * RATE, (1 << 36) - 1])
def test_a_flac_that_claims_days_ends_where_it_ends(tmp_path: Path, claim: int) -> None:
    path = tmp_path / "x.flac"
    soundfile.write(path, sound(), RATE, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    # STREAMINFO: 36 bits of total samples, the last of 8 bytes that begin with the sample rate.
    packed = int.from_bytes(content[18:26], "big")
    content[18:26] = (packed >> 36 << 36 | claim).to_bytes(8, "big")
    path.write_bytes(content)
    decoded = take_in(path, tmp_path / "out").decoded
    assert decoded.duration_s == pytest.approx(3.0, abs=0.1)
    assert decoded.truncated_at_s == pytest.approx(3.0, abs=0.1)


def test_a_small_file_that_unpacks_to_hours_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    with soundfile.SoundFile(path, "w", 8000, 1, subtype="PCM_16") as file:
        for _ in range(60):
            file.write(np.zeros(8000 * 60, np.int16))
    assert path.stat().st_size < 200_000
    failure = refusal(path, tmp_path, max_seconds=600.0)
    assert failure.code == IntakeCode.TOO_LONG
    assert "600 seconds" in failure.reason
    assert (tmp_path / "out" / "view0.0").stat().st_size < 700 * 22050 * 4


def test_a_day_of_pcm_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    with soundfile.SoundFile(path, "w", 8000, 1, subtype="PCM_U8") as file:
        file.write(np.zeros(8000))
    size = 86400 * 8000
    content = bytearray(path.read_bytes())
    content[4:8] = struct.pack("<I", size + 36)
    content[40:44] = struct.pack("<I", size)
    path.write_bytes(content)
    os.truncate(path, size + 44)  # a hole: no disk is used
    failure = refusal(path, tmp_path)
    assert failure.code == IntakeCode.TOO_LONG
    assert "12 hours" in failure.reason
    assert (tmp_path / "out" / "view0.0").stat().st_size == 0


def test_the_reserve_of_the_disk_is_kept(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", sound(), RATE)
    assert refusal(tmp_path / "x.wav", tmp_path, reserve_bytes=1 << 60).code == IntakeCode.NO_SPACE


def test_a_limit_on_file_size_is_a_refusal_and_no_signal(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", sound(seconds=20.0), RATE)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    try:
        assert refusal(tmp_path / "x.wav", tmp_path).code == IntakeCode.NO_SPACE
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_a_refusal() -> None:
    full = os.open("/dev/full", os.O_RDWR)
    try:
        with pytest.raises(IntakeFailure) as caught:
            Output(full, "x.wav").append(np.zeros(100, np.float32))
        assert caught.value.code == IntakeCode.NO_SPACE
    finally:
        os.close(full)


def test_a_file_that_the_system_does_not_let_be_read(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", sound(), RATE)
    fd = os.open(tmp_path / "x.wav", os.O_WRONLY)
    try:
        with pytest.raises(IntakeFailure, match="the system says “Bad file descriptor”") as caught:
            probe(fd, "x.wav")
    finally:
        os.close(fd)
    assert caught.value.code == IntakeCode.UNREADABLE


@pytest.mark.parametrize("change", [b"more", None], ids=["grows", "is cut"])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, change: bytes | None) -> None:
    path = tmp_path / "x.wav"
    soundfile.write(path, sound(seconds=30.0), RATE)
    source = os.open(path, os.O_RDONLY)
    fds = [os.open(tmp_path / name, os.O_RDWR | os.O_CREAT) for name in "abcd"]
    touched: list[float] = []

    def progress(fraction: float) -> None:
        if not touched and change is None:
            os.truncate(path, 100_000)
        elif not touched:
            with path.open("ab") as file:
                file.write(change)
        touched.append(fraction)

    try:
        probed = probe(source, path.name)
        request = Request((ViewRequest(22050, 1, (fds[0],)),), *fds[1:])
        with pytest.raises(IntakeFailure) as caught:
            decode(source, probed, request, progress)
    finally:
        for fd in (source, *fds):
            os.close(fd)
    assert caught.value.code == IntakeCode.CHANGED


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for minutes in (1, 8):
        path = tmp_path / f"{minutes}.wav"
        with soundfile.SoundFile(path, "w", RATE, 2, subtype="PCM_16") as file:
            for minute in range(minutes):
                file.write(np.random.default_rng(minute).normal(0, 0.1, (RATE * 60, 2)))
        script = (
            "import resource, sys; from pathlib import Path; from tests.bridges.tasks.memory import anonymous_peak;"
            "print(anonymous_peak(Path(sys.argv[1]), Path(sys.argv[2])))"
        )
        run = [sys.executable, "-c", script, str(path), str(tmp_path / "out")]
        done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
        peaks.append(int(done.stdout))
        path.unlink()
    assert peaks[1] - peaks[0] < 4 << 20
