"""The training loop: seeded, resumable after a kill at any step, on a GPU where there is one."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from evaluation.training.network import Network, Shape
from evaluation.training.pool import Example
from evaluation.training.targets import FRAME_RATE, UNKNOWN, targets_at

FRAMES = 2560
"""Of a chunk as it is heard: 25.6 s."""
HEARD_RATE = 100


@dataclass(frozen=True)
class Plan:
    """How to train.

    Attributes
    ----------
    steps : of the optimiser
    batch : chunks in a step
    rate : highest learning rate; it rises over the first steps and falls as a cosine
    decay : of the weights
    bend : time is bent by up to this factor
    positives : how much more an event counts than a frame without, by head
    meter, tempo, bar : weights of these losses against the events'
    every : steps between checkpoints and validations
    """

    steps: int = 3400
    batch: int = 8
    rate: float = 3e-3
    decay: float = 0.01
    bend: float = 1.18
    positives: tuple[float, ...] = (2.0, 3.0, 4.0, 8.0, 6.0)
    meter: float = 0.4
    tempo: float = 0.2
    bar: float = 0.2
    every: int = 100
    seed: int = 0


@dataclass(frozen=True)
class Batch:
    """Frames, shape (b, FRAMES, bands), and what is true at every second of them."""

    frames: Tensor
    events: Tensor
    meters: Tensor
    tempos: Tensor
    bars: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same there."""
        every = (self.frames, self.events, self.meters, self.tempos, self.bars)
        return Batch(*(t.to(device) for t in every))


def chunk(example: Example, random: np.random.Generator | None, bend: float = 1.0) -> tuple[np.ndarray, ...]:
    """A chunk of a clip, cut, bent in time and coloured at random; its beginning as it is without a generator."""
    factor, shift = 1.0, 0
    if random is not None and random.random() < 0.6:
        factor = float(np.exp(random.uniform(-1, 1) * np.log(bend)))
    span = FRAMES * factor
    spare = len(example.frames) - span
    first = 0.0
    if random is not None:
        first = float(random.uniform(min(0.0, spare), max(0.0, spare)))
        shift = int(random.integers(-2, 3))
    places = first + factor * np.arange(FRAMES)
    low = np.floor(places).astype(int)
    part = (places - low).astype(np.float32)[:, None]
    padded = np.zeros((len(example.frames) + 2, example.frames.shape[1]), np.float32)
    padded[1:-1] = example.frames
    last = len(padded) - 1
    frames = padded[np.clip(low + 1, 0, last)] * (1 - part) + padded[np.clip(low + 2, 0, last)] * part
    if random is not None:
        frames = coloured(frames, shift, random)
    targets = targets_at(example.marks, first / HEARD_RATE, factor / FRAME_RATE, FRAMES // 2)
    return frames, targets.events, targets.meters, targets.tempos, targets.bars


def coloured(frames: np.ndarray, shift: int, random: np.random.Generator) -> np.ndarray:
    """Frames through another equaliser, louder or softer, some bands up or down."""
    bands = frames.shape[1]
    knots = random.normal(0, 0.5, 6) * float(random.random())
    curve = np.interp(np.linspace(0, 5, bands), np.arange(6), knots) + random.normal(0, 0.4)
    gain = np.exp(curve).astype(np.float32)
    out = np.log1p(np.expm1(np.minimum(frames, 12.0)) * gain)
    if shift:
        out = np.roll(out, shift, axis=1)
        out[:, : max(0, shift)] = 0.0
        out[:, bands + min(0, shift) :] = 0.0
    return np.asarray(out, np.float32)


def batch_of(chunks: Sequence[tuple[np.ndarray, ...]]) -> Batch:
    """Chunks side by side."""
    return Batch(*(torch.from_numpy(np.stack(part)) for part in zip(*chunks, strict=True)))


def event_loss(logits: Tensor, events: Tensor, positives: Tensor) -> Tensor:
    """Binary cross entropy that forgives an event a frame's shift, and says nothing of the frames about it.

    References
    ----------
    F. Foscarin, J. Schlueter and G. Widmer, "Beat This! Accurate beat tracking without DBN postprocessing",
    Proc. of the 25th Int. Society for Music Information Retrieval Conf. (ISMIR), 2024.
    """
    across = logits.transpose(1, 2)
    best = functional.max_pool1d(across, 3, 1, 1).transpose(1, 2)
    near = functional.max_pool1d(events.transpose(1, 2), 5, 1, 2).transpose(1, 2)
    there = functional.softplus(-best) * events * positives
    elsewhere = functional.softplus(logits) * (1 - near)
    return (there + elsewhere).mean()


def losses(network: Network, batch: Batch, plan: Plan) -> dict[str, Tensor]:
    """Of the events, the meter, the tempo, the bar, and their weighted sum."""
    events, meters, tempos, bars = network(batch.frames)
    positives = torch.tensor(plan.positives, device=events.device)
    event = event_loss(events, batch.events, positives)
    meter = functional.cross_entropy(
        meters.flatten(0, 1), batch.meters.flatten(), ignore_index=UNKNOWN, label_smoothing=0.02
    )
    tempo, bar = share_loss(tempos, batch.tempos), share_loss(bars, batch.bars)
    whole = 5.0 * event + plan.meter * meter + plan.tempo * tempo + plan.bar * bar
    return {"all": whole, "events": event, "meter": meter, "tempo": tempo, "bar": bar}


def share_loss(logits: Tensor, shares: Tensor) -> Tensor:
    """Cross entropy against shares, over the frames that have any."""
    return -(shares * functional.log_softmax(logits, -1)).sum() / shares.sum().clamp(min=1.0)


def rate_at(step: int, plan: Plan) -> float:
    """The learning rate of a step."""
    rising = min(1.0, (step + 1) / max(1, min(150, plan.steps // 10)))
    falling = 0.5 * (1.0 + math.cos(math.pi * min(1.0, step / plan.steps)))
    return plan.rate * rising * (0.02 + 0.98 * falling)


def validate(
    network: Network, examples: Sequence[Example], plan: Plan, device: torch.device
) -> dict[str, float]:
    """Mean losses, and how often the meter of a chunk's middle is right, on the beginnings of clips."""
    network.eval()
    sums: dict[str, float] = {}
    with torch.no_grad():
        for first in range(0, len(examples), plan.batch):
            some = examples[first : first + plan.batch]
            batch = batch_of([chunk(example, None) for example in some]).to(device)
            found = {name: float(value) for name, value in losses(network, batch, plan).items()}
            said = network(batch.frames)[1].argmax(-1)
            inside = batch.meters < network.shape.meters - 1
            found["meter right"] = float((said == batch.meters)[inside].float().mean())
            for name, value in found.items():
                sums[name] = sums.get(name, 0.0) + value * len(some) / len(examples)
    network.train()
    return sums


@dataclass
class Training:
    """A training as it stands: its weights, the average of them that is shipped, its optimiser, its step."""

    network: Network
    average: Network
    optimiser: torch.optim.AdamW
    step: int = 0

    @classmethod
    def begin(cls, shape: Shape, plan: Plan, device: torch.device) -> Training:
        """A new one, from the plan's seed."""
        torch.manual_seed(plan.seed)
        network = Network(shape, FRAMES).to(device)
        average = Network(shape, FRAMES).to(device)
        average.load_state_dict(network.state_dict())
        optimiser = torch.optim.AdamW(network.parameters(), plan.rate, (0.9, 0.98), weight_decay=plan.decay)
        return cls(network, average, optimiser)

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        state = {
            "shape": asdict(self.network.shape),
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

    def advance(self, batch: Batch, plan: Plan) -> dict[str, float]:
        """One step."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(self.step, plan)
        found = losses(self.network, batch, plan)
        self.optimiser.zero_grad()
        found["all"].backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        keep = min(0.998, self.step / (self.step + 10))
        with torch.no_grad():
            states = self.network.state_dict()
            for name, mean in self.average.state_dict().items():
                if mean.dtype.is_floating_point:
                    mean.mul_(keep).add_(states[name], alpha=1 - keep)
                else:
                    mean.copy_(states[name])
        return {name: float(value.detach()) for name, value in found.items()}


def fit(
    examples: Sequence[Example], left_out: Sequence[Example], shape: Shape, plan: Plan, folder: Path
) -> Training:
    """Train to the plan's end, or go on from the folder's checkpoint; `log.jsonl` there gets the course.

    The chunks of a step depend on the seed and the step alone, so a resumed training sees what it would have seen.
    """
    folder.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    training = Training.begin(shape, plan, device)
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.is_file():
        training.load(checkpoint)
    started, sums = time.monotonic(), []
    while training.step < plan.steps:
        random = np.random.default_rng([plan.seed, training.step])
        drawn = random.integers(len(examples), size=plan.batch)
        batch = batch_of([chunk(examples[i], random, plan.bend) for i in drawn]).to(device)
        sums.append(training.advance(batch, plan))
        if training.step % plan.every == 0 or training.step == plan.steps:
            training.save(checkpoint)
            row = {"step": training.step, "seconds": round(time.monotonic() - started, 1)}
            row |= {name: round(float(np.mean([s[name] for s in sums])), 5) for name in sums[0]}
            if left_out:
                found = validate(training.average, left_out, plan, device)
                row |= {f"left out: {name}": round(value, 5) for name, value in found.items()}
            with (folder / "log.jsonl").open("a") as log:
                log.write(json.dumps(row) + "\n")
            sums = []
    return training
