"""What the first network learns: events, meter, tempo and bar at every frame of a chunk of sound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from evaluation.training.fit import Batch, Losses
from evaluation.training.frame_network import FrameNetwork, FrameShape
from evaluation.training.pool import Example
from evaluation.training.targets import FRAME_RATE, NO_METER, UNKNOWN, targets_at

Floats = npt.NDArray[np.float32]

FRAMES = 2560
"""Of a chunk as it is heard: 25.6 s."""
HEARD_RATE = 100
BEND = 1.18
"""Time is bent by up to this factor."""
POSITIVES = (2.0, 3.0, 4.0, 8.0, 6.0)
"""How much more an event counts than a frame without, by head."""
WEIGHTS = {"events": 8.0, "meter": 0.1, "tempo": 0.2, "bar": 0.05}
"""Of the losses; meter and bar are asked for since what tells them tells downbeats."""


class FrameLesson:
    """Chunks of clips, cut, bent in time and coloured at random.

    Parameters
    ----------
    seen, other : clips that are learnt from, and that only validate
    """

    def __init__(self, seen: Sequence[Example], other: Sequence[Example], shape: FrameShape) -> None:
        self._seen, self._other, self._shape = seen, other, shape

    def network(self) -> FrameNetwork:
        """See Lesson."""
        return FrameNetwork(self._shape, FRAMES)

    def batch(self, random: np.random.Generator, size: int) -> Batch:
        """See Lesson."""
        drawn = random.integers(len(self._seen), size=size)
        return together([chunk(self._seen[i], random) for i in drawn])

    def left_out(self, size: int) -> Iterable[Batch]:
        """See Lesson: the beginnings of clips."""
        for first in range(0, len(self._other), size):
            yield together([chunk(example, None) for example in self._other[first : first + size]])

    def losses(self, network: FrameNetwork, batch: Batch) -> Losses:
        """See Lesson."""
        frames, events, meters, tempos, bars = batch
        said = network(frames)
        found = {
            "events": event_loss(said[0], events, torch.tensor(POSITIVES, device=events.device)),
            "meter": functional.cross_entropy(
                said[1].flatten(0, 1), meters.flatten(), ignore_index=UNKNOWN, label_smoothing=0.02
            ),
            "tempo": share_loss(said[2], tempos),
            "bar": share_loss(said[3], bars),
        }
        return {"all": sum(WEIGHTS[name] * loss for name, loss in found.items())} | found

    def judged(self, network: FrameNetwork, batch: Batch) -> dict[str, float]:
        """How often the meter of a frame is right."""
        said, meters = network(batch[0])[1].argmax(-1), batch[2]
        named = (meters != UNKNOWN) & (meters != NO_METER)
        return {"meter right": float((said == meters)[named].float().mean())}


def chunk(example: Example, random: np.random.Generator | None) -> tuple[np.ndarray, ...]:
    """A chunk of a clip, cut, bent in time and coloured at random; its beginning as it is without a generator."""
    factor, shift = 1.0, 0
    if random is not None and random.random() < 0.6:
        factor = float(np.exp(random.uniform(-1, 1) * np.log(BEND)))
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


def together(chunks: Sequence[tuple[np.ndarray, ...]]) -> Batch:
    """Chunks side by side."""
    return tuple(torch.from_numpy(np.stack(part)) for part in zip(*chunks, strict=True))


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


def share_loss(logits: Tensor, shares: Tensor) -> Tensor:
    """Cross entropy against shares, over the frames that have any."""
    return -(shares * functional.log_softmax(logits, -1)).sum() / shares.sum().clamp(min=1.0)
