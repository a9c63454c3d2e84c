"""What networks say for and against a beat, a downbeat, a meter, a tempo at every frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .meters import BARS, Bar
from .states import FRAME_RATE, SLOW, blocks

Doubles = npt.NDArray[np.float64]

EVENTS = ("onset", "unit", "tactus", "downbeat", "group")
TOLD = ("downbeat", "group", "tactus")
METERS = tuple(dict.fromkeys(bar.meter for bar in BARS))
SURE, UNSURE = 5.0, 3.0
"""Log-odds are cut at this: no frame alone decides."""
SMOOTHED_S = 3.0
"""What is said of the tempo is averaged over this before it is used."""
UNLIKELY = 1e-4
SECOND = 1 / 3
"""Weight of what the second network says of beats beside the first."""
HABIT = {"4/4": 2.0, "3/8": 0.7, "8/8": 0.5, "10/8": 0.5, "11/8": 0.5}
"""How much more often these meters are met in recordings than in what the second network learnt from."""


@dataclass(frozen=True)
class Evidence:
    """Log-likelihoods at n frames; of tempos and meters, at m blocks of SLOW frames.

    Attributes
    ----------
    odds : by event, shape (n,): log-odds that it lies within a frame of here
    tempos : shape (m, k): log-share of each tempo in `bpm` against an even one: 0 says nothing
    bpm : quarters a minute, rising, shape (k,)
    meters : shape (m, len(METERS)): the same of each meter
    """

    odds: dict[str, Doubles]
    tempos: Doubles
    bpm: Doubles
    meters: Doubles

    def probability(self, event: str) -> Doubles:
        """Of an event at every frame, shape (n,)."""
        return np.asarray(1.0 / (1.0 + np.exp(-self.odds[event])))

    def between(self, first: int, last: int) -> Evidence:
        """The evidence at some of the frames, from the beginning of a block."""
        odds = {name: values[first:last] for name, values in self.odds.items()}
        slow = slice(first // SLOW, -(-last // SLOW))
        return replace(self, odds=odds, tempos=self.tempos[slow], meters=self.meters[slow])

    def of_bars(self, bars: Sequence[Bar]) -> Doubles:
        """Log-share of each bar's meter, shape (m, bars); the best there is for a meter that no network knows."""
        best = self.meters.max(axis=1)
        known = [METERS.index(bar.meter) if bar.meter in METERS else None for bar in bars]
        return np.stack([best if n is None else self.meters[:, n] for n in known], axis=1)

    def shares_of_meters(self, start_s: float, end_s: float) -> Doubles:
        """Mean share of each meter from one time to another, shape (len(METERS),); the rest is that of none."""
        return np.asarray(np.exp(self.meters[blocks(start_s, end_s)]).mean(axis=0) / (len(METERS) + 1))

    def of_tempos(self, bpm: Doubles) -> Doubles:
        """Log-share of each tempo, shape (m, len(bpm)); the outermost beyond the ends."""
        places = np.interp(np.log(bpm), np.log(self.bpm), np.arange(len(self.bpm)))
        low = np.minimum(places.astype(int), len(self.bpm) - 2)
        part = places - low
        return np.asarray(self.tempos[:, low] * (1 - part) + self.tempos[:, low + 1] * part)


def evidence_of(values: npt.NDArray[np.float32], heads: Sequence[str]) -> Evidence:
    """The evidence in an activation: nothing as yet of the meter.

    Parameters
    ----------
    values : ndarray of shape (n, len(heads))
        Probabilities at 50 frames a second.
    heads : sequence of str
        The names in EVENTS, and "tempo 97.5" and the like.

    Raises
    ------
    ValueError
        A head is missing.
    """
    tempos = [n for n, head in enumerate(heads) if head.startswith("tempo ")]
    missing = [name for name in EVENTS if name not in heads] + ["tempo"] * (not tempos)
    if missing:
        raise ValueError(f"the activation has no {', '.join(missing)}")
    return Evidence(
        {name: _odds(_widened(values[:, heads.index(name)])) for name in EVENTS if name != "onset"},
        _shares(_averaged(values[:, tempos])),
        np.array([float(heads[n].removeprefix("tempo ")) for n in tempos]),
        np.zeros((-(-len(values) // SLOW), len(METERS))),
    )


def columns(heads: Sequence[str]) -> list[int]:
    """Which columns of an activation the second network hears: events, then bands."""
    events = [heads.index(name) for name in EVENTS]
    return events + [n for n, head in enumerate(heads) if head.startswith("band ")]


@dataclass(frozen=True)
class Told:
    """What a second network makes of units that were found.

    Attributes
    ----------
    times : shape (k,), of the units, seconds from the start of the take
    events : shape (k, len(TOLD)): probabilities of each of these
    meters : shape (k, len(METERS) + 1): share of each meter, and of none
    """

    times: Doubles
    events: npt.NDArray[np.float32]
    meters: npt.NDArray[np.float32]


def retold(evidence: Evidence, told: Sequence[Told]) -> Evidence:
    """The evidence with downbeats, groups and meters as they are told; unlikely as can be where nothing is.

    A beat is what both networks say: their log-odds together at the units, the first one's elsewhere.
    """
    count = len(evidence.odds["tactus"])
    events, units = np.zeros((count, len(TOLD)), np.float32), np.zeros(count, np.float32)
    middles = np.arange(len(evidence.meters)) * SLOW + SLOW // 2
    shares = np.full((len(middles), len(METERS) + 1), 1.0 / (len(METERS) + 1))
    for part in told:
        frames = np.clip(np.round(part.times * FRAME_RATE).astype(int), 0, max(0, count - 1))
        np.maximum.at(events, frames, part.events)
        units[frames] = 1.0
        unit = np.searchsorted(frames, middles, side="right") - 1
        shares[unit >= 0] = part.meters[unit[unit >= 0]]
    shares *= [*(HABIT.get(meter, 1.0) for meter in METERS), 1.0]
    odds = {name: _odds(_widened(events[:, n])) for n, name in enumerate(TOLD)}
    first, second = evidence.odds["tactus"], odds["tactus"]
    odds["tactus"] = np.where(_widened(units) > 0, (1 - SECOND) * first + SECOND * second, first)
    return replace(evidence, odds=evidence.odds | odds, meters=_shares(shares)[:, :-1])


def _widened(activation: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The highest within a frame."""
    wide = np.pad(activation, 1, mode="edge")
    return np.asarray(np.maximum(np.maximum(wide[:-2], wide[1:-1]), wide[2:]))


def _odds(probability: npt.NDArray[np.float32]) -> Doubles:
    exact = probability.astype(float)
    return np.asarray(np.clip(np.log(exact + 1e-9) - np.log(1.0 - exact + 1e-9), -UNSURE, SURE))


def _averaged(values: npt.NDArray[np.float32]) -> Doubles:
    """Over a few seconds about each block of SLOW frames."""
    added = np.add.reduceat(values, np.arange(0, len(values), SLOW), axis=0, dtype=float)
    half = round(SMOOTHED_S * FRAME_RATE / SLOW / 2)
    sums = np.cumsum(np.pad(added, ((1, 0), (0, 0))), axis=0)
    n = np.arange(len(added))
    low, high = np.maximum(0, n - half), np.minimum(len(added), n + half + 1)
    frames = np.minimum(high * SLOW, len(values)) - low * SLOW
    return np.asarray((sums[high] - sums[low]) / frames[:, None])


def _shares(values: Doubles) -> Doubles:
    """Logarithms of shares against even ones: 0 says nothing."""
    shares = (values + UNLIKELY) / (values.sum(axis=1, keepdims=True) + UNLIKELY * values.shape[1])
    return np.asarray(np.log(shares * values.shape[1]))
