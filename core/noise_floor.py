"""A recording's own noise floor, and how far each moment stands above it.

The floor is looked for, not assumed: moments that hold still at a low level, in every band at once, and that
gather at one level where content does not. Music throughout, or notes with nothing between them, have no floor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type_floats = NDArray[np.float32]

DIGITAL_SILENCE_DB = -96.0
"""Total level under which there is nothing: no floor can be learnt from it."""
NO_FLOOR_DB = -84.0
"""The floor assumed where the recording shows none: all but dithered silence is content."""
CELL_S = 0.1
"""The floor is followed in steps of this length; levels are those of two steps."""
DRIFT_DB_PER_S = 0.1
"""How fast a floor may rise and fall along a tape."""
STEADY_DB_PER_S = 2.5
"""A stretch whose level moves faster is a fade or a decay, not a floor."""
TREND_CELLS = 5
TREND_REACH_DB = 6.0
DEEPEST_BAND_DB = 30.0
"""No band's floor is taken to lie further below the whole floor: codecs leave holes there."""
HIGHEST_FLOOR_DB = -24.0
"""Steady sound above this is never taken for a floor."""
GATHERED = 2.5
"""A floor is this many times denser, per dB, than the levels just above it ..."""
HALF_GATHERED, CLEAR_DB = 1.2, 20.0
"""... or this many, if the recording's loud moments are that far above it."""
TONE_SPREAD_DB = 0.12
"""Noise fluctuates by more from one moment to the next; what does not is a tone."""
SMOOTH_S = 0.045
CHUNK = 1 << 16


@dataclass(frozen=True)
class Excess:
    """How far a recording stands above its floor.

    Attributes
    ----------
    db : ndarray, shape (n,)
        Mean over the bands of power divided by the floor's, in dB: about 0 in silence.
    spread_db : float
        Standard deviation of `db` where there is nothing but the floor.
    floor_db : float | None
        The floor's level over all bands, its median along the recording; None where an absolute one stands in.
    """

    db: NDArray[np.float32]
    spread_db: float
    floor_db: float | None


def decibels(power: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return 10 log10 of a power, -120 dB at the least."""
    return (10.0 * np.log10(np.maximum(power, 1e-12))).astype(np.float32)


def above_floor(power: NDArray[np.float32], rate_hz: float) -> Excess:
    """Measure how far each moment stands above the recording's own noise floor.

    Parameters
    ----------
    power : ndarray, shape (n, bands)
        Mean square per band, `rate_hz` rows a second.
    rate_hz : float

    Returns
    -------
    Excess
        Over an absolute floor where the recording shows none of its own.

    Notes
    -----
    Per band, the floor is the lower envelope of the steady cells' levels that may drift by no more than
    `DRIFT_DB_PER_S`, which lets a song's breaks be judged by the silence before and after it. Whether it is a
    floor at all shows in the distribution of the excess: noise gathers within a decibel or two and is rare just
    above that, the quiet moments of music thin out evenly.
    """
    cell = max(1, round(CELL_S * rate_hz))
    cells, sounding = _cells(power, cell)
    levels = decibels(cells)
    evidence = sounding & _steady(levels.mean(axis=1))
    if np.count_nonzero(evidence) < 2:
        return above_nothing(power)
    bands = np.stack([_lower_envelope(band, evidence) for band in levels.T], axis=1)
    total = decibels(np.sum(10 ** (bands / 10), axis=1))
    bands = np.maximum(bands, np.maximum(total, -75.0)[:, np.newaxis] - DEEPEST_BAND_DB)
    excess = _divided(power, bands, cell)
    judged = _judged(excess, power, rate_hz, float(np.median(total)))
    return above_nothing(power) if judged is None else judged


def above_nothing(power: NDArray[np.float32]) -> Excess:
    """Measure how far each moment stands above dithered silence."""
    return Excess(decibels(power.sum(axis=1)) - np.float32(NO_FLOOR_DB), 0.0, None)


def _cells(power: NDArray[np.float32], cell: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return mean powers of overlapping pairs of cells, and whether sound runs through all of a pair."""
    starts = np.arange(0, len(power), cell)
    sizes = np.diff(np.append(starts, len(power)))[:, np.newaxis]
    sums = np.add.reduceat(power, starts, axis=0)
    sounding = np.minimum.reduceat(power.sum(axis=1), starts) > 10 ** (DIGITAL_SILENCE_DB / 10)
    after = np.minimum(np.arange(len(starts)) + 1, len(starts) - 1)
    return (sums + sums[after]) / (sizes + sizes[after]), sounding & sounding[after]


def _steady(level: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say which cells hold still: slope of the line through a cell's level and its neighbours of like level."""
    count = len(level)
    padded = np.pad(level, TREND_CELLS, constant_values=np.float32(1e6))
    rise, weight = np.zeros(count), np.zeros(count)
    for step in range(-TREND_CELLS, TREND_CELLS + 1):
        difference = padded[TREND_CELLS + step : TREND_CELLS + step + count] - level
        near = np.abs(difference) < TREND_REACH_DB
        rise += np.where(near, step * difference, 0.0)
        weight += near * step**2
    slope = rise / np.maximum(weight, 1) / CELL_S
    return (weight > 0) & (np.abs(slope) < STEADY_DB_PER_S)


def _lower_envelope(level: NDArray[np.float32], evidence: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the highest curve below all evidence that changes no faster than a floor drifts."""
    ramp = DRIFT_DB_PER_S * CELL_S * np.arange(len(level))
    known = np.where(evidence, level, np.inf)
    before = np.minimum.accumulate(known - ramp) + ramp
    after = np.minimum.accumulate((known + ramp)[::-1])[::-1] - ramp
    return np.minimum(before, after)


def _divided(power: NDArray[np.float32], bands: NDArray[np.float64], cell: int) -> NDArray[np.float32]:
    """Return the mean over bands of power / floor, in dB, shape (n,); the floor interpolated between cells."""
    excess = np.empty(len(power), np.float32)
    known = np.arange(len(bands)) + 1.0
    for start in range(0, len(power), CHUNK):
        part = power[start : start + CHUNK]
        at = np.arange(start, start + len(part)) / cell
        ratio = np.zeros(len(part))
        for band, floor in zip(part.T, bands.T, strict=True):
            ratio += band / 10 ** (np.interp(at, known, floor) / 10)
        excess[start : start + CHUNK] = decibels(ratio / bands.shape[1])
    return excess


def smoothed(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Return the running mean over `count` values (made odd), centred; the ends repeat."""
    half = max(0, count // 2)
    sums = np.concatenate([[0.0], np.cumsum(np.pad(values, half, mode="edge"), dtype=np.float64)])
    width = 2 * half + 1
    return ((sums[width:] - sums[:-width]) / width).astype(np.float32)


def _judged(excess: NDArray[np.float32], power: NDArray[np.float32], rate_hz: float, floor_db: float) -> Excess | None:
    """Set the floor's own level to 0 dB; None if it is no floor."""
    total = decibels(power.sum(axis=1))
    sounding = total > DIGITAL_SILENCE_DB
    smooth = smoothed(excess, round(SMOOTH_S * rate_hz))[sounding]
    counts, edges = np.histogram(smooth, np.arange(-4.0, 10.1, 0.5))
    two_db = np.convolve(counts, np.ones(4), "valid")
    lowest = int(np.argmax(two_db[: np.searchsorted(edges, 3.0)]))
    just_above = counts[lowest + 4 : lowest + 10].sum() / 3
    density = two_db[lowest] / 2 / max(just_above, 1e-9)
    low = edges[lowest]
    if not two_db[lowest]:
        return None
    middle = float(np.median(smooth[(smooth >= low) & (smooth < low + 2.0)]))
    below = excess[sounding & (excess < middle) & (excess > middle - 6.0)]
    spread = float(np.sqrt(np.mean((below - middle) ** 2))) if len(below) else 0.0
    floor_db += middle
    clear = np.percentile(total[sounding], 95) - floor_db > CLEAR_DB
    gathered = density >= GATHERED or (clear and density >= HALF_GATHERED)
    if not gathered or floor_db > HIGHEST_FLOOR_DB or spread < TONE_SPREAD_DB:
        return None
    return Excess(excess - np.float32(middle), spread, floor_db)
