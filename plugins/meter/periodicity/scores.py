"""Scores of hypotheses: what speaks for a bar, its grouping and where it begins, part by part.

References
----------
.. [1] S. Dixon, "Automatic extraction of tempo and beat from expressive performances", Journal of New
   Music Research 30(1), 2001.
.. [2] M. Gainza, "Automatic musical meter detection", Proc. of ICASSP, 2009. (Bars that repeat.)
.. [3] F. Lerdahl and R. Jackendoff, "A generative theory of tonal music", MIT Press, 1983.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..meters import BARS, Bar
from .hypotheses import CONTRASTS, Count, Fold
from .pulse import FEATURES, TOTAL, Pulse

Doubles = npt.NDArray[np.float64]

FEATURE_NAMES = ("low", "tenor", "middle", "high", "all", "change")
METERS = tuple(dict.fromkeys(bar.meter for bar in BARS))
SIMPLE = (
    *("period", "shorter", "longer", "rival", "pitches", "pitches_shorter"),
    *("error", "on_units", "filled", "between", "strength"),
    *("quarter", "quarter2", "tactus", "tactus2", "bar", "bar2"),
    *("begins", "ends"),
)
"""Parts that are not contrasts. Repetition: of the bar against other lengths ("period"), of its divisors, of
twice its length, of the best other length near it; the same of pitches. Prediction: share of the variance that the
bar's mean explains of a bar left out. Onsets: share that lies on units; units that have one, and middles between units
that have one; strength of the pulse. Tempo: log2 of quarters, beats and bars against usual ones, and squares.
Anchor: the first and the last accent lie on a downbeat."""
CONTRAST_PARTS = tuple(f"{c}.{f}" for c in CONTRASTS for f in FEATURE_NAMES)
WIDTH = len(CONTRAST_PARTS) + len(SIMPLE)
"""Parts of a hypothesis, without its meter."""
PARTS = (
    *(f"{part}/{unit}" for unit in (4, 8) for part in (*CONTRAST_PARTS, *SIMPLE)),
    *(f"meter.{m}" for m in METERS),
)
"""All of them; contrasts and the rest have a weight of their own over quarters and over eighths."""
WEIGHTS = Path(__file__).with_name("weights.json")
"""`python -m evaluation.training.periodicity` fits them anew."""
ACCENT = 0.7
"""Where a unit counts as filled, in deviations."""
LAGS = 57
"""Strokes over which repetition is measured, two of the longest bars."""


def repetition(rows: Doubles) -> Doubles:
    """Autocorrelation of a sequence of vectors at lags 0 .. LAGS - 1, shape (LAGS,); 0 beyond two thirds of it.

    Parameters
    ----------
    rows : ndarray of shape (n, k)
    """
    from scipy.fft import irfft, next_fast_len, rfft

    count = len(rows)
    centred = rows - rows.mean(axis=0)
    length = next_fast_len(count + LAGS, real=True)
    spectrum = rfft(centred, length, axis=0)
    overlap = irfft((spectrum.real**2 + spectrum.imag**2).sum(axis=1), length)[:LAGS]
    lags = np.arange(LAGS)
    scale = count / np.maximum(count - lags, 1) / max(float(overlap[0]), 1e-9)
    return np.asarray(np.where(lags < 2 * count // 3, overlap * scale, 0.0))


def folded(rows: Doubles, length: int) -> tuple[Doubles, float]:
    """The mean bar, shape (length, k), and the share of variance it explains of a bar that is left out.

    Parameters
    ----------
    rows : ndarray of shape (n, k)
    length : int
        Rows in a bar.
    """
    bars = -(-len(rows) // length)
    padded = np.zeros((bars * length, rows.shape[1]))
    padded[: len(rows)] = rows
    summed = padded.reshape(bars, length, -1).sum(axis=0)
    counts = np.full(length, bars)
    counts[len(rows) - (bars - 1) * length :] -= 1
    mean = summed / np.maximum(counts, 1)[:, None]
    often = counts > 1
    if not often.any():
        return mean, 0.0
    squares = float(np.vdot(rows, rows))
    within = squares - float(counts @ np.square(mean).sum(axis=1))
    spread = squares - len(rows) * float(np.square(rows.mean(axis=0)).sum())
    usual = float(counts[often].sum()) / float(often.sum())
    return mean, 1.0 - within / max(spread, 1e-9) * (usual / (usual - 1.0)) ** 2


def _repeated(length: int, accents: Doubles, pitches: Doubles) -> Doubles:
    """The six parts about repetition for bars of that many strokes."""
    usual, usual_pitches = float(accents[2:].sum()) / (LAGS - 2), float(pitches[2:].sum()) / (LAGS - 2)
    divisors = [lag for lag in range(2, length) if length % lag == 0]
    others = [lag for lag in range(max(2, length // 2 + 1), min(LAGS, 2 * length)) if lag != length]
    shorter = max((float(accents[lag]) for lag in divisors), default=usual)
    shorter_pitches = max((float(pitches[lag]) for lag in divisors), default=usual_pitches)
    longer = float(accents[2 * length]) if 2 * length < LAGS else float(accents[length])
    return np.array([
        accents[length] - usual,
        shorter - usual,
        longer - accents[length],
        accents[length] - max(float(accents[lag]) for lag in others),
        pitches[length] - usual_pitches,
        shorter_pitches - usual_pitches,
    ])  # fmt: skip


def _tempo(fold: Fold, period_s: float) -> Doubles:
    """Log2 of quarter, beat and bar against 110, 100 a minute and 2 s, each with its square, shape (counts, 6)."""
    quarter, tactus, bar = np.log2(period_s * fold.spans / np.array([[60 / 110], [60 / 100], [2.0]]))
    return np.column_stack((-quarter, quarter**2, -tactus, tactus**2, bar, bar**2))


def fold_parts(pulse: Pulse, fold: Fold, accents: Doubles, pitches: Doubles, on_units: Doubles) -> Doubles:
    """The parts of all hypotheses of a fold.

    Parameters
    ----------
    pulse : Pulse
    fold : Fold
    accents, pitches : ndarray of shape (LAGS,)
        `repetition` of the pulse's features and pitches, by stroke.
    on_units : ndarray of shape (k, 3)
        `_on_units` of one stroke to a unit, of two from the first and the second on, and so forth.

    Returns
    -------
    ndarray of shape (counts, phases, WIDTH)
    """
    length, counts = fold.length, len(fold.counts)
    mean, error = folded(pulse.features.reshape(len(pulse.times), -1), length)
    contrasts = fold.contrasts @ mean.reshape(2 * length, FEATURES)[fold.turns]
    out = np.zeros((counts, length, WIDTH))
    by_count = contrasts.reshape(length, counts, len(CONTRAST_PARTS)).transpose(1, 0, 2)
    out[..., : len(CONTRAST_PARTS)] = by_count
    simple = out[..., len(CONTRAST_PARTS) :]
    simple[..., :6] = _repeated(length, accents, pitches)
    simple[..., 6] = error
    simple[..., 7:10] = on_units[fold.entries]
    simple[..., 10] = pulse.strength
    simple[..., 11:17] = _tempo(fold, pulse.period_s)[:, None]
    heard = pulse.heard
    if len(heard):
        simple[:, heard[0] % length, 17] = 1.0
        simple[:, heard[-1] % length, 18] = 1.0
    return out


def _on_units(pulse: Pulse, strokes: int, first: int) -> tuple[float, float, float]:
    """Share of the accents that lies on units; units with an accent; middles between them with one."""
    loud = pulse.features[:, TOTAL]
    step = 2 * strokes
    on, middle = loud[2 * first :: step], loud[2 * first + strokes :: step]
    share = float(on.sum()) / max(float(loud.sum()), 1e-9)
    filled, between = (np.count_nonzero(row > ACCENT) / max(len(row), 1) for row in (on, middle))
    return share, filled, between


def all_parts(pulse: Pulse, of: Sequence[Fold]) -> list[Doubles]:
    """`fold_parts` of each fold."""
    accents = repetition(pulse.features.reshape(len(pulse.times), -1))
    pitches = repetition(pulse.pitches.reshape(len(pulse.times), -1))
    on_units = np.array([_on_units(pulse, n, first) for n in range(1, 5) for first in range(n)])
    return [fold_parts(pulse, fold, accents, pitches, on_units) for fold in of]


@cache
def weights() -> dict[str, float]:
    """The weight of every part: a conditional logit over hypotheses, fitted on generated scenes."""
    found = json.loads(WEIGHTS.read_text())
    return {part: float(found.get(part, 0.0)) for part in PARTS}


@cache
def weights_of(bar: Bar) -> tuple[Doubles, float]:
    """Weights of a bar's parts, shape (WIDTH,), and what its meter adds."""
    known = weights()
    unit = 4 if bar.unit <= 4 else 8
    row = [known[f"{part}/{unit}"] for part in (*CONTRAST_PARTS, *SIMPLE)]
    return np.array(row), known.get(f"meter.{bar.meter}", 0.0)


def scored(fold: Fold, parts: Doubles) -> Doubles:
    """Scores of a fold's hypotheses, log odds, shape (counts, phases)."""
    rows, added = zip(*(weights_of(count.bar) for count in fold.counts), strict=True)
    return np.asarray(np.matmul(parts, np.stack(rows)[..., None])[..., 0] + np.array(added)[:, None])


GROUPS = {
    "accent_alignment": ("groups", "units", "lilt"),
    "onset_consistency": ("on_units", "filled", "between", "strength"),
    "prediction": ("error",),
    "repetition": ("period", "pitches", "rival"),
    "harmonic_periods": ("shorter", "longer", "pitches_shorter"),
    "bar_accents": ("downbeat", "last"),
    "downbeat_anchor": ("begins", "ends"),
    "tempo": ("quarter", "quarter2", "tactus", "tactus2", "bar", "bar2"),
}
"""What the parts add up to in a report; with "meter", which is how usual a meter is, they are the score."""


def summed(count: Count, parts: Doubles) -> dict[str, float]:
    """A hypothesis's parts, weighted, in the groups of GROUPS and "meter"."""
    by_weight, meter = weights_of(count.bar)
    names = [name.split(".")[0] for name in (*CONTRAST_PARTS, *SIMPLE)]
    found = {
        group: float(sum(v for v, name in zip(by_weight * parts, names, strict=True) if name in members))
        for group, members in GROUPS.items()
    }
    return {**found, "meter": meter}
