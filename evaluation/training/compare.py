"""What else might have been built, on the same clips for the same steps, in the environment neural:

    python -m evaluation.training.compare networks    other networks in place of the first, of about its size
    python -m evaluation.training.compare sources     the second network without one source of its music

Clips are those that `make train` made in its folder. What is printed is of the left-out side.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from evaluation.training import pool, pulses
from evaluation.training.bars import BarLesson
from evaluation.training.fit import Plan, Training, fit
from evaluation.training.frame_network import FrameNetwork, FrameShape
from evaluation.training.frames import FRAMES, FrameLesson

SIDES = ("seen", "left-out")
SMALL = Plan(steps=300, batch=8, rate=3e-3)
"""For the first network; the second learns from 32 windows a step."""
CLIPS = 500
"""Of each source."""


class Recurrent(nn.Module):
    """Gated recurrent units over time, both ways, beside what they are given."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.both = nn.GRU(width, width, batch_first=True, bidirectional=True)
        self.mix = nn.Linear(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (batch, width, frames) to the same."""
        y = self.norm(x.transpose(1, 2))
        return x + self.mix(self.both(y)[0]).transpose(1, 2)


def recurrent(shape: FrameShape) -> FrameNetwork:
    """A network that is recurrent over time where the shipped one has dilated convolutions and attention."""
    network = FrameNetwork(replace(shape, attention=0), FRAMES)
    network.over_time = nn.ModuleList(Recurrent(shape.width) for _ in range(4))
    return network


NETWORKS: dict[str, Callable[[], FrameNetwork]] = {
    "convolutions and attention": lambda: FrameNetwork(FrameShape(), FRAMES),
    "convolutions alone": lambda: FrameNetwork(FrameShape(width=84, attention=0), FRAMES),
    "attention alone": lambda: FrameNetwork(FrameShape(dilations=(), attention=8), FRAMES),
    "recurrent": lambda: recurrent(FrameShape()),
}


class OtherNetwork(FrameLesson):
    """What the first network learns, for a network of another kind."""

    def __init__(
        self, made: Callable[[], FrameNetwork], seen: Sequence[pool.Example], other: Sequence[pool.Example]
    ) -> None:
        super().__init__(seen, other, FrameShape())
        self._made = made

    def network(self) -> FrameNetwork:
        """See Lesson."""
        return self._made()


def source_of(name: str) -> str:
    """The source of a clip by its name: that without the number."""
    return name.rpartition("-")[0]


def some_of(folder: Path, most: int) -> list[Path]:
    """The first clips of each source."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.npz")):
        found.setdefault(source_of(path.stem), []).append(path)
    return [path for paths in found.values() for path in paths[:most]]


def networks(folder: Path, clips: int, plan: Plan) -> Iterator[str]:
    """A line for each kind of network."""
    seen, other = ([pool.read_one(path) for path in some_of(folder / side, clips)] for side in SIDES)
    for name, made in NETWORKS.items():
        done = fit(OtherNetwork(made, seen, other), plan, _kept(folder, name, clips, plan))
        yield _line(name, done)


def sources(folder: Path, clips: int, plan: Plan) -> Iterator[str]:
    """A line for each source that is left out, and one for all; the losses are of all sources' left-out clips."""
    seen, other = (
        [pulses.pulsed(pool.read_one(path)) for path in some_of(folder / side, clips)] for side in SIDES
    )
    names = sorted({source_of(clip.name) for clip in seen})
    for missing in (None, *(names if len(names) > 1 else ())):
        kept = [clip for clip in seen if source_of(clip.name) != missing]
        name = f"without {missing}" if missing else "all sources"
        done = fit(BarLesson(kept, other), plan, _kept(folder, name, clips, plan))
        yield _line(name, done)
        for source in names:
            alone = BarLesson([], [clip for clip in other if source_of(clip.name) == source])
            told = [alone.judged(done.average.eval(), batch) for batch in alone.left_out(plan.batch)]
            means = {key: float(np.nanmean([row[key] for row in told])) for key in told[0]} if told else {}
            yield f"    on {source}: {json.dumps({key: round(value, 3) for key, value in means.items()})}"


def _kept(folder: Path, name: str, clips: int, plan: Plan) -> Path:
    """Where a training is kept: it goes on with the clips and the steps that it began with."""
    return folder / "compared" / f"{name.replace(' ', '-')}-{clips}-clips-{plan.steps}-steps"


def _line(name: str, done: Training[nn.Module]) -> str:
    size = sum(weights.numel() for weights in done.network.parameters())
    found = {key: round(value, 4) for key, value in done.validated().items()}
    return f"{name}: {size} weights, {done.step} steps: {json.dumps(found)}"


def main() -> None:
    """Train each and print."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.training.compare", description=__doc__)
    parser.add_argument("what", choices=("networks", "sources"))
    parser.add_argument("--folder", type=Path, default=Path("training"))
    parser.add_argument("--clips", type=int, default=CLIPS, help="of each source")
    parser.add_argument("--steps", type=int, default=SMALL.steps)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    plan = replace(SMALL, steps=asked.steps)
    if asked.what == "networks":
        lines = networks(asked.folder, asked.clips, plan)
    else:
        lines = sources(asked.folder, asked.clips, replace(plan, batch=32, rate=2e-3, decay=0.02))
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
