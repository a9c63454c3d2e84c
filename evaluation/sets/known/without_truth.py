"""Folders that lie among evaluation material and hold nothing that an item could be made of, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evaluation.sets.errors import NothingToScore
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Loaded


def _refused(name: str, about: str, matches: Callable[[Path], bool], reason: str) -> Form:
    def load(folder: Path) -> Loaded:
        raise NothingToScore(f"{folder.name}: {reason}")

    return Form(name, about, matches, load)


FORMS = (
    _refused(
        "formats",
        "audio files in many formats",
        lambda folder: (folder / "formats.csv").is_file(),
        "its files test decoding; nothing is annotated of what sounds in them",
    ),
    _refused(
        "mir_eval",
        "mir_eval's own test data",
        lambda folder: (folder / "transcription").is_dir() and (folder / "beat").is_dir(),
        "holds annotations and scores without audio; the tests of the scores read it",
    ),
)
