"""Single drum sounds with their drum: one hit each, where its attack lies by the project's convention.

An onset is where a hit's own attack first passes a tenth of its peak. In a file that holds nothing but one hit this
is read off the samples: no estimate, and no annotator's either.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from evaluation.scenes.sounds import attack_of
from evaluation.sets.errors import BadAnnotation
from evaluation.sets.files import has_columns
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Loaded
from evaluation.sets.known.tables import load_table

TABLE = "labels.csv"
COLUMNS = ("file", "class6")


def _hit(audio: Path, row: Mapping[str, str]) -> dict[str, Any]:
    try:
        samples, rate = soundfile.read(audio, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        raise BadAnnotation(f"{TABLE}: {row['file']}: cannot be read ({error})") from error
    mono = samples.mean(axis=1)
    if not np.any(mono):
        raise BadAnnotation(f"{TABLE}: {row['file']}: is silent, so there is no hit in it")
    own = {"licence": row.get("licence"), "source": row.get("provenance")}
    told = {name: text for name, text in own.items() if text}
    return {**told, "hits": [{"time_s": attack_of(mono) / rate, "instrument": row["class6"]}]}


def _common(source: str, licence: str) -> dict[str, Any]:
    return {"kind": "one-shot", "origin": "recording", "source": source, "licence": licence}


def load_one_shots(folder: Path) -> Loaded:
    """A folder of one-shots with labels.csv."""
    return load_table(folder, TABLE, COLUMNS[1:], _common("one-shots", "CC0, public domain or CC BY"), _hit)


def load_single_hits(folder: Path) -> Loaded:
    """Hits cut from recordings, in single_hits/."""
    return load_table(
        folder / "single_hits", TABLE, COLUMNS[1:], _common("E-GMD, single hits", "CC BY 4.0"), _hit
    )


FORMS = (
    Form(
        "oneshots",
        "single drum sounds with labels.csv",
        lambda folder: has_columns(folder / TABLE, *COLUMNS),
        load_one_shots,
    ),
    Form(
        "annoteator",
        "single hits cut from recordings, in single_hits/",
        lambda folder: has_columns(folder / "single_hits" / TABLE, *COLUMNS),
        load_single_hits,
    ),
)
