"""A recording's own noise floor, and how far each moment stands above it.

The floor is looked for, not assumed: moments that hold still at a low level, in every band at once, and that
gather at one level where content does not. Music throughout, or notes with nothing between them, has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
EVEN_DB = 3.0
"""Within two steps a floor's level, meant over the bands, has a smaller standard deviation."""
TREND_CELLS = 5
TREND_REACH_DB = 6.0
DEEPEST_BAND_DB = 50.0
"""No band's floor is taken to lie further below the whole floor: codecs leave holes there."""
HIGHEST_FLOOR_DB = -24.0
"""Steady sound above this is never taken for a floor."""
GATHERED = 2.5
"""A floor is this many times denser, per dB, than the levels just above it ..."""
HALF_GATHERED, CLEAR_DB = 1.2, 20.0
"""... or this many, if the recording's loud moments are that far above it."""
TONE_SPREAD_DB = 0.12
"""Noise fluctuates by more from one moment to the next; what does not is a tone: a note, or hum ..."""
HUM_BANDS, HUM_SHARE = 2, 0.7
"""... which has this share of its power in the lowest bands (under 350 Hz)."""
GATHERING_DB, HIGHEST_GATHERING_DB, JUST_ABOVE_DB = 2.0, 3.0, 3.0
STANDS_OUT_DB = 6.0
MOST_BELOW = 0.1
"""No floor has more than this share of the recording clearly below it."""
WINDOW_ROWS = 4
SMOOTH_S = 0.045
CHUNK, CHUNK_CELLS = 1 << 16, 1 << 12


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
        The floor's level over all bands, median along the recording; None where an absolute one stands in.
    """

    db: NDArray[np.float32]
    spread_db: float
    floor_db: float | None


def decibels(power: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return 10 log10 of a power, -120 dB at the least."""
    return np.asarray(10.0 * np.log10(np.maximum(power, 1e-12)), dtype=np.float32)


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
    floor at all shows in the distribution of the excess: noise gathers within a decibel or two and is rare
    just above that, the quiet moments of music thin out evenly.
    """
    cell = max(1, round(CELL_S * rate_hz))
    cells, sounding = _cells(power, cell)
    levels = decibels(cells)
    evidence = sounding & _even(power, cell) & _steady(levels.mean(axis=1))
    if np.count_nonzero(evidence) < 2:
        return above_nothing(power)
    bands = np.stack([_lower_envelope(band, evidence) for band in levels.T], axis=1)
    total = decibels(np.sum(10 ** (bands / 10), axis=1))
    bands = np.maximum(bands, np.maximum(total, -75.0)[:, np.newaxis] - DEEPEST_BAND_DB)
    excess = _divided(power, bands, cell)
    judged = _judged(excess, power, rate_hz, bands)
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


def _even(power: NDArray[np.float32], cell: int) -> NDArray[np.bool_]:
    """Say in which pairs of cells the level, meant over bands in dB, stays about the same from row to row."""
    sums = np.empty((0, 3))
    for start in range(0, len(power), cell * CHUNK_CELLS):
        level = decibels(power[start : start + cell * CHUNK_CELLS]).mean(axis=1, dtype=np.float64)
        moments = np.stack([np.ones(len(level)), level, level**2], axis=1)
        sums = np.concatenate([sums, np.add.reduceat(moments, np.arange(0, len(level), cell), axis=0)])
    pairs = sums + sums[np.minimum(np.arange(len(sums)) + 1, len(sums) - 1)]
    count, first, second = pairs.T
    variance = second / count - (first / count) ** 2
    return np.asarray(variance < EVEN_DB**2)


def _steady(level: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say which cells hold still, by the line through a cell's level and its neighbours of like level."""
    count = len(level)
    padded = np.pad(level, TREND_CELLS, constant_values=np.float32(1e6))
    rise, weight = np.zeros(count), np.zeros(count)
    for step in range(-TREND_CELLS, TREND_CELLS + 1):
        difference = padded[TREND_CELLS + step : TREND_CELLS + step + count] - level
        near = np.abs(difference) < TREND_REACH_DB
        rise += np.where(near, step * difference, 0.0)
        weight += near * step**2
    slope = rise / np.maximum(weight, 1) / CELL_S
    return np.asarray(np.abs(slope) < STEADY_DB_PER_S)


def _lower_envelope(level: NDArray[np.float32], evidence: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the highest curve below all evidence that changes no faster than a floor drifts."""
    ramp = DRIFT_DB_PER_S * CELL_S * np.arange(len(level))
    known = np.where(evidence, level, np.inf)
    before = np.minimum.accumulate(known - ramp) + ramp
    after = np.minimum.accumulate((known + ramp)[::-1])[::-1] - ramp
    return np.asarray(np.minimum(before, after))


def _divided(power: NDArray[np.float32], bands: NDArray[np.float64], cell: int) -> NDArray[np.float32]:
    """Return the mean over bands of power / floor, in dB, with floors interpolated between cells."""
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
    return np.asarray((sums[width:] - sums[:-width]) / width, dtype=np.float32)


def _judged(
    excess: NDArray[np.float32], power: NDArray[np.float32], rate_hz: float, bands: NDArray[np.float64]
) -> Excess | None:
    """Set the floor's own level to 0 dB; None if it is no floor."""
    total = decibels(power.sum(axis=1))
    sounding = total > DIGITAL_SILENCE_DB
    smooth = smoothed(excess, round(SMOOTH_S * rate_hz))[sounding]
    low, density = _lowest_gathering(smooth)
    near = smooth[(smooth >= low) & (smooth < low + GATHERING_DB)]
    if not len(near):
        return None
    middle = float(np.median(near))
    floor_db = float(np.median(decibels(np.sum(10 ** (bands / 10), axis=1)))) + middle
    clear = np.percentile(total[sounding], 95) - floor_db > CLEAR_DB
    if floor_db > HIGHEST_FLOOR_DB or density < (HALF_GATHERED if clear else GATHERED):
        return None
    excess -= np.float32(middle)
    near = excess[sounding & (np.abs(excess) < GATHERING_DB)]
    if not len(near):
        return None
    tonal = np.median(np.abs(near)) < TONE_SPREAD_DB and not _is_hum(bands)
    undercut = np.mean(excess[sounding] < -STANDS_OUT_DB) > MOST_BELOW
    if tonal or undercut or _stands_alone(excess, sounding):
        return None
    below = excess[sounding & (excess < 0) & (excess > -6.0)]
    spread = float(np.sqrt(np.mean(below**2))) if len(below) else 0.0
    return Excess(excess, spread, floor_db)


def _lowest_gathering(smooth: NDArray[np.float32]) -> tuple[float, float]:
    """Return where, near the lower end, levels are densest, and how much denser than just above."""
    step = 0.5
    counts, edges = np.histogram(smooth, np.arange(-12.0, 10.0 + step / 2, step))
    width = round(GATHERING_DB / step)
    gathered = np.convolve(counts, np.ones(width), "valid")
    lowest = int(np.argmax(gathered[: np.searchsorted(edges, HIGHEST_GATHERING_DB)]))
    above = counts[lowest + width : lowest + width + round(JUST_ABOVE_DB / step)].sum() / JUST_ABOVE_DB
    return float(edges[lowest]), float(gathered[lowest] / GATHERING_DB / max(above, 1e-9))


def _is_hum(bands: NDArray[np.float64]) -> bool:
    """Say whether a steady tone lies so low that it is mains hum and not a note."""
    power = np.median(10 ** (bands / 10), axis=0)
    return bool(power[:HUM_BANDS].sum() > HUM_SHARE * power.sum())


def _stands_alone(excess: NDArray[np.float32], sounding: NDArray[np.bool_]) -> bool:
    """Say whether all that stands out borders on digital silence: its quietest part is then no floor."""
    if sounding.all():
        return False
    edges = np.flatnonzero(np.diff((excess > STANDS_OUT_DB).astype(np.int8)))
    if not len(edges):
        return False
    beside = np.stack([np.maximum(edges - WINDOW_ROWS, 0), np.minimum(edges + WINDOW_ROWS, len(excess) - 1)])
    quieter = np.where(excess[beside[0]] < excess[beside[1]], beside[0], beside[1])
    return bool(np.mean(sounding[quieter]) < 0.1)
