"""Folders that lie among evaluation material and hold nothing that an item could be made of, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evaluation.sets.errors import NothingToScore
from evaluation.sets.files import has_columns
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Loaded


def _refused(name: str, about: str, matches: Callable[[Path], bool], reason: str) -> Form:
    def load(folder: Path) -> Loaded:
        raise NothingToScore(f"{folder.name}: {reason}")

    return Form(name, about, matches, load)


FORMS = (
    _refused(
        "groove-midi",
        "performances as MIDI",
        lambda folder: has_columns(folder / "info.csv", "midi_filename", "audio_filename"),
        "holds MIDI alone, and only audio can be analysed; render the performances first",
    ),
    _refused(
        "oneshots",
        "single drum sounds",
        lambda folder: has_columns(folder / "labels.csv", "file", "class6"),
        "single sounds are labelled with their drum, not with the time of their attack, so no hit can be scored",
    ),
    _refused(
        "annoteator",
        "single hits cut from recordings",
        lambda folder: has_columns(folder / "single_hits" / "labels.csv", "file", "class6"),
        "cut hits are labelled with their drum, not with the time of their attack, and its songs have no annotation",
    ),
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
