"""Samba percussion with onsets and beats (BRID).

References
----------
L. S. Maia et al.: "A novel dataset of Brazilian rhythmic instruments and some experiments in computational rhythm
analysis", AES Latin American Conference 2018.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evaluation.sets.events import beats_of, times_of
from evaluation.sets.files import is_audio
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Gathered, Loaded
from evaluation.sets.notation import median_bpm

METER = "2/4"
"""Of samba; the annotation counts two beats in the bar."""


def matches(folder: Path) -> bool:
    """Whether onsets of the set are there."""
    return any(folder.glob("brid_*.onsets.csv"))


def load(folder: Path) -> Loaded:
    """Every recording with its onsets, beats, bars and tempo. A tamborim is no drum of a kit, so there are no hits."""
    gathered = Gathered(folder)
    for audio in sorted(path for path in folder.iterdir() if is_audio(path)):
        onsets = folder / f"{audio.stem}.onsets.csv"
        if not onsets.is_file():
            gathered.notice("audio without onsets is left out", [audio.name])
            continue
        with gathered.trying():
            gathered.add(audio, _truth(onsets, folder / f"{audio.stem}.beats"), file=onsets)
    return gathered.loaded()


def _truth(onsets: Path, beats: Path) -> dict[str, Any]:
    placed = beats_of(beats)
    times = [beat.time_s for beat in placed]
    return {
        "kind": "percussion",
        "origin": "recording",
        "source": "BRID",
        "licence": "CC BY-NC-SA 4.0",
        "onsets": times_of(onsets),
        "beats": times,
        "units": times,
        "downbeats": [beat.time_s for beat in placed if beat.position == 1],
        "meter": METER,
        "tempo": median_bpm(times, METER),
    }


FORM = Form("rhythm", "brid_NAME.onsets.csv and brid_NAME.beats beside the audio", matches, load)
