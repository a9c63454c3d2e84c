"""The tables in a terminal, or in a log that is 100 columns wide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from evaluation.figures.records import Record
from evaluation.figures.shape import Comparison, Cost
from evaluation.figures.systems import CONSTANT
from evaluation.figures.unit import title_of
from evaluation.report.baseline import Against
from evaluation.report.results import Results
from evaluation.report.tables import (
    DASH,
    Beside,
    Cell,
    Line,
    Table,
    beside,
    difference,
    footnotes,
    interval,
    is_main,
    number,
    place_of,
    place_words,
    plural,
    tables,
)

HEADING, NARROW, WIDE = 30, 13, 18
"""Columns of a terminal: of a figure's name, of a system with the interval under its value, and beside it."""
MOST_LOST = 20
MOST_CHANGES = 30
DIFFERENCE = 24
"""Of a difference with its interval, and of the least that a figure's name takes."""
VERDICT_STYLES = {"better": "bold green", "worse": "bold red"}


def print_tables(console: Console, results: Results, baseline: Against | None = None) -> None:
    """Print the short tables: lost items first, then every set by question, peers, robustness, cost, baseline."""
    _lost(console, results.lost)
    for table in tables(results.told):
        fitting = max(1, (console.width - HEADING) // NARROW)
        for first in range(0, len(table.systems), fitting):
            _figures(console, table, range(first, min(first + fitting, len(table.systems))))
        _footnotes(console, table)
    _comparisons(console, results.told.comparisons)
    _reliabilities(console, results)
    _costs(console, results)
    if baseline is not None:
        _baseline(console, baseline)
    for notice in [*results.run.notices, *results.told.notices]:
        console.print(Text(notice, style="dim"))


def _lost(console: Console, lost: Sequence[Record]) -> None:
    if not lost:
        return
    console.print(Text(f"{len(lost)} lost: scored as answering nothing", style="bold red"))
    for record in lost[:MOST_LOST]:
        variant = f" ({record.variant})" if record.variant else ""
        told = record.reason or "no document"
        console.print(Text(f"  {record.system}: {record.set}/{record.item}{variant}: {told}"))
    if len(lost) > MOST_LOST:
        console.print(Text(f"  and {len(lost) - MOST_LOST} more, in results.json"))
    console.print()


def _grid(title: str, first: str, rest: Iterable[str]) -> Grid:
    grid = Grid(title=Text(title, style="bold"), title_justify="left", box=None, padding=(0, 2, 0, 0))
    grid.add_column(Text(first, style="dim"), no_wrap=False, min_width=22)
    for name in rest:
        grid.add_column(Text(name), justify="right")
    return grid


def _figures(console: Console, table: Table, shown: range) -> None:
    """A place's figures, for as many systems as fit."""
    items, songs = table.n_items, table.n_songs
    title = f"{place_words(table.place)}: {plural(items, 'item')}, {plural(songs, 'song')}"
    grid = _grid(title, "", [table.systems[index] for index in shown])
    wide = HEADING + WIDE * len(shown) <= console.width
    question = ""
    for line in table.lines:
        if line.question != question:
            question = line.question
            grid.add_row(Text(question, style="dim italic"))
        grid.add_row(_heading(line, items), *(_cell(line.cells[index], line, wide) for index in shown))
    console.print(grid)


def _footnotes(console: Console, table: Table) -> None:
    flagged = footnotes(cell.figure for line in table.lines for cell in line.cells if cell.figure is not None)
    for note in flagged:
        console.print(Text(f"† {note}", style="dim"))
    console.print()


def _heading(line: Line, items: int) -> Text:
    heading = Text("  " + line.title)
    if line.better == "lower":
        heading.append(" ↓", style="dim")
    if line.n_items != items:
        heading.append(f"  n={line.n_items}", style="dim")
    return heading


def _cell(cell: Cell, line: Line, wide: bool) -> Text:
    figure = cell.figure
    if figure is None:
        return Text(DASH, style="dim")
    shown = Text(
        ("*" if cell.best else "") + number(figure.value, figure.unit), style="bold" if cell.best else ""
    )
    if figure.trained_on:
        shown.append("†")
    if figure.n_items != line.n_items:
        shown.append(f" n={figure.n_items}", style="dim")
    shown.append(" " if wide else "\n")
    shown.append(interval(figure.low, figure.high, figure.unit), style="dim")
    return shown


def _comparisons(console: Console, comparisons: Sequence[Comparison]) -> None:
    """Worn-down audio beside clean in full; of systems beside each other what is shown to differ."""
    main = [
        each for each in comparisons if is_main(each.name) and CONSTANT not in (each.system, each.against)
    ]
    for table in beside(each for each in main if each.kind == "variant"):
        fitting = max(1, (console.width - DIFFERENCE) // DIFFERENCE)
        for first in range(0, len(table.others), fitting):
            console.print(_beside(table, slice(first, first + fitting)))
        console.print()
    _shown(console, [each for each in main if each.kind != "variant"])


def _shown(console: Console, comparisons: Sequence[Comparison]) -> None:
    """The differences between systems that their intervals show, and how many they do not."""
    if not comparisons:
        return
    grid = _grid("Beside each other, on the same items: what differs", "", ())
    for title in ("", "95 %", ""):
        grid.add_column(title, justify="right", no_wrap=True)
    heading = ""
    for each in comparisons:
        if each.verdict not in VERDICT_STYLES:
            continue
        here = f"{each.system}, {place_words(place_of(each))}"
        if here != heading:
            heading = here
            grid.add_row(Text(heading, style="dim italic"))
        grid.add_row(
            Text(f"  {title_of(each.name, each.measure)}, beside {each.against}"),
            difference(each.difference, each.unit) + ("†" if each.trained_on else ""),
            Text(interval(each.low, each.high, each.unit), style="dim"),
            Text(each.verdict, style=VERDICT_STYLES[each.verdict]),
        )
    if grid.row_count:
        console.print(grid)
    silent = Counter(each.verdict for each in comparisons if each.verdict not in VERDICT_STYLES)
    told = "; ".join(f"{count} times {verdict}" for verdict, count in silent.most_common())
    said = told or "every comparison differs"
    console.print(
        Text(f"beside each other, on the same items: {said}; all of them are on the page", style="dim")
    )
    console.print()


def _beside(table: Beside, others: slice) -> Grid:
    """The difference, its interval and the verdict, for as many others as fit."""
    title = f"{table.system} on worn-down audio less clean: {place_words(table.place)}"
    grid = _grid(title, "", table.others[others])
    for name, cells in table.lines:
        measure = next((cell.measure for cell in cells[others] if cell is not None), None)
        if measure is not None:
            grid.add_row(Text("  " + title_of(name, measure)), *(_difference(cell) for cell in cells[others]))
    return grid


def _difference(cell: Comparison | None) -> Text:
    if cell is None:
        return Text(DASH, style="dim")
    shown = Text(difference(cell.difference, cell.unit))
    if cell.trained_on:
        shown.append("†")
    shown.append(f"  {interval(cell.low, cell.high, cell.unit)}\n", style="dim")
    shown.append(cell.verdict, style=VERDICT_STYLES.get(cell.verdict, "dim"))
    return shown


def _reliabilities(console: Console, results: Results) -> None:
    if not results.told.reliabilities:
        return
    columns = ("n", "right", "ECE", "if perfect", "Brier", "AUC of doubt")
    grid = _grid("Confidences: what they say and what came true", "", columns)
    heading = ""
    for each in results.told.reliabilities:
        here = f"{each.event}, {place_words(each)}"
        if here != heading:
            heading = here
            grid.add_row(Text(heading, style="dim italic"))
        grid.add_row(
            Text(f"  {each.system}{'†' if each.trained_on else ''}"),
            str(each.n),
            f"{each.n_right / each.n:.2f}",
            f"{each.ece:.3f}",
            f"{each.ece_expected:.3f}",
            f"{each.brier:.3f}",
            DASH if each.auc is None else f"{each.auc:.3f}",
        )
    console.print(grid)
    console.print()


def _costs(console: Console, results: Results) -> None:
    if not results.told.costs:
        return
    grid = _grid("What it took", "", ("items", "of real time", "peak MB"))
    grid.add_column("not ok")
    for each in results.told.costs:
        name = Text(f"  {each.plugin}") if each.plugin else Text(each.system, style="bold")
        grid.add_row(
            name, str(each.n_items), f"{each.real_time_factor:.4f}", f"{each.peak_mb:.0f}", Text(not_ok(each))
        )
    console.print(grid)
    if results.run.overhead is not None:
        console.print(Text(f"the evaluation itself: {results.run.overhead:.4f} of real time", style="dim"))
    console.print()


def not_ok(cost: Cost) -> str:
    """The words of the ledger but ok, with their counts."""
    return ", ".join(f"{count} {status}" for status, count in cost.statuses.items() if status != "ok")


def _baseline(console: Console, found: Against) -> None:
    title = f"Against the baseline of {found.started_at}" if found.started_at else "Against the baseline"
    main = [each for each in found.figures if is_main(each.name)]
    grid = _grid(title, "", ("before", "now", "difference", "95 %", ""))
    for each in main[:MOST_CHANGES]:
        grid.add_row(
            Text(f"{each.name}, {each.system}, {place_words(each)}"),
            number(each.other, each.unit),
            number(each.value, each.unit),
            difference(each.difference, each.unit),
            Text(interval(each.low, each.high, each.unit), style="dim"),
            Text(each.verdict, style=VERDICT_STYLES.get(each.verdict, "dim")),
        )
    console.print(grid)
    console.print(Text(f"{plural(len(main), 'main figure')} changed, {found.equal} of all are the same"))
    console.print(
        Text(
            f"{found.only_before} scored items are in the baseline alone, {found.only_now} are new",
            style="dim",
        )
    )
    counted = Counter((flip.system, flip.measure, flip.better) for flip in found.flips)
    for (system, measure, better), count in counted.most_common():
        console.print(
            Text(f"  {system}, {measure}: {plural(count, 'item')} {'better' if better else 'worse'}")
        )
    console.print()
