"""What the network's answers say for and against a beat, a downbeat, a meter, a tempo at every frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .meters import Bar
from .states import FRAME_RATE

Doubles = npt.NDArray[np.float64]

EVENTS = ("onset", "unit", "tactus", "downbeat", "group")
KINDS = ("meter", "tempo", "bar")
SURE, UNSURE = 5.0, 3.0
"""Log-odds are cut at this: no frame alone decides."""
SMOOTHED_S = 3.0
"""What is said of meter and tempo is averaged over this before it is used."""
UNLIKELY = 1e-4


@dataclass(frozen=True)
class Evidence:
    """Log-likelihoods at n frames.

    Attributes
    ----------
    odds : by head, shape (n,): log-odds of the head's event within a frame of here
    meters : shape (n, m): log-share of each meter in `names`, against an even one
    names : signatures
    tempos : shape (n, k): the same of each tempo in `bpm`
    bpm : quarters a minute, rising, shape (k,)
    lengths : shape (n, l): the same of each length of a bar in `seconds`
    seconds : rising, shape (l,)
    """

    odds: dict[str, Doubles]
    meters: Doubles
    names: tuple[str, ...]
    tempos: Doubles
    bpm: Doubles
    lengths: Doubles
    seconds: Doubles

    def probability(self, event: str) -> Doubles:
        """Of an event at every frame, shape (n,)."""
        return np.asarray(1.0 / (1.0 + np.exp(-self.odds[event])))

    def between(self, first: int, last: int) -> Evidence:
        """The evidence at some of the frames."""
        odds = {name: values[first:last] for name, values in self.odds.items()}
        meters, tempos, lengths = (part[first:last] for part in (self.meters, self.tempos, self.lengths))
        return replace(self, odds=odds, meters=meters, tempos=tempos, lengths=lengths)

    def of_bars(self, bars: Sequence[Bar]) -> Doubles:
        """Log-share of each bar's meter, shape (n, bars); the best there is for a meter the network does not know."""
        best = self.meters.max(axis=1)
        known = [self.names.index(bar.meter) if bar.meter in self.names else None for bar in bars]
        return np.stack([best if n is None else self.meters[:, n] for n in known], axis=1)

    def of_tempos(self, bpm: Doubles) -> Doubles:
        """Log-share of each tempo, shape (n, len(bpm))."""
        return _between(self.tempos, self.bpm, bpm)

    def of_lengths(self, seconds: Doubles) -> Doubles:
        """Log-share of each length of a bar, shape (n, len(seconds))."""
        return _between(self.lengths, self.seconds, seconds)


def _between(logs: Doubles, grid: Doubles, values: Doubles) -> Doubles:
    """Columns for values between those of a grid, evenly in their logarithms; the outermost beyond its ends."""
    places = np.interp(np.log(values), np.log(grid), np.arange(len(grid)))
    low = np.minimum(places.astype(int), len(grid) - 2)
    part = places - low
    return np.asarray(logs[:, low] * (1 - part) + logs[:, low + 1] * part)


def evidence_of(values: npt.NDArray[np.float32], heads: Sequence[str]) -> Evidence:
    """The evidence in an activation.

    Parameters
    ----------
    values : ndarray of shape (n, len(heads))
        Probabilities at 50 frames a second.
    heads : sequence of str
        The names in EVENTS, "meter 7/8" and the like, "tempo 97.5", "bar 2.07".

    Raises
    ------
    ValueError
        A head is missing.
    """
    kinds = {kind: [n for n, head in enumerate(heads) if head.startswith(f"{kind} ")] for kind in KINDS}
    missing = [name for name in EVENTS if name not in heads] + [kind for kind in KINDS if not kinds[kind]]
    if missing:
        raise ValueError(f"the activation has no {', '.join(missing)}")

    def numbers(kind: str) -> Doubles:
        return np.array([float(heads[n].removeprefix(f"{kind} ")) for n in kinds[kind]])

    return Evidence(
        {name: _odds(values[:, heads.index(name)]) for name in EVENTS},
        _shares(values[:, kinds["meter"]]),
        tuple(heads[n].removeprefix("meter ") for n in kinds["meter"]),
        _shares(values[:, kinds["tempo"]]),
        numbers("tempo"),
        _shares(values[:, kinds["bar"]]),
        numbers("bar"),
    )


def _odds(activation: npt.NDArray[np.float32]) -> Doubles:
    wide = np.pad(activation, 1, mode="edge")
    best = np.maximum(np.maximum(wide[:-2], wide[1:-1]), wide[2:]).astype(float)
    return np.asarray(np.clip(np.log(best + 1e-9) - np.log(1.0 - best + 1e-9), -UNSURE, SURE))


def _shares(values: npt.NDArray[np.float32]) -> Doubles:
    """Logarithms of shares against even ones, averaged over a few seconds: 0 says nothing."""
    half = round(SMOOTHED_S * FRAME_RATE / 2)
    sums = np.cumsum(np.pad(values.astype(float), ((1, 0), (0, 0))), axis=0)
    n = np.arange(len(values))
    low, high = np.maximum(0, n - half), np.minimum(len(values), n + half + 1)
    mean = (sums[high] - sums[low]) / (high - low)[:, None]
    mean = (mean + UNLIKELY) / (mean.sum(axis=1, keepdims=True) + UNLIKELY * mean.shape[1])
    return np.asarray(np.log(mean * mean.shape[1]))
