"""One timbre told from all others: a linear discriminant of attack spectra.

References
----------
.. [1] R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7, 1936.
.. [2] J. H. Friedman, "Regularized discriminant analysis", J. of the American Statistical Association 84, 1989.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
FLOOR = 0.02
"""Nepers squared, added to the variance of every band beside a share of the mean variance, the shrinkage."""


@dataclass(frozen=True)
class Timbre:
    """A direction of attack spectra: 1 is the mean of those that have the timbre, 0 of those that have not."""

    weights: Floats
    zero: float

    def scores(self, spectra: Floats) -> Floats:
        """How much of the timbre each of some attacks has.

        Parameters
        ----------
        spectra : ndarray of shape (n, bands)

        Returns
        -------
        ndarray of shape (n,)
        """
        return np.asarray(spectra @ self.weights - self.zero, np.float32)


class Background:
    """The attacks that do not belong to a layer, against which its timbre is learned.

    Parameters
    ----------
    spectra : ndarray of shape (n, bands)
        One row per attack. Silence is added, as two further ones.
    shrinkage : float
        Share of the mean variance that is added to that of every band.
    """

    def __init__(self, spectra: Floats, shrinkage: float) -> None:
        self._shrinkage = shrinkage
        self._count = len(spectra) + 2
        self._mean = spectra.sum(axis=0) / self._count
        self._square = spectra.T @ spectra / self._count - np.outer(self._mean, self._mean)

    def timbre(self, spectra: Floats) -> Timbre | None:
        """What attacks of shape (m, bands) have and the background has not; None where nothing tells them apart."""
        mean, count = spectra.mean(axis=0), len(spectra)
        spread = (spectra - mean).T @ (spectra - mean)
        pooled = (self._square * self._count + spread) / (self._count + count)
        pooled[np.diag_indices_from(pooled)] += self._shrinkage * np.trace(pooled) / len(pooled) + FLOOR
        weights = np.linalg.solve(pooled, mean - self._mean)
        low, high = float(weights @ self._mean), float(weights @ mean)
        if high - low < 1e-9:
            return None
        return Timbre(np.asarray(weights / (high - low), np.float32), low / (high - low))


def left_out(rounds: Floats, beside: Floats, shrinkage: float) -> Floats:
    """How much the attacks of each round of a cycle have of what begins the other rounds and is not in their rest.

    Parameters
    ----------
    rounds : ndarray of shape (rounds, length, bands)
        Attack spectra; those at [:, 0] begin the rounds.
    beside : ndarray of shape (n, bands)
        Further attacks that begin none.
    shrinkage : float
        See `Background`.

    Returns
    -------
    ndarray of shape (rounds, length)
        About 1 for what begins a round and 0 for the rest of it, each by a timbre learned without that round.
    """
    count, length, bands = rounds.shape
    rounds, beside = rounds.astype(np.float64), beside.astype(np.float64)
    first, rest = rounds[:, 0], rounds[:, 1:]
    squares_first = first[:, :, None] * first[:, None, :]
    squares_rest = np.einsum("rli,rlj->rij", rest, rest)
    n_first, n_rest = count - 1, (count - 1) * (length - 1) + len(beside) + 2
    mean_first = (first.sum(0) - first) / n_first
    mean_rest = (rest.sum((0, 1)) - rest.sum(1) + beside.sum(0)) / n_rest
    pooled = squares_first.sum(0) - squares_first + squares_rest.sum(0) - squares_rest
    pooled += beside.T @ beside
    pooled -= n_first * mean_first[:, :, None] * mean_first[:, None, :]
    pooled -= n_rest * mean_rest[:, :, None] * mean_rest[:, None, :]
    pooled /= n_first + n_rest
    traces = np.trace(pooled, axis1=1, axis2=2)
    pooled += (shrinkage * traces / bands + FLOOR)[:, None, None] * np.eye(bands)
    apart = mean_first - mean_rest
    weights = np.linalg.solve(pooled, apart[:, :, None])[:, :, 0]
    width = np.maximum((weights * apart).sum(1), 1e-9)
    zero = (weights * mean_rest).sum(1)
    return np.asarray((np.einsum("rli,ri->rl", rounds, weights) - zero[:, None]) / width[:, None], np.float32)
