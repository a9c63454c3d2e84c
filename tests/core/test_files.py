"""A user's file is opened once, must be a regular file, and is noticed when it changes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from core.errors import IntakeRefused
from core.files import OpenFile


def never() -> bool:
    return False


def refusal(path: Path, **where: object) -> IntakeRefused:
    with pytest.raises(IntakeRefused) as caught:
        OpenFile(path, **where)  # type: ignore[arg-type]
    return caught.value


def test_its_hash_is_that_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    path.write_bytes(os.urandom(3_000_000))
    with OpenFile(path) as file:
        assert file.sha256(never) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path / "gone.wav")
    assert error.code == "vanished" and "gone.wav" in str(error)


def test_a_folder_a_pipe_and_a_device_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, word in ((tmp_path, "folder"), (tmp_path / "pipe", "pipe"), (Path("/dev/zero"), "device")):
        error = refusal(path)
        assert error.code == "not_a_file" and word in str(error)


def test_a_change_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    path.write_bytes(b"x" * 100)
    with OpenFile(path) as file:
        path.write_bytes(b"y" * 101)
        with pytest.raises(IntakeRefused) as caught:
            file.sha256(never)
    assert caught.value.code == "changed"


def test_replacing_the_path_does_not_change_what_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    path.write_bytes(b"first")
    with OpenFile(path) as file:
        (tmp_path / "other").write_bytes(b"second")
        (tmp_path / "other").replace(path)
        assert file.sha256(never) == hashlib.sha256(b"first").hexdigest()


def test_outside_the_roots_reads_like_missing(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.wav").write_bytes(b"x")
    (inside / "link.wav").symlink_to(tmp_path / "secret.wav")
    for path in (tmp_path / "secret.wav", inside / "link.wav"):
        assert refusal(path, roots=[inside]).code == refusal(inside / "none.wav", roots=[inside]).code
