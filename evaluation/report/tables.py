"""The tables, before they are drawn: which figures stand in which row, which system in which column, and the words.

Terminal and page draw the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evaluation.figures.shape import By, Comparison, Figure, Figures, Place, Size
from evaluation.figures.systems import CONSTANT
from evaluation.figures.unit import title_of
from evaluation.measures import MEASURES

QUESTIONS = tuple(dict.fromkeys(measure.question for measure in MEASURES.values()))
"""In the order of the measures."""

MAIN = (
    "beats.f",
    "beats.f_any_level",
    "beats.false_claim",
    "downbeats.f",
    "meter.exact",
    "meter.bar_length",
    "meter.time_right",
    "meter.false_odd",
    "modulations.f",
    "tempo.acc1",
    "tempo.acc2",
    "tempo.false_claim",
    "polyrhythms.f",
    "polyrhythms.false_alarm",
    "swing.error",
    "microtiming.error_ms",
    "onsets.f_50ms",
    "onsets.f_25ms",
    "hits.f_50ms",
    "key.exact",
    "key.weighted",
    "sections.f_05s",
    "sections.f_3s",
    "regions.f_50ms",
    "regions.count_error",
    "content.time_right",
    "notes.f_onset",
    "chords.majmin",
)
"""The measures of the short tables; of those over classes, `.micro` and `.macro`."""
_MAIN_NAMES = {f"{measure}{suffix}" for measure in MAIN for suffix in ("", ".micro", ".macro")}

ORIGIN_WORDS = {"recording": "recordings", "human": "played by people, rendered", "generated": "generated"}
DASH = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """A system's figure in a row; `best` where no other that was not trained on the set is better."""

    figure: Figure | None
    best: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row: a figure's name in words, and a cell for each system."""

    name: str
    title: str
    question: str
    better: str
    n_items: int
    n_songs: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a place, by question; `systems` are the columns, `n_items` and `n_songs` all that lie there."""

    place: Place
    n_items: int
    n_songs: int
    systems: tuple[str, ...]
    lines: tuple[Line, ...]


def is_main(name: str) -> bool:
    """Whether a figure stands in the short tables."""
    return name in _MAIN_NAMES


def tables(told: Figures, *, main: bool = True, by: By = "", variant: str = "") -> list[Table]:
    """A table for each place that has figures, sets in their order and all sets together last.

    What none but the constant answers has no row.

    Parameters
    ----------
    main : the short tables; else every figure
    by : those of the groups by kind, meter or kit; else of whole sets
    """
    grouped: dict[Place, list[Figure]] = {}
    for figure in told.figures:
        if figure.by == by and figure.variant == variant and (not main or is_main(figure.name)):
            grouped.setdefault(place_of(figure), []).append(figure)
    sizes = {place_of(size): size for size in told.sizes}
    found = [
        _table(place, sizes[place], figures, list(told.answers))
        for place, figures in grouped.items()
        if any(figure.system != CONSTANT for figure in figures)
    ]
    return sorted(found, key=lambda table: table.place.set == "")


def place_of(figure: Place) -> Place:
    """Where a figure lies, alone."""
    return Place(
        set=figure.set, origin=figure.origin, variant=figure.variant, by=figure.by, group=figure.group
    )


def footnotes(figures: Iterable[Figure | Comparison]) -> list[str]:
    """The sentences behind the daggers, once each."""
    return sorted({figure.trained_on for figure in figures if figure.trained_on})


def place_words(place: Place) -> str:
    """A place as a heading."""
    name = place.set or "all sets"
    group = f", {place.by} {place.group}" if place.by else ""
    variant = f", {place.variant}" if place.variant else ""
    return f"{name}{group}{variant} ({ORIGIN_WORDS[place.origin]})"


def plural(count: int, word: str) -> str:
    """A count with its word."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def number(value: float, unit: str, digits: int = 3) -> str:
    """A figure's number: shares and errors with three digits, milliseconds with one."""
    return f"{value:.{_digits(unit, digits)}f}"


def interval(low: float | None, high: float | None, unit: str, digits: int = 2) -> str:
    """The ends of an interval, or words for there being none."""
    if low is None or high is None:
        return "too few songs"
    shown = _digits(unit, digits)
    ends = [f"{round(end, shown) + 0.0:.{shown}f}".replace("-", "−") for end in (low, high)]
    return (" to " if ends[0].startswith("−") else "–").join(ends)


def difference(value: float, unit: str, digits: int = 3) -> str:
    """A signed number, with a true minus."""
    shown = f"{round(value, _digits(unit, digits)) + 0.0:+.{_digits(unit, digits)}f}"
    return shown.replace("-", "−")


@dataclass(frozen=True, slots=True)
class Beside:
    """A system beside several others (or variants, or older results) at one place, figure by figure."""

    kind: str
    place: Place
    system: str
    others: tuple[str, ...]
    lines: tuple[tuple[str, tuple[Comparison | None, ...]], ...]


def beside(comparisons: Iterable[Comparison]) -> list[Beside]:
    """The comparisons of main figures, a table for each place and system.

    Variants of a set are columns of one table, and so are the systems that one is compared with.
    """
    grouped: dict[tuple[str, Place, str], list[Comparison]] = {}
    for each in comparisons:
        if is_main(each.name):
            place = place_of(each).model_copy(update={"variant": ""})
            grouped.setdefault((each.kind, place, each.system), []).append(each)
    return [_beside(kind, place, system, members) for (kind, place, system), members in grouped.items()]


def other_of(comparison: Comparison) -> str:
    """What the system is beside: another, or its own audio worn down."""
    return comparison.variant if comparison.kind == "variant" else comparison.against


def _beside(kind: str, place: Place, system: str, members: Sequence[Comparison]) -> Beside:
    others = tuple(dict.fromkeys(other_of(each) for each in members))
    cells = {(each.name, other_of(each)): each for each in members}
    measures = {each.name: each.measure for each in members}
    names = sorted(measures, key=lambda name: _order(name, measures[name]))
    lines = tuple((name, tuple(cells.get((name, other)) for other in others)) for name in names)
    return Beside(kind, place, system, others, lines)


def _digits(unit: str, digits: int) -> int:
    return 1 if unit == "ms" else digits


def _table(place: Place, size: Size, figures: Sequence[Figure], systems: Sequence[str]) -> Table:
    by_name: dict[str, dict[str, Figure]] = {}
    for figure in figures:
        by_name.setdefault(figure.name, {})[figure.system] = figure
    shown = [system for system in systems if any(system in each for each in by_name.values())]
    ordered = sorted(by_name, key=lambda name: _order(name, next(iter(by_name[name].values())).measure))
    lines = [_line(name, by_name[name], shown) for name in ordered if by_name[name].keys() - {CONSTANT}]
    return Table(place, size.n_items, size.n_songs, tuple(shown), tuple(lines))


def _line(name: str, figures: dict[str, Figure], systems: Sequence[str]) -> Line:
    one = next(iter(figures.values()))
    fair = [figure.value for figure in figures.values() if not figure.trained_on]
    if all(name == CONSTANT or figure.trained_on for name, figure in figures.items()):
        fair = []  # the constant is best of what nobody else may claim
    told_apart = len({figure.value for figure in figures.values()}) > 1
    best = (max(fair) if one.better == "higher" else min(fair)) if told_apart and fair else None
    return Line(
        name=name,
        title=title_of(name, one.measure),
        question=MEASURES[one.measure].question,
        better=one.better,
        n_items=max(figure.n_items for figure in figures.values()),
        n_songs=max(figure.n_songs for figure in figures.values()),
        cells=tuple(_cell(figures.get(system), best) for system in systems),
    )


def _cell(figure: Figure | None, best: float | None) -> Cell:
    if figure is None or best is None or figure.trained_on:
        return Cell(figure)
    return Cell(figure, abs(figure.value - best) < 1e-9)


_PLACE_IN_ORDER = {name: index for index, name in enumerate(MEASURES)}
_SUFFIXES = ("", ".macro", ".micro", ".micro.precision", ".micro.recall", ".invented")


def _order(name: str, measure: str) -> tuple[int, int, str]:
    """Measures in their order, and of each the whole before its classes."""
    suffix = name.removeprefix(measure)
    rank = _SUFFIXES.index(suffix) if suffix in _SUFFIXES else len(_SUFFIXES)
    return _PLACE_IN_ORDER[measure], rank, name
