"""Sections of the page about single items: the lost ones, failures to listen to, and changes against a baseline."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.figures.records import Record
from evaluation.figures.shape import Comparison
from evaluation.figures.unit import title_of
from evaluation.measures import MEASURES
from evaluation.report.baseline import Against, Flip
from evaluation.report.drawn import grid, moment, row, verdict
from evaluation.report.markup import Markup, join, tag
from evaluation.report.results import Results
from evaluation.report.tables import difference, interval, is_main, number, place_words

MOST_FAILURES = 1500
"""On the page; results.json has them all."""
MOST_OF_ONE = 8
"""Of a measure, system and item: who wants more listens on from there."""
MOST_FLIPS = 500


def lost(results: Results) -> Markup | None:
    """Items without a document, first of all: they are in every figure as answering nothing."""
    if not results.lost:
        return None
    note = "No answer at all: in every figure these count as having answered nothing."
    rows = [
        row(
            tag("span", _item(record), class_="lost"),
            tag("td", record.system),
            tag("td", record.verdict),
            tag("td", record.reason or "no reason was given"),
        )
        for record in results.lost
    ]
    head = ["item", "system", "verdict", "why"]
    return join([tag("p", note, class_="note"), _worded(head, rows)])


def failures(results: Results) -> Markup | None:
    """Where something went wrong, with a link to that second."""
    order = {system: index for index, system in enumerate(results.systems)}
    records = sorted(results.records, key=lambda record: order[record.system])
    all_rows = [row_ for record in records for row_ in _faults(record)]
    if not all_rows:
        return None
    told = sum(len(record.failures) for record in results.records)
    shown = all_rows[:MOST_FAILURES]
    note = (
        f"{len(shown)} of {told} places where an answer went wrong; the time plays the recording from there."
    )
    if len(shown) < told:
        note += f" At most {MOST_OF_ONE} of a measure in an item; results.json has all."
    search = tag(
        "input", type="search", placeholder="filter: a system, item or measure", data_filters="failure-rows"
    )
    head = ["item", "at", "system", "measure", "what"]
    return join(
        [tag("p", note, class_="note"), search, _worded(head, shown, id="failure-rows", class_="failures")]
    )


def _faults(record: Record) -> list[Markup]:
    seen: dict[str, int] = {}
    found: list[Markup] = []
    for fault in record.failures:
        seen[fault.measure] = seen.get(fault.measure, 0) + 1
        if seen[fault.measure] > MOST_OF_ONE:
            continue
        found.append(
            tag(
                "tr",
                tag("td", _item(record), class_="item"),
                tag("td", moment(record.audio, fault.time_s, record.item), class_="number"),
                tag("td", record.system),
                tag("td", title_of(fault.measure, fault.measure)),
                tag("td", fault.text, class_="text"),
            )
        )
    return found


def against_baseline(found: Against) -> Markup:
    """What got better and worse: figures, then items."""
    when = f" of {found.started_at}" if found.started_at else ""
    note = (
        f"Against the results{when}, on the items that both have. {found.equal} figures are the same; "
        f"{found.only_before} scored items are in the baseline alone, {found.only_now} are new."
    )
    parts = [tag("p", note, class_="note")]
    told = [each for each in found.figures if is_main(each.name) and each.verdict != "no difference shown"]
    rest = [each for each in found.figures if each not in told]
    parts.append(_changes(told) if told else tag("p", "No main figure is shown to differ."))
    if rest:
        parts.append(tag("details", tag("summary", f"{len(rest)} other changes of figures"), _changes(rest)))
    if found.flips:
        parts.append(tag("h3", "Items that changed, the worse ones first"))
        parts.append(_flips(found.flips))
    return join(parts)


def _changes(figures: Sequence[Comparison]) -> Markup:
    rows = [
        row(
            title_of(each.name, each.measure),
            tag("td", each.system),
            tag("td", place_words(each)),
            number(each.other, each.unit),
            number(each.value, each.unit),
            difference(each.difference, each.unit),
            interval(each.low, each.high, each.unit),
            tag("td", verdict(each)),
        )
        for each in figures
    ]
    return grid(["figure", "system", "set", "before", "now", "difference", "95 %", ""], rows, words=3)


def _flips(flips: Sequence[Flip]) -> Markup:
    rows = [
        tag(
            "tr",
            tag("td", f"{flip.set}/{flip.item} {flip.variant}".strip(), class_="item"),
            tag("td", flip.system),
            tag("td", MEASURES[flip.measure].title if flip.measure in MEASURES else flip.measure),
            tag("td", f"{flip.before} → {flip.after}", class_="mono"),
            tag("td", "better" if flip.better else "worse", class_="better" if flip.better else "worse"),
            tag("td", tag("a", "listen", href=flip.audio, data_at="0", data_of=flip.item)),
        )
        for flip in flips[:MOST_FLIPS]
    ]
    more = f"{len(flips) - MOST_FLIPS} more changed" if len(flips) > MOST_FLIPS else ""
    search = tag(
        "input", type="search", placeholder="filter: a system, item or measure", data_filters="flip-rows"
    )
    head = ["item", "system", "measure", "before and now", "", ""]
    return join(
        [search, _worded(head, rows, id="flip-rows", class_="failures"), tag("p", more, class_="note")]
    )


def _item(record: Record) -> str:
    return f"{record.set}/{record.item}" + (f" ({record.variant})" if record.variant else "")


def _worded(head: Sequence[str], rows: Sequence[Markup], **attributes: str) -> Markup:
    """A table of words: nothing stands to the right."""
    cells = tag("thead", tag("tr", *(tag("th", each, scope="col") for each in head)))
    return tag("div", tag("table", cells, tag("tbody", *rows), **attributes), class_="scroll")
