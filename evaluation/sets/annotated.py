"""Folders of audio with the field's annotations: plain files and JAMS, beside the audio or in folders of their own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from evaluation.sets.files import is_audio, walk
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Gathered, Loaded
from evaluation.sets.jams import jams_fields
from evaluation.sets.plain import KINDS, PARSERS, AnnotationFile, annotation_of
from evaluation.sets.settings import settings_of

DEFAULTS = {"kind": "music", "origin": "recording", "licence": "unknown"}
"""What such annotations do not tell; `set.toml` may."""

BESIDE = frozenset({*KINDS, "annotations", "annotation", "labels", "groundtruth", "ground_truth"})
"""Folders looked for next to a folder that holds audio alone: audio/ and annotations/, audio/ and key/."""


def matches(folder: Path) -> bool:
    """Whether there is audio, and an annotation of any of it."""
    audio = [path for path in walk(folder) if is_audio(path)]
    return bool(audio) and bool(_assigned(audio, _annotations(folder), Gathered(folder)))


def load(folder: Path) -> Loaded:
    """Read every audio file that is annotated.

    Annotations are matched by the audio's name, without regard to case and to what stands between its words
    ("blues.00000" and "blues_00000"), and to a first word that all annotations of a folder share ("gtzan_").
    """
    gathered = Gathered(folder)
    common = {**DEFAULTS, "source": gathered.name}
    with gathered.trying():
        common |= settings_of(folder).given()
    audio = [path for path in walk(folder) if is_audio(path)]
    assigned = _assigned(audio, _annotations(folder), gathered)
    for path in audio:
        if path in assigned:
            fields = _fields(assigned[path], gathered)
            if fields:
                gathered.add(path, {**common, **fields})
    silent = [path.relative_to(folder).as_posix() for path in audio if path not in assigned]
    if silent:
        gathered.notice("audio without an annotation is left out", silent)
    return gathered.loaded()


def _annotations(folder: Path) -> list[AnnotationFile]:
    """Annotations in a folder, or else in those next to it that are named as such."""
    inside = [found for path in walk(folder) if (found := annotation_of(path))]
    if inside:
        return inside
    beside = sorted(
        path for path in folder.resolve().parent.iterdir() if path.is_dir() and path.name.lower() in BESIDE
    )
    return [found for one in beside for path in walk(one) if (found := annotation_of(path))]


def _assigned(
    audio: Iterable[Path], annotations: Iterable[AnnotationFile], gathered: Gathered
) -> dict[Path, list[AnnotationFile]]:
    """The annotations of each audio file."""
    by_word: defaultdict[str, list[Path]] = defaultdict(list)
    for path in audio:
        by_word[_words(path.stem)].append(path)
    found: defaultdict[Path, list[AnnotationFile]] = defaultdict(list)
    by_folder: defaultdict[Path, list[AnnotationFile]] = defaultdict(list)
    for annotation in annotations:
        by_folder[annotation.path.parent].append(annotation)
    for group in by_folder.values():
        shared = {_words(annotation.stem).partition("_")[0] for annotation in group}
        for annotation in group:
            words = _words(annotation.stem)
            owners = by_word.get(words) or (
                by_word.get(words.partition("_")[2]) if len(shared) == 1 else None
            )
            owner = _nearest(annotation, owners or [])
            if owner:
                found[owner].append(annotation)
            elif owners:
                gathered.notice("several audio files have the name of an annotation", [annotation.path.name])
            else:
                gathered.notice("an annotation without audio is left out", [annotation.path.name])
    return dict(found)


def _words(stem: str) -> str:
    return re.sub(r"[\W_]+", "_", stem.lower()).strip("_")


def _nearest(annotation: AnnotationFile, owners: list[Path]) -> Path | None:
    if len(owners) == 1:
        return owners[0]
    folder = annotation.path.parent
    near = [path for path in owners if path.parent == folder]
    near = near or [path for path in owners if path.parent.name == folder.name]
    return near[0] if len(near) == 1 else None


def _fields(annotations: list[AnnotationFile], gathered: Gathered) -> dict[str, Any]:
    """The fields of all annotations of one audio file; of two with the same field the first is taken, JAMS last."""
    fields: dict[str, Any] = {}
    for annotation in sorted(annotations, key=lambda one: one.kind == "jams"):
        parse = jams_fields if annotation.kind == "jams" else PARSERS[annotation.kind]
        with gathered.trying():
            read = parse(annotation.path, gathered)
            twice = sorted(_answered(read) & _answered(fields))
            if twice:
                gathered.notice(
                    f"{', '.join(twice)} is annotated twice; the first is taken", [annotation.path.name]
                )
            fields |= {name: value for name, value in read.items() if not _answered({name}) & set(twice)}
    return fields


def _answered(fields: Iterable[str]) -> set[str]:
    """What fields are about: a meter and meters, a tempo and tempos are one thing."""
    return {name.removesuffix("s") if name in ("meters", "tempos") else name for name in fields}


FORM = Form(
    "annotations",
    "audio with NAME.beats, .onsets, .bpm, .key, .lab, .chords, .segments, .notes or .jams (also in annotations/)",
    matches,
    load,
)
