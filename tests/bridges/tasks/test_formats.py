"""Every format that a musician's disk may hold: the evaluation's odd ones, and generated ones of all kinds."""

from __future__ import annotations

import csv
import os
import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from bridges.tasks.decode import IntakeCode, IntakeFailure, probe
from tests.bridges.tasks.decoding import take_in

REFUSED = {
    "essentia-audio__empty.aiff": IntakeCode.NO_AUDIO,
    "essentia-audio__empty.ogg": IntakeCode.NO_AUDIO,
    "made__header_only.wav": IntakeCode.NO_AUDIO,
    "tinytag__empty_file.mp3": IntakeCode.EMPTY,
    "tinytag__invalid_file.wav": IntakeCode.UNKNOWN_FORMAT,
    "tinytag__incomplete.mp3": IntakeCode.UNKNOWN_FORMAT,
    "tinytag__alac_file.m4a": IntakeCode.DAMAGED,
    "tinytag__invalid_second_streaminfo.flac": IntakeCode.DAMAGED,
    "pedalboard__zero_channels.mp3": IntakeCode.DAMAGED,
    "flac-test-files__06 - missing streaminfo metadata block.flac": IntakeCode.DAMAGED,
    "flac-test-files__08 - blocksize 65536.flac": IntakeCode.DAMAGED,
    "flac-test-files__11 - incorrect metadata block length.flac": IntakeCode.DAMAGED,
}
SECONDS = 3.0
RATE = 44100


def seconds_of(said: str) -> float | None:
    """The duration in a cell of formats.csv; None for an error."""
    found = re.match(r"([\d.]+)s?\b", said)
    return float(found[1]) if found else None


def test_every_file_of_the_collection_is_decoded_or_refused_with_a_sentence(
    eval_folder: Path, tmp_path: Path
) -> None:
    with (eval_folder / "formats" / "formats.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == 55
    for number, row in enumerate(rows):
        name = row["file"]
        columns = (row["libsndfile_1.2.2"], row["ffmpeg(PyAV)_seconds_or_error"])
        known = [seconds for seconds in map(seconds_of, columns) if seconds is not None]
        try:
            taken = take_in(eval_folder / "formats" / name, tmp_path / str(number))
        except IntakeFailure as failure:
            assert failure.code == REFUSED.get(name), failure.reason
            assert failure.reason.startswith(f"“{name}” ")
            assert not any(known), f"{name} can be decoded: {failure.reason}"
            continue
        assert name not in REFUSED
        assert min(abs(taken.decoded.duration_s - seconds) for seconds in known) < 0.1, name
        assert abs(taken.views[0].shape[1] - taken.decoded.duration_s * 22050) <= 1


def test_an_mp3_with_large_tags_is_not_called_truncated(eval_folder: Path, tmp_path: Path) -> None:
    decoded = take_in(eval_folder / "formats" / "beets__unicode’d.mp3", tmp_path / "out").decoded
    assert decoded.duration_s == pytest.approx(1.071, abs=0.001)
    assert decoded.truncated_at_s is None


def test_a_change_of_channels_is_told(eval_folder: Path, tmp_path: Path) -> None:
    path = eval_folder / "formats" / "flac-test-files__03 - decreasing number of channels.flac"
    taken = take_in(path, tmp_path / "out", ((None, None),))
    assert taken.views[0].shape == (4, taken.decoded.frames)
    assert any("number of channels changes" in notice for notice in taken.decoded.notices)


def sound(channels: int = 2, rate: int = RATE, seconds: float = SECONDS) -> np.ndarray:
    """A tone that doubles in pitch half way, different per channel; shape (frames, channels)."""
    time = np.arange(round(seconds * rate)) / rate
    pitch = np.where(time < seconds / 2, 300.0, 600.0)
    return np.stack([0.3 * np.sin(2 * np.pi * pitch * time * (1 + c / 8)) for c in range(channels)], axis=1)


@pytest.mark.parametrize(
    ("ending", "container", "subtype"),
    [
        ("wav", "WAV", "PCM_16"),
        ("wav", "WAV", "PCM_24"),
        ("wav", "WAV", "PCM_32"),
        ("wav", "WAV", "DOUBLE"),
        ("wav", "WAVEX", "PCM_24"),
        ("wav", "RF64", "PCM_24"),
        ("w64", "W64", "PCM_16"),
        ("aiff", "AIFF", "PCM_16"),
        ("aifc", "AIFF", "FLOAT"),
        ("caf", "CAF", "PCM_24"),
        ("au", "AU", "PCM_16"),
        ("flac", "FLAC", "PCM_24"),
        ("ogg", "OGG", "VORBIS"),
        ("ogg", "OGG", "OPUS"),
        ("mp3", "MP3", "MPEG_LAYER_III"),
    ],
)
def test_what_libsndfile_writes(tmp_path: Path, ending: str, container: str, subtype: str) -> None:
    rate = 48000 if subtype == "OPUS" else RATE
    path = tmp_path / f"x.{ending}"
    soundfile.write(path, sound(rate=rate), rate, format=container, subtype=subtype)
    taken = take_in(path, tmp_path / "out", ((None, None),))
    assert taken.decoded.duration_s == pytest.approx(SECONDS, abs=0.03)
    assert (taken.decoded.truncated_at_s, taken.decoded.notices) == (None, ())
    assert_like(taken.views[0], sound(rate=rate))


def assert_like(view: np.ndarray, samples: np.ndarray) -> None:
    """Assert that a view sounds like the samples: equal spectra before and after the change of pitch."""
    for part in (slice(20000, 50000), slice(80000, 110000)):
        ours, theirs = (np.abs(np.fft.rfft(x[part] * np.hanning(30000))) for x in (view[0], samples[:, 0]))
        assert abs(int(np.argmax(ours)) - int(np.argmax(theirs))) <= 1
        assert ours.max() == pytest.approx(theirs.max(), rel=0.1)


@pytest.mark.parametrize(
    ("ending", "container", "codec", "video", "words"),
    [
        ("m4a", "mp4", "aac", False, "M4A (AAC)"),
        ("m4a", "ipod", "alac", False, "M4A (Apple Lossless)"),
        ("opus", "ogg", "libopus", False, "OGG (Opus)"),
        ("wma", "asf", "wmav2", False, "WMA"),
        ("mp4", "mp4", "aac", True, "MP4 (AAC) with video"),
        ("mkv", "matroska", "flac", True, "Matroska (FLAC) with video"),
        ("webm", "webm", "libopus", False, "Matroska (Opus)"),
        ("aac", "adts", "aac", False, "AAC"),
        ("wv", "wv", "wavpack", False, "WavPack"),
    ],
)
def test_what_ffmpeg_writes(
    tmp_path: Path, ending: str, container: str, codec: str, video: bool, words: str
) -> None:
    path = tmp_path / f"x.{ending}"
    encode(path, container, codec, video)
    taken = take_in(path, tmp_path / "out", ((None, None),))
    assert taken.probe.format == words
    assert taken.decoded.duration_s == pytest.approx(SECONDS, abs=0.1)
    assert taken.decoded.truncated_at_s is None
    rate = taken.decoded.rate
    assert_like(taken.views[0], sound(rate=rate))


def encode(
    path: Path,
    container: str,
    codec: str,
    video: bool,
    seconds: float = SECONDS,
    rate: int | None = None,
    **options: str,
) -> None:
    """Write a sound file, or a film of a grey wall, with PyAV."""
    rate = rate or (48000 if codec == "libopus" else RATE)
    with av.open(str(path), "w", format=container, options=options) as output:
        film = output.add_stream("mpeg4", rate=10) if video else None
        if film is not None:
            film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
            film.time_base = Fraction(1, 10)
        stream = output.add_stream(codec, rate=rate, layout="stereo")
        stream.bit_rate = 128_000
        kind = stream.codec_context.format.name
        samples = np.ascontiguousarray(sound(rate=rate, seconds=seconds).T.astype(np.float32))
        whole = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        whole.sample_rate = rate
        whole.pts = 0
        resampler = av.AudioResampler(format=kind, layout="stereo", rate=rate, frame_size=1024)
        for i in range(round(seconds * 10) if film is not None else 0):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8), format="rgb24")
            picture.pts = i
            output.mux(film.encode(picture))
        fifo = av.AudioFifo()
        for part in resampler.resample(whole) + resampler.resample(None):
            fifo.write(part)
        size = stream.codec_context.frame_size or 1024
        while (frame := fifo.read(size)) is not None:
            output.mux(stream.encode(frame))
        if (rest := fifo.read(0, partial=True)) is not None:
            output.mux(stream.encode(rest))
        output.mux(stream.encode(None))
        if film is not None:
            output.mux(film.encode(None))


def test_an_mp3_whose_length_is_only_estimated_is_not_called_truncated(tmp_path: Path) -> None:
    encode(tmp_path / "x.mp3", "mp3", "libmp3lame", False, 60.0, write_xing="0")
    taken = take_in(tmp_path / "x.mp3", tmp_path / "out")
    assert taken.probe.duration_s != pytest.approx(60.0, abs=0.1)
    assert taken.decoded.duration_s == pytest.approx(60.0, abs=0.1)
    assert taken.decoded.truncated_at_s is None


def test_a_change_of_sample_rate_is_brought_to_the_first(tmp_path: Path) -> None:
    parts = []
    for rate in (44100, 48000, 44100):
        encode(tmp_path / "part.aac", "adts", "aac", False, rate=rate)
        parts.append((tmp_path / "part.aac").read_bytes())
    (tmp_path / "x.aac").write_bytes(b"".join(parts))
    taken = take_in(tmp_path / "x.aac", tmp_path / "out", ((None, None),))
    assert taken.decoded.duration_s == pytest.approx(3 * SECONDS, abs=0.2)
    assert any("sample rate changes" in notice for notice in taken.decoded.notices)
    middle = taken.views[0][0, round(3.5 * RATE) : round(4.2 * RATE)]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) / len(middle) * RATE == pytest.approx(300, abs=2)


def test_384_khz(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", sound(1, 384000), 384000, subtype="PCM_24")
    taken = take_in(tmp_path / "x.wav", tmp_path / "out", ((RATE, 1),))
    assert taken.decoded.rate == 384000
    assert_like(taken.views[0], sound(1))


@pytest.mark.parametrize("channels", [32, 64])
def test_many_channels(tmp_path: Path, channels: int) -> None:
    samples = sound(channels).astype(np.float32)
    soundfile.write(tmp_path / "x.wav", samples, RATE, subtype="FLOAT")
    taken = take_in(tmp_path / "x.wav", tmp_path / "out", ((None, None), (22050, 1)))
    np.testing.assert_array_equal(taken.views[0], samples.T)


def test_one_sample_is_a_file(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", np.array([0.5]), RATE)
    taken = take_in(tmp_path / "x.wav", tmp_path / "out")
    assert taken.decoded.frames == 1
    assert len(taken.envelope) == len(taken.blocks) == 1


def test_an_ending_that_lies_does_not_matter(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.mp3", sound(), RATE, format="FLAC", subtype="PCM_16")
    assert take_in(tmp_path / "x.mp3", tmp_path / "out").probe.format == "FLAC (PCM 16)"


def test_the_descriptors_offset_is_neither_used_nor_moved(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", sound(), RATE)
    fd = os.open(tmp_path / "x.wav", os.O_RDONLY)
    try:
        os.lseek(fd, 1000, os.SEEK_SET)
        assert probe(fd, "x.wav").frames == SECONDS * RATE
        assert os.lseek(fd, 0, os.SEEK_CUR) == 1000
    finally:
        os.close(fd)
