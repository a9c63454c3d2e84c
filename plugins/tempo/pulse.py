"""Tempo, its course and its steadiness from beat times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

FEWEST_BEATS = 5
SPAN = 4  # beats over which an interval is measured: frames of 10 ms then matter by half a percent
GAP = 1.6  # an interval this many times the median is a pause, not a beat


@dataclass(frozen=True)
class Pulse:
    """What beat times say about the tempo.

    Attributes
    ----------
    bpm : float
        Median played tempo, beats a minute.
    times : ndarray of shape (k,)
        Beats at which the tempo is known, seconds.
    curve : ndarray of shape (k,)
        The tempo around each, smoothed over four beats.
    stability : float
        0 to 1: one less ten times the median distance of the curve from the median tempo, relative to
        it. A machine has 1, a drift of 5 % to both sides about a half, 10 % and more 0.
    """

    bpm: float
    times: Doubles
    curve: Doubles
    stability: float


def pulse_of(beat_times: Doubles) -> Pulse | None:
    """Measure the tempo; None with fewer than five beats.

    Parameters
    ----------
    beat_times : ndarray of shape (n,)
        Seconds, strictly ascending.

    References
    ----------
    .. [1] S. Dixon, "Automatic extraction of tempo and beat from expressive performances", Journal of New
       Music Research 30(1), 2001.
    """
    if len(beat_times) < FEWEST_BEATS:
        return None
    steps = np.diff(beat_times)
    played = steps <= GAP * np.median(steps)
    spans, centres = unbroken_spans(beat_times, played)
    if len(spans) == 0:
        spans, centres = steps[played], (beat_times[:-1] + steps / 2)[played]
    return over(centres, 60.0 / spans)


def over(times: Doubles, curve: Doubles) -> Pulse:
    """What a curve of tempo, in beats a minute at some times, says on the whole; shape (k,) each, k > 0."""
    bpm = float(np.median(curve))
    deviation = float(np.median(np.abs(curve / bpm - 1.0)))
    return Pulse(bpm, times, curve, max(0.0, 1.0 - 10.0 * deviation))


def unbroken_spans(beat_times: Doubles, played: npt.NDArray[np.bool_]) -> tuple[Doubles, Doubles]:
    """Mean beat interval over each SPAN beats without a pause between, and the middle of each."""
    if len(beat_times) <= SPAN:
        return np.zeros(0), np.zeros(0)
    whole = np.lib.stride_tricks.sliding_window_view(played, SPAN).all(axis=1)
    first, last = beat_times[:-SPAN], beat_times[SPAN:]
    return ((last - first) / SPAN)[whole], ((first + last) / 2)[whole]
