"""Trains the networks that the project ships: python -m evaluation.training [--folder DIR], in the environment neural.

Clips are made once; the first network learns from them and is shipped; with it they are heard and decoded; the second
learns from that. Stopped at any point, it goes on where it was. Every step is seeded; the manifest lists what it
learned from.
"""

from __future__ import annotations

import argparse
import hashlib
import os
from pathlib import Path

import torch

from evaluation.training import pool, pulses
from evaluation.training.bars import BarLesson
from evaluation.training.fit import Plan, fit
from evaluation.training.frame_network import FrameShape
from evaluation.training.frames import FrameLesson
from evaluation.training.recipe import portions
from evaluation.training.shipping import ship_bars, ship_frames
from plugins.beats.network import FOLDER as FRAME_FOLDER
from plugins.beats.network import MODEL as FRAME_MODEL
from plugins.meter.network import FOLDER as BAR_FOLDER

SIDES = (("seen", False), ("left-out", True))
FRAME_PLAN = Plan(steps=6600, batch=8, rate=3e-3)
BAR_PLAN = Plan(steps=5000, batch=32, rate=2e-3, decay=0.02)


def main() -> None:
    """Make what is missing, train both to the end, ship."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.training", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("training"), help="for clips, checkpoints (9 GB)")
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of clips; 0.01 is a trial")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="clips made at the same time")
    asked = parser.parse_args()
    folder, jobs = asked.folder, asked.jobs
    shares = portions(asked.scale)
    for side, left_out in SIDES:
        counts = {p.source.name: p.left_out if left_out else p.seen for p in shares}
        made = pool.fill(folder / side, [p.source for p in shares], counts, left_out, jobs)
        print(f"{side}: {made} clips")
    torch.set_num_threads(jobs)
    seen, other = (pool.read(folder / side) for side, _ in SIDES)
    frames = fit(FrameLesson(seen, other, FrameShape()), FRAME_PLAN, folder / "frames")
    ship_frames(frames.average.cpu(), FRAME_FOLDER)
    del seen, other, frames
    # What another first network heard is of no use to the second.
    shipped = hashlib.sha256((FRAME_FOLDER / f"{FRAME_MODEL}.onnx").read_bytes()).hexdigest()
    heard = folder / f"heard-{shipped[:8]}"
    for side, _ in SIDES:
        pulses.fill(folder / side, heard / side, jobs)
    learnt, kept = (pulses.read(heard / side) for side, _ in SIDES)
    bars = fit(BarLesson(learnt, kept), BAR_PLAN, heard / "bars")
    ship_bars(bars.average.cpu(), BAR_FOLDER)
    print(f"written to {FRAME_FOLDER} and {BAR_FOLDER}")


if __name__ == "__main__":
    main()
