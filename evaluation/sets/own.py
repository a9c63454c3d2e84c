"""Folders in the project's own schema: NAME.json beside NAME.flac, an `evaluation.annotation.Truth` each."""

from __future__ import annotations

import os.path
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from evaluation.annotation import Truth
from evaluation.sets.errors import SetError
from evaluation.sets.files import is_audio, is_file, object_of, walk
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Gathered, Loaded
from evaluation.sets.settings import settings_of


def matches(folder: Path) -> bool:
    """Whether any JSON lies beside an audio file of its name, or is a truth file by its fields."""
    files = walk(folder)
    audio = {path.with_suffix("") for path in files if is_audio(path)}
    return any(
        path.suffix.lower() == ".json" and (path.with_suffix("") in audio or _reads_as_truth(path))
        for path in files
    )


def load(folder: Path) -> Loaded:
    """Read every pair, in sub-folders too."""
    gathered = Gathered(folder)
    common: dict[str, str] = {}
    with gathered.trying():
        common = settings_of(folder).given()
    files = walk(folder)
    audio = _by_stem(path for path in files if is_audio(path))
    used: set[Path] = set()
    for path in files:
        if path.suffix.lower() == ".json":
            with gathered.trying():
                used |= _read(gathered, path, audio.get(path.with_suffix(""), []), common)
    unused = [path for paths in audio.values() for path in paths if path not in used]
    if unused:
        gathered.notice(
            "audio without a truth file is left out", [p.relative_to(folder).as_posix() for p in unused]
        )
    return gathered.loaded()


def _read(gathered: Gathered, path: Path, audio: list[Path], common: Mapping[str, str]) -> set[Path]:
    shown = path.relative_to(gathered.folder).as_posix()
    if not audio:
        gathered.problem(f"{shown}: names no audio: expected {path.stem}.wav, .flac, .mp3 ... beside it")
        return set()
    if len(audio) > 1:
        names = " and ".join(one.name for one in audio)
        gathered.problem(f"{shown}: may belong to {names}; keep one of them")
        return set(audio)
    fields: dict[str, Any] = {**common, **object_of(path)}
    gathered.add(audio[0], fields, file=path)
    return {audio[0]} | _drums(gathered, fields.get("drums"), audio[0], shown)


def _drums(gathered: Gathered, drums: object, audio: Path, shown: str) -> set[Path]:
    """The file of the drums alone, which needs no truth file of its own."""
    if not isinstance(drums, str):
        return set()
    path = Path(os.path.normpath(audio.parent / drums))
    if not is_file(path):
        gathered.problem(
            f"{shown}: drums: expected an audio file beside {audio.name}, but {drums!r} is not there"
        )
    return {path}


def _by_stem(paths: Iterable[Path]) -> dict[Path, list[Path]]:
    found: defaultdict[Path, list[Path]] = defaultdict(list)
    for path in paths:
        found[path.with_suffix("")].append(path)
    return dict(found)


def _reads_as_truth(path: Path) -> bool:
    """Whether a JSON alone (its audio forgotten) has the fields that every truth file has."""
    try:
        fields = object_of(path)
    except SetError:
        return False
    required = {name for name, field in Truth.model_fields.items() if field.is_required()}
    return required <= fields.keys()


FORM = Form(
    "truth files",
    "NAME.json beside NAME.flac (any audio format), in the schema of truth files",
    matches,
    load,
)
