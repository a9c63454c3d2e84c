"""Intervals by resampling songs: every figure is a ratio of sums, so all of them are resampled in one product.

A figure is made of *sums per song*: an array (songs, classes, parts), where the parts are those of its formula.
Its value is the formula of the sums over songs, averaged over the classes that have one. Resampling songs with
replacement multiplies the songs by how often each was drawn, so that the replicates of many figures are one
matrix product. Figures of equally many songs share their draws.

References
----------
Hesterberg, T. C. (2015). What teachers should know about the bootstrap. The American Statistician 69(4).
(The percentile interval, with its levels moved outwards for few samples, as Student's t does.)
Field, C. A., Welsh, A. H. (2007). Bootstrapping clustered data. JRSS B 69(3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtrit

Array = npt.NDArray[np.float64]
Formula = Literal["mean", "precision", "recall", "f"]
"""Of the parts (sum, count) the mean; of (found, invented, missed) the others."""

REPLICATES = 2000
LEVEL = 0.95
LARGEST_BATCH = 4_000_000
"""Numbers of replicates held at once: 32 MB."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What one figure is made of, by song.

    Attributes
    ----------
    formula : how the parts become a number
    parts : shape (songs, sides, classes, parts); two sides make a difference, the first less the second,
        whose songs are drawn together
    """

    formula: Formula
    parts: Array

    @property
    def songs(self) -> int:
        """How many songs these are."""
        return int(self.parts.shape[0])


@dataclass(frozen=True, slots=True)
class Interval:
    """A number with its 95 % interval; NaN where there is nothing to divide by.

    No interval with a single song, or, of a mean over classes, with a class of a single song.
    """

    value: float
    low: float | None
    high: float | None


def by_song(songs: Sequence[str], parts: Array) -> Array:
    """Sum the parts of items that share a song.

    Parameters
    ----------
    songs : of each item
    parts : shape (items, ...)

    Returns
    -------
    array, shape (songs, ...), songs in alphabetical order, so that two sides of the same songs agree
    """
    distinct, index = np.unique(np.array(songs, dtype=np.str_), return_inverse=True)
    summed = np.zeros((len(distinct), *parts.shape[1:]))
    np.add.at(summed, index, parts)
    return summed


def intervals(figures: Sequence[Sums], *, seed: int = 0) -> list[Interval]:
    """Values and clustered 95 % intervals of many figures, in their order."""
    found: list[Interval] = [Interval(float("nan"), None, None)] * len(figures)
    for batch in _batches(figures):
        stacked = np.stack([figures[index].parts for index in batch], axis=1)
        formula = figures[batch[0]].formula
        values = _values(stacked.sum(axis=0), formula)
        songs = stacked.shape[0]
        if songs < 2:
            bounds: list[tuple[float | None, float | None]] = [(None, None)] * len(batch)
        else:
            flat = draws(songs, seed) @ stacked.reshape(songs, -1)
            replicated = _values(flat.reshape(REPLICATES, *stacked.shape[1:]), formula, stacked.sum(axis=0))
            replicated[:, _has_a_lone_class(stacked)] = np.nan
            bounds = bounds_of(replicated, songs)
        for index, value, (low, high) in zip(batch, values, bounds, strict=True):
            found[index] = Interval(float(value), low, high)
    return found


def of_share(found: Interval, songs: int) -> Interval:
    """The interval of a share between 0 and 1, also where all songs agree on 0 or on 1.

    Resampling equal songs shows no spread; then the end is the exact (Clopper and Pearson) one of so many
    successes in a row, which is the widest that any share with these values has.
    """
    if found.low is None or found.low != found.high or found.value not in (0.0, 1.0):
        return found
    reach = float(((1 - LEVEL) / 2) ** (1 / songs))
    return Interval(1.0, reach, 1.0) if found.value == 1.0 else Interval(0.0, 0.0, 1 - reach)


def value_of(figure: Sums, side: int = 0) -> float:
    """The value of one side of a figure, without an interval; NaN where there is nothing to divide by."""
    return float(_values(figure.parts[:, [side]].sum(axis=0), figure.formula))


def bounds_of(samples: Array, songs: int) -> list[tuple[float | None, float | None]]:
    """Ends of the 95 % interval of each column of replicates; NaN replicates are left out.

    Parameters
    ----------
    samples : shape (replicates, figures)
    songs : how many were resampled
    """
    outer = expanded_level(songs)
    with_gaps = np.isnan(samples).any(axis=0)
    low = np.full(samples.shape[1], np.nan)
    high = low.copy()
    if not with_gaps.all():
        low[~with_gaps], high[~with_gaps] = np.quantile(samples[:, ~with_gaps], [outer, 1 - outer], axis=0)
    for column in np.flatnonzero(with_gaps):
        present = samples[~np.isnan(samples[:, column]), column]
        if len(present):
            low[column], high[column] = np.quantile(present, [outer, 1 - outer])
    return [
        (None, None) if np.isnan(left) else (float(left), float(right))
        for left, right in zip(low, high, strict=True)
    ]


def expanded_level(songs: int, level: float = LEVEL) -> float:
    """The quantile of the replicates at which the interval's lower end lies, wider for few songs.

    Hesterberg (2015): replicates of a mean spread by sqrt((n-1)/n) too little, and their quantiles are those of a
    normal distribution where Student's t belongs.
    """
    quantile = stdtrit(songs - 1, (1 - level) / 2) * np.sqrt(songs / (songs - 1))
    return float(ndtr(quantile))


@lru_cache(maxsize=32)
def draws(songs: int, seed: int) -> Array:
    """How often each song was drawn, shape (REPLICATES, songs); rows sum to the number of songs."""
    random = np.random.default_rng([seed, songs])
    chosen = random.integers(0, songs, size=(REPLICATES, songs))
    cells = chosen + np.arange(REPLICATES)[:, None] * songs
    counts = np.bincount(cells.ravel(), minlength=REPLICATES * songs)
    drawn = counts.reshape(REPLICATES, songs).astype(np.float64)
    drawn.flags.writeable = False
    return drawn


def _batches(figures: Sequence[Sums]) -> Iterable[list[int]]:
    alike: dict[tuple[Any, ...], list[int]] = {}
    for index, figure in enumerate(figures):
        if figure.songs:
            alike.setdefault((figure.formula, figure.parts.shape), []).append(index)
    for (_, shape), members in alike.items():
        size = max(1, LARGEST_BATCH // (REPLICATES * int(np.prod(shape[1:]))))
        for start in range(0, len(members), size):
            yield members[start : start + size]


def _values(sums: Array, formula: Formula, whole: Array | None = None) -> Array:
    """Of sums (..., sides, classes, parts) the figure, or the difference of its two sides.

    A class that a replicate happens to lack has its value in `whole`, the sums of all songs: without it, the mean
    over the others would lean to the classes of many songs.
    """
    each = _ratio(sums, formula)
    if each.shape[-1] == 1:
        sides = each[..., 0]
    else:
        if whole is not None:
            each = np.where(np.isnan(each), _ratio(whole, formula), each)
        present = ~np.isnan(each)
        sides = _divide(np.where(present, each, 0.0).sum(axis=-1), present.sum(axis=-1))
    return sides[..., 0] if sides.shape[-1] == 1 else sides[..., 0] - sides[..., 1]


def _has_a_lone_class(stacked: Array) -> npt.NDArray[np.bool_]:
    """Which figures over classes, of sums (songs, figures, sides, classes, parts), have a class of a single song.

    Nothing tells how other songs of it would differ, so there is no interval.
    """
    if stacked.shape[3] == 1:
        return np.zeros(stacked.shape[1], dtype=np.bool_)
    in_song = (stacked[..., 0] + stacked[..., -1]).max(axis=2) > 0
    return np.asarray((in_song.sum(axis=0) == 1).any(axis=-1))


def _ratio(sums: Array, formula: Formula) -> Array:
    if formula == "mean":
        return _divide(sums[..., 0], sums[..., 1])
    found, invented, missed = sums[..., 0], sums[..., 1], sums[..., 2]
    if formula == "f":
        # Where there was nothing to find, F would only say whether anything was invented: 0, or no number.
        return _divide(2 * found, (2 * found + invented + missed) * (found + missed > 0))
    of = found + (invented if formula == "precision" else missed)
    # Nothing claimed where there was something to find: a precision of 0, as in mir_eval.
    nothing_claimed = (of == 0) & (formula == "precision") & (missed > 0)
    return np.where(nothing_claimed, 0.0, _divide(found, of))


def _divide(upper: Array, lower: npt.NDArray[Any]) -> Array:
    return np.asarray(np.divide(upper, lower, out=np.full(upper.shape, np.nan), where=lower > 0))
