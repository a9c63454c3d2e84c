"""The conversation of a decode task with its host, over a real channel."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import soundfile

from bridges.intake_codes import IntakeCode
from bridges.tasks import decode
from hemiola._worker.tasks import Task
from hemiola.frames import Channel, Frame

Host = Callable[[Channel, list[Frame]], None]


def converse(path: Path, host: Host, max_seconds: float = 60.0) -> list[Frame]:
    """Run the task on a file here, and the host in a thread; return what the host was told."""
    ours, theirs = socket.socketpair()
    channel, worker = Channel(ours), Channel(theirs, accepts_fds=True)
    told: list[Frame] = []
    thread = Thread(target=host, args=(channel, told))
    thread.start()
    fd = os.open(path, os.O_RDONLY)
    try:
        header = {"task": "decode", "name": path.name, "max_seconds": max_seconds}
        decode.run(Task(header, [fd], worker))
    finally:
        os.close(fd)
        worker.close()
        thread.join(10)
        channel.close()
    return told


def listen(channel: Channel, told: list[Frame]) -> None:
    """Take frames until the worker hangs up."""
    while (frame := channel.receive()) is not None:
        told.append(frame)


def test_a_file_is_probed_then_decoded_into_what_the_host_opened(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (44100, 2)).astype(np.float32)
    soundfile.write(tmp_path / "take.wav", samples, 44100, subtype="FLOAT")
    names = ["mono", "left", "right", "peaks", "blocks", "envelope"]

    def host(channel: Channel, told: list[Frame]) -> None:
        probed = channel.receive()
        assert probed is not None
        told.append(probed)
        fds = [os.open(tmp_path / name, os.O_RDWR | os.O_CREAT) for name in names]
        views = [{"rate": 22050, "channels": 1}, {"rate": None, "channels": None}]
        channel.send("decode", {"views": views, "reserve_bytes": 0}, fds=tuple(fds))
        for fd in fds:
            os.close(fd)
        listen(channel, told)

    told = converse(tmp_path / "take.wav", host)
    probe, decoded = told[0], told[-1]
    assert (probe.kind, probe.body["format"], probe.body["channels"]) == ("probe", "WAV (float 32)", 2)
    assert decoded.kind == "decoded"
    assert (decoded.body["frames"], decoded.body["truncated_at_s"]) == (44100, None)
    assert {frame.kind for frame in told[1:-1]} <= {"progress"}
    np.testing.assert_array_equal(np.fromfile(tmp_path / "left", "<f4"), samples[:, 0])
    np.testing.assert_array_equal(np.fromfile(tmp_path / "right", "<f4"), samples[:, 1])
    assert all((tmp_path / name).stat().st_size for name in names)


def test_a_bad_file_is_refused_with_code_and_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.mp3").write_text("Tuesday: bridge twice as long, no solo.\n" * 20)
    (refused,) = converse(tmp_path / "notes.mp3", listen)
    assert refused.kind == "refused"
    assert IntakeCode(refused.body["code"]) == IntakeCode.UNKNOWN_FORMAT
    assert refused.body["reason"] == "“notes.mp3” is not a sound file: it seems to be a text file."


def test_a_file_that_asks_for_absurd_memory_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def starve(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(decode, "probe", starve)
    (tmp_path / "x.wav").write_bytes(b"RIFF")
    (refused,) = converse(tmp_path / "x.wav", listen)
    assert refused.body["code"] == IntakeCode.DAMAGED
