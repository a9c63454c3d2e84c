"""The clips that madmom tests itself on, with beats, onsets, tempo and notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evaluation.sets.errors import BadAnnotation
from evaluation.sets.events import times_of
from evaluation.sets.files import is_audio, lines_of
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Gathered, Loaded
from evaluation.sets.plain import beat_fields, tempo_fields

COMMON = {"origin": "recording", "source": "madmom's test data", "licence": "CC BY-NC-SA 4.0"}


def matches(folder: Path) -> bool:
    """Whether the annotations of its clip are there."""
    return (folder / "annotations" / "sample.onsets").is_file() and (folder / "sample.wav").is_file()


def load(folder: Path) -> Loaded:
    """Clips with the annotations of their name. A clip in two formats is read once."""
    gathered = Gathered(folder)
    read: set[str] = set()
    clips = sorted(path for path in folder.iterdir() if is_audio(path))
    for audio in sorted(clips, key=lambda path: path.suffix != ".wav"):
        if audio.stem in read:
            gathered.notice("the same clip in another format is left out", [audio.name])
            continue
        read.add(audio.stem)
        with gathered.trying():
            truth = _truth(gathered, folder / "annotations" / audio.stem)
            if truth:
                gathered.add(audio, {**COMMON, **truth})
            else:
                gathered.notice("nothing is annotated of", [audio.name])
    return gathered.loaded()


def _truth(gathered: Gathered, stem: Path) -> dict[str, Any]:
    truth: dict[str, Any] = {}
    beats, onsets, tempo, notes = (Path(f"{stem}.{kind}") for kind in ("beats", "onsets", "tempo", "notes"))
    if beats.is_file():
        truth |= beat_fields(beats, gathered)
    if onsets.is_file():
        truth["onsets"] = times_of(onsets)
    if tempo.is_file():
        truth |= tempo_fields(tempo, gathered)
    if notes.is_file():
        truth |= {"notes": _notes(notes), "kind": "piano"}
    return {"kind": "clip", **truth} if truth else {}


def _notes(path: Path) -> list[dict[str, float]]:
    """Onset (s), MIDI pitch, duration (s) and velocity in each line."""
    notes = []
    for line in lines_of(path):
        if len(line.cells) != 4:
            raise line.wrong("an onset, a MIDI pitch, a duration and a velocity")
        onset, pitch, duration, velocity = (line.seconds(cell) for cell in line.cells)
        notes.append(
            {"onset_s": onset, "offset_s": onset + duration, "pitch": pitch, "velocity": velocity / 127}
        )
    if not notes:
        raise BadAnnotation(f"{path.name}: expected notes, and found none")
    return notes


FORM = Form("madmom", "madmom's test clips with annotations/", matches, load)
