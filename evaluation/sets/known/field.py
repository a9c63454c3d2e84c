"""Recordings without music: speech, birds, a whale, silence. What they prove is that nothing is claimed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evaluation.sets.errors import BadAnnotation
from evaluation.sets.files import duration_s, is_audio, lines_of
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Gathered, Loaded

KINDS = {
    "auditok_1to6arabic_noise": "speech in noise",
    "birds_10s": "animals",
    "humpback": "animals",
    "jfk": "speech",
    "libri": "speech",
    "pyannote_sample": "speech",
    "robin": "animals",
    "silence_10s": "silence",
}
ATONAL = frozenset({"speech", "speech in noise"})
"""Kinds in which nothing sounds that has a key. Birds and whales sing; in silence no answer is right as well."""


def matches(folder: Path) -> bool:
    """Whether at least three of the recordings are there."""
    return folder.is_dir() and len({p.stem for p in folder.iterdir() if is_audio(p)} & KINDS.keys()) >= 3


def load(folder: Path) -> Loaded:
    """Every recording known to hold no music: there is no beat in it. Music among them has no truth and is left out."""
    gathered = Gathered(folder)
    for audio in sorted(path for path in folder.iterdir() if is_audio(path)):
        if audio.stem not in KINDS:
            gathered.notice("nothing is annotated of", [audio.name])
            continue
        with gathered.trying():
            gathered.add(audio, _truth(audio))
    return gathered.loaded()


def _truth(audio: Path) -> dict[str, Any]:
    kind = KINDS[audio.stem]
    truth: dict[str, Any] = {
        "kind": kind,
        "origin": "recording",
        "source": f"field recordings: {audio.stem}",
        "licence": "mixed, see the folder's README",
        "beats": [],
    }
    if kind in ATONAL:
        truth["key"] = "atonal"
    if kind == "silence":
        truth |= {"onsets": [], "regions": []}
    if kind == "speech":
        turns = audio.with_suffix(".rttm")
        truth["content"] = _turns(turns) if turns.is_file() else [_speech(0.0, duration_s(audio))]
    return truth


def _speech(start_s: float, end_s: float) -> dict[str, Any]:
    return {"start_s": start_s, "end_s": end_s, "label": "speech"}


def _turns(path: Path) -> list[dict[str, Any]]:
    """The speakers' turns of an RTTM file, joined where they overlap: what lies between them is not annotated."""
    joined: list[tuple[float, float]] = []
    spans = []
    for line in lines_of(path):
        if line.cells[0] != "SPEAKER":
            continue
        if len(line.cells) < 5:
            raise line.wrong("SPEAKER, a file, a channel, a start and a duration")
        start = line.seconds(line.cells[3])
        spans.append((start, start + line.seconds(line.cells[4])))
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    if not joined:
        raise BadAnnotation(f"{path.name}: expected lines that begin with SPEAKER, and found none")
    return [_speech(start, end) for start, end in joined]


FORM = Form("field", "field recordings without music (jfk, libri, birds_10s ...)", matches, load)
