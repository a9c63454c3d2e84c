"""Cuts a recording into regions at its silences, and gathers regions into takes.

The silence envelope (band powers every 6 ms or so, from the decoder) is divided by the recording's own noise
floor, band by band; what then stands out is content. Dividing first makes one threshold fit a -70 dB studio
and a -30 dB tape, and hum, which fills low bands only, hides nothing above it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.noise_floor import Excess, above_floor, above_nothing, smoothed

if TYPE_CHECKING:
    from numpy.typing import NDArray

BANDS = 8
"""Values per row of the envelope."""
OPEN_DB, OPEN_SPREADS = 6.0, 6.0
"""Content is what somewhere stands this far above the floor, or this many times the floor's own spread ..."""
CLOSE_DB, CLOSE_SPREADS = 3.0, 4.0
"""... and it reaches to where it stands this far above it; from there its tail is followed."""
TAIL_DB, TAIL_CLIP_DB, TAIL_S = 1.2, 4.0, 0.09
"""A tail lasts while the mean of the clipped excess over this time is above the first value, ..."""
TAIL_SPREADS = 2.0
"""... or this many times the floor's spread."""
STEEP_DB = 6.0
"""A rise or fall by this much from one row to the next is a sharp edge, which the rows' overlap smears."""
STRONG_DB, HIT_S = 18.0, 0.05
"""A hit or click stands out this far, and counts as this long if it is not alone."""
STEADY_CONTENT_DB = -60.0
"""Where nothing stands out, a steady sound above this level is content (rain, a drone), below it silence."""


@dataclass(frozen=True)
class RegionSettings:
    """How finely a recording is cut.

    Attributes
    ----------
    min_gap_s : float
        Shorter silences do not divide a region.
    min_length_s : float
        Shorter regions are dropped; clicks and rim shots in a run of events count as 0.05 s long.
    padding_s : float
        Added before and after each region, as far as its neighbours leave room.
    take_gap_s : float
        Regions with shorter gaps between them are one take.
    """

    min_gap_s: float = 0.3
    min_length_s: float = 0.05
    padding_s: float = 0.0
    take_gap_s: float = 3.0


class Span(NamedTuple):
    """A stretch of a recording, in seconds from its start."""

    start_s: float
    end_s: float


def find_regions(
    envelope: NDArray[np.float32], rate_hz: float, duration_s: float, settings: RegionSettings | None = None
) -> list[Span]:
    """Find the stretches of content between silences.

    Parameters
    ----------
    envelope : ndarray, shape (n, 8) or (n * 8,)
        Mean square per band of frames centred on i / rate_hz, as the decoder writes it.
    rate_hz : float
        Frames per second.
    duration_s : float
        Length of the recording.
    settings : RegionSettings, optional

    Returns
    -------
    list of Span
        In order, without overlap, within the recording. Empty for silence.
    """
    settings = settings or RegionSettings()
    power = np.asarray(envelope).reshape(-1, BANDS)
    if not len(power):
        return []
    excess = above_floor(power, rate_hz)
    kept = _kept(excess, rate_hz, settings)
    if not kept and excess.floor_db is not None and excess.floor_db > STEADY_CONTENT_DB:
        kept = _kept(above_nothing(power), rate_hz, settings)
    spans = []
    for first, last in kept:
        start_s = max(0.0, (first - 0.5) / rate_hz)
        end_s = duration_s if last >= len(power) else min(duration_s, (last - 0.5) / rate_hz)
        if end_s > start_s:
            spans.append(Span(start_s, end_s))
    return _padded(spans, duration_s, settings.padding_s)


def find_takes(spans: list[Span], take_gap_s: float) -> list[list[Span]]:
    """Gather regions into takes.

    Parameters
    ----------
    spans : list of Span
        In order.
    take_gap_s : float
        A gap of this length or more ends a take.

    Returns
    -------
    list of list of Span
        Each take's regions; a take reaches from its first region's start to its last one's end.
    """
    takes: list[list[Span]] = []
    for span in spans:
        if takes and span.start_s - takes[-1][-1].end_s < take_gap_s:
            takes[-1].append(span)
        else:
            takes.append([span])
    return takes


def _runs(excess: Excess, rate_hz: float) -> NDArray[np.int64]:
    """Return runs of content as rows (first, past the last) of the envelope."""
    close = max(CLOSE_DB, CLOSE_SPREADS * excess.spread_db)
    runs = _runs_of(excess.db > close)
    opened = np.flatnonzero(excess.db > max(OPEN_DB, OPEN_SPREADS * excess.spread_db))
    runs = runs[np.searchsorted(opened, runs[:, 0]) < np.searchsorted(opened, runs[:, 1])]
    if excess.floor_db is not None and len(runs):
        runs = _with_tails(runs, excess, rate_hz)
    return _sharpened(runs, excess.db)


def _runs_of(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return edges.reshape(-1, 2)


def _with_tails(runs: NDArray[np.int64], excess: Excess, rate_hz: float) -> NDArray[np.int64]:
    """Follow each run outwards, into fades and reverberation, until nothing but the floor is left."""
    count = max(1, round(TAIL_S * rate_hz)) | 1
    clipped = np.clip(excess.db, -TAIL_CLIP_DB, TAIL_CLIP_DB)
    lasts_db = min(max(TAIL_DB, TAIL_SPREADS * excess.spread_db), TAIL_CLIP_DB / 2)
    lasting = _runs_of(smoothed(clipped, count) > lasts_db)
    if not len(lasting):
        return runs
    # A sharp edge already lifts the mean when this much of its window still lies outside; one row for chance.
    reach = round(count * (0.5 - lasts_db / TAIL_CLIP_DB)) + 1
    which = np.searchsorted(lasting[:, 0], runs[:, 0], side="right") - 1
    inside = (which >= 0) & (lasting[which, 1] > runs[:, 0])
    starts = np.where(inside, np.minimum(runs[:, 0], lasting[which, 0] + reach), runs[:, 0])
    which = np.searchsorted(lasting[:, 0], runs[:, 1] - 1, side="right") - 1
    inside = (which >= 0) & (lasting[which, 1] >= runs[:, 1])
    ends = np.where(inside, np.maximum(runs[:, 1], lasting[which, 1] - reach), runs[:, 1])
    return np.stack([starts, ends], axis=1)


def _sharpened(runs: NDArray[np.int64], excess_db: NDArray[np.float32]) -> NDArray[np.int64]:
    """Take back the smear of sharp edges: a row's window reaches two rows to either side.

    A start moves by one row only, so that no attack is cut; an end by up to two.
    """
    firsts, lasts = runs.T.copy()
    runs = runs.copy()
    long = lasts - firsts > 4
    runs[:, 0] += long & (
        excess_db[np.minimum(firsts + 1, len(excess_db) - 1)] - excess_db[firsts] > STEEP_DB
    )
    for back in (1, 2):
        falls = excess_db[np.maximum(lasts - back - 1, 0)] - excess_db[np.maximum(lasts - back, 0)] > STEEP_DB
        long &= falls
        runs[:, 1] -= long
    return runs


def _merged(runs: NDArray[np.int64], min_gap: float) -> NDArray[np.int64]:
    """Join runs with gaps shorter than `min_gap` rows, less the one that the rows' own step may hide."""
    if len(runs) < 2:
        return runs
    reached = np.maximum.accumulate(runs[:, 1])
    apart = runs[1:, 0] - reached[:-1] >= max(1.0, min_gap - 1)
    firsts = np.concatenate([[True], apart])
    lasts = np.concatenate([apart, [True]])
    return np.stack([runs[firsts, 0], reached[lasts]], axis=1)


def _kept(excess: Excess, rate_hz: float, settings: RegionSettings) -> list[tuple[float, float]]:
    """Return the runs that are regions, in rows: those of the least length, once strong hits have theirs.

    A strong run with another within a take's gap is a click or a rim shot: it counts as `HIT_S` long at the least.
    """
    runs = _merged(_runs(excess, rate_hz), settings.min_gap_s * rate_hz)
    if not len(runs):
        return []
    hit, reach = HIT_S * rate_hz, settings.take_gap_s * rate_hz
    before = np.append(-np.inf, runs[:-1, 1])
    after = np.append(runs[1:, 0], np.inf)
    kept: list[tuple[float, float]] = []
    for (first, last), ended, starts in zip(runs.tolist(), before, after, strict=True):
        end = float(last)
        in_a_run = first - ended < reach or starts - last < reach
        if last - first < hit and in_a_run and excess.db[first:last].max() >= STRONG_DB:
            end = min(first + hit, float(starts))
        if end - first >= settings.min_length_s * rate_hz - 1e-6:
            kept.append((first, end))
    return kept


def _padded(spans: list[Span], duration_s: float, padding_s: float) -> list[Span]:
    """Widen regions on both sides; where two would meet, they share the gap."""
    if padding_s <= 0 or not spans:
        return spans
    middles = [(before.end_s + after.start_s) / 2 for before, after in pairwise(spans)]
    return [
        Span(max(earliest, span.start_s - padding_s), min(latest, span.end_s + padding_s))
        for span, earliest, latest in zip(spans, [0.0, *middles], [*middles, duration_s], strict=True)
    ]
