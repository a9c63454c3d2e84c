"""Whether a confidence means what it says, and making it so, on other material than it is then judged by.

A claim is a confidence and whether its named event came true (`measures.EVENTS`).

References
----------
Guo, C., Pleiss, G., Sun, Y., Weinberger, K. Q. (2017). On calibration of modern neural networks. ICML.
    (Temperature; the expected calibration error.)
Bröcker, J., Smith, L. A. (2007). Increasing the reliability of reliability diagrams. Weather and Forecasting 22.
    (What chance alone makes of a perfect system: draws at its own confidences.)
Geifman, Y., El-Yaniv, R. (2017). Selective classification for deep neural networks. NeurIPS. (Risk and coverage.)
Ayer, M., et al. (1955). An empirical distribution function for sampling with incomplete information. (Isotonic.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import model_validator

from hemiola.results.base import Part, Positive, Probability

Array = npt.NDArray[np.float64]
Method = Literal["temperature", "isotonic"]

BINS = 10
"""Equal widths: a reader looks up "said .7 to .8"; bins of equal counts move with each system's confidences."""
SIMULATIONS = 500
FOLDS = 5
"""Parts of the songs, each calibrated by a fit on the others."""
GRAIN = 1000
"""Beyond so many distinct confidences, neighbours are simulated together."""
STEEPEST = 50.0
"""Bound of 1/temperature both ways; only separable claims come near."""


class FittedOnThese(ValueError):
    """A calibration was to be scored on material that it was fitted on."""

    usage = True


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims about one event.

    Attributes
    ----------
    confidences : shape (n,), 0 to 1
    right : shape (n,), whether the event came true
    songs : shape (n,), the song (`Item.song`) of each
    marks : further marks of the material, such as hashes of the audio files; a renamed song keeps them
    """

    confidences: Array
    right: npt.NDArray[np.bool_]
    songs: npt.NDArray[np.str_]
    marks: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not len(self.confidences) == len(self.right) == len(self.songs):
            raise ValueError(
                f"{len(self.confidences)} confidences, {len(self.right)} outcomes and {len(self.songs)} songs: "
                "each claim needs one of each"
            )
        if not np.all((self.confidences >= 0.0) & (self.confidences <= 1.0)):
            raise ValueError("a confidence is not between 0 and 1")

    @classmethod
    def of(cls, claims: Iterable[tuple[float, bool, str]], marks: Iterable[str] = ()) -> Claims:
        """From (confidence, right, song) each."""
        rows = list(claims)
        return cls(
            np.array([row[0] for row in rows], dtype=np.float64),
            np.array([row[1] for row in rows], dtype=np.bool_),
            np.array([row[2] for row in rows], dtype=np.str_),
            frozenset(marks),
        )

    def __len__(self) -> int:
        return len(self.confidences)

    def where(self, chosen: npt.NDArray[np.bool_]) -> Claims:
        """The chosen ones."""
        return Claims(self.confidences[chosen], self.right[chosen], self.songs[chosen], self.marks)


class Calibration(Part):
    """A map from a confidence to one that comes true as often as it says, and what it was fitted on.

    Attributes
    ----------
    event : the named event that it is the probability of
    temperature : the log-odds are divided by it (method temperature)
    knots : confidences and what they become, ascending, straight lines between (method isotonic)
    fitted_on : songs and marks of the material; `require_other` refuses them
    """

    event: str
    method: Method
    temperature: Positive | None = None
    knots: tuple[tuple[Probability, Probability], ...] = ()
    fitted_on: tuple[str, ...]
    n: int

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.method == "temperature" and self.temperature is None:
            raise ValueError("a temperature calibration has no temperature")
        if self.method == "isotonic" and not self.knots:
            raise ValueError("an isotonic calibration has no knots")
        return self

    def apply(self, confidences: npt.ArrayLike) -> Array:
        """Calibrated confidences, in the shape of those given."""
        given = np.asarray(confidences, dtype=np.float64)
        if self.temperature is not None:
            return _probability(_log_odds(given) / self.temperature)
        before, after = np.array(self.knots).T
        return np.asarray(np.interp(given, before, after))

    def require_other(self, claims: Claims) -> None:
        """Refuse material that this was fitted on.

        Raises
        ------
        FittedOnThese
        """
        shared = (set(claims.songs.tolist()) | claims.marks) & set(self.fitted_on)
        if shared:
            named = ", ".join(sorted(shared)[:3]) + (
                f" and {len(shared) - 3} more" if len(shared) > 3 else ""
            )
            raise FittedOnThese(
                f"the calibration of {self.event} was fitted on {named}: it would look better there than it is. "
                "Score it on other songs, or fit it without these"
            )

    def applied_to(self, claims: Claims) -> Claims:
        """The claims with calibrated confidences, to be scored.

        Raises
        ------
        FittedOnThese : some of them were fitted on
        """
        self.require_other(claims)
        return Claims(self.apply(claims.confidences), claims.right, claims.songs, claims.marks)


def fit(claims: Claims, event: str, method: Method = "temperature") -> Calibration:
    """Fit a calibration; it remembers the songs and marks of the claims.

    Raises
    ------
    ValueError : all claims are right, or all are wrong (or there are none): no map can be told from them
    """
    right = int(claims.right.sum())
    if right in (0, len(claims)):
        raise ValueError(
            f"cannot fit a calibration of {event} on {len(claims)} claims of which {right} came true: "
            "it takes right and wrong ones"
        )
    fitted_on = tuple(sorted({*claims.songs.tolist(), *claims.marks}))
    if method == "temperature":
        degrees = fit_temperature(claims.confidences, claims.right)
        return Calibration(
            event=event, method=method, temperature=degrees, fitted_on=fitted_on, n=len(claims)
        )
    knots = fit_isotonic(claims.confidences, claims.right)
    return Calibration(event=event, method=method, knots=knots, fitted_on=fitted_on, n=len(claims))


def fit_temperature(confidences: Array, right: npt.NDArray[np.bool_]) -> float:
    """The temperature of the greatest likelihood: the slope of the loss grows with 1/T, so it is bisected."""
    odds = _log_odds(confidences)
    low, high = 1 / STEEPEST, STEEPEST
    for _ in range(60):
        middle = float(np.sqrt(low * high))
        slope = float(np.sum((_probability(middle * odds) - right) * odds))
        low, high = (low, middle) if slope > 0 else (middle, high)
    return float(1 / np.sqrt(low * high))


def fit_isotonic(confidences: Array, right: npt.NDArray[np.bool_]) -> tuple[tuple[float, float], ...]:
    """The ascending map nearest to the outcomes, by pooling neighbours that descend (pool adjacent violators)."""
    distinct, inverse = np.unique(confidences, return_inverse=True)
    counts = np.bincount(inverse).astype(float)
    shares = np.bincount(inverse, weights=right) / counts
    blocks: list[tuple[float, float, int, int]] = []
    for index, (share, count) in enumerate(zip(shares.tolist(), counts.tolist(), strict=True)):
        blocks.append((share, count, index, index))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (left, m, first, _), (latter, n, _, last) = blocks[-2:]
            blocks[-2:] = [((left * m + latter * n) / (m + n), m + n, first, last)]
    knots: list[tuple[float, float]] = []
    for share, _, first, last in blocks:
        knots += [(float(distinct[index]), share) for index in dict.fromkeys((first, last))]
    return tuple(knots)


def cross_fitted(
    claims: Claims,
    event: str,
    method: Method = "temperature",
    *,
    seed: int = 0,
) -> Claims:
    """Each song's claims calibrated by a fit on the other songs.

    Raises
    ------
    ValueError : a single song, or a fold's other songs are all right or all wrong
    """
    songs = np.unique(claims.songs)
    if len(songs) < 2:
        raise ValueError(f"cannot leave songs out of {len(songs)}: cross-fitting takes at least two")
    fold_of = np.random.default_rng(seed).permutation(len(songs)) % min(FOLDS, len(songs))
    fold = fold_of[np.searchsorted(songs, claims.songs)]
    calibrated = np.empty(len(claims))
    for index in np.unique(fold):
        inside = fold == index
        fitted = fit(
            Claims(claims.confidences[~inside], claims.right[~inside], claims.songs[~inside]), event, method
        )
        calibrated[inside] = fitted.applied_to(
            Claims(claims.confidences[inside], claims.right[inside], claims.songs[inside])
        ).confidences
    return Claims(calibrated, claims.right, claims.songs, claims.marks)


def bin_of(confidences: Array) -> npt.NDArray[np.intp]:
    """Which of the ten equal bins; 1.0 is in the last. A tenth that binary holds a hair short is in its own bin."""
    return np.clip(np.floor(confidences * BINS + 1e-9), 0, BINS - 1).astype(np.intp)


def expected_calibration_error(confidences: Array, right: npt.NDArray[np.bool_]) -> float:
    """Mean over claims of |share that came true - mean confidence| of its bin."""
    bins = bin_of(confidences)
    gaps = np.bincount(bins, weights=confidences - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(confidences))


def ece_of_the_perfect(confidences: Array, *, seed: int = 0) -> tuple[float, float]:
    """Mean and 95 % quantile of the ECE of a system whose claims come true exactly as often as it says.

    The same confidences, with outcomes drawn by them.
    """
    values = confidences
    if len(np.unique(values)) > GRAIN:
        values = np.round(confidences * GRAIN) / GRAIN
    distinct, inverse = np.unique(values, return_inverse=True)
    counts = np.bincount(inverse)
    drawn = np.random.default_rng(seed).binomial(counts, distinct, size=(SIMULATIONS, len(distinct)))
    member = np.eye(BINS)[bin_of(distinct)]
    errors = np.abs((counts * distinct - drawn) @ member).sum(axis=1) / len(confidences)
    return float(errors.mean()), float(np.quantile(errors, 0.95))


def brier(confidences: Array, right: npt.NDArray[np.bool_]) -> float:
    """Mean squared difference of confidence and outcome."""
    return float(np.mean((confidences - right) ** 2))


def risk_coverage(confidences: Array, right: npt.NDArray[np.bool_]) -> tuple[Array, Array]:
    """Share of wrong claims among the k most confident, for each k.

    Equal confidences are in no order: within them the expected number of wrong ones grows evenly.

    Returns
    -------
    coverage, risk : shape (n,) each; coverage k/n
    """
    n = len(confidences)
    distinct, inverse = np.unique(-confidences, return_inverse=True)
    ends = np.cumsum(np.bincount(inverse, minlength=len(distinct)))
    wrong = np.cumsum(np.bincount(inverse, weights=~right, minlength=len(distinct)))
    kept = np.arange(1, n + 1)
    risk = np.interp(kept, np.concatenate([[0], ends]), np.concatenate([[0.0], wrong])) / kept
    return kept / n, risk


def _log_odds(confidences: Array) -> Array:
    # Certainty has no finite log-odds; a millionth off is certain enough.
    held = np.clip(confidences, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(held) - np.log1p(-held))


def _probability(log_odds: Array) -> Array:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * log_odds)))
