"""Drummers captured as MIDI to a click (Groove MIDI): rendered here, since only audio can be analysed.

Of the published splits the one for validation is taken. Every performance is cut at the last bar line within
40 seconds and played on one of the project's own synthesised kits: people's timing and touch, generated sound.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.annotation import Truth
from evaluation.scenes.files import write_wav, write_whole
from evaluation.scenes.kits import KITS
from evaluation.scenes.patterns.strokes import CLASSES
from evaluation.scenes.performances import Performance, of_midi, recorded
from evaluation.scenes.playing import Event
from evaluation.scenes.rooms import any_room
from evaluation.scenes.sounds import Samples
from evaluation.sets import own
from evaluation.sets.errors import BadAnnotation, NothingToScore
from evaluation.sets.files import has_columns, table_of
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Loaded
from evaluation.sets.notation import tactus

TABLE, ARCHIVE = "info.csv", "groove-midi.zip"
SPLIT = "validation"
LONGEST_S = 40.0
LEAD_S = 0.25
"""Before the click's first beat: a drummer may be early."""
EARLY_S = 0.1
"""A stroke this close before the bar line that ends an excerpt belongs to the next bar."""


NEEDS = ("id", "split", "beat_type", "midi_filename")


def load(folder: Path) -> Loaded:
    """There is no audio before it is made."""
    raise NothingToScore(f"{folder.name}: holds MIDI alone, and only audio can be analysed")


def make(folder: Path, made: Path) -> Loaded:
    """Render what is missing in the folder `made`, and read that.

    Raises
    ------
    BadAnnotation
        The table or a performance cannot be read; the message names it.
    """
    made.mkdir(parents=True, exist_ok=True)
    rows = [row for row in table_of(folder / TABLE, needs=NEEDS) if row["split"] == SPLIT]
    with zipfile.ZipFile(folder / ARCHIVE) as archive:
        for index, row in enumerate(rows):
            name = row["midi_filename"].removesuffix(".mid").replace("/", "-")
            if not (made / f"{name}.json").is_file():  # written last: where it is, its audio is whole
                truth, samples = _rendered(archive, row, index)
                write_wav(made / f"{name}.wav", samples)
                write_whole(made / f"{name}.json", truth.model_dump_json(exclude_none=True).encode())
    return own.FORM.load(made)


def _rendered(archive: zipfile.ZipFile, row: Mapping[str, str], index: int) -> tuple[Truth, Samples]:
    try:
        played = excerpt(of_midi(archive.read(row["midi_filename"])))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise BadAnnotation(f"{ARCHIVE}: {row['midi_filename']}: {error}") from error
    kit = KITS[sorted(KITS)[index % len(KITS)]]
    room = any_room(np.random.default_rng([index, 3]))
    events, samples = recorded(played.events, kit, room, index)
    return truth_of(played, events, row, kit.name), samples


def excerpt(played: Performance) -> Performance:
    """The performance to its last bar line within 40 s, a quarter of a second later."""
    bar_s = _bar_s(played)
    bars = max(1, int(LONGEST_S / bar_s))
    events = (event for event in played.events if event.time_s < bars * bar_s - EARLY_S)
    return replace(played, events=tuple(replace(e, time_s=e.time_s + LEAD_S) for e in events))


def truth_of(played: Performance, events: tuple[Event, ...], row: Mapping[str, str], kit: str) -> Truth:
    """The click's grid from the first beat to the last stroke, and every stroke where it sounds.

    A fill is too short to tell a meter by: of fills, the strokes alone are truth.
    """
    hits = [
        {
            "time_s": event.time_s,
            "instrument": CLASSES.get(event.stroke.instrument, event.stroke.instrument),
            "velocity": event.stroke.velocity,
        }
        for event in sorted(events, key=lambda event: event.time_s)
    ]
    fields: dict[str, Any] = {
        "kind": "fill" if row["beat_type"] == "fill" else "performance",
        "origin": "human",
        "source": f"Groove MIDI {row['id']}, rendered",
        "licence": "CC BY 4.0",
        "song": row["id"],
        "kit": kit,
        "hits": hits,
        "onsets": sorted({hit["time_s"] for hit in hits}),
    }
    if row["beat_type"] != "fill":
        fields |= _grid(played, max((event.time_s for event in events), default=0.0))
    return Truth.model_validate({name: value for name, value in fields.items() if value is not None})


def _grid(played: Performance, end_s: float) -> dict[str, Any]:
    count = int(played.meter.split("/")[0])
    step_s = _bar_s(played) / count
    units = [(LEAD_S + n * step_s, n % count + 1) for n in range(int((end_s - LEAD_S) / step_s + 0.5) + 1)]
    return {
        "units": [time for time, _ in units],
        "beats": tactus(units, played.meter),
        "downbeats": [time for time, position in units if position == 1],
        "meter": played.meter,
        "tempo": played.bpm,
    }


def _bar_s(played: Performance) -> float:
    count, unit = map(int, played.meter.split("/"))
    return count * 4 / unit * 60.0 / played.bpm


FORM = Form(
    "groove-midi",
    "drummers as MIDI, with info.csv; rendered here, the split for validation",
    lambda folder: has_columns(folder / TABLE, *NEEDS) and (folder / ARCHIVE).is_file(),
    load,
    make,
)
