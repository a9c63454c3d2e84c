"""MDB Drums: the drums alone and the mix of each song, with hits, beats and bars.

References
----------
C. Southall, C.-W. Wu, A. Lerch, J. Hockman: "MDB Drums: an annotated subset of MedleyDB for automatic drum
transcription", ISMIR late-breaking 2017.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from evaluation.sets.events import beats_of
from evaluation.sets.files import is_audio, lines_of, text_of
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Gathered, Loaded
from evaluation.sets.notation import median_bpm

METER = "4/4"
"""Of every song in the set."""

COMMON = {"origin": "recording", "licence": "CC BY-NC-SA 4.0"}


def matches(folder: Path) -> bool:
    """Whether the folders of the set are there."""
    return (folder / "drum_only").is_dir() and (folder / "annotations" / "subclass").is_dir()


def load(folder: Path) -> Loaded:
    """The drum tracks (kind "drums") and mixes (kind "mix"); both of a song share its name.

    Hits are of `subclass`, whose classes tell ride from crash. In a mix other instruments sound as well, so its onsets
    are not annotated. The beats are those annotated for the mix; the drum
    track is the same performance.
    """
    gathered = Gathered(folder)
    for audio in sorted(path for path in (folder / "drum_only").iterdir() if is_audio(path)):
        with gathered.trying():
            song = audio.stem.removesuffix("_Drum")
            fields = _song(folder, song)
            onsets = sorted({hit["time_s"] for hit in fields["hits"]})
            gathered.add(audio, {**fields, "kind": "drums", "source": "MDB Drums", "onsets": onsets})
    mixes = (folder / "mix").iterdir() if (folder / "mix").is_dir() else ()
    for audio in sorted(path for path in mixes if is_audio(path)):
        with gathered.trying():
            song, _, version = audio.stem.rpartition("_")
            fields = {**_song(folder, song), "kind": "mix", "source": _source(version)}
            drums = _drums_stem(folder, song) if version == "MIX" else None
            gathered.add(audio, fields | ({"drums": drums} if drums else {}))
    return gathered.loaded()


def _source(version: str) -> str:
    return "MDB Drums (MedleyDB), " + (
        "released mix" if version == "MIX" else "remixed to mono from its tracks"
    )


def _song(folder: Path, song: str) -> dict[str, Any]:
    annotations = folder / "annotations"
    beats = beats_of(annotations / "beats" / f"{song}_MIX.beats")
    times = [beat.time_s for beat in beats]
    return {
        **COMMON,
        "song": song,
        "hits": _hits(annotations / "subclass" / f"{song}_subclass.txt"),
        "beats": times,
        "units": times,
        "downbeats": [beat.time_s for beat in beats if beat.position == 1],
        "meter": METER,
        "tempo": median_bpm(times, METER),
    }


def _hits(path: Path) -> list[dict[str, Any]]:
    hits = []
    for line in lines_of(path):
        if len(line.cells) != 2:
            raise line.wrong("a time and a drum")
        hits.append({"time_s": line.seconds(line.cells[0]), "instrument": line.cells[1]})
    return sorted(hits, key=lambda hit: float(hit["time_s"]))


def _drums_stem(folder: Path, song: str) -> str | None:
    """The stem that is the drum set, relative to the mix's folder, where the stems are there."""
    metadata = folder / "stems" / f"{song}_METADATA.yaml"
    if not metadata.is_file():
        return None
    stems = text_of(metadata).partition("\nstems:")[2]
    for stem in re.split(r"\n  S\d+:", stems):
        instrument = re.search(r"^    instrument: (.+)$", stem, re.MULTILINE)
        file = re.search(r"^    filename: (\S+)$", stem, re.MULTILINE)
        if instrument and file and instrument[1].strip() == "drum set":
            named = [p for p in (folder / "stems").glob(f"{Path(file[1]).stem}.*") if is_audio(p)]
            return f"../stems/{named[0].name}" if named else None
    return None


FORM = Form("mdb-drums", "MDB Drums: drum_only/, mix/, annotations/{subclass,beats}/", matches, load)
