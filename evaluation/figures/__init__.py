"""From scored items to figures: values with intervals, comparisons, confusions, calibration and cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from evaluation.figures.compare import Flag, compared, with_clean, with_peers
from evaluation.figures.cost import costs
from evaluation.figures.places import at, places
from evaluation.figures.records import Record
from evaluation.figures.reliability import reliabilities
from evaluation.figures.shape import Confusion, Figure, Figures, Place, Size, Tally
from evaluation.figures.sums import Ingredients, ingredients
from evaluation.figures.systems import answers_of, only_answered, systems_of
from evaluation.figures.unit import better_of, is_share, unit_of
from evaluation.measures import MEASURES
from evaluation.statistics import Interval, intervals, of_share

TrainedOn = Callable[[str, str, str], str | None]
"""(system, set, question) -> why the system may know the set's items, or None."""


def figures_of(
    records: Sequence[Record],
    *,
    seed: int = 0,
    trained_on: TrainedOn | None = None,
    notices: Sequence[str] = (),
) -> Figures:
    """Everything that is told about a run.

    Parameters
    ----------
    records : what each system made of each item, in each variant; see `records_of`
    seed : of the resampling; equal seeds give equal intervals
    trained_on : tells which systems may know a set
    notices : sentences about scores that could not be used

    Returns
    -------
    figures per set and origin, per kind, meter and kit, and over all sets of one origin; the project beside its
    peers; worn-down audio beside clean
    """
    answers = answers_of(records)
    answered = only_answered(records, answers)
    flag = _flag(trained_on)
    told = places(answered)
    return Figures(
        sizes=tuple(_size(place, members) for place, members in told),
        figures=tuple(_figures(told, flag, seed)),
        comparisons=tuple(
            compared(with_peers(answered, systems_of(answered)) + with_clean(answered), flag, seed)
        ),
        confusions=tuple(
            each for place, members in told if not place.by for each in _confusions(place, members)
        ),
        tallies=tuple(each for place, members in told if not place.by for each in _tallies(place, members)),
        reliabilities=tuple(reliabilities(answered, flag, seed)),
        costs=tuple(costs(records)),
        answers=answers,
        notices=tuple(notices),
    )


def _flag(trained_on: TrainedOn | None) -> Flag:
    def flag(system: str, records: Sequence[Record], question: str) -> str:
        if trained_on is None:
            return ""
        asked = MEASURES[question].question if question in MEASURES else question
        found = {trained_on(system, name, asked) for name in {record.set for record in records}}
        return "; ".join(sorted(reason for reason in found if reason))

    return flag


def _size(place: Place, members: Sequence[Record]) -> Size:
    items, songs = {(each.set, each.item) for each in members}, {each.song for each in members}
    return Size(**at(place), n_items=len(items), n_songs=len(songs))


def _figures(told: Sequence[tuple[Place, list[Record]]], flag: Flag, seed: int) -> list[Figure]:
    wanted: list[tuple[Place, str, Ingredients, str]] = []
    for place, members in told:
        for system in systems_of(members):
            own = [record for record in members if record.system == system]
            flags: dict[str, str] = {}
            for made in ingredients([own]):
                question = MEASURES[made.measure].question
                if question not in flags:
                    flags[question] = flag(system, own, question)
                if not (place.by and made.name.endswith(("].precision", "].recall"))):
                    wanted.append((place, system, made, flags[question]))
    found = intervals([made.sums for _, _, made, _ in wanted], seed=seed)
    return [
        _figure(place, system, made, interval, reason)
        for (place, system, made, reason), interval in zip(wanted, found, strict=True)
        if not math.isnan(interval.value)
    ]


def _figure(place: Place, system: str, made: Ingredients, interval: Interval, reason: str) -> Figure:
    if is_share(made.name, made.measure):
        interval = of_share(interval, made.sums.songs)
    return Figure(
        **at(place),
        name=made.name,
        measure=made.measure,
        system=system,
        value=interval.value,
        low=interval.low,
        high=interval.high,
        n_items=made.n_items,
        n_songs=made.sums.songs,
        unit=unit_of(made.name, made.measure),
        better=better_of(made.name, made.measure),
        trained_on=reason,
    )


def _confusions(place: Place, members: Sequence[Record]) -> list[Confusion]:
    found: list[Confusion] = []
    for measure in sorted({name for record in members for name in record.choices}):
        for system in systems_of(members):
            cells: dict[tuple[str, str], int] = {}
            for record in members:
                for choice in record.choices.get(measure, ()) if record.system == system else ():
                    cells[choice.truth, choice.answer] = cells.get((choice.truth, choice.answer), 0) + 1
            truths = tuple(sorted({truth for truth, _ in cells}))
            if truths:
                others = sorted(
                    {answer for _, answer in cells} - set(truths), key=lambda name: (not name, name)
                )
                answers = truths + tuple(others)
                counts = tuple(tuple(cells.get((truth, answer), 0) for answer in answers) for truth in truths)
                found.append(
                    Confusion(
                        **at(place),
                        measure=measure,
                        system=system,
                        truths=truths,
                        answers=answers,
                        counts=counts,
                    )
                )
    return found


def _tallies(place: Place, members: Sequence[Record]) -> list[Tally]:
    sums: dict[tuple[str, str, str], list[int]] = {}
    for record in members:
        for measure, labels in record.counts.items():
            for label, counts in labels.items():
                total = sums.setdefault((measure, record.system, label), [0, 0, 0])
                for index, count in enumerate(counts):
                    total[index] += count
    return [
        Tally(
            **at(place),
            measure=measure,
            system=system,
            label=label,
            found=found,
            invented=invented,
            missed=missed,
        )
        for (measure, system, label), (found, invented, missed) in sorted(sums.items())
    ]
