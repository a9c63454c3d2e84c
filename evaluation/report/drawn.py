"""The pieces of the page: a table of figures, one of differences, a confusion, a legend, a link into the audio."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evaluation.figures.shape import Comparison, Confusion, Figure
from evaluation.figures.unit import title_of
from evaluation.report.markup import Content, Markup, join, tag, trusted
from evaluation.report.tables import (
    DASH,
    Beside,
    Cell,
    Line,
    Table,
    difference,
    footnotes,
    interval,
    number,
    place_words,
)

VERDICT_CLASSES = {"better": "better", "worse": "worse"}
_MARKS = (
    '<circle cx="6" cy="6" r="4"/>',
    '<rect x="2" y="2" width="8" height="8"/>',
    '<path d="M6 1 11 6 6 11 1 6Z"/>',
    '<path d="M6 2 11 10 1 10Z"/>',
    '<path d="M6 10 11 2 1 2Z"/>',
    '<path d="M4 1h4v3h3v4H8v3H4V8H1V4h3Z"/>',
    '<path d="m3 1 3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3-3-3Z"/>',
    '<path d="M2 6 10 1 10 11Z"/>',
)
"""As in `plots.MARKERS`."""


def legend(systems: Sequence[str]) -> Markup:
    """The systems with their colours and marks."""
    return tag(
        "ul", *(tag("li", _mark(index), system) for index, system in enumerate(systems)), class_="legend"
    )


def _mark(index: int) -> Markup:
    shape = _MARKS[index % len(_MARKS)]
    return trusted(f'<svg viewBox="0 0 12 12" aria-hidden="true" fill="var(--hue-{index % 8})">{shape}</svg>')


def grid(head: Sequence[str], rows: Iterable[Markup], caption: str = "", words: int = 1) -> Markup:
    """A table that scrolls sideways on its own; its first columns are words, the rest numbers."""
    cells = [
        tag("th", each, scope="col", class_="number" if index >= words else None)
        for index, each in enumerate(head)
    ]
    body = tag("tbody", *rows)
    return tag(
        "div",
        tag("table", tag("caption", caption) if caption else None, tag("thead", tag("tr", *cells)), body),
        class_="scroll",
    )


def row(heading: Content, *cells: Content, class_: str | None = None) -> Markup:
    """A row of a table: words, then numbers. Cells that are elements already stay as they are."""
    return tag("tr", tag("th", heading, scope="row"), *(_as_cell(cell) for cell in cells), class_=class_)


def _as_cell(cell: Content) -> Markup:
    if isinstance(cell, Markup) and cell.startswith("<td"):
        return cell
    return tag("td", cell, class_="number")


def figures(table: Table) -> Markup:
    """A place's figures by question, systems side by side, with daggers explained below."""
    items = table.n_items
    rows: list[Markup] = []
    question = ""
    for line in table.lines:
        if line.question != question:
            question = line.question
            heading = tag("th", question, scope="rowgroup", colspan=str(len(table.systems) + 1))
            rows.append(tag("tr", heading, class_="question"))
        rows.append(row(_heading(line, items), *(figure_cell(cell, line) for cell in line.cells)))
    shown = [cell.figure for line in table.lines for cell in line.cells if cell.figure is not None]
    return join([grid(["", *table.systems], rows), notes(shown)])


def figure_cell(cell: Cell, line: Line) -> Markup:
    """A value, its interval, a dagger; a dash where the system does not answer."""
    figure = cell.figure
    if figure is None:
        return tag("td", DASH, class_="number unclear")
    few = f"n={figure.n_items}" if figure.n_items != line.n_items else None
    return tag(
        "td",
        tag("b", number(figure.value, figure.unit), "†" if figure.trained_on else None),
        tag("span", interval(figure.low, figure.high, figure.unit), class_="interval"),
        tag("span", few, class_="few") if few else None,
        class_="number best" if cell.best else "number",
        title=figure.trained_on or None,
    )


def _heading(line: Line, items: int) -> Markup:
    down = tag("span", " ↓", class_="muted", title="lower is better") if line.better == "lower" else None
    few = f" n={line.n_items}" if line.n_items != items else ""
    unit = next((cell.figure.unit for cell in line.cells if cell.figure is not None), "")
    return tag(
        "span",
        line.title,
        f" ({unit})" if unit else None,
        down,
        tag("span", few, class_="muted"),
        title=line.name,
    )


def notes(shown: Iterable[Figure | Comparison]) -> Markup:
    """The sentences behind the daggers."""
    return join([tag("p", f"† {note}", class_="footnote") for note in footnotes(shown)])


def differences(table: Beside) -> Markup:
    """A system beside others: differences, intervals and verdicts."""
    words = "on worn-down audio, less clean" if table.kind == "variant" else "less"
    rows = []
    for name, cells in table.lines:
        measure = next(cell.measure for cell in cells if cell is not None)
        rows.append(
            row(tag("span", title_of(name, measure), title=name), *(_difference(cell) for cell in cells))
        )
    shown = [cell for _, cells in table.lines for cell in cells if cell is not None]
    heading = f"{table.system} {words}" if table.kind == "variant" else f"{table.system} {words} …"
    return join([tag("h4", place_words(table.place)), grid([heading, *table.others], rows), notes(shown)])


def _difference(cell: Comparison | None) -> Markup:
    if cell is None:
        return tag("td", DASH, class_="number unclear")
    return tag(
        "td",
        tag("b", difference(cell.difference, cell.unit), "†" if cell.trained_on else None),
        tag("span", interval(cell.low, cell.high, cell.unit), class_="interval"),
        verdict(cell),
        class_="number",
        title=f"{number(cell.value, cell.unit)} and {number(cell.other, cell.unit)}; {cell.n_songs} songs",
    )


def verdict(cell: Comparison) -> Markup:
    """The word for a difference."""
    return tag("span", cell.verdict, class_=f"verdict {VERDICT_CLASSES.get(cell.verdict, 'unclear')}")


def confusion(found: Confusion) -> Markup:
    """Truth in rows, answers in columns; the darker, the larger the share of its row."""
    head = [
        tag("th", "truth \\ answer", scope="col"),
        *(tag("th", _class(name), scope="col") for name in found.answers),
    ]
    rows = []
    for truth, counts in zip(found.truths, found.counts, strict=True):
        total = max(1, sum(counts))
        cells = [
            _share(count, total, truth == answer) for answer, count in zip(found.answers, counts, strict=True)
        ]
        rows.append(tag("tr", tag("th", _class(truth), scope="row"), *cells))
    caption = tag("caption", found.system)
    table = tag("table", caption, tag("thead", tag("tr", *head)), tag("tbody", *rows), class_="confusion")
    return tag("div", table, class_="scroll")


def _class(name: str) -> str:
    return name or "none"


def _share(count: int, total: int, right: bool) -> Markup:
    style = f"background: rgb(var(--cell) / {0.06 + 0.5 * count / total:.2f})" if count else None
    return tag("td", str(count) if count else "·", style=style, class_="right" if right else None)


def moment(audio: str, time_s: float, of: str) -> Markup:
    """A link to a second of a recording, which the page's player follows."""
    shown = f"{int(time_s // 60)}:{time_s % 60:05.2f}"
    return tag(
        "a", shown, href=f"{audio}#t={time_s:.2f}", data_at=f"{time_s:.2f}", data_of=f"{of} at {shown}"
    )
