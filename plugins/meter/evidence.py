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
SURE = 5.0
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
    meters : shape (n, m): log-share of each meter in `names`
    names : signatures
    tempos : shape (n, k): log-share of each tempo in `bpm`
    bpm : quarters a minute, rising, shape (k,)
    """

    odds: dict[str, Doubles]
    meters: Doubles
    names: tuple[str, ...]
    tempos: Doubles
    bpm: Doubles

    def between(self, first: int, last: int) -> Evidence:
        """The evidence at some of the frames."""
        odds = {name: values[first:last] for name, values in self.odds.items()}
        return replace(self, odds=odds, meters=self.meters[first:last], tempos=self.tempos[first:last])

    def of_bars(self, bars: Sequence[Bar]) -> Doubles:
        """Log-share of each bar's meter, shape (n, bars); the best there is for a meter the network does not know."""
        best = self.meters.max(axis=1)
        known = [self.names.index(bar.meter) if bar.meter in self.names else None for bar in bars]
        return np.stack([best if n is None else self.meters[:, n] for n in known], axis=1)

    def of_tempos(self, bpm: Doubles) -> Doubles:
        """Log-density of each tempo against an even one, shape (n, len(bpm))."""
        places = np.interp(np.log(bpm), np.log(self.bpm), np.arange(len(self.bpm)))
        low = np.minimum(places.astype(int), len(self.bpm) - 2)
        part = places - low
        return self.tempos[:, low] * (1 - part) + self.tempos[:, low + 1] * part


def evidence_of(values: npt.NDArray[np.float32], heads: Sequence[str]) -> Evidence:
    """The evidence in an activation.

    Parameters
    ----------
    values : ndarray of shape (n, len(heads))
        Probabilities at 50 frames a second.
    heads : sequence of str
        The names in EVENTS, then "meter 7/8" and the like, then "tempo 97.5".

    Raises
    ------
    ValueError
        A head is missing.
    """
    missing = [name for name in EVENTS if name not in heads]
    meters = [n for n, head in enumerate(heads) if head.startswith("meter ")]
    tempos = [n for n, head in enumerate(heads) if head.startswith("tempo ")]
    if missing or not meters or not tempos:
        raise ValueError(f"the activation has no {', '.join(missing) or 'meters and tempos'}")
    odds = {name: _odds(values[:, heads.index(name)]) for name in EVENTS}
    return Evidence(
        odds,
        _shares(values[:, meters]),
        tuple(heads[n].removeprefix("meter ") for n in meters),
        _shares(values[:, tempos]),
        np.array([float(heads[n].removeprefix("tempo ")) for n in tempos]),
    )


def _odds(activation: npt.NDArray[np.float32]) -> Doubles:
    wide = np.pad(activation, 1, mode="edge")
    best = np.maximum(np.maximum(wide[:-2], wide[1:-1]), wide[2:]).astype(float)
    return np.asarray(np.clip(np.log(best + 1e-9) - np.log(1.0 - best + 1e-9), -SURE, SURE))


def _shares(values: npt.NDArray[np.float32]) -> Doubles:
    """Logarithms of shares, averaged over a few seconds, that add up to one over the columns."""
    half = round(SMOOTHED_S * FRAME_RATE / 2)
    sums = np.cumsum(np.pad(values.astype(float), ((1, 0), (0, 0))), axis=0)
    n = np.arange(len(values))
    low, high = np.maximum(0, n - half), np.minimum(len(values), n + half + 1)
    mean = (sums[high] - sums[low]) / (high - low)[:, None]
    mean = (mean + UNLIKELY) / (mean.sum(axis=1, keepdims=True) + UNLIKELY * mean.shape[1])
    return np.asarray(np.log(mean))
