"""Which of what was answered is which of what is true: one to one, within a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import mir_eval
import numpy as np
import numpy.typing as npt

from evaluation.conventions import TimesArray

Pairs: TypeAlias = list[tuple[int, int]]
"""(index of the truth, index of the answer), in order."""


class Found(NamedTuple):
    """How many were found, invented and missed."""

    found: int
    invented: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of the answer that is true; 0 where nothing was answered."""
        return self.found / max(self.found + self.invented, 1)

    @property
    def recall(self) -> float:
        """Share of the truth that was found; 0 where there is none."""
        return self.found / max(self.found + self.missed, 1)

    @property
    def f(self) -> float:
        """Harmonic mean of precision and recall."""
        return float(mir_eval.util.f_measure(self.precision, self.recall))

    def __bool__(self) -> bool:
        return any(tuple(self))

    def plus(self, other: Found) -> Found:
        """Both together."""
        return Found(*(a + b for a, b in zip(self, other, strict=True)))


def as_times(times: Sequence[float] | TimesArray | None) -> TimesArray:
    """Shape (n,), ascending seconds; no answer is none of it."""
    return np.sort(np.asarray(() if times is None else times, dtype=np.float64))


def found(reference: TimesArray, estimate: TimesArray, window_s: float) -> Found:
    """Counts of the largest one-to-one matching of two lists of times.

    The counts behind mir_eval's F of beats, onsets and boundaries, which refuse times beyond 30,000 s and warn
    of empty lists; a tape of ten hours has the first, an answer can be the second.

    Parameters
    ----------
    reference, estimate
        Shapes (n,) and (m,), ascending seconds.
    window_s
        Largest distance of a match, included.
    """
    matches = 0
    if len(reference) and len(estimate):
        matches = len(mir_eval.util.match_events(reference, estimate, window_s))
    return Found(matches, len(estimate) - matches, len(reference) - matches)


def nearest_pairs(reference: TimesArray, estimate: TimesArray, window_s: float) -> Pairs:
    """Of the largest one-to-one matchings of two lists of times the one with the least total distance.

    mir_eval's matching is as large but pairs whatever comes first, which is no measure of errors. Pairs that
    cross gain nothing on a line, so that a pass over both lists in order finds it, in the time of counting
    the pairs within the window.

    Parameters
    ----------
    reference, estimate
        Shapes (n,) and (m,), ascending seconds.
    window_s
        Largest distance of a match, included.
    """
    left = np.searchsorted(reference, estimate - window_s, side="left").tolist()
    right = np.searchsorted(reference, estimate + window_s, side="right").tolist()
    # best[i]: matches, minus their distance, and the chain of pairs, with the first i of the reference.
    best: list[tuple[int, float, Any]] = [(0, 0.0, None)]
    for j, (first, stop) in enumerate(zip(left, right, strict=True)):
        best.extend(best[-1:] * (stop + 1 - len(best)))
        for i in range(stop - 1, first - 1, -1):
            matches, gain, chain = best[i]
            gain -= abs(float(reference[i] - estimate[j]))
            if (matches + 1, gain) > best[i + 1][:2]:
                best[i + 1] = (matches + 1, gain, (chain, i, j))
        for i in range(first + 1, stop + 1):
            best[i] = max(best[i - 1], best[i], key=_worth)
    return _unrolled(best[-1][2])


def _worth(state: tuple[int, float, Any]) -> tuple[int, float]:
    return state[:2]


def _unrolled(chain: Any) -> Pairs:
    pairs: Pairs = []
    while chain is not None:
        chain, i, j = chain
        pairs.append((i, j))
    return pairs[::-1]


def best_pairs(
    reference: Sequence[Any], estimate: Sequence[Any], distance: Callable[[Any, Any], float | None]
) -> Pairs:
    """Of the largest one-to-one matchings of anything the one with the least total distance.

    Parameters
    ----------
    reference, estimate
        A few hundred things at most: all pairs are looked at.
    distance
        Of a true and an answered thing, at most 1e6; None where they are no match.
    """
    from scipy.optimize import linear_sum_assignment

    if not reference or not estimate:
        return []
    far = [[distance(a, b) for b in estimate] for a in reference]
    # A match is worth more than all distances that it could cost.
    worth = np.array([[0.0 if d is None else d - 1e7 * len(far) for d in row] for row in far])
    rows, columns = linear_sum_assignment(worth)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if far[i][j] is not None]


def without(count: int, used: npt.ArrayLike) -> list[int]:
    """The indices below `count` that are not among `used`."""
    taken = set(np.asarray(used, dtype=int).tolist())
    return [index for index in range(count) if index not in taken]
