"""Files of a set: which are audio, lines of text with their numbers, tables. No audio is decoded here."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.sets.errors import BadAnnotation

AUDIO_SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("wav", "wave", "flac", "ogg", "oga", "opus", "mp3", "m4a", "aac"),
        *("aif", "aiff", "aifc", "au", "caf", "wma", "wv", "ape"),
    )
)


REPORT = frozenset({"report.html", "results.json", "calibrations.json"})
"""What `hemiola evaluate` writes, which it may have been told to write into a set."""


def walk(folder: Path) -> list[Path]:
    """Every file under a folder, sorted.

    Left out are hidden ones, pipes and devices, reports of this project, and what macOS adds to archives.

    Links to folders are followed, each folder once. A link to nothing is a file that cannot be read.
    """
    found: list[Path] = []
    seen: set[str] = set()
    for root, folders, names in os.walk(folder, onerror=_unreadable, followlinks=True):
        real = os.path.realpath(root)
        folders[:] = [] if real in seen else sorted(n for n in folders if not n.startswith((".", "__")))
        if real not in seen:
            left = REPORT if {"report.html", "results.json"} <= set(names) else frozenset[str]()
            paths = (Path(root) / name for name in names if not name.startswith(".") and name not in left)
            found += [path for path in paths if not _is_endless(path)]
        seen.add(real)
    return sorted(found)


def _is_endless(path: Path) -> bool:
    """Whether it is a pipe, a socket or a device, which whoever opens may wait for without end."""
    try:
        kind = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))


def is_file(path: Path) -> bool:
    """Whether a path that somebody wrote is a file; also of names that no file can have."""
    return os.path.isfile(path)


def is_folder(path: Path) -> bool:
    """Whether a path that somebody wrote is a folder; also of names that no folder can have."""
    return os.path.isdir(path)


def _unreadable(error: OSError) -> None:
    raise BadAnnotation(f"{error.filename}: cannot be read ({error.strerror})") from error


def is_audio(path: Path) -> bool:
    """Whether a file's name says that it is audio."""
    return path.suffix.lower() in AUDIO_SUFFIXES


GENERIC = frozenset({"audio", "data", "recordings", "wav", "wavs", "mp3", "flac"})
"""Names of folders that say nothing of the set: it is named by the folder above."""


def set_name(folder: Path) -> str:
    """What a set in this folder is called: ballroom/audio is "ballroom"."""
    above = folder.parent.name
    return above if folder.name.lower() in GENERIC and above else folder.name


def bare(path: Path, folder: Path) -> str:
    """A file's path relative to a folder, without its suffix, with slashes."""
    return path.relative_to(folder).with_suffix("").as_posix()


def duration_s(audio: Path) -> float:
    """Length in seconds as the file's header says it.

    Raises
    ------
    BadAnnotation
        The header cannot be read.
    """
    import soundfile

    try:
        return float(soundfile.info(os.fsencode(audio)).duration)
    except (OSError, RuntimeError) as error:
        raise BadAnnotation(f"{audio.name}: its header does not tell its length ({error})") from error


def text_of(path: Path) -> str:
    """The text of a file, in UTF-8 (with or without its mark) or else Latin-1."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadAnnotation(f"{path.name}: cannot be read ({error.strerror})") from error
    if b"\0" in raw:
        raise BadAnnotation(f"{path.name}: is not text; expected lines of numbers and labels")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def json_of(path: Path) -> Any:
    """The JSON of a file."""
    try:
        return json.loads(text_of(path))
    except ValueError as error:
        raise BadAnnotation(f"{path.name}: is not JSON: {error}") from error
    except RecursionError as error:
        raise BadAnnotation(f"{path.name}: nests too deeply to be a truth file") from error


def object_of(path: Path, *, needs: Iterable[str] = ()) -> dict[str, Any]:
    """The JSON object of a file, which has the fields that are needed."""
    fields = json_of(path)
    if not isinstance(fields, dict):
        raise BadAnnotation(f"{path.name}: expected a JSON object, got a {type(fields).__name__}")
    missing = [name for name in needs if name not in fields]
    if missing:
        raise BadAnnotation(*(f"{path.name}: {name}: is missing" for name in missing))
    return fields


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an annotation that is neither empty nor a comment."""

    path: Path
    number: int
    text: str

    @property
    def cells(self) -> list[str]:
        """What stands between blanks, commas and semicolons."""
        return [cell for cell in re.split(r"[\s,;]+", self.text) if cell]

    def wrong(self, expected: str) -> BadAnnotation:
        """The error that this line is not what was expected."""
        shown = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        return BadAnnotation(f"{self.path.name}: line {self.number}: expected {expected}, got {shown!r}")

    def seconds(self, cell: str) -> float:
        """A time: a finite number of seconds."""
        value = number(cell)
        if value is None:
            raise self.wrong(f"seconds, a number ({cell!r} is none)")
        return value


def number(cell: str) -> float | None:
    """A cell as a finite number, or None."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def lines_of(path: Path) -> list[Line]:
    """The lines of an annotation, without comments (#, %) and without a first line of names above numbers.

    Raises
    ------
    BadAnnotation
        The file is not text, or a line holds separators alone.
    """
    lines = []
    for count, text in enumerate(text_of(path).splitlines(), start=1):
        content = re.sub(r"(^|\s)[#%]\s.*$|^[#%].*$", "", text).strip().strip("\ufeff")
        if content:
            line = Line(path, count, content)
            if not line.cells:
                raise line.wrong("values, not separators alone")
            lines.append(line)
    return lines[1:] if len(lines) > 1 and _is_head(lines[0]) and not _is_head(lines[1]) else lines


def _is_head(line: Line) -> bool:
    """Whether a line begins with a word: names of columns."""
    try:
        float(line.cells[0])
    except ValueError:
        return True
    return False


def table_of(path: Path, *, needs: Iterable[str]) -> list[Mapping[str, str]]:
    """The rows of a CSV file with a header that has the columns needed."""
    reader = csv.DictReader(io.StringIO(text_of(path)))
    missing = set(needs) - set(reader.fieldnames or ())
    if missing:
        raise BadAnnotation(f"{path.name}: line 1: expected the columns {', '.join(sorted(missing))}")
    return [{key: value or "" for key, value in row.items() if isinstance(key, str)} for row in reader]


def has_columns(path: Path, *columns: str) -> bool:
    """Whether a file is there and its first line names these columns."""
    if not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace") as file:
        head = file.readline(10_000).strip().split(",")
    return set(columns) <= set(head)


def beside(folder: Path, suffix: str) -> Iterator[tuple[Path, Path]]:
    """Pairs of an audio file right in a folder and the file beside it that has its name and this suffix."""
    for audio in sorted(folder.iterdir()):
        companion = audio.with_suffix(suffix)
        if is_audio(audio) and companion.is_file():
            yield audio, companion


def first_json_has(folder: Path, needs: Iterable[str]) -> bool:
    """Whether the first JSON beside an audio file right in a folder is an object with these fields."""
    for _, path in beside(folder, ".json"):
        try:
            fields = json_of(path)
        except BadAnnotation:
            return False
        return isinstance(fields, dict) and set(needs) <= fields.keys()
    return False
