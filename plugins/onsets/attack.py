"""Where an attack starts: from the frame of an onset to the sample where it first passes a tenth of its peak.

Detection frames are 46 ms long; the ear and a groove ask for a millisecond. Around every detected
frame the waveform itself is searched, in the version of it (as it is, its differences for what is
bright, its running mean for what is low) in which the new sound stands highest above what was
ringing before.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

BEFORE_S = 0.040  # how far before the frame's centre an attack may lie
AFTER_S = 0.025
CONTEXT_S = 0.020  # what rings before the earliest attack
PEAK_S = 0.040  # a sampled hihat reaches its peak 29 ms after its beginning
GAP_S = 0.004  # longer below the limit than any half wave down to 60 Hz: a pause, not a zero crossing
SLOWEST_S = 0.030  # from the foot of an attack to its steepest rise
PLAIN = 6.0  # over less ringing a foot is not looked for: it would be found in the ringing
SHARE = 0.1  # the convention: the first passing of a tenth of the peak
CLEAR = 1 / SHARE  # a peak this many times the ringing needs no other view of the waveform


def attack_starts(
    samples: Floats, rate: float, centres: npt.NDArray[np.int64], reach_s: float = PEAK_S
) -> npt.NDArray[np.int64]:
    """Refine onset positions to the sample.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Mono samples, possibly memory-mapped; about 100 ms around every centre are read.
    rate : float
        Samples per second.
    centres : ndarray of shape (k,)
        Sample positions of the detected frames, ascending.
    reach_s : float
        How long after its beginning a hit may peak; cut short by the next centre.

    Returns
    -------
    ndarray of shape (k,)
        For each centre the first sample at which the hit's own attack exceeds a tenth of its peak.
    """
    starts = np.empty(len(centres), np.int64)
    following = [*centres[1:], len(samples) + rate] if len(centres) else []
    for index, (centre, after) in enumerate(zip(centres, following, strict=True)):
        reach = min(reach_s, max(0.010, (after - centre) / rate))
        starts[index] = attack_start(samples, rate, int(centre), reach)
    return starts


def attack_start(samples: Floats, rate: float, centre: int, reach_s: float) -> int:
    """The refined position of one onset; see `attack_starts`."""
    low = max(0, centre - round((BEFORE_S + CONTEXT_S) * rate))
    high = min(len(samples), centre + round((AFTER_S + reach_s) * rate))
    piece = np.asarray(samples[low:high], np.float64)
    if len(piece) < 4 or not piece.any():
        return max(0, min(centre, len(samples) - 1))
    first = max(0, centre - round(BEFORE_S * rate) - low)
    last = min(len(piece) - 1, centre + round(AFTER_S * rate) - low)
    best_ratio, best = -1.0, last
    for view in views_of(piece, rate):
        ratio, position = rise_of(np.abs(view), rate, first, last, reach_s)
        if ratio > best_ratio:
            best_ratio, best = ratio, position
        if ratio >= CLEAR:
            break
    return low + best


def views_of(piece: npt.NDArray[np.float64], rate: float) -> tuple[npt.NDArray[np.float64], ...]:
    """The piece as it is, without what is low (first and second difference), without what is bright."""
    width = max(1, round(0.003 * rate))
    centred = piece - piece.mean()
    differences = np.diff(centred, prepend=centred[:1])
    smooth = np.convolve(centred, np.full(width, 1 / width), mode="same")
    return centred, differences, np.diff(differences, prepend=0.0), smooth


def rise_of(
    size: npt.NDArray[np.float64], rate: float, first: int, last: int, reach_s: float
) -> tuple[float, int]:
    """How far the steepest rise between `first` and `last` stands above its past, and where it starts.

    Parameters
    ----------
    size : ndarray of shape (n,)
        Absolute values.

    Returns
    -------
    ratio : float
        Peak after the rise over the peak of the 15 ms before it.
    position : int
        First sample above the ringing by a tenth of what the peak adds to it.
    """
    ahead, behind = round(0.005 * rate), round(0.010 * rate)
    energy = np.concatenate(([0.0], np.cumsum(size**2)))
    at = np.arange(first, last + 1)
    gained = energy[np.minimum(at + ahead, len(size))] - energy[at]
    rang = (energy[at] - energy[np.maximum(at - behind, 0)]) * (ahead / behind)
    floor = 1e-6 * gained.max() + 1e-30
    coarse = int(at[np.argmax(gained * np.log((gained + floor) / (rang + floor)))])
    peak = float(size[coarse : coarse + round(reach_s * rate) + 1].max())
    ringing = min(peak, ringing_before(size, coarse, rate))
    limit = ringing + SHARE * (peak - ringing)
    lead = SLOWEST_S if peak >= PLAIN * ringing else ahead / rate
    position = start_of_rise(size, limit, coarse, rate, lead)
    return peak / max(ringing, 1e-3 * peak, 1e-30), int(np.clip(position, first, last))


def ringing_before(size: npt.NDArray[np.float64], at: int, rate: float) -> float:
    """Peak of what sounded before `at`: the quieter of 2 to 15 ms and 20 to 35 ms before.

    The nearer one may hold the foot of a slow attack, the farther one the hit before this.
    """
    spans = ((0.015, 0.002), (0.035, 0.020))
    edges = [(max(0, at - round(far * rate)), max(0, at - round(near * rate))) for far, near in spans]
    return min((float(size[low:high].max()) for low, high in edges if high > low), default=0.0)


def start_of_rise(
    size: npt.NDArray[np.float64], limit: float, coarse: int, rate: float, lead_s: float
) -> int:
    """First sample above `limit` of the unbroken stretch that leads up to the steepest rise.

    Parameters
    ----------
    size : ndarray of shape (n,)
        Absolute values.
    limit : float
        Level to pass.
    coarse : int
        The steepest rise.
    lead_s : float
        The attack begins at most this long before it. Where the level is above the limit all that
        time, the past was underrated and the rise itself is taken.
    """
    near, gap = round(0.005 * rate), round(GAP_S * rate)
    low = max(0, coarse - round(lead_s * rate))
    above = low + np.flatnonzero(size[low : coarse + near + 1] >= limit)
    if len(above):
        pauses = np.flatnonzero(np.diff(above) > gap)
        start = int(above[pauses[-1] + 1]) if len(pauses) else int(above[0])
        if start - low > gap or low == 0:
            return start
    low = max(0, coarse - near)
    later = np.flatnonzero(size[low:] >= limit)
    return low + (int(later[0]) if len(later) else near)
