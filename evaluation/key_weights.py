"""Fits the weights of the key pool (plugins/key/pool.py) on made music, and judges them on cases of another seed.

    PYTHONPATH=. envs/numpy1/.venv/bin/python -m evaluation.key_weights

No recording is heard, and nothing of `builtin` with the seeds that it is judged by: the weights are the method's.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluation.calibration import expected_calibration_error
from evaluation.key_material import case, number_of
from hemiola.testing import load

PLUGINS = Path(__file__).resolve().parents[1] / "plugins" / "key"
PRIOR = 1e-4
"""Strength of a normal prior about zero, which holds what nothing contradicts."""
SETTLED = 1e-8
Doubles = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Heard:
    """What both halves made of n recordings, and what is true.

    Attributes
    ----------
    profiles : shape (n, 2, 24), Essentia's correlations
    network : shape (n, 24), madmom's log-probabilities
    strength : shape (n,), how tonal Essentia finds them
    pooled : shape (n, 25), what the plugin says
    keys : shape (n,), the key's number, 24 for atonal
    """

    profiles: Doubles
    network: Doubles
    strength: Doubles
    pooled: Doubles
    keys: Whole

    @property
    def tonal(self) -> npt.NDArray[np.bool_]:
        """Which have a key."""
        return np.asarray(self.keys < 24)


@dataclass(frozen=True)
class Weights:
    """The pool's constants."""

    with_network: tuple[float, ...]
    network: float
    without_network: tuple[float, ...]
    atonal_steepness: float


def asked(plugin: Any, seed: int, numbers: Iterable[int]) -> Heard:
    """Both halves' opinions on cases; without those in which nothing has a pitch."""
    rows = []
    for number in numbers:
        made = case(seed, number)
        said = plugin.opinions(made.samples, [(0, len(made.samples))])
        if said.network is not None:
            pooled = plugin.probabilities(said)
            rows.append((said.correlations, said.network, said.strength, pooled, number_of(made.key)))
    return Heard(*(np.array(column) for column in zip(*rows, strict=True)))


def fitted(heard: Heard, tonal_from: float) -> Weights:
    """The weights of the greatest likelihood."""
    tonal = heard.tonal
    keys = heard.keys[tonal]
    profiles = heard.profiles[tonal].transpose(0, 2, 1)
    *beside, network = logit(
        np.concatenate([profiles, heard.network[tonal][:, :, None]], axis=2), keys
    ).tolist()
    alone = logit(profiles, keys).tolist()
    # Atonal against tonal is a choice of two, whose scores are zero and the logarithm of the strength.
    strength = np.log(np.maximum(heard.strength, 1e-6) / tonal_from)
    two = np.stack([np.zeros_like(strength), strength], axis=1)[:, :, None]
    (steepness,) = logit(two, tonal.astype(np.intp)).tolist()
    return Weights(tuple(beside), network, tuple(alone), steepness)


def logit(scores: Doubles, chosen: Whole, steps: int = 50) -> Doubles:
    """Weights of the conditional logit: the probability of an alternative is the softmax of its weighted scores.

    Parameters
    ----------
    scores : ndarray of shape (cases, alternatives, weights)
    chosen : ndarray of shape (cases,)

    Returns
    -------
    ndarray of shape (weights,)
        By Newton's method with halved steps; the likelihood is concave.
    """
    weights = np.zeros(scores.shape[2])
    count = len(chosen)
    truth = scores[np.arange(count), chosen]

    def loss(tried: Doubles) -> float:
        odds = scores @ tried
        highest = odds.max(axis=1, keepdims=True)
        total = highest[:, 0] + np.log(np.exp(odds - highest).sum(axis=1))
        return float(np.mean(total - truth @ tried) + 0.5 * PRIOR * tried @ tried)

    for _ in range(steps):
        shares = softmax(scores @ weights)
        expected = np.einsum("ij,ijk->ik", shares, scores)
        gradient = (truth - expected).mean(axis=0) - PRIOR * weights
        away = scores - expected[:, None, :]
        curvature = np.einsum("ij,ijk,ijl->kl", shares, away, away) / count + PRIOR * np.eye(len(weights))
        step = np.linalg.solve(curvature, gradient)
        while loss(weights + step) > loss(weights) and np.abs(step).max() > SETTLED:
            step = step / 2
        weights = weights + step
        if np.abs(step).max() <= SETTLED:
            break
    return weights


def softmax(scores: Doubles) -> Doubles:
    """Along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def judged(heard: Heard) -> dict[str, float]:
    """How often each was right, and how much the plugin's confidence is off."""
    said = heard.pooled.argmax(axis=1)
    right = said == heard.keys
    tonal = heard.tonal
    alone = {
        "the network": heard.network,
        **{f"profile {number + 1}": heard.profiles[:, number] for number in range(heard.profiles.shape[1])},
    }
    return {
        **{
            f"key exact, {name} alone": float((scores.argmax(axis=1) == heard.keys)[tonal].mean())
            for name, scores in alone.items()
        },
        "key exact, pooled": float(right[tonal].mean()),
        "atonal said of what has a key": float((said == 24)[tonal].mean()),
        "a key said of what has none": float((said < 24)[~tonal].mean()),
        "expected calibration error": expected_calibration_error(heard.pooled.max(axis=1), right),
    }


def main() -> None:
    """Fit, print the constants, and judge the plugin as it stands."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200, help="to fit on; half as many to judge by")
    parser.add_argument("--seed", type=int, default=1, help="of the cases to fit on; the next one's judge")
    options = parser.parse_args()
    plugin_type = load(PLUGINS)["key.ensemble"]
    plugin: Any = plugin_type(plugin_type.config_type())
    plugin.load()
    print(fitted(asked(plugin, options.seed, range(options.cases)), plugin.tonal_from))
    for name, value in judged(asked(plugin, options.seed + 1, range(options.cases // 2))).items():
        print(f"{name:32} {value:.3f}")


if __name__ == "__main__":
    main()
