"""Programs that make PDFs: found by their names, held to a deadline, heard when they fail."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bridges.engraving import Engraver, EngravingFailed, engraver


def program(folder: Path, name: str, script: str) -> Path:
    """A stand-in for a program."""
    made = folder / name
    made.write_text(f"#!/bin/sh\n{script}\n")
    made.chmod(0o755)
    return made


def test_the_one_wanted_is_found_else_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engraver(None) is None and engraver("lilypond") is None
    mscore = program(tmp_path, "mscore3", "exit 0")
    assert engraver(None) == engraver("musescore") == Engraver("musescore", str(mscore))
    program(tmp_path, "lilypond", "exit 0")
    found = engraver(None)
    assert found is not None and (found.name, found.reads) == ("lilypond", "lilypond")
    assert engraver("musescore") == Engraver("musescore", str(mscore))


def test_musescore_is_given_musicxml_and_told_where_to_write(tmp_path: Path) -> None:
    made = program(tmp_path, "mscore", '[ "$1" = --export-to ] && cp "$3" "$2"')
    assert Engraver("musescore", str(made)).pdf(b"<score/>") == b"<score/>"


def test_a_program_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    left = tmp_path / "left"
    made = program(tmp_path, "lilypond", f"(sleep 2; touch {left}) & sleep 60")
    started = time.monotonic()
    with pytest.raises(EngravingFailed, match=r"lilypond was not done after 1 s"):
        Engraver("lilypond", str(made)).pdf(b"", wall_s=1.0)
    assert time.monotonic() - started < 10
    time.sleep(max(0.0, started + 3.5 - time.monotonic()))
    assert not left.exists()


def test_a_program_that_fails_is_heard(tmp_path: Path) -> None:
    made = program(tmp_path, "lilypond", "echo no ink >&2; exit 1")
    with pytest.raises(EngravingFailed, match="no ink"):
        Engraver("lilypond", str(made)).pdf(b"")
