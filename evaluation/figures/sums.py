"""From the scores of some items to the sums by song that each of their figures is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.figures.records import Record
from evaluation.statistics import Array, Formula, Sums, by_song


@dataclass(frozen=True, slots=True)
class Ingredients:
    """One figure before its value: the sums by song, and how many items are in them."""

    name: str
    measure: str
    sums: Sums
    n_items: int


Sides = Sequence[Sequence[Record]]
"""One list of records, or two over the same items in the same order: their figures are differences."""


def ingredients(sides: Sides) -> list[Ingredients]:
    """All figures of the items of one system, or the differences between two.

    Parameters
    ----------
    sides : the records of one system; or those of two, item by item. Of two, a measure counts on the items
        where both have it.
    """
    found: list[Ingredients] = []
    for measure in _measures(sides, "values"):
        found += _of_values(sides, measure)
    for measure in _measures(sides, "counts"):
        found += _of_counts(sides, measure)
    for measure in _measures(sides, "choices"):
        found += _of_choices(sides, measure)
    return found


def _measures(sides: Sides, of: str) -> list[str]:
    named = [{name for record in side for name in getattr(record, of)} for side in sides]
    return sorted(set.intersection(*named)) if named else []


def _scored(sides: Sides, of: str, measure: str) -> list[tuple[Record, ...]]:
    """The items, each with its record of every side, that all sides have the measure on."""
    if len(sides) == 1:
        return [(record,) for record in sides[0] if measure in getattr(record, of)]
    return [
        item for item in zip(*sides, strict=True) if all(measure in getattr(record, of) for record in item)
    ]


def _made(
    name: str, measure: str, formula: Formula, items: Sequence[tuple[Record, ...]], parts: Array
) -> Ingredients:
    """A figure of parts of shape (items, sides, classes, parts)."""
    songs = [item[0].song for item in items]
    return Ingredients(name, measure, Sums(formula, by_song(songs, parts)), len(items))


def _of_values(sides: Sides, measure: str) -> list[Ingredients]:
    items = _scored(sides, "values", measure)
    if not items:
        return []
    parts = [
        [[(sum(record.values[measure]), len(record.values[measure]))] for record in item] for item in items
    ]
    return [_made(measure, measure, "mean", items, np.array(parts, dtype=np.float64))]


def _of_counts(sides: Sides, measure: str) -> list[Ingredients]:
    items = _scored(sides, "counts", measure)
    if not items:
        return []
    labels = sorted({label for item in items for record in item for label in record.counts[measure]})
    parts = np.array(
        [
            [[record.counts[measure].get(label, (0, 0, 0)) for label in labels] for record in item]
            for item in items
        ],
        dtype=np.float64,
    ).reshape(len(items), len(sides), len(labels), 3)
    together = parts.sum(axis=2, keepdims=True)
    invented = np.stack([together[..., 1], np.ones_like(together[..., 1])], axis=-1)
    made = [
        _events(f"{measure}.micro", measure, "f", items, together),
        _events(f"{measure}.micro.precision", measure, "precision", items, together),
        _events(f"{measure}.micro.recall", measure, "recall", items, together),
        _made(f"{measure}.invented", measure, "mean", items, invented),
    ]
    in_truth = np.flatnonzero((parts[..., 0] + parts[..., 2]).sum(axis=(0, 1)) > 0)
    if len(in_truth) >= 2:
        made.append(_events(f"{measure}.macro", measure, "f", items, parts[:, :, in_truth]))
    for index in in_truth:
        if labels[index]:
            one, name = parts[:, :, [index]], f"{measure}[{labels[index]}]"
            made.append(_events(name, measure, "f", items, one))
            made.append(_events(f"{name}.precision", measure, "precision", items, one))
            made.append(_events(f"{name}.recall", measure, "recall", items, one))
    return made


def _events(
    name: str, measure: str, formula: Formula, items: Sequence[tuple[Record, ...]], parts: Array
) -> Ingredients:
    """A figure of events alone: items with none to find and none found are no evidence, and count as no song."""
    with_any = np.flatnonzero(parts.any(axis=(1, 2, 3))).tolist()
    return _made(name, measure, formula, [items[index] for index in with_any], parts[with_any])


def _of_choices(sides: Sides, measure: str) -> list[Ingredients]:
    items = _scored(sides, "choices", measure)
    if not items:
        return []
    classes = sorted(
        {choice.truth for item in items for record in item for choice in record.choices[measure]}
    )
    place = {name: index for index, name in enumerate(classes)}
    parts = np.zeros((len(items), len(sides), len(classes), 2))
    for row, item in enumerate(items):
        for side, record in enumerate(item):
            for choice in record.choices[measure]:
                parts[row, side, place[choice.truth]] += (choice.right, 1)
    made = [_made(measure, measure, "mean", items, parts.sum(axis=2, keepdims=True))]
    if len(classes) >= 2:
        made.append(_made(f"{measure}.macro", measure, "mean", items, parts))
    return made
