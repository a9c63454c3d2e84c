"""Several opinions on the key made one: a log-linear pool of profiles' correlations and a network's probabilities.

The pool is the softmax of a weighted sum of scores, the conditional logit; its weights are at the same time the
opinions' temperatures, so that what comes out are probabilities. The network alone is surer than it is right.

References
----------
.. [1] C. Genest and J. V. Zidek, "Combining probability distributions: a critique and an annotated bibliography",
   Statistical Science 1(1), 1986. (The logarithmic opinion pool.)
.. [2] D. McFadden, "Conditional logit analysis of qualitative choice behavior", Frontiers in Econometrics, 1974.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

PROFILES = ("bgate", "kostka-payne")
"""One made from electronic dance music, which has little harmony, and one from a textbook's examples of it."""

# `python -m evaluation.key_weights` prints them, fitted on 200 cases of made music and noise, none a recording.
WITH_NETWORK = (1.7, 10.1)
"""Weights of the profiles' correlations, -1 to 1, beside the network."""
NETWORK = 0.39
"""Weight of the network's natural logarithms."""
WITHOUT_NETWORK = (3.4, 11.8)
"""Weights of the correlations where the network heard nothing."""
ATONAL_STEEPNESS = 2.8
"""By how much the log-odds of atonal fall where the tonal strength grows e-fold."""


def pooled(correlations: Doubles, network: Doubles | None, strength: float, tonal_from: float) -> Doubles:
    """Probabilities of the 24 keys and of none.

    Parameters
    ----------
    correlations : ndarray of shape (2, 24)
        Of the pitch classes with each of `PROFILES` in each key; major keys from C, then minor keys from C.
    network : ndarray of shape (24,) or None
        Logarithms of the network's probabilities, in the same order.
    strength : float
        How tonal the sound is: 0 or more.
    tonal_from : float
        The strength at which tonal and atonal are equally probable.

    Returns
    -------
    ndarray of shape (25,)
        Their sum is one; the last is atonal.
    """
    if network is None:
        scores = np.array(WITHOUT_NETWORK) @ correlations
    else:
        scores = np.array(WITH_NETWORK) @ correlations + NETWORK * network
    weights = np.exp(scores - scores.max())
    atonal = 1.0 / (1.0 + (max(strength, 1e-6) / tonal_from) ** ATONAL_STEEPNESS)
    return np.append((1.0 - atonal) * weights / weights.sum(), atonal)
