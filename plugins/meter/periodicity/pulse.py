"""A pulse along a path of periods: where its strokes lie, and what sounds there.

References
----------
.. [1] D. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36(1), 2007.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .accents import BANDS, Accents
from .spectrum import STEP_S

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

TIGHT = 60.0
"""What an interval costs for each square of its log ratio to the period, in standard deviations of the envelope."""
SOUNDS = 0.3
"""A pulse ends with the last accent of so many standard deviations."""
NEAR_S = 0.03
"""How far from a stroke its accent may lie."""
FEATURES = BANDS + 2
"""Columns of a pulse's features: the four bands, all of them, and how much the pitches change."""
TOTAL, CHANGE = BANDS, BANDS + 1


@dataclass(frozen=True)
class Pulse:
    """A pulse and what sounds at its strokes and between them.

    Attributes
    ----------
    times : ndarray of shape (n,)
        Strokes, seconds from the first frame.
    features : ndarray of shape (2 n, FEATURES)
        Accents at each stroke and around the middle of the interval after it, relative to their deviation.
    pitches : ndarray of shape (2 n, 24)
        What sounds from there to the next row, of length 1 where anything does.
    strength : float
        Periodicity along the path, 0 to 1.
    """

    times: Doubles
    features: Doubles
    pitches: Floats
    strength: float

    @cached_property
    def period_s(self) -> float:
        """The median interval."""
        return float(np.median(np.diff(self.times)))

    @cached_property
    def heard(self) -> npt.NDArray[np.intp]:
        """Strokes with an accent."""
        return np.flatnonzero(self.features[::2, TOTAL] > 1.0)

    def between(self, start_s: float, end_s: float) -> Pulse:
        """The strokes within two times."""
        first, last = np.searchsorted(self.times, (start_s, end_s))
        rows = slice(2 * first, 2 * last)
        return Pulse(self.times[first:last], self.features[rows], self.pitches[rows], self.strength)


def strokes(envelope: Floats, frame_rate: float, periods_s: Doubles) -> Doubles:
    """The most accented way through an envelope in steps of about the period.

    Parameters
    ----------
    envelope : ndarray of shape (frames,)
    frame_rate : float
        Frames a second.
    periods_s : ndarray of shape (moments,)
        The period at each moment of `spectrum.moments`.

    Returns
    -------
    ndarray of shape (n,)
        Seconds from the first frame, ascending.
    """
    from scipy.ndimage import gaussian_filter1d

    heard = gaussian_filter1d(envelope.astype(np.float64), 1.5)
    heard /= max(float(heard.std()), 1e-9)
    at = np.arange(len(heard)) / frame_rate
    period = np.interp(at, (np.arange(len(periods_s)) + 0.5) * STEP_S, periods_s) * frame_rate
    least, most = max(2, int(0.75 * period.min())), int(np.ceil(1.33 * period.max()))
    steps = np.arange(least, most + 1)
    score = np.concatenate((np.zeros(most), heard))
    came = np.full(len(heard), -1)
    for first in range(0, len(heard), least):
        last = min(len(heard), first + least)
        frames = np.arange(first, last)[:, None]
        before = score[frames + most - steps]
        cost = TIGHT * np.log(steps / period[first:last, None]) ** 2
        total = before - cost
        best = total.argmax(axis=1)
        gain = total[np.arange(last - first), best]
        origin = frames[:, 0] - steps[best]
        began = (origin < 0) | (gain <= 0)
        came[first:last] = np.where(began, -1, origin)
        score[most + first : most + last] += np.where(began, 0.0, gain)
    sounded = np.flatnonzero(heard > SOUNDS)
    end = int(sounded[-1]) + 1 if len(sounded) else len(heard)
    tail = max(0, end - int(1.5 * period[end - 1]))
    frame = tail + int(score[most + tail : most + end].argmax())
    found = []
    while frame >= 0:
        found.append(frame)
        frame = int(came[frame])
    return np.array(found[::-1]) / frame_rate


def peak_near(values: Floats, frames: npt.NDArray[np.intp], reach: npt.NDArray[np.intp]) -> Doubles:
    """The largest value within `reach` frames of each frame; along axis 0, shape (n, ...)."""
    found = np.zeros((len(frames), *values.shape[1:]))
    for shift in range(-int(reach.max()), int(reach.max()) + 1):
        near = np.abs(shift) <= reach
        rows = values[(frames + shift).clip(0, len(values) - 1)]
        found = np.maximum(found, np.where(near.reshape(-1, *[1] * (values.ndim - 1)), rows, 0.0))
    return found


def sounding(accents: Accents, edges: Doubles) -> Doubles:
    """Mean of the pitches between consecutive times, shape (len(edges) - 1, 24), not yet scaled."""
    summed = np.concatenate((np.zeros((1, 24)), np.cumsum(accents.pitches.astype(np.float64), axis=0)))
    where = (edges * accents.pitch_rate + 0.5).clip(0, len(summed) - 1)
    low = np.minimum(where.astype(int), len(summed) - 2)
    at = summed[low] + (where - low)[:, None] * (summed[low + 1] - summed[low])
    return np.asarray(np.diff(at, axis=0) / np.maximum(np.diff(where), 1e-6)[:, None])


def unit_length(rows: Doubles) -> Floats:
    """Rows less their common mean, scaled to length 1."""
    centred = rows - rows.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(lengths, 0.05 * max(float(lengths.max()), 1e-9)), np.float32)


def changes(accents: Accents, times: Doubles, reach_s: float) -> Doubles:
    """How much of what sounds is new at each time: distance of the pitches after from those before, shape (n,)."""
    after = sounding(accents, np.column_stack((times, times + reach_s)).ravel())[::2]
    before = sounding(accents, np.column_stack((times - reach_s, times)).ravel())[::2]
    lengths = np.linalg.norm(after, axis=1) * np.linalg.norm(before, axis=1)
    loud = np.linalg.norm(after, axis=1)
    heard = loud > 0.05 * max(float(loud.max()), 1e-9)
    return np.where(heard, 1.0 - (after * before).sum(axis=1) / np.maximum(lengths, 1e-9), 0.0)


def pulse_along(accents: Accents, periods_s: Doubles, strength: float) -> Pulse | None:
    """The pulse along a path with its features; None with fewer than six strokes."""
    times = strokes(accents.total, accents.frame_rate, periods_s)
    return pulse_at(accents, times, strength) if len(times) >= 6 else None


def pulse_at(accents: Accents, times: Doubles, strength: float) -> Pulse:
    """The pulse of given strokes, at least two, seconds from the first frame, with its features."""
    gaps = np.diff(times, append=2 * times[-1] - times[-2])
    places = np.column_stack((times, times + 0.55 * gaps)).ravel()
    frames = np.round(places * accents.frame_rate).astype(np.intp)
    reach = np.column_stack((np.minimum(NEAR_S, 0.22 * gaps), 0.22 * gaps)).ravel()
    near = np.maximum(1, np.round(reach * accents.frame_rate)).astype(np.intp)
    heard = peak_near(np.column_stack((accents.bands, accents.total)), frames, near)
    new = changes(accents, places, max(0.2, float(np.median(gaps))))
    features = np.column_stack((heard, new))
    features /= np.maximum(features[::2].std(axis=0), 0.02)
    held = sounding(accents, np.append(places, places[-1] + gaps[-1] / 2))
    return Pulse(times, np.minimum(features, 6.0), unit_length(held), strength)
