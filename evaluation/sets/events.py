"""Lines of times: beats with their position in the bar, onsets, labelled stretches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.sets.files import Line, lines_of


@dataclass(frozen=True, slots=True)
class Beat:
    """A beat and its position in the bar, from 1; None where it is not annotated."""

    time_s: float
    position: int | None


def times_of(path: Path) -> list[float]:
    """Ascending times, the first of each line's cells. Times before the start of the audio are dropped.

    Raises
    ------
    BadAnnotation
        A line that does not begin with seconds, or lies before the one above it.
    """
    times: list[float] = []
    for line in lines_of(path):
        time = line.seconds(line.cells[0])
        _ascends(line, times[-1] if times else None, time)
        times.append(time)
    return [time for time in times if time >= 0]


def beats_of(path: Path) -> list[Beat]:
    """Beats of a file of times, or of times and positions.

    A position is a number from 1 ("3"), or the bar's number and the position ("9.3" is the third beat of the ninth
    bar, as in the Ballroom annotations). Further columns are not read.

    Raises
    ------
    BadAnnotation
        A line is neither; positions stand in some lines only.
    """
    lines = lines_of(path)
    barred = _has_bars(lines)
    beats: list[Beat] = []
    for line in lines:
        cells = line.cells
        time = line.seconds(cells[0])
        _ascends(line, beats[-1].time_s if beats else None, time)
        position = _position(line, cells[1], barred=barred) if len(cells) > 1 else None
        if beats and (position is None) != (beats[-1].position is None):
            raise line.wrong(
                "a position as in the lines above" if position is None else "a time alone, as above"
            )
        beats.append(Beat(time, position))
    return [beat for beat in beats if beat.time_s >= 0]


def stretches_of(path: Path) -> list[dict[str, Any]]:
    """Labelled stretches: a start, an end and a label in each line.

    Raises
    ------
    BadAnnotation
        A line is not so, or ends before it begins.
    """
    stretches = []
    for line in lines_of(path):
        cells = line.text.replace(",", " ", 2).split(maxsplit=2)
        if len(cells) < 3:
            raise line.wrong("a start, an end and a label")
        start, end = line.seconds(cells[0]), line.seconds(cells[1])
        if end < start or start < 0:
            raise line.wrong("a start from 0 and an end that is not before it")
        stretches.append({"start_s": start, "end_s": end, "label": cells[2].strip().strip('"')})
    return stretches


def _ascends(line: Line, before: float | None, time: float) -> None:
    if before is not None and time < before:
        raise line.wrong(f"a time from {before:g} s on, for times ascend")


def _has_bars(lines: list[Line]) -> bool:
    """Whether positions are written as bar and beat: with a point, and not as whole numbers like 1.0."""
    positions = [line.cells[1] for line in lines if len(line.cells) > 1]
    return any("." in cell and cell.rpartition(".")[2].strip("0") for cell in positions)


def _position(line: Line, cell: str, *, barred: bool) -> int:
    digits = cell.rpartition(".")[2] if barred else cell.removesuffix(".0")
    if not digits.isdecimal() or (barred and "." not in cell) or int(digits) < 1 or int(digits) > 64:
        raise line.wrong('a position in the bar from 1, like "3", or a bar and a position, like "9.3"')
    return int(digits)
