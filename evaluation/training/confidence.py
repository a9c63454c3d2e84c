"""How often an answer of a certain share is right, on clips no training heard: the tables of the networks' plugins.

    PYTHONPATH=.:sdk envs/main/.venv/bin/python -m evaluation.training.confidence FOLDER...

FOLDERs are sets that `evaluation.training.left_out` wrote, and `builtin` cases of another seed than is judged by, which
are easier: what is printed for both together stands in the plugins as CALIBRATION.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from evaluation.annotation import Truth
from hemiola import Plugin, Skip
from hemiola.testing import load, run

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
TABLES = {"beats.net": ("net",), "meter.net": ("reading", "DOWNBEATS_CALIBRATION"), "tempo.net": ("net",)}
"""The module of each that has its CALIBRATION, and other tables there."""
RATE = 44100
LEAST = 25
"""Claims in a step of the table."""
WITHIN = 0.04
WINDOW_S, GOOD_F = 0.07, 0.9

Claims = list[tuple[float, bool]]


def plugin(name: str) -> type[Plugin[Any, Any]]:
    """A built-in plugin by name."""
    return load(PLUGINS / name.split(".")[0])[name]


def uncalibrated() -> list[type[Plugin[Any, Any]]]:
    """The plugins of TABLES with confidences that are what they go by: a share, a mean activation."""
    found = []
    for name, (place, *others) in TABLES.items():
        found.append(plugin(name))
        module = import_module(f"{found[-1].__module__.rpartition('.')[0]}.{place}")
        for table_name in ("CALIBRATION", *others):
            setattr(module, table_name, ((0.0, 1.0), (0.0, 1.0)))
    return found


def claims_of(paths: Iterable[Path]) -> dict[str, Claims]:
    """How sure an answer seems and whether it is right, of beats, meter, downbeats, tempo, for every clip with them."""
    beats, meter, tempo = uncalibrated()
    found: dict[str, Claims] = {"beats": [], "meter": [], "downbeats": [], "tempo": []}
    for path in paths:
        truth = Truth.model_validate_json(path.read_bytes())
        samples, _ = soundfile.read(path.with_suffix(".wav"), dtype="float32")
        heard = run(beats, samples, RATE)
        try:
            named = run(meter, samples, RATE, results=[heard])
            paced = run(tempo, samples, RATE, results=[heard, named])
        except Skip:
            continue
        if truth.beats and heard.confidence is not None:
            right = f_of(np.asarray(truth.beats), np.asarray(named.beat_times)) >= GOOD_F
            found["beats"].append((heard.confidence, right))
        if truth.meter is not None:
            found["meter"].append((named.confidence, named.meter == truth.meter))
        if truth.downbeats and named.downbeat_confidence is not None:
            right = f_of(np.asarray(truth.downbeats), np.asarray(named.downbeat_times)) >= GOOD_F
            found["downbeats"].append((named.downbeat_confidence, right))
        if truth.tempo is not None:
            found["tempo"].append((paced.confidence, abs(paced.bpm / truth.tempo - 1.0) <= WITHIN))
    return found


def f_of(true: npt.NDArray[np.float64], found: npt.NDArray[np.float64]) -> float:
    """F of beats within 70 ms; so near to each other no two of them are."""
    distances = np.abs(true[:, None] - found)
    recall, precision = ((distances.min(axis=axis) <= WINDOW_S).mean() for axis in (1, 0))
    return float(2 * recall * precision / max(recall + precision, 1e-9))


def table(claims: Claims, least: int = LEAST) -> tuple[list[float], list[float]]:
    """Shares and how often they were right, rising: steps of equal size, `least` or more, pooled until they rise.

    References
    ----------
    B. Zadrozny and C. Elkan, "Transforming classifier scores into accurate multiclass probability estimates", Proc. of
    the 8th Int. Conf. on Knowledge Discovery and Data Mining (KDD), 2002.
    """
    ordered = np.array(sorted(claims, key=lambda claim: claim[0]), float)
    pools = [[part[:, 0].mean(), part[:, 1].sum(), len(part)] for part in _steps(ordered, least)]
    at = 0
    while at + 1 < len(pools):
        (low, right, size), (high, more, count) = pools[at], pools[at + 1]
        if right / size <= more / count:
            at += 1
            continue
        pools[at : at + 2] = [[(low * size + high * count) / (size + count), right + more, size + count]]
        at = max(0, at - 1)
    shares = [round(float(share), 3) for share, _, _ in pools]
    # A step that was always right, or never, is not certain: half a claim more of either kind (Jeffreys' prior).
    return shares, [round(float((right + 0.5) / (size + 1)), 3) for _, right, size in pools]


def _steps(ordered: npt.NDArray[np.float64], least: int) -> list[npt.NDArray[np.float64]]:
    return np.array_split(ordered, max(1, len(ordered) // least))


def main() -> None:
    """Print a table for each."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.training.confidence", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    asked = parser.parse_args()
    # A set may hold other JSON than truths.
    paths = [path.with_suffix(".json") for folder in asked.folders for path in sorted(folder.glob("*.wav"))]
    for question, claims in claims_of(paths).items():
        rights = sum(right for _, right in claims)
        print(f"{question}: {rights} of {len(claims)} right; CALIBRATION = {table(claims)}")


if __name__ == "__main__":
    main()
