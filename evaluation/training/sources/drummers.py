"""Drummers captured as MIDI to a click (Groove MIDI): which train, which only validate, what they played."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evaluation.scenes.meters import METERS, Meter
from evaluation.scenes.performances import VOICES
from evaluation.training.sources.midi import taken

Floats = npt.NDArray[np.float64]

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "eval" / "groove-midi"
"""Beside the checkout, where the evaluation recordings lie."""
TABLE, ARCHIVE = "info.csv", "groove-midi.zip"
JUDGES = frozenset(
    f"drummer{name}"
    for name in (
        "1/session2/111",
        "1/session1/47",
        "1/session2/4",
        "1/session1/51",
        "5/session1/17",
        "5/session1/8",
    )
)
"""Performances that are among the recordings of rendered-drums."""
LEFT_OUT = "drummer7"
"""Validates only, as do all fills."""
SPLIT = "train"
"""The split for validation is what `hemiola evaluate` renders."""
LEAST_BARS = 4
LEAST_HITS_A_BAR = 2.5
SWINGING = ("jazz", "blues", "shuffle", "swing")
"""Words in the names of styles whose beats may be uneven even where the strokes do not say so."""


@dataclass(frozen=True)
class Listed:
    """A row of the table."""

    id: str
    style: str
    fill: bool
    drummer: str
    file: str


@dataclass(frozen=True)
class Played:
    """A performance on its grid: microtiming is what its places differ from the grid's by.

    Attributes
    ----------
    bpm : quarters a minute
    meter : as it would be written; triplets throughout are 12/8 here, whatever the table says
    places : quarters from the first bar line, ascending, shape (n,)
    voices, velocities : of each stroke
    ratio : long to short of its divided beats, 1.0 if they are even
    whole : whether its beats are not to be halved
    click : quarters from one click to the next
    """

    id: str
    bpm: float
    meter: Meter
    places: Floats
    voices: tuple[str, ...]
    velocities: Floats
    ratio: float
    whole: bool
    click: float = 1.0

    @property
    def bars(self) -> int:
        """How many whole bars there are, the last one's empty end included."""
        return int(np.ceil((self.places[-1] - 0.3) / self.meter.bar_quarters)) if len(self.places) else 0


@lru_cache(maxsize=4)
def listed(folder: Path = FOLDER) -> tuple[Listed, ...]:
    """The performances of the published split for training but for those that judge, seen and left out."""
    with open(folder / TABLE, newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == SPLIT and row["id"] not in JUDGES]
    return tuple(
        Listed(row["id"], row["style"], row["beat_type"] == "fill", row["drummer"], row["midi_filename"])
        for row in rows
    )


def of_side(left_out: bool, folder: Path = FOLDER) -> tuple[Listed, ...]:
    """The beats of one side."""
    return tuple(row for row in listed(folder) if not row.fill and (row.drummer == LEFT_OUT) == left_out)


def fills(folder: Path = FOLDER) -> tuple[Listed, ...]:
    """All fills: left out."""
    return tuple(row for row in listed(folder) if row.fill)


@lru_cache(maxsize=2)
def _archive(folder: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(folder / ARCHIVE)


def content(row: Listed, folder: Path = FOLDER) -> bytes:
    """The bytes of a performance's MIDI file."""
    return _archive(folder).read(row.file)


@lru_cache(maxsize=1200)
def played(row: Listed, folder: Path = FOLDER) -> Played:
    """What the drummer played."""
    found = taken(content(row, folder), VOICES)
    places, bpm, written = np.array(found.places), found.bpm, METERS[found.meter][0]
    click = 1.0
    ratio = 1.0 if row.fill else _ratio(places)
    if written.name == "4/4" and _in_triplets(places):
        places, bpm, written, ratio = places * 1.5, bpm * 1.5, METERS["12/8"][0], 1.0
        click = 1.5
    return Played(
        row.id,
        bpm,
        written,
        places,
        found.voices,
        np.array(found.velocities),
        ratio,
        ratio > 1.0 or any(word in row.style for word in SWINGING),
        click,
    )


def _near(places: Floats, phase: float) -> float:
    """The part of all strokes within .07 of a place in the quarter."""
    return float(np.mean(np.abs((places - phase + 0.5) % 1.0 - 0.5) < 0.07)) if len(places) else 0.0


def _in_triplets(places: Floats) -> bool:
    first, half, middle, quarter = (_near(places, phase) for phase in (0.0, 0.5, 1 / 3, 0.25))
    return middle >= 0.14 and middle > 0.4 * first and half < 0.08 and quarter < middle + 0.02


def _ratio(places: Floats) -> float:
    """Long to short of the beats, from where the strokes between them lie; 1.0 unless most lie at two thirds."""
    phases = places % 1.0
    half, late, last = (np.sum((phases > a) & (phases < a + 0.12)) for a in (0.44, 0.58, 0.70))
    if late < 1.4 * half or late < 1.2 * last or late < 2 * np.sum((phases > 0.19) & (phases < 0.31)):
        return 1.0
    between = phases[(phases > 0.57) & (phases < 0.74)]
    middle = float(np.median(between)) if len(between) else 0.5
    return middle / (1.0 - middle)


def on_click(clicks: Floats, weights: Floats, swung: bool) -> bool:
    """Whether strokes, in clicks, keep to it: they gather on its beats (and middles, if it is not swung), not beside.

    Without that the click is not the grid that a listener hears.
    """
    period = 1.0 if swung else 0.5
    phases = np.linspace(-period / 2, period / 2, 61)[:-1]
    away = (clicks[None, :] - phases[:, None] + period / 2) % period - period / 2
    density = np.maximum(0.0, 1.0 - np.abs(away) / 0.06) @ weights
    near = np.abs(phases) < 0.12
    best = int(np.argmax(np.where(near, density, -1.0)))
    return bool(len(clicks) >= 12 and abs(phases[best]) < 0.055 and density[best] > 1.5 * density.mean())


def with_fills(played: Played, by: Sequence[Played], random: np.random.Generator) -> Played:
    """The performance with every fourth bar ending in somebody else's fill, whose microtiming comes with it."""
    bar = played.meter.bar_quarters
    kept, added = np.ones(len(played.places), dtype=bool), []
    for number in range(int(random.integers(1, 4)), played.bars, 4):
        fill = by[int(random.integers(len(by)))]
        places = fill.places[fill.places < bar - 0.1]
        if len(places) < 3:
            continue
        start = number * bar
        kept &= (played.places < start + places[0] - 0.05) | (played.places >= start + bar - 0.1)
        added += [(start + p, v, w) for p, v, w in zip(places, fill.voices, fill.velocities, strict=False)]
    strokes = [
        *((played.places[i], played.voices[i], played.velocities[i]) for i in np.flatnonzero(kept)),
        *added,
    ]
    strokes.sort(key=lambda stroke: stroke[0])
    return replace(
        played,
        places=np.array([p for p, _, _ in strokes]),
        voices=tuple(v for _, v, _ in strokes),
        velocities=np.array([w for _, _, w in strokes]),
    )
