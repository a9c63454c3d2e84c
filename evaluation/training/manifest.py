"""What the network was trained on: every performance, sample and piece with its licence, split and hash.

    python -m evaluation.training.manifest

writes `manifest.json` beside this module, in the environment `evaluation`. Hashes are of what is heard: MIDI bytes,
decoded audio, notes of a score; so they do not change with a file's name or container. Sources that invent all they
play have no material: they are listed with the hash of the code that makes them and how their clips are seeded.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import evaluation
from evaluation.training import sources
from evaluation.training.sources import drummers, kits

PATH = Path(__file__).with_name("manifest.json")
SEED = "numpy.random.default_rng([crc32(source), number of the clip, 0 if seen else 1])"
GROOVE_LICENCE = "CC BY 4.0"

Split = Literal["train", "validation"]


@dataclass(frozen=True)
class Material:
    """One thing that is heard in clips.

    Attributes
    ----------
    source : the source that plays it
    sha256 : of its content as it is heard
    """

    source: str
    name: str
    licence: str
    split: Split
    sha256: str


def _split(left_out: bool) -> Split:
    return "validation" if left_out else "train"


def performances(folder: Path = drummers.FOLDER) -> Iterator[Material]:
    """Groove MIDI, by the bytes of its files."""
    for row in drummers.listed(folder):
        digest = hashlib.sha256(drummers.content(row, folder)).hexdigest()
        out = row.fill or row.drummer == drummers.LEFT_OUT
        yield Material("performed", f"groove-midi/{row.id}", GROOVE_LICENCE, _split(out), digest)


def samples(folder: Path = kits.FOLDER) -> Iterator[Material]:
    """Every sample of the kits, once, by its decoded audio."""
    for library in kits.libraries(folder):
        files = {layer.file for drums in library.drums.values() for drum in drums for layer in drum}
        for file in sorted(files):
            yield Material(
                "kits",
                f"hydrogen-drumkits/{library.name}/{file.name}",
                library.licence,
                _split(library.name in kits.LEFT_OUT),
                audio_hash(file),
            )


def audio_hash(file: Path) -> str:
    """The hash of a file's decoded samples: 32-bit integers, channels interleaved, at its own rate."""
    import soundfile

    decoded, rate = soundfile.read(file, dtype="int32", always_2d=True)
    return hashlib.sha256(f"{rate} {decoded.shape}".encode() + decoded.tobytes()).hexdigest()


def scores() -> Iterator[Material]:
    """Pieces of music21's corpus, by their notes and bars; none where their table has not been made."""
    corpus: Any = importlib.import_module("evaluation.training.sources.corpus")
    drawn: Any = importlib.import_module("evaluation.training.sources.scores")
    if not corpus.table_path().is_file():
        return
    for piece in corpus.read(corpus.table_path()):
        digest = hashlib.sha256(piece.notes.tobytes() + piece.bars.tobytes()).hexdigest()
        split = _split(drawn.left_out_piece(piece))
        yield Material("scores", f"music21/{piece.id}", piece.licence, split, digest)


def sound_fonts() -> Iterator[Material]:
    """The sound font whose instruments play the scores, where it is installed."""
    sampled: Any = importlib.import_module("evaluation.training.sources.sampled")
    if sampled.SOUND_FONT.is_file():
        digest = hashlib.sha256(sampled.SOUND_FONT.read_bytes()).hexdigest()
        yield Material(
            "instruments", f"timgm6mb-soundfont/{sampled.SOUND_FONT.name}", "GPL-2.0", "train", digest
        )


def makers() -> list[dict[str, str]]:
    """Every source by its name: its licence, how its clips are seeded, and the hash of the code that makes them."""
    found = {}
    for module in pkgutil.iter_modules(sources.__path__, f"{sources.__name__}."):
        for kind in vars(importlib.import_module(module.name)).values():
            if isinstance(kind, type) and hasattr(kind, "clip") and kind is not sources.Source:
                made = kind()
                found[made.name] = {"source": made.name, "licence": made.licence, "seed": SEED}
    code = code_hash()
    return [found[name] | {"code": code} for name in sorted(found)]


def code_hash() -> str:
    """Of all modules that make clips: the scenes and the sources."""
    digest = hashlib.sha256()
    root = Path(evaluation.__path__[0])
    made = ("scenes", "training/invention", "training/sources")
    for file in sorted(file for folder in made for file in root.glob(f"{folder}/**/*.py")):
        digest.update(file.relative_to(root).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def material() -> list[Material]:
    """All that is on this machine."""
    return [*performances(), *samples(), *scores(), *sound_fonts()]


def write(found: list[Material], path: Path = PATH) -> None:
    """The manifest: all sources, then by source, licence and split the name and hash of everything, a line each."""
    groups: dict[tuple[str, str, Split], dict[str, str]] = {}
    for one in found:
        groups.setdefault((one.source, one.licence, one.split), {})[one.name] = one.sha256
    content = {
        "sources": makers(),
        "material": [
            {"source": source, "licence": licence, "split": split, "sha256": hashes}
            for (source, licence, split), hashes in groups.items()
        ],
    }
    path.write_text(json.dumps(content, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path = PATH) -> tuple[Material, ...]:
    """What a manifest lists."""
    groups = json.loads(path.read_text(encoding="utf-8"))["material"]
    return tuple(
        Material(group["source"], name, group["licence"], group["split"], digest)
        for group in groups
        for name, digest in group["sha256"].items()
    )


if __name__ == "__main__":
    write(material(), Path(sys.argv[1]) if len(sys.argv) > 1 else PATH)
