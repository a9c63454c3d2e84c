"""tables.md: the short tables in Markdown, for papers, issues and this project's own documentation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evaluation.report.results import Results
from evaluation.report.tables import (
    DASH,
    Cell,
    Line,
    Table,
    footnotes,
    interval,
    number,
    place_words,
    plural,
    tables,
)


def write_markdown(path: Path, results: Results) -> None:
    """Write the tables; a reader never finds half of them."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(markdown(results), encoding="utf-8")
    partial.replace(path)


def markdown(results: Results) -> str:
    """A table for each set: a row for each main figure, a column for each system, the best in bold."""
    return "\n".join(line for table in tables(results.told) if table.place.set for line in _lines(table))


def _lines(table: Table) -> Iterator[str]:
    items, songs = table.n_items, table.n_songs
    yield f"**{_escaped(place_words(table.place))}**: {plural(items, 'item')}, {plural(songs, 'song')}"
    yield ""
    yield f"| | {' | '.join(map(_escaped, table.systems))} |"
    yield f"|---|{'---|' * len(table.systems)}"
    for line in table.lines:
        yield f"| {_heading(line, items)} | {' | '.join(_cell(cell) for cell in line.cells)} |"
    yield ""
    notes = footnotes(cell.figure for line in table.lines for cell in line.cells if cell.figure is not None)
    yield from (f"† {_escaped(note)}" for note in notes)
    if notes:
        yield ""


def _heading(line: Line, items: int) -> str:
    shown = _escaped(line.title) + (" ↓" if line.better == "lower" else "")
    return shown if line.n_items == items else f"{shown}, n={line.n_items}"


def _cell(cell: Cell) -> str:
    figure = cell.figure
    if figure is None:
        return DASH
    shown = number(figure.value, figure.unit) + ("†" if figure.trained_on else "")
    told = interval(figure.low, figure.high, figure.unit) if figure.low is not None else ""
    return (f"**{shown}**" if cell.best else shown) + (f" {told}" if told else "")


def _escaped(text: str) -> str:
    """A name that may hold anything, as text in a cell."""
    kept = "".join(f"\\{sign}" if sign in "\\`*_|<>[]#" else sign for sign in text)
    return " ".join(kept.split())
