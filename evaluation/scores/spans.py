"""Stretches of time with a label: laid flat, cut to length, compared second by second."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Stretch(NamedTuple):
    """From, to (seconds), and what it is there."""

    start_s: float
    end_s: float
    label: str


def flat(spans: Iterable[tuple[float, float, str]]) -> list[Stretch]:
    """The stretches in order and without overlap or empty ones: where several lie, the one that began last holds."""
    given = sorted((Stretch(*span) for span in spans if span[1] > span[0]), key=lambda span: span.start_s)
    borders = sorted({time for span in given for time in span[:2]})
    laid: list[Stretch] = []
    last, begun = -1, 0
    open_: list[tuple[float, int]] = []
    for start, end in itertools.pairwise(borders):
        while begun < len(given) and given[begun].start_s <= start:
            heapq.heappush(open_, (-given[begun].start_s, -begun))
            begun += 1
        while open_ and given[-open_[0][1]].end_s <= start:
            heapq.heappop(open_)
        top = -open_[0][1] if open_ else -1
        if top >= 0 and top == last:
            laid[-1] = laid[-1]._replace(end_s=end)
        elif top >= 0:
            laid.append(Stretch(start, end, given[top].label))
        last = top
    return laid


def filled(
    laid: list[Stretch], start_s: float, end_s: float, label: str, after: str | None = None
) -> list[Stretch]:
    """Flat stretches cut to [start_s, end_s], with `label` wherever there is none, `after` behind the last."""
    full: list[Stretch] = []
    at = start_s
    for span in laid:
        first, last = max(span.start_s, start_s), min(span.end_s, end_s)
        if last <= first:
            continue
        if first > at:
            full.append(Stretch(at, first, label))
        full.append(Stretch(first, last, span.label))
        at = last
    if at < end_s:
        full.append(Stretch(at, end_s, after or label))
    return full


def arrays(laid: list[Stretch]) -> tuple[npt.NDArray[np.float64], list[str]]:
    """As mir_eval takes them: intervals of shape (n, 2) in seconds, and n labels."""
    intervals = np.array([span[:2] for span in laid], dtype=np.float64).reshape(-1, 2)
    return intervals, [span.label for span in laid]


def together(reference: list[Stretch], estimate: list[Stretch]) -> Iterator[tuple[Stretch, str | None]]:
    """Every piece of the reference over which both labels hold, with the estimate's; None where it has none.

    Both are flat.
    """
    behind = 0
    for span in reference:
        at = span.start_s
        while behind < len(estimate) and estimate[behind].end_s <= at:
            behind += 1
        index = behind
        while at < span.end_s:
            other = estimate[index] if index < len(estimate) else None
            if other is None or other.start_s >= span.end_s:
                yield Stretch(at, span.end_s, span.label), None
                break
            if other.start_s > at:
                yield Stretch(at, other.start_s, span.label), None
                at = other.start_s
            end = min(other.end_s, span.end_s)
            yield Stretch(at, end, span.label), other.label
            at = end
            index += 1


class Agreement(NamedTuple):
    """Share of the time that is right (None where there is no time), and the first piece that is not."""

    share: float | None
    first_wrong: tuple[Stretch, str | None] | None


def agreement(
    reference: list[Stretch], estimate: list[Stretch], right: Callable[[str, str], bool]
) -> Agreement:
    """How much of the reference's time has a right label in the estimate. Both are flat."""
    whole = good = 0.0
    first_wrong: tuple[Stretch, str | None] | None = None
    for piece, answer in together(reference, estimate):
        seconds = piece.end_s - piece.start_s
        whole += seconds
        if answer is not None and right(piece.label, answer):
            good += seconds
        elif first_wrong is None:
            first_wrong = piece, answer
    return Agreement(min(good / whole, 1.0) if whole > 0.0 else None, first_wrong)
