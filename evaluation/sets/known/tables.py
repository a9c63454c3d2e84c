"""Folders with one table for all their audio: keys.csv, chords.csv, tempo.csv."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from evaluation.sets.errors import BadAnnotation
from evaluation.sets.files import duration_s, has_columns, is_audio, number, table_of
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Gathered, Loaded
from evaluation.sets.notation import is_harte, key_name

Row = Mapping[str, str]
Read = Callable[[Path, Row], dict[str, Any]]


def load_table(
    folder: Path, table: str, needs: tuple[str, ...], common: Mapping[str, Any], read: Read
) -> Loaded:
    """An item for each row of the table; audio that has no row is left out."""
    gathered = Gathered(folder)
    named = set()
    with gathered.trying():
        for count, row in enumerate(table_of(folder / table, needs=("file", *needs)), start=2):
            audio = folder / row["file"]
            named.add(audio.name)
            if not audio.is_file():
                gathered.problem(f"{table}: line {count}: file: names {row['file']!r}, which is not there")
                continue
            with gathered.trying():
                gathered.add(audio, {**common, **read(audio, row)}, file=folder / table)
    left = [path.name for path in sorted(folder.iterdir()) if is_audio(path) and path.name not in named]
    if left:
        gathered.notice(f"audio that {table} does not list is left out", left)
    return gathered.loaded()


def _key(audio: Path, row: Row) -> dict[str, Any]:
    key = key_name(row["key"])
    if key is None:
        raise BadAnnotation(f'keys.csv: {audio.name}: key: expected one like "F# minor", got {row["key"]!r}')
    meter = re.match(r"\d+/\d+", row.get("metre", ""))
    return {"key": key, **({"meter": meter[0]} if meter else {})}


def load_keys(folder: Path) -> Loaded:
    """Recordings with their key, and the meter where the column `metre` has one."""
    common = {
        "kind": "music",
        "origin": "recording",
        "source": "key: public recordings",
        "licence": "CC BY 3.0 or public domain",
    }
    return load_table(folder, "keys.csv", ("key",), common, _key)


def _chord(audio: Path, row: Row) -> dict[str, Any]:
    if not is_harte(row["chord"]):
        raise BadAnnotation(f"chords.csv: {audio.name}: chord: expected Harte's syntax, got {row['chord']!r}")
    return {"chords": [{"start_s": 0.0, "end_s": duration_s(audio), "label": row["chord"]}]}


def load_chords(folder: Path) -> Loaded:
    """One chord a file, over its whole length. A key is not annotated: a single triad has none."""
    common = {
        "kind": "single chord",
        "origin": "recording",
        "source": "chords: grand piano",
        "licence": "Creative Commons",
    }
    loaded = load_table(folder, "chords.csv", ("chord",), common, _chord)
    if not any(folder.glob("*.musicxml")):
        return loaded
    score = (
        f"{folder.name}: a score (MusicXML) does not tell when its chords sound in the audio; it is not used"
    )
    return Loaded(loaded.name, loaded.items, (*loaded.notices, score))


def _tempo(audio: Path, row: Row) -> dict[str, Any]:
    tempo = number(row["bpm"])
    if tempo is None:
        raise BadAnnotation(f"tempo.csv: {audio.name}: bpm: expected a number, got {row['bpm']!r}")
    return {"tempo": tempo}


def load_tempos(folder: Path) -> Loaded:
    """Loops with their tempo. Where their beats lie is not annotated."""
    common = {"kind": "loop", "origin": "recording", "source": "drum loops", "licence": "CC0"}
    return load_table(folder, "tempo.csv", ("bpm",), common, _tempo)


FORMS = (
    Form(
        "key", "keys.csv (file, key, metre)", lambda f: has_columns(f / "keys.csv", "file", "key"), load_keys
    ),
    Form(
        "chords",
        "chords.csv (file, chord)",
        lambda f: has_columns(f / "chords.csv", "file", "chord"),
        load_chords,
    ),
    Form(
        "loops", "tempo.csv (file, bpm)", lambda f: has_columns(f / "tempo.csv", "file", "bpm"), load_tempos
    ),
)
