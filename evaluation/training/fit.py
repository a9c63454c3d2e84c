"""The training loop: seeded, resumable after a kill at any step, on a GPU where there is one."""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

N = TypeVar("N", bound=nn.Module)
Batch = tuple[Tensor, ...]
Losses = dict[str, Tensor]


@dataclass(frozen=True)
class Plan:
    """How to train.

    Attributes
    ----------
    steps : of the optimiser
    batch : examples in a step
    rate : highest learning rate; it rises over the first steps and falls as a cosine
    decay : of the weights
    every : steps between checkpoints and validations
    """

    steps: int
    batch: int
    rate: float
    decay: float = 0.01
    every: int = 100
    seed: int = 0


class Lesson(Protocol[N]):
    """What is learnt from what."""

    def network(self) -> N:
        """A new network, its weights drawn from torch's generator."""

    def batch(self, random: np.random.Generator, size: int) -> Batch:
        """Examples of the seen side, drawn and changed at random."""

    def left_out(self, size: int) -> Iterable[Batch]:
        """All examples of the other side, as they are."""

    def losses(self, network: N, batch: Batch) -> Losses:
        """The loss, "all", and its parts."""

    def judged(self, network: N, batch: Batch) -> dict[str, float]:
        """How right a network is on left-out examples."""


def rate_at(step: int, plan: Plan) -> float:
    """The learning rate of a step."""
    rising = min(1.0, (step + 1) / max(1, min(150, plan.steps // 10)))
    falling = 0.5 * (1.0 + math.cos(math.pi * min(1.0, step / plan.steps)))
    return plan.rate * rising * (0.02 + 0.98 * falling)


class Training(Generic[N]):
    """A training as it stands: its weights, the average of them that is shipped, its optimiser, its step."""

    def __init__(self, lesson: Lesson[N], plan: Plan, device: torch.device) -> None:
        torch.manual_seed(plan.seed)
        self.lesson, self.plan, self.step = lesson, plan, 0
        self.network = lesson.network().to(device)
        self.average = copy.deepcopy(self.network)
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), plan.rate, (0.9, 0.98), weight_decay=plan.decay
        )

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        state = {
            "weights": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        torch.save(state, path.with_suffix(".part"))
        os.replace(path.with_suffix(".part"), path)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint."""
        state = torch.load(path, map_location=next(self.network.parameters()).device, weights_only=True)
        self.network.load_state_dict(state["weights"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]

    def advance(self, batch: Batch) -> dict[str, float]:
        """One step; the losses before it."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(self.step, self.plan)
        found = self.lesson.losses(self.network, batch)
        self.optimiser.zero_grad()
        found["all"].backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        self._average(min(0.998, self.step / (self.step + 10)))
        return {name: float(value.detach()) for name, value in found.items()}

    def _average(self, keep: float) -> None:
        states = self.network.state_dict()
        with torch.no_grad():
            for name, mean in self.average.state_dict().items():
                if mean.dtype.is_floating_point:
                    mean.mul_(keep).add_(states[name], alpha=1 - keep)
                else:
                    mean.copy_(states[name])

    def validated(self) -> dict[str, float]:
        """Losses and judgements of the averaged weights on the left-out side, the mean over batches."""
        self.average.eval()
        device, rows = next(self.average.parameters()).device, []
        with torch.no_grad():
            for each in self.lesson.left_out(self.plan.batch):
                batch = tuple(part.to(device) for part in each)
                losses = self.lesson.losses(self.average, batch)
                found = {name: float(value) for name, value in losses.items()}
                rows.append(found | self.lesson.judged(self.average, batch))
        self.average.train()
        return {name: float(np.nanmean([row[name] for row in rows])) for name in rows[0]} if rows else {}


def fit(lesson: Lesson[N], plan: Plan, folder: Path) -> Training[N]:
    """Train to the plan's end, or go on from the folder's checkpoint; `log.jsonl` there gets the course.

    The examples of a step depend on the seed and the step alone, so a resumed training sees what it would have seen.
    """
    folder.mkdir(parents=True, exist_ok=True)
    training = Training(lesson, plan, torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.is_file():
        training.load(checkpoint)
    device = next(training.network.parameters()).device
    started, rows = time.monotonic(), []
    while training.step < plan.steps:
        batch = lesson.batch(np.random.default_rng([plan.seed, training.step]), plan.batch)
        rows.append(training.advance(tuple(part.to(device) for part in batch)))
        if training.step % plan.every == 0 or training.step == plan.steps:
            training.save(checkpoint)
            row = {"step": training.step, "seconds": round(time.monotonic() - started, 1)}
            row |= {name: round(float(np.mean([r[name] for r in rows])), 5) for name in rows[0]}
            row |= {f"left out: {name}": round(value, 5) for name, value in training.validated().items()}
            with (folder / "log.jsonl").open("a") as log:
                log.write(json.dumps(row) + "\n")
            rows = []
    return training
