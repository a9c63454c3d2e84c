"""Polyrhythm: an even layer of k strokes in n beats, of a timbre that sounds there and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .passage import Passage
from .timbre import Background, Timbre

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

RATIOS = (
    (2, 3), (3, 2), (3, 4), (4, 3), (5, 2), (5, 3), (5, 4), (3, 5), (4, 5),
    (7, 2), (7, 3), (7, 4), (7, 5), (5, 6), (6, 5), (8, 3), (8, 5),
)  # fmt: skip
"""Strokes and beats of the cycles that are looked for."""
LEAST_SOUNDING, SOFTEST = 0.75, 0.1
"""Of the layer's strokes beside the beats so many must be heard at all; how soft, against a loud attack."""
LEAST_SET_APART = 0.5
"""Share of the strokes that have the layer's timbre, less that of other attacks; below it there is no further look."""
SHRINKAGE = 0.3
LOW_BANDS = 3
LEAST_CLEAR = 0.15
LEAST_STROKES = 5
"""Of the layer, beside the beats, in a passage."""


@dataclass(frozen=True)
class Layer:
    """A layer of k strokes in n beats as it was heard in a passage.

    Attributes
    ----------
    k, n, offset
        Its strokes lie at i/k beats wherever i % n is `offset`.
    strength
        About 2 where every place of the cycle has the timbre that the others have and no other attack has it; below
        1 for a coincidence.
    strokes : tuple of (i, whether the stroke there has the timbre), of those beside the beats
    beats : tuple of the beats on which it has strokes
    low : share of the three lowest bands, up to 110 Hz, in the rise of its strokes beside the beats
    first : the beat on which the passage begins
    """

    k: int
    n: int
    offset: int
    strength: float
    strokes: tuple[tuple[int, bool], ...]
    beats: tuple[int, ...]
    low: float
    first: int


def layers(passage: Passage) -> Iterator[Layer]:
    """All layers that a passage may have, by every ratio and phase in which one stroke of a cycle is on a beat."""
    if len(passage.attack_times) < 6:
        return
    beats = passage.spectra(passage.beats[:-1])
    for k, n in RATIOS:
        grid = np.arange(passage.first * k, passage.last * k)
        times = passage.times(grid / k)
        spectra = passage.spectra(times)
        off = grid % k != 0
        sounding = spectra.sum(axis=1) > SOFTEST * passage.loud
        strokes = np.bincount(grid[off] % n, minlength=n)
        sounded = np.bincount(grid[off & sounding] % n, minlength=n)
        for offset in np.flatnonzero(
            (strokes >= LEAST_STROKES) & (sounded >= LEAST_SOUNDING * strokes)
        ).tolist():
            mine = grid % n == offset
            others = passage.attack_spectra[passage.apart(times[mine])]
            if len(others) >= 3:
                heard = _judged(k, n, offset, grid[mine], spectra[mine], others, beats, passage.first)
                if heard is not None:
                    yield heard


def _judged(
    k: int,
    n: int,
    offset: int,
    grid: npt.NDArray[np.int64],
    strokes: Floats,
    others: Floats,
    beats: Floats,
    first: int,
) -> Layer | None:
    background = Background(others, SHRINKAGE)
    on, place = grid % k == 0, (grid - offset) // n % k
    timbre = background.timbre(strokes[~on])
    if timbre is None:
        return None
    heard = timbre.scores(strokes) > 0.5
    apart = heard[~on].mean() - (timbre.scores(others) > 0.5).mean()
    if apart < LEAST_SET_APART:
        return None
    at_beats = timbre.scores(beats)
    shared = np.zeros(len(beats), bool)
    shared[(grid[on] // k - first)] = True
    above = float(at_beats[shared].mean() - at_beats[~shared].mean()) if shared.any() else 0.0
    kept = min(float(heard[place == q].mean()) for q in set(place[~on].tolist()))
    alike, mean, false = _alike(background, strokes, others, place, on, timbre)
    strength = min(kept, alike) + 0.5 * min(mean, 1.0) + 0.5 * float(np.clip(above, 0.0, 0.6)) - 2.0 * false
    told = tuple((int(i), bool(h)) for i, h in zip(grid[~on], heard[~on], strict=True))
    low = float(strokes[~on, :LOW_BANDS].sum() / max(strokes[~on].sum(), 1e-9))
    return Layer(k, n, offset, strength, told, tuple((grid[on] // k).tolist()), low, first)


def _alike(
    background: Background,
    strokes: Floats,
    others: Floats,
    place: npt.NDArray[np.int64],
    on: Flags,
    timbre: Timbre,
) -> tuple[float, float, float]:
    """Whether each place of the cycle has the timbre of the rest: in the worst place the share of strokes that have
    more of it than nearly all other attacks, and their mean score; and the share of other attacks that seem to have
    it. Of two strokes, the one on the beat is asked."""
    away = sorted(set(place[~on].tolist()))
    if len(away) == 1:
        return _has(timbre, strokes[on], others) if on.any() else NOTHING
    parts = []
    for left in away:
        rest = background.timbre(strokes[~on & (place != left)])
        if rest is None:
            return NOTHING
        parts.append(_has(rest, strokes[place == left], others))
    shares, means, false = zip(*parts, strict=True)
    return min(shares), min(means), max(false)


NOTHING = (0.0, 0.0, 1.0)


def _has(timbre: Timbre, strokes: Floats, others: Floats) -> tuple[float, float, float]:
    scores, beside = timbre.scores(strokes), timbre.scores(others)
    clear = max(LEAST_CLEAR, float(np.quantile(beside, 0.95)))
    return float((scores > clear).mean()), float(scores.mean()), float((beside > 0.45).mean())
