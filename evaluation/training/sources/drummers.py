"""Drummers captured as MIDI to a click (Groove MIDI): which train, which only validate, what they played."""

from __future__ import annotations

import csv
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evaluation.scenes.meters import METERS, Meter
from evaluation.scenes.performances import of_midi

Floats = npt.NDArray[np.float64]

FOLDER = Path("../shared/eval/groove-midi")
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
SWUNG = frozenset({"jazz", "blues"})


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
    click : quarters from one click to the next
    """

    id: str
    bpm: float
    meter: Meter
    places: Floats
    voices: tuple[str, ...]
    velocities: Floats
    ratio: float
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
    performance = of_midi(content(row, folder))
    events = sorted(performance.events, key=lambda event: event.time_s)
    places = np.array([event.time_s for event in events]) * performance.bpm / 60.0
    click = 1.0
    bpm, written = performance.bpm, METERS[performance.meter][0]
    ratio = _ratio(places, row.style) if not row.fill else 1.0
    if written.name == "4/4" and _in_triplets(places):
        places, bpm, written, ratio = places * 1.5, bpm * 1.5, METERS["12/8"][0], 1.0
        click = 1.5
    return Played(
        row.id,
        bpm,
        written,
        places,
        tuple(event.stroke.instrument for event in events),
        np.array([event.stroke.velocity for event in events]),
        ratio,
        click,
    )


def _near(places: Floats, phase: float) -> float:
    """The part of all strokes within .07 of a place in the quarter."""
    return float(np.mean(np.abs((places - phase + 0.5) % 1.0 - 0.5) < 0.07)) if len(places) else 0.0


def _in_triplets(places: Floats) -> bool:
    first, half, middle, quarter = (_near(places, phase) for phase in (0.0, 0.5, 1 / 3, 0.25))
    return middle >= 0.14 and middle > 0.4 * first and half < 0.08 and quarter < middle + 0.02


def _ratio(places: Floats, style: str) -> float:
    """Long to short of the beats, from where the strokes between them lie, if more lie late than in the middle."""
    late, half = _near(places, 2 / 3), _near(places, 0.5)
    if late < 1.6 * half and not (style.split("/")[0] in SWUNG and late > half):
        return 1.0
    phases = places % 1.0
    between = phases[(phases > 0.57) & (phases < 0.78)]
    middle = float(np.median(between)) if len(between) else 2 / 3
    return middle / (1.0 - middle)


def on_click(places: Floats, swung: bool) -> bool:
    """Whether strokes, in clicks, keep to it: they gather on sixteenths or triplets, and not beside them.

    Without that the click is not the grid that a listener hears.
    """
    if len(places) < 12:
        return False
    means = {division: np.mean(np.exp(2j * np.pi * division * places)) for division in (1, 2, 3, 4, 6)}
    best = max((3, 6) if swung else (2, 3, 4, 6), key=lambda division: abs(means[division]))
    mean = means[best]
    shift = abs(float(np.angle(mean))) / (2 * np.pi * best)
    return bool(abs(mean) > 0.5 and shift < 0.07)
