"""Trains `hits.cnn`: python -m evaluation.training.drums [--folder DIR], in the environment neural.

Clips are made once; the network learns from them; how high a stroke's probability must be, and how often one of that
probability is right, is measured on those left out; all is written beside the plugin. Stopped at any point, it goes on
where it was. Every step is seeded.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import torch

from evaluation.training import pool as clips
from evaluation.training.drums import pool
from evaluation.training.drums.lesson import DrumLesson
from evaluation.training.drums.measuring import measured, told_of
from evaluation.training.fit import Plan, fit
from evaluation.training.recipe import Portion, any_kit
from evaluation.training.sources.generated import Generated
from evaluation.training.sources.invented import Invented
from evaluation.training.sources.invented_piano import InventedPiano
from evaluation.training.sources.performed import Performed
from plugins.hits import weights
from plugins.hits.network import DRUMS

PORTIONS = (
    Portion(Performed(), 2600, 60),
    Portion(Invented(kit=any_kit), 900, 30),
    Portion(Generated(kit=any_kit), 600, 30),
    Portion(InventedPiano(), 300, 0),
)
"""The last has no drums: it accompanies."""
PLAYED = Performed().name
PLAN = Plan(steps=3000, batch=8, rate=2e-3, every=200)


def main() -> None:
    """Make what is missing, train to the end, measure, ship."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.training.drums", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=Path("training/drums"), help="for clips, checkpoints (3 GB)"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="of clips and steps; 0.01 is a trial")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="clips made at the same time")
    parser.add_argument("--to", type=Path, default=weights.FOLDER, help="where the weights are written")
    asked = parser.parse_args()
    for side, left_out in (("seen", False), ("left-out", True)):
        counts = {p.source.name: round(asked.scale * (p.left_out if left_out else p.seen)) for p in PORTIONS}
        sources = [portion.source for portion in PORTIONS]
        made = clips.fill(asked.folder / side, sources, counts, left_out, asked.jobs, pool.make)
        print(f"{side}: {made} clips")
    torch.set_num_threads(asked.jobs)
    seen, other = pool.read(asked.folder / "seen"), pool.read(asked.folder / "left-out")
    plan = Plan(max(1, round(asked.scale * PLAN.steps)), PLAN.batch, PLAN.rate, every=PLAN.every)
    trained = fit(DrumLesson(seen, other), plan, asked.folder / "fit")
    network = trained.average.cpu().eval()
    played = [
        clip for clip in other if clip.name.startswith(PLAYED)
    ]  # people strike toms as rarely as people do
    told = told_of(network, played or other)
    scale = measured(told)
    for drum, one in zip(DRUMS, told, strict=True):
        print(f"{drum}: F {one.f(scale.thresholds[drum]):.3f} of {one.strokes} left-out strokes")
    weights.write(network, scale, asked.to)
    print(f"written to {asked.to}")


if __name__ == "__main__":
    main()
