"""Trains the network that the project ships: python -m evaluation.training [--folder DIR], in the environment neural.

Clips are made once, training goes on where it was stopped, and the finished network is written where the plugin reads
it, with its description. Every step is seeded; what was trained on stands in the manifest.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import torch

from evaluation.training import fit, pool
from evaluation.training.network import Shape
from evaluation.training.recipe import portions
from evaluation.training.shipping import ship
from plugins.beats.network import FOLDER


def main() -> None:
    """Make what is missing, train to the end, ship."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.training", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=Path("training"), help="for clips and checkpoints (3 GB)"
    )
    parser.add_argument("--steps", type=int, default=fit.Plan.steps, help="of the optimiser")
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of clips; 0.01 is a trial")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="clips made at the same time")
    parser.add_argument("--to", type=Path, default=FOLDER, help="where the network is written")
    asked = parser.parse_args()
    shares = portions(asked.scale)
    for side, left_out in (("seen", False), ("left-out", True)):
        counts = {p.source.name: p.left_out if left_out else p.seen for p in shares}
        made = pool.fill(asked.folder / side, [p.source for p in shares], counts, left_out, asked.jobs)
        print(f"{side}: {made} clips")
    torch.set_num_threads(asked.jobs)
    seen, left_out_examples = (pool.read(asked.folder / side) for side in ("seen", "left-out"))
    plan = fit.Plan(steps=asked.steps)
    training = fit.fit(seen, left_out_examples, Shape(), plan, asked.folder)
    ship(training.average.cpu(), asked.to)
    print(f"written to {asked.to}")


if __name__ == "__main__":
    main()
