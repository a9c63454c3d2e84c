"""Notes of a sung melody (Vocadito) and of a piano score.

References
----------
R. M. Bittner et al.: "vocadito: A dataset of solo vocals with f0, note, and lyric annotations", 2021.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evaluation.sets.files import Line, is_audio, lines_of
from evaluation.sets.forms import Form
from evaluation.sets.gathering import Gathered, Loaded
from evaluation.sets.notation import midi_pitch

SUNG = "_notesA1.csv"


def matches(folder: Path) -> bool:
    """Whether a first annotator's notes are there."""
    return any(folder.glob(f"vocadito_*{SUNG}"))


def load(folder: Path) -> Loaded:
    """Every audio file with its notes. Of two annotators of a song the first (A1) is taken."""
    gathered = Gathered(folder)
    for audio in sorted(path for path in folder.iterdir() if is_audio(path)):
        sung, score = folder / f"{audio.stem}{SUNG}", folder / f"{audio.stem}.csv"
        with gathered.trying():
            if sung.is_file():
                gathered.add(audio, _sung(sung), file=sung)
                if (folder / f"{audio.stem}_notesA2.csv").is_file():
                    gathered.notice("the second annotator's notes (A2) are not used", [audio.name])
            elif score.is_file():
                gathered.add(audio, _played(score), file=score)
            else:
                gathered.notice("audio without notes is left out", [audio.name])
    return gathered.loaded()


def _sung(path: Path) -> dict[str, Any]:
    """Onset (s), pitch (Hz) and duration (s) in each line."""
    return {
        "kind": "voice",
        "origin": "recording",
        "source": "Vocadito, annotator A1",
        "licence": "CC BY 4.0",
        "notes": [
            _note(line, onset, duration, midi_pitch(hertz) if hertz > 0 else None)
            for line in lines_of(path)
            for onset, hertz, duration in [_numbers(line)]
        ],
    }


def _played(path: Path) -> dict[str, Any]:
    """Start (s), duration (s), MIDI pitch, then more; played by a notation program, so its onsets are those notes."""
    notes = []
    for line in lines_of(path):
        onset, duration, pitch = _numbers(line)
        notes.append(_note(line, onset, duration, pitch))
    return {
        "kind": "piano",
        "origin": "generated",
        "source": f"{path.stem}, played by a notation program",
        "licence": "non-commercial",
        "notes": notes,
        "onsets": sorted({note["onset_s"] for note in notes}),
    }


def _numbers(line: Line) -> tuple[float, float, float]:
    cells = line.cells
    if len(cells) < 3:
        raise line.wrong("three numbers")
    first, second, third = (line.seconds(cell) for cell in cells[:3])
    return first, second, third


def _note(line: Line, onset: float, duration: float, pitch: float | None) -> dict[str, float]:
    if pitch is None or duration < 0:
        raise line.wrong("a pitch above 0 and a duration from 0")
    return {"onset_s": onset, "offset_s": onset + duration, "pitch": pitch}


FORM = Form(
    "notes", "vocadito_N_notesA1.csv and NAME.csv (start; duration; pitch) beside the audio", matches, load
)
