"""The section about confidences: whether they come true as often as they say, and whether doubt finds error."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.figures.shape import Reliability
from evaluation.measures import EVENTS
from evaluation.report.drawn import grid, row
from evaluation.report.markup import Markup, join, tag
from evaluation.report.plots import reliability
from evaluation.report.results import Results
from evaluation.report.tables import DASH, interval, place_words

NOTE = (
    "Reliability: the share of claims that came true in each tenth of confidence, larger marks for more claims; on "
    "the broken line a confidence means what it says. ECE is the mean distance from that line; beside it the ECE "
    "that chance alone gives a perfect system with the same confidences, and in how many cases of a hundred "
    "it stays under: only an ECE above the latter shows a miscalibration. Doubt finds error (AUC): the chance that "
    "a wrong claim has less confidence than a right one, 0.5 says nothing. A risk area under the share wrong "
    "means that keeping the most confident answers helps."
)


def confidence(results: Results) -> Markup | None:
    """A plot for each event at the widest places, and the table of all."""
    found = results.told.reliabilities
    if not found:
        return None
    parts = [tag("p", NOTE, class_="note")]
    for event in dict.fromkeys(each.event for each in found):
        of_event = [each for each in found if each.event == event]
        parts.append(tag("h3", f"{event}: {EVENTS[event]}"))
        parts.append(_table(of_event))
        plots = [_plot(place, members, results.systems) for place, members in _widest(of_event).items()]
        parts.append(tag("div", *plots, class_="plots"))
    return join(parts)


def _plot(place: str, members: Sequence[Reliability], systems: Sequence[str]) -> Markup:
    table = tag("details", tag("summary", "as a table"), *(_bins(each) for each in members))
    return tag("div", tag("h4", place), tag("figure", reliability(members, systems)), table)


def _widest(found: Sequence[Reliability]) -> dict[str, list[Reliability]]:
    """By place: all sets of an origin where they are pooled, else the set."""
    pooled = {each.origin for each in found if not each.set}
    places: dict[str, list[Reliability]] = {}
    for each in found:
        if not each.set or each.origin not in pooled:
            places.setdefault(place_words(each), []).append(each)
    return places


def _table(found: Sequence[Reliability]) -> Markup:
    rows = [
        row(
            place_words(each),
            tag("td", each.system, "†" if each.trained_on else None, title=each.trained_on or None),
            str(each.n),
            f"{1 - each.n_right / each.n:.3f}",
            f"{each.risk_area:.3f}",
            f"{each.ece:.3f}",
            f"{each.ece_expected:.3f}, 95: {each.ece_p95:.3f}",
            f"{each.brier:.3f}",
            _auc(each),
        )
        for each in found
    ]
    head = ["", "system", "claims", "wrong", "risk area", "ECE", "if perfect", "Brier", "doubt finds error"]
    return grid(head, rows, words=2)


def _auc(found: Reliability) -> Markup:
    if found.auc is None:
        return tag("td", DASH, class_="number unclear", title="all right, or all wrong")
    ends = interval(found.auc_low, found.auc_high, "")
    return tag("td", f"{found.auc:.3f}", tag("span", ends, class_="interval"), class_="number")


def _bins(found: Reliability) -> Markup:
    rows = [
        row(
            f"{each.low:.1f}–{each.high:.1f}",
            str(each.n),
            f"{each.confidence:.3f}",
            f"{each.right:.3f}",
            interval(each.right_low, each.right_high, ""),
        )
        for each in found.bins
        if each.n and each.confidence is not None and each.right is not None
    ]
    return grid(["confidence", "claims", "mean", "came true", "95 %"], rows, caption=found.system)
