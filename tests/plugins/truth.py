"""Reading the evaluation recordings and their truth, where they are beside the checkout."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.plugins.signals import Samples

Times = npt.NDArray[np.float64]


def mono(path: Path, rate: int) -> Samples:
    """A recording as the mean of its channels at a rate."""
    import soundfile
    import soxr

    samples, own = soundfile.read(path, dtype="float32", always_2d=True)
    return np.asarray(soxr.resample(samples.mean(axis=1), own, rate), np.float32)


def merged(times: Times, gap_s: float = 0.03) -> Times:
    """In order, without what lies within 30 ms of the last kept one."""
    kept: list[float] = []
    for time in np.sort(times):
        if not kept or time - kept[-1] >= gap_s:
            kept.append(float(time))
    return np.array(kept)


def drum_onsets(folder: Path, song: str) -> Times:
    """Onsets of a song of mdb-drums."""
    text = (folder / f"mdb-drums/annotations/subclass/{song}_subclass.txt").read_text()
    return merged(np.array([float(line.split()[0]) for line in text.splitlines() if line.strip()]))


def drum_songs(folder: Path) -> list[str]:
    """Songs of mdb-drums."""
    return sorted(
        p.name.removesuffix("_subclass.txt") for p in (folder / "mdb-drums/annotations/subclass").iterdir()
    )


def drum_beats(folder: Path, song: str) -> Times:
    """Beats of a song of mdb-drums."""
    return np.loadtxt(folder / f"mdb-drums/annotations/beats/{song}_MIX.beats")[:, 0]


def piano_keys(folder: Path) -> dict[Path, str]:
    """Recordings of rendered-piano and key with their keys, sharps for all."""
    flats = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#"}
    keys = {
        p.with_suffix(".ogg"): json.loads(p.read_text())["key_from_title"]
        for p in folder.glob("rendered-piano/*.json")
    }
    for line in (folder / "key/keys.csv").read_text().splitlines()[1:]:
        name, key, _ = line.split(",", 2)
        keys[folder / "key" / name] = key
    return {
        path: f"{flats.get(key.split()[0], key.split()[0])} {key.split()[1]}" for path, key in keys.items()
    }
