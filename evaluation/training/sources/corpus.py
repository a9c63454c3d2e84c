"""Written music from the corpus of music21: which pieces may train, and their notes and bars as plain tables.

    python -m evaluation.training.sources.corpus        (where music21 10.5 is installed; some minutes)

makes `scores.npz` in the training's cache, from which the source "scores" draws. music21's licence file says that
its encodings are distributed with their encoders' permission, and that restrictions are written in the pieces or their
folders. Used are pieces out of copyright in which and beside which no restriction stands; what is left out, and why,
is counted in the table's own record.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluation.training.sources.abc_tunes import UnreadableError, read_tune
from evaluation.training.sources.sampled import cache_folder

TUNES = {
    "ryansMammoth": "Ryan's Mammoth Collection, 1883",
    "oneills1850": "O'Neill's Music of Ireland, 1903",
    "airdsAirs": "Aird's Airs, 1778 to 1801",
    "miscFolk": "Northumbrian Minstrelsy, 1882, and American fife tunes",
}
COMPOSERS = (
    "mozart", "joplin", "corelli", "handel", "leadSheet", "schumann_clara", "schumann_robert", "schubert", "verdi",
    "weber", "haydn", "beethoven", "bach",
)  # fmt: skip
LEFT_OUT = {
    "essenFolksong": "non-commercial",
    "josquin": "GPL",
    "palestrina": "all rights reserved",
    "ciconia": "share-alike",
    "luca": "share-alike",
    "nottingham-dataset": "no clear licence",
    "beach": "engraving under copyright",
    "trecento": "unmeasured or barred by editors",
    "monteverdi": "unmeasured or barred by editors",
    "lusitano": "unmeasured or barred by editors",
    "schoenberg": "no pulse to speak of",
    "webern": "no pulse to speak of",
}
"""Folders of the corpus that are not used, and why; kern files, rights of which are mostly reserved, are not either."""
EVALUATED = re.compile(
    r"bwv-?0?(846|848|883|1002)|schubert.*(moment|d780|opus94)|beethoven.*(opus28|sonata)|chopin.*(opus10|etude)"
    r"|brahms.*hungarian|nutcracker|sugar",
    re.I,
)
"""Pieces that evaluation hears, in whole or in part, by the names of their files."""
RESTRICTED = re.compile(
    r"<rights[^>]*>(?![^<]*(public domain|CC-BY\)))[^<]*(copyright|©|reserved)|non-?commercial|GNU General|CCARH",
    re.I,
)
PUBLIC_DOMAIN = "public domain; encoding distributed with music21, no restriction stated"
DUPLE_KEPT = 3
"""Of tunes in two and four, which are most, every so many is kept."""
CHORALES_KEPT = 6
"""Of four-part chorales, every so many."""
LEAST_NOTES = 24
"""Of a piece."""


@dataclass(frozen=True)
class Piece:
    """A piece as written, repeats not expanded.

    Attributes
    ----------
    notes : onset and duration in quarters, MIDI number, part (0 the highest), whether accented; shape (n, 5)
    bars : start and length in quarters, beats and unit of the signature; shape (m, 4)
    key : "D minor", or None where it is not told
    """

    id: str
    licence: str
    key: str | None
    notes: npt.NDArray[np.float32]
    bars: npt.NDArray[np.float32]


def _drawn(name: str, of: int) -> bool:
    return zlib.crc32(f"kept {name}".encode()) % of == 0


def slug(title: str) -> str:
    """A title by its letters alone: variants of a tune in two collections share it."""
    return (
        re.sub(r"[^a-z]", "", re.sub(r"\b(the|a|an|reel|jig|hornpipe|strathspey|no)\b", "", title.lower()))
        or "untitled"
    )


def _tune_texts(root: Path) -> Iterator[tuple[str, str]]:
    """Every tune of the ABC collections: its name and text."""
    for folder in TUNES:
        for path in sorted((root / folder).rglob("*.abc")):
            text = path.read_text("utf8", "replace")
            for index, piece in enumerate(re.split(r"(?m)^(?=X:)", text)[1:]):
                title = re.search(r"(?m)^T:(.*)$", piece)
                yield f"{folder}/{path.stem}/{index}/{slug(title[1] if title else '')}", piece


def _tune(name: str, text: str) -> Piece:
    tune = read_tune(text)
    notes = np.array([(float(a), float(d), p, 0, 0) for a, d, p, _ in tune.notes], dtype=np.float32)
    bars = np.array([(float(a), float(d), n, u) for a, d, n, u in tune.bars], dtype=np.float32)
    if len(notes) < LEAST_NOTES:
        raise UnreadableError("it is too short")
    tonic, mode = tune.key or ("", "")
    known = {"": "major", "maj": "major", "m": "minor", "min": "minor"}.get(mode)
    return Piece(name, PUBLIC_DOMAIN, f"{tonic} {known}" if tonic and known else None, notes, bars)


def _tables(music21: Any, stream: Any) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]] | None:
    """Notes and bars of a parsed piece; None where parts disagree on their bars or it has none."""
    parts = list(stream.parts) if hasattr(stream, "parts") and len(stream.parts) else [stream]
    measures = list(parts[0].getElementsByClass("Measure"))
    if not measures:
        return None
    bars, signature = [], None
    for measure in measures:
        signature = measure.timeSignature or signature
        if signature is None:
            return None
        length = float(measure.duration.quarterLength)
        bars.append((float(measure.offset), length, signature.numerator, signature.denominator))
    notes = []
    for number, part in enumerate(parts):
        for element in part.stripTies().flatten().notes:
            if isinstance(element, music21.harmony.Harmony) or not element.duration.quarterLength:
                continue
            accented = any(type(a).__name__ in ("Accent", "StrongAccent") for a in element.articulations)
            for pitch in getattr(element, "pitches", ()):
                row = (
                    float(element.offset),
                    float(element.duration.quarterLength),
                    pitch.midi,
                    number,
                    accented,
                )
                notes.append(row)
    if len(notes) < LEAST_NOTES:
        return None
    table = np.array(sorted(notes), dtype=np.float32)
    return table, np.array(bars, dtype=np.float32)


def tunes(root: Path, left_out: Counter[str]) -> Iterator[Piece]:
    """The tunes of the ABC collections; of those in two and four a part."""
    for name, text in _tune_texts(root):
        signature = re.search(r"(?m)^M:\s*([0-9C|/]+)", text)
        if signature is None:
            left_out["no signature"] += 1
        elif signature[1] in ("2/4", "4/4", "C", "C|") and not _drawn(name, DUPLE_KEPT):
            left_out["enough in two and four"] += 1
        else:
            try:
                yield _tune(name, text)
            except UnreadableError:
                left_out["several voices or too short"] += 1


def _score_text(path: Path) -> str:
    if path.suffix != ".mxl" or not zipfile.is_zipfile(path):
        return path.read_text("utf8", "replace")
    with zipfile.ZipFile(path) as file:
        names = [n for n in file.namelist() if n.endswith(("xml", "musicxml")) and "META" not in n]
        return "".join(file.read(n).decode("utf8", "replace") for n in names)


def scores(music21: Any, root: Path, left_out: Counter[str], longest: int = 4_000_000) -> Iterator[Piece]:
    """The composed scores in MusicXML.

    Parameters
    ----------
    longest : characters of a score that is still read
    """
    paths = [
        p for folder in COMPOSERS for p in sorted((root / folder).rglob("*")) if p.suffix in (".mxl", ".xml")
    ]
    for path in paths:
        name = str(path.relative_to(root).with_suffix(""))
        if EVALUATED.search(name):
            left_out["evaluated"] += 1
            continue
        if name.startswith("bach/") and not _drawn(name, CHORALES_KEPT):
            left_out["enough chorales"] += 1
            continue
        text = _score_text(path)
        if RESTRICTED.search(text[:400_000]):
            left_out["rights stated in the score"] += 1
            continue
        try:
            tables = None if len(text) > longest else _tables(music21, music21.converter.parse(str(path)))
        except Exception as error:
            print(f"{name}: {error!r:.100}", file=sys.stderr)
            tables = None
        if tables is None:
            left_out["unreadable, too long or too short"] += 1
            continue
        yield Piece(name, "CC-BY" if "CC-BY)" in text[:400_000] else PUBLIC_DOMAIN, None, *tables)


def table_path() -> Path:
    """Where the table lies."""
    return cache_folder() / "scores.npz"


def write(pieces: list[Piece], left_out: Counter[str], path: Path) -> None:
    """All pieces in one file: notes and bars one after the other, with where each piece's begin, and a JSON record."""
    record = {
        "pieces": [{"id": p.id, "licence": p.licence, "key": p.key} for p in pieces],
        "left_out": dict(left_out),
        "folders_left_out": LEFT_OUT,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part.npz")
    np.savez_compressed(
        aside,
        notes=np.concatenate([p.notes for p in pieces]),
        bars=np.concatenate([p.bars for p in pieces]),
        note_counts=np.array([len(p.notes) for p in pieces]),
        bar_counts=np.array([len(p.bars) for p in pieces]),
        record=np.frombuffer(json.dumps(record).encode(), dtype=np.uint8),
    )
    aside.replace(path)


def read(path: Path) -> tuple[Piece, ...]:
    """The pieces of a table."""
    with np.load(path) as table:
        record = json.loads(table["record"].tobytes())
        notes = np.split(table["notes"], np.cumsum(table["note_counts"])[:-1])
        bars = np.split(table["bars"], np.cumsum(table["bar_counts"])[:-1])
    return tuple(
        Piece(known["id"], known["licence"], known["key"], n, b)
        for known, n, b in zip(record["pieces"], notes, bars, strict=True)
    )


def main() -> None:
    """Make the table; tunes first, so that a run cut short has them."""
    found = importlib.util.find_spec("music21")
    if found is None or found.origin is None:
        raise SystemExit("music21 is not installed here: pip install music21==10.5.1")
    root = Path(found.origin).parent / "corpus"
    left_out: Counter[str] = Counter()
    pieces = list(tunes(root, left_out))
    write(pieces, left_out, table_path())
    for piece in scores(importlib.import_module("music21"), root, left_out):
        pieces.append(piece)
        write(pieces, left_out, table_path())
    print(f"{len(pieces)} pieces in {table_path()}; left out: {dict(left_out)}")


if __name__ == "__main__":
    main()
