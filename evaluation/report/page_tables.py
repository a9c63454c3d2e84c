"""Sections of the page that are tables of figures."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.figures.shape import Cost
from evaluation.figures.unit import title_of
from evaluation.report.drawn import confusion, differences, figure_cell, figures, grid, row
from evaluation.report.markup import Markup, join, tag
from evaluation.report.plots import forest
from evaluation.report.results import Results
from evaluation.report.tables import QUESTIONS, Beside, Line, Table, beside, place_words, plural, tables


def main_figures(results: Results) -> Markup | None:
    """Every set: the plot, and the table of its main figures."""
    found = tables(results.told)
    if not found:
        return tag("p", "No item could be scored.")
    parts: list[Markup] = []
    for table in found:
        plot = forest(table, results.systems)
        drawn = tag("figure", plot) if plot is not None else None
        parts.append(tag("h3", place_words(table.place), " ", tag("span", _sizes(table), class_="muted")))
        parts.append(tag("div", tag("div", figures(table)), drawn, class_="set"))
    return join(parts)


def beside_peers(results: Results) -> Markup | None:
    """Paired differences."""
    found = beside(each for each in results.told.comparisons if each.kind == "peer")
    if not found:
        return None
    note = (
        "Difference on the items that both were scored on; the interval draws the same songs for both. A verdict "
        "takes an interval without 0 and at least six songs. Each interval stands alone: of twenty comparisons "
        "of equals, one is expected to look like a difference."
    )
    return join([tag("p", note, class_="note"), tag("div", *_blocks(found), class_="small-tables")])


def worn_down(results: Results) -> Markup | None:
    """Variants of the audio beside the clean."""
    found = beside(each for each in results.told.comparisons if each.kind == "variant")
    if not found:
        return None
    note = "Each system on the worn-down audio less itself on the clean, on the same items."
    return join([tag("p", note, class_="note"), tag("div", *_blocks(found), class_="small-tables")])


def _blocks(found: Sequence[Beside]) -> list[Markup]:
    return [tag("div", differences(table)) for table in found]


def by_group(results: Results) -> Markup | None:
    """Main figures by kind, meter and kit: a small table for each figure, groups in its rows."""
    parts: list[Markup] = []
    for by in ("kind", "meter", "kit"):
        by_set: dict[str, list[Table]] = {}
        for table in tables(results.told, by=by):
            heading = place_words(table.place.model_copy(update={"by": "", "group": ""}))
            by_set.setdefault(heading, []).append(table)
        for heading, groups in by_set.items():
            summary = tag("summary", tag("h3", f"By {by}: {heading}"))
            parts.append(
                tag(
                    "details", summary, tag("div", *_by_figure(groups), class_="small-tables"), open=not parts
                )
            )
    return join(parts) if parts else None


def _by_figure(groups: Sequence[Table]) -> list[Markup]:
    names = {line.name: line for table in groups for line in table.lines}
    order = {question: index for index, question in enumerate(QUESTIONS)}
    found = []
    for name, line in sorted(names.items(), key=lambda pair: order[pair[1].question]):
        lines = [(table, each) for table in groups for each in table.lines if each.name == name]
        systems = [
            system
            for system in dict.fromkeys(system for table, _ in lines for system in table.systems)
            if any(_cell_of(table, each, system) is not None for table, each in lines)
        ]
        rows = [_group_row(table, each, systems) for table, each in lines]
        arrow = " ↓" if line.better == "lower" else ""
        found.append(grid([line.title + arrow, "n", *systems], rows))
    return found


def _group_row(table: Table, line: Line, systems: Sequence[str]) -> Markup:
    cells = [_cell_of(table, line, system) for system in systems]
    return row(table.place.group, str(line.n_items), *(cell if cell is not None else "–" for cell in cells))


def _cell_of(table: Table, line: Line, system: str) -> Markup | None:
    if system not in table.systems:
        return None
    cell = line.cells[table.systems.index(system)]
    return figure_cell(cell, line) if cell.figure is not None else None


def confusions(results: Results) -> Markup | None:
    """What was answered for each class, systems side by side; where there is more than one class or answer."""
    parts: list[Markup] = []
    grouped: dict[tuple[str, str], list[Markup]] = {}
    for each in results.told.confusions:
        if len(each.answers) > 1 and not each.variant and each.set:
            grouped.setdefault((title_of(each.measure, each.measure), place_words(each)), []).append(
                confusion(each)
            )
    for (title, place), tables_ in grouped.items():
        parts.append(tag("h3", f"{title}: {place}"))
        parts.append(tag("div", *tables_, class_="small-tables"))
    return join(parts) if parts else None


def cost(results: Results) -> Markup | None:
    """Seconds for a second of audio and peak memory, by system and plugin."""
    if not results.told.costs:
        return None
    rows = [
        row(
            tag("strong", each.system) if not each.plugin else each.plugin,
            str(each.n_items),
            f"{each.seconds:.1f}",
            f"{each.real_time_factor:.4f}",
            f"{each.peak_mb:.0f}",
            tag("td", _statuses(each)),
        )
        for each in results.told.costs
    ]
    head = ["", "items", "seconds", "of real time", "peak MB", "not ok"]
    note = (
        "Of real time: seconds of work for each second of audio it ran on, 0.1 is ten times faster than the music. "
        "A reused answer counts what it took when it was made."
    )
    return join([tag("p", note, class_="note"), grid(head, rows)])


def _statuses(found: Cost) -> str:
    return ", ".join(f"{count} {status}" for status, count in found.statuses.items() if status != "ok")


def every_figure(results: Results) -> Markup | None:
    """All figures of all sets, and the events found, invented and missed by class."""
    parts = [
        tag("details", tag("summary", place_words(table.place)), figures(table))
        for variant in dict.fromkeys(each.variant for each in results.told.figures)
        for table in tables(results.told, main=False, variant=variant)
    ]
    tallies = _tallies(results)
    return join([*parts, *([tallies] if tallies else [])]) if parts else None


def _tallies(results: Results) -> Markup | None:
    shown = [each for each in results.told.tallies if each.set and not each.variant]
    if not shown:
        return None
    rows = [
        row(
            f"{each.measure} {each.label}".strip(),
            tag("td", each.system),
            tag("td", place_words(each)),
            str(each.found),
            str(each.invented),
            str(each.missed),
        )
        for each in shown
    ]
    head = ["events of a class", "system", "set", "found", "invented", "missed"]
    return tag("details", tag("summary", "Events found, invented and missed"), grid(head, rows, words=3))


def _sizes(table: Table) -> str:
    return f"{plural(table.n_items, 'item')}, {plural(table.n_songs, 'song')}"
