"""What got better and what got worse against an older results.json, on the items that both have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.figures.compare import Pair, compared, matched
from evaluation.figures.places import places
from evaluation.figures.records import Record
from evaluation.figures.shape import Comparison, Triple
from evaluation.figures.systems import systems_of
from evaluation.measures import MEASURES
from evaluation.report.results import Results

MOVED = {"": 0.1, "ms": 2.0, "s": 0.05}
"""By unit: the change of an item's score that is worth a line; less is read from the figures."""


@dataclass(frozen=True, slots=True)
class Flip:
    """An item that a system does better or worse than before; in words, and by how much (0 for words alone)."""

    set: str
    item: str
    variant: str
    system: str
    measure: str
    before: str
    after: str
    better: bool
    size: float
    audio: str


@dataclass(frozen=True, slots=True)
class Against:
    """These results against older ones.

    Attributes
    ----------
    figures : differences of the figures, those that are shown to differ first; equal ones left out
    flips : items, the worst changes first
    equal : how many figures did not change at all
    only_before, only_now : how many (item, variant, system) the other does not have
    """

    started_at: str
    command: str
    figures: tuple[Comparison, ...]
    flips: tuple[Flip, ...]
    equal: int
    only_before: int
    only_now: int


def against(now: Results, before: Results) -> Against:
    """Compare with an older run, figure by figure (paired, by songs) and item by item."""
    new, old = now.records, before.records
    keys_now, keys_before = {_key(record) for record in new}, {_key(record) for record in old}
    found = compared(_pairs(new, old), lambda *_: "", now.run.seed)
    changed = [each for each in found if abs(each.difference) > 1e-12]
    return Against(
        started_at=before.run.started_at,
        command=before.run.command,
        figures=tuple(sorted(changed, key=_weight)),
        flips=tuple(sorted(_flips(new, old), key=lambda flip: (flip.better, -flip.size))),
        equal=len(found) - len(changed),
        only_before=len(keys_before - keys_now),
        only_now=len(keys_now - keys_before),
    )


def _pairs(new: Sequence[Record], old: Sequence[Record]) -> list[Pair]:
    found: list[Pair] = []
    for place, members in places(new, groups=False):
        for system in systems_of(members):
            own = [record for record in members if record.system == system]
            older = [record for record in old if record.system == system and record.variant == place.variant]
            found.append(Pair("baseline", place, system, "baseline", matched(own, older)))
    return found


def _weight(change: Comparison) -> tuple[int, float]:
    order = {"worse": 0, "better": 1, "too few songs": 2, "no difference shown": 3}
    return order[change.verdict], -abs(change.difference)


def _key(record: Record) -> tuple[str, str, str, str]:
    return record.set, record.item, record.variant, record.system


def _flips(new: Sequence[Record], old: Sequence[Record]) -> Iterator[Flip]:
    before = {_key(record): record for record in old}
    for record in new:
        older = before.get(_key(record))
        if older is not None:
            yield from _verdicts(record, older)
            yield from _choices(record, older)
            yield from _numbers(record, older)


def _verdicts(record: Record, older: Record) -> Iterator[Flip]:
    if record.lost != older.lost:
        yield _flip(record, "verdict", older.verdict, record.verdict, not record.lost, 1.0)


def _choices(record: Record, older: Record) -> Iterator[Flip]:
    for measure in record.choices.keys() & older.choices.keys():
        now, then = record.choices[measure], older.choices[measure]
        if all(choice.right for choice in now) != all(choice.right for choice in then):
            better = all(choice.right for choice in now) == (MEASURES[measure].better == "higher")
            answers = [" ".join(choice.answer or "no answer" for choice in each) for each in (then, now)]
            yield _flip(record, measure, answers[0], answers[1], better, 1.0)


def _numbers(record: Record, older: Record) -> Iterator[Flip]:
    for measure in sorted(_scores(record).keys() & _scores(older).keys()):
        now, then = _scores(record)[measure], _scores(older)[measure]
        least = MOVED[MEASURES[measure].unit]
        if abs(now - then) >= least - 1e-9:
            better = (now > then) == (MEASURES[measure].better == "higher")
            yield _flip(
                record, measure, f"{then:.3f}", f"{now:.3f}", better, min(1.0, abs(now - then) / least / 10)
            )


def _scores(record: Record) -> dict[str, float]:
    """The numbers of an item: means, and F over all events of it."""
    means = {measure: sum(values) / len(values) for measure, values in record.values.items()}
    shares = {measure: _f(list(labels.values())) for measure, labels in record.counts.items()}
    return means | {measure: share for measure, share in shares.items() if share is not None}


def _f(counts: Sequence[Triple]) -> float | None:
    found, invented, missed = (sum(each[part] for each in counts) for part in range(3))
    return 2 * found / (2 * found + invented + missed) if found + missed else None


def _flip(record: Record, measure: str, before: str, after: str, better: bool, size: float) -> Flip:
    return Flip(
        record.set,
        record.item,
        record.variant,
        record.system,
        measure,
        before,
        after,
        better,
        size,
        record.audio,
    )
