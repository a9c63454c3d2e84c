"""The field's plain annotations, one file a kind: NAME.beats, NAME.onsets, NAME.bpm, NAME.key, NAME.lab ...

As Ballroom, GTZAN, GiantSteps, Isophonics and mir_eval write them. What an annotation says is taken as it stands: a
tempo is the one that was tapped, in beats of the tactus, which in 6/8 are no quarters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.sets.events import beats_of, stretches_of, times_of
from evaluation.sets.files import Line, is_audio, lines_of, number
from evaluation.sets.gathering import Gathered
from evaluation.sets.notation import is_harte, key_name, meters_counted, midi_pitch

UNKNOWN = frozenset({"-", "x", "unknown", "none", "n/a", "?"})
"""What files say of a key that nobody could tell."""

KINDS: dict[str, str] = {
    "beats": "beats",
    "beat": "beats",
    "downbeats": "downbeats",
    "downbeat": "downbeats",
    "onsets": "onsets",
    "onset": "onsets",
    "bpm": "tempo",
    "tempo": "tempo",
    "key": "key",
    "keys": "key",
    "keylab": "key",
    "chords": "chords",
    "chord": "chords",
    "chordlab": "chords",
    "segments": "sections",
    "segment": "sections",
    "sections": "sections",
    "seglab": "sections",
    "notes": "notes",
    "jams": "jams",
    "lab": "labels",
}
"""Suffixes of annotations, and folders of files that end in .txt, .csv or .lab, with the kind they hold."""

FOLDER_SUFFIXES = frozenset({".txt", ".csv", ".tsv", ".lab"})


@dataclass(frozen=True, slots=True)
class AnnotationFile:
    """An annotation: what kind of, and the stem of the audio it is about."""

    path: Path
    kind: str
    stem: str


def annotation_of(path: Path) -> AnnotationFile | None:
    """What a file's name and folder say that it annotates; None where they say nothing of it.

    `take.beats`, `take.onset.txt`, `take.wav.beats` and `beats/take.txt` are about `take`.
    """
    suffix = path.suffix.lower()
    inner = Path(path.stem).suffix.lower().removeprefix(".")
    if suffix in FOLDER_SUFFIXES and inner in KINDS:
        return AnnotationFile(path, KINDS[inner], _stem(Path(path.stem).stem))
    if suffix in FOLDER_SUFFIXES and path.parent.name.lower() in KINDS:
        return AnnotationFile(path, KINDS[path.parent.name.lower()], _stem(path.stem))
    if suffix.removeprefix(".") in KINDS:
        return AnnotationFile(path, KINDS[suffix.removeprefix(".")], _stem(path.stem))
    return None


def _stem(name: str) -> str:
    path = Path(name)
    return path.stem if is_audio(path) else name


def beat_fields(path: Path, gathered: Gathered) -> dict[str, Any]:
    """Beats; with positions also downbeats and the meters they may stand for (see `notation.METERS_COUNTED`)."""
    beats = beats_of(path)
    if not beats:
        return _empty(path, gathered)
    times = [beat.time_s for beat in beats]
    positions = [beat.position for beat in beats if beat.position is not None]
    if not positions:
        return {"beats": times}
    fields = {"beats": times, "downbeats": [beat.time_s for beat in beats if beat.position == 1]}
    meters = meters_counted(times, positions)
    if meters is None:
        gathered.notice(
            "positions tell no meter (bars differ, none is complete, or beats are uneven)", [path.name]
        )
        return fields
    return {**fields, "meters": meters}


def tempo_fields(path: Path, gathered: Gathered) -> dict[str, Any]:
    """One tempo; or two and the strength of the first, as MIREX writes them: then both are right.

    A strength of 0 or 1 leaves one of them. `tempo` is the stronger.
    """
    lines = lines_of(path)
    if not lines:
        return _empty(path, gathered)
    values = [number(cell) for cell in lines[0].cells]
    numbers = [value for value in values if value is not None and value >= 0]
    if len(lines) > 1 or len(numbers) != len(values) or len(values) not in (1, 3):
        raise lines[-1].wrong("a tempo in beats a minute, or two tempos and the strength of the first")
    if numbers[0] == 0 and len(numbers) == 1:
        gathered.notice("a tempo of 0 says that none was found", [path.name])
        return {}
    if len(numbers) == 1:
        return {"tempo": numbers[0]}
    first, second, strength = numbers
    if strength > 1:
        raise lines[0].wrong("a strength of the first tempo from 0 to 1")
    tempos = [t for t, weight in ((first, strength), (second, 1 - strength)) if weight > 0 and t > 0]
    if not tempos:
        raise lines[0].wrong("a tempo above 0")
    stronger = first if (strength >= 0.5 and first > 0) or second == 0 else second
    return {"tempo": stronger, **({"tempos": tempos} if len(tempos) > 1 else {})}


def key_fields(path: Path, gathered: Gathered) -> dict[str, Any]:
    """One key in one line; or stretches of keys, if they all are the same."""
    lines = lines_of(path)
    if not lines:
        return _empty(path, gathered)
    if number(lines[0].cells[0]) is not None:
        return _key_stretches(path, gathered)
    if len(lines) > 1:
        raise lines[1].wrong("one key alone in the file")
    if lines[0].text.lower() in UNKNOWN:
        gathered.notice("the key is given as unknown", [path.name])
        return {}
    return {"key": _key(lines[0], lines[0].text)}


def _key_stretches(path: Path, gathered: Gathered) -> dict[str, Any]:
    stretches = stretches_of(path)
    labels = [stretch["label"].replace("Key", "").strip() for stretch in stretches]
    told = [label for label in labels if label.lower() not in {"silence", "n", *UNKNOWN}]
    keys = {key_name(label if ":" in label or " " in label else f"{label} major") for label in told}
    key = keys.pop() if len(keys) == 1 else None
    if key is None:
        gathered.notice("no single major or minor key holds throughout", [path.name])
        return {}
    return {"key": key}


def _key(line: Line, text: str) -> str:
    key = key_name(text)
    if key is None:
        raise line.wrong('a key like "F# minor", "Bb:maj" or "Am"')
    return key


def onset_fields(path: Path, gathered: Gathered) -> dict[str, Any]:
    """Onsets, one in each line."""
    times = times_of(path)
    return {"onsets": times} if times else _empty(path, gathered)


def downbeat_fields(path: Path, gathered: Gathered) -> dict[str, Any]:
    """Downbeats, one in each line."""
    times = times_of(path)
    return {"downbeats": times} if times else _empty(path, gathered)


def chord_fields(path: Path, gathered: Gathered) -> dict[str, Any]:
    """Chords in Harte's syntax: a start, an end and a label in each line."""
    stretches = stretches_of(path)
    for stretch, line in zip(stretches, lines_of(path), strict=True):
        if not is_harte(stretch["label"]):
            raise line.wrong('a chord in Harte\'s syntax, like "A:min7" or "N"')
    return {"chords": stretches} if stretches else _empty(path, gathered)


def section_fields(path: Path, gathered: Gathered) -> dict[str, Any]:
    """Sections: a start, an end and a label in each line."""
    stretches = stretches_of(path)
    return {"sections": stretches} if stretches else _empty(path, gathered)


def label_fields(path: Path, gathered: Gathered) -> dict[str, Any]:
    """A .lab file that nothing tells the kind of: chords where every label is one and some has a quality or is N.

    Letters alone (A, B, C) are sections, though they could be chords.
    """
    labels = [stretch["label"] for stretch in stretches_of(path)]
    chords = all(map(is_harte, labels)) and any(":" in label or label == "N" for label in labels)
    gathered.notice(
        f"nothing but the labels tells what .lab holds; taken as {'chords' if chords else 'sections'}",
        [path.name],
    )
    return (chord_fields if chords else section_fields)(path, gathered)


def note_fields(path: Path, gathered: Gathered) -> dict[str, Any]:
    """Notes as mir_eval reads them: an onset, an offset (s) and a frequency (Hz) in each line."""
    notes = []
    for line in lines_of(path):
        if len(line.cells) != 3:
            raise line.wrong("an onset, an offset and a frequency in Hz")
        onset, offset, hertz = (line.seconds(cell) for cell in line.cells)
        if hertz <= 0 or offset < onset:
            raise line.wrong("an offset that is not before the onset, and a frequency above 0 Hz")
        notes.append({"onset_s": onset, "offset_s": offset, "pitch": midi_pitch(hertz)})
    return {"notes": notes} if notes else _empty(path, gathered)


def _empty(path: Path, gathered: Gathered) -> dict[str, Any]:
    gathered.notice("holds nothing and is taken as not annotated", [path.name])
    return {}


Parser = Callable[[Path, Gathered], dict[str, Any]]

PARSERS: dict[str, Parser] = {
    "beats": beat_fields,
    "downbeats": downbeat_fields,
    "onsets": onset_fields,
    "tempo": tempo_fields,
    "key": key_fields,
    "chords": chord_fields,
    "sections": section_fields,
    "labels": label_fields,
    "notes": note_fields,
}
