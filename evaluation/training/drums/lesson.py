"""What the drum network learns: strokes at every frame of a stretch, beside other instruments or alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from evaluation.training.drums.pool import Drummed
from evaluation.training.fit import Batch, Losses
from plugins.hits.listening import BANDS, FLOOR, FRAME_RATE, compressed, expanded
from plugins.hits.network import DRUMS, HitNetwork

Floats = npt.NDArray[np.float32]
Random = np.random.Generator

FRAMES = 512
"""Of a stretch: 5.1 s."""
POSITIVES = (2.0, 2.0, 2.0, 3.0, 3.0, 3.0)
"""How much more a stroke of each drum counts than a frame without."""
WEIGHTS = {"strokes": 20.0, "offsets": 0.3, "velocities": 0.5}
"""Of the losses."""
ACCOMPANIED = 0.45
"""Of the stretches: other instruments are added."""
BESIDE_DB = (-14.0, 12.0)
"""How loud they are beside the drums."""
MASKED = 0.2
"""Of the stretches: some bands are taken away for a while, as separation does."""
NEAR = 1
"""Frames beside a stroke's at which nothing is said of it but where it is."""


class DrumLesson:
    """Stretches of clips, mixed, coloured and masked at random.

    Parameters
    ----------
    seen, other : clips that are learnt from, and that only validate; those without a stroke accompany
    """

    def __init__(self, seen: Sequence[Drummed], other: Sequence[Drummed]) -> None:
        self._seen = [clip for clip in seen if len(clip.strokes)]
        self._beside = [clip for clip in seen if not len(clip.strokes)]
        self._other = [clip for clip in other if len(clip.strokes)]

    def network(self) -> HitNetwork:
        """See Lesson."""
        return HitNetwork()

    def batch(self, random: Random, size: int) -> Batch:
        """See Lesson."""
        return together([self._drawn(random) for _ in range(size)])

    def _drawn(self, random: Random) -> tuple[Floats, ...]:
        clip = self._seen[int(random.integers(len(self._seen)))]
        first = int(random.integers(max(1, len(clip.frames) - FRAMES)))
        frames = cut(clip, first)
        if self._beside and random.random() < ACCOMPANIED:
            other = self._beside[int(random.integers(len(self._beside)))]
            there = cut(other, int(random.integers(max(1, len(other.frames) - FRAMES))))
            frames = mixed(frames, there, float(random.uniform(*BESIDE_DB)))
        return coloured(frames, random), *targets(clip.strokes, first)

    def left_out(self, size: int) -> Iterable[Batch]:
        """See Lesson: two stretches of every clip, as they are."""
        places = [(clip, first) for clip in self._other for first in (0, len(clip.frames) // 2)]
        for low in range(0, len(places), size):
            yield together(
                [
                    (cut(clip, first), *targets(clip.strokes, first))
                    for clip, first in places[low : low + size]
                ]
            )

    def losses(self, network: HitNetwork, batch: Batch) -> Losses:
        """See Lesson."""
        frames, struck, near, offsets, velocities = batch
        logits, said_offsets, said_velocities = network(frames)
        there = functional.softplus(-logits) * struck * torch.tensor(POSITIVES, device=frames.device)
        elsewhere = functional.softplus(logits) * (1.0 - near)
        loud = functional.binary_cross_entropy_with_logits(said_velocities, velocities, reduction="none")
        found = {
            "strokes": (there + elsewhere).mean(),
            "offsets": mean_at((said_offsets - offsets).abs(), near),
            "velocities": mean_at(loud, struck),
        }
        return {"all": sum(WEIGHTS[name] * loss for name, loss in found.items())} | found

    def judged(self, network: HitNetwork, batch: Batch) -> dict[str, float]:
        """F of frames at one half, all drums together, and the mean error in time in milliseconds."""
        frames, struck, near, offsets, _ = batch
        logits, said, _ = network(frames)
        highest = functional.max_pool1d(logits.transpose(1, 2), 5, 1, 2).transpose(1, 2)
        peaks = (logits > 0) & (logits == highest)
        right = float((peaks & (near > 0)).sum())
        error = mean_at((said - offsets).abs(), struck) * 1000.0 / FRAME_RATE
        return {
            "F": 2 * right / max(1.0, float(peaks.sum() + struck.sum())),
            "late or early ms": float(error),
        }


def mean_at(values: Tensor, weights: Tensor) -> Tensor:
    """The mean where there is weight; zero where there is none anywhere."""
    return (values * weights).sum() / weights.sum().clamp(min=1.0)


def cut(clip: Drummed, first: int) -> Floats:
    """A stretch of a clip, silence after its end."""
    frames = np.zeros((FRAMES, BANDS), np.float32)
    part = clip.frames[first : first + FRAMES]
    frames[: len(part)] = part
    return frames


def targets(strokes: npt.NDArray[np.float64], first: int) -> tuple[Floats, Floats, Floats, Floats]:
    """What is true of a stretch from a frame on, four of shape (FRAMES, drums).

    Returns
    -------
    struck : 1 at the frame nearest to a stroke
    near : 1 there and at its neighbours
    offsets : frames from a frame's middle to the stroke it is near
    velocities : of the stroke there
    """
    struck, near, offsets, velocities = (np.zeros((FRAMES, len(DRUMS)), np.float32) for _ in range(4))
    for time_s, drum, velocity in strokes:
        at = time_s * FRAME_RATE - first
        middle, column = round(at), int(drum)
        for frame in range(max(0, middle - NEAR), min(FRAMES, middle + NEAR + 1)):
            if near[frame, column] and abs(at - frame) > abs(offsets[frame, column]):
                continue
            near[frame, column], offsets[frame, column] = 1.0, at - frame
        if 0 <= middle < FRAMES:
            struck[middle, column], velocities[middle, column] = 1.0, velocity
    return struck, near, offsets, velocities


def mixed(frames: Floats, beside: Floats, level_db: float) -> Floats:
    """Two stretches sounding together; powers add up nearly, as their phases are unrelated."""
    drums, others = expanded(frames), expanded(beside)
    gain = 10.0 ** (level_db / 10.0)
    total = drums + gain * others
    total /= np.float32(max(1.0, gain))
    return np.asarray(compressed(total, 1.0 / FLOOR))


def coloured(frames: Floats, random: Random) -> Floats:
    """A stretch louder or softer, through another equaliser, its bands shifted, some taken away for a while."""
    powers = expanded(frames)
    knots = random.normal(0, 0.9, 7) * float(random.random())
    curve = np.interp(np.linspace(0, 6, BANDS), np.arange(7), knots) + random.normal(0, 0.7)
    powers *= np.exp(curve).astype(np.float32)
    if shift := int(random.integers(-2, 3)):
        powers = np.roll(powers, shift, axis=1)
        powers[:, : max(0, shift)] = 0.0
        powers[:, BANDS + min(0, shift) :] = 0.0
    if random.random() < MASKED:
        for _ in range(int(random.integers(1, 4))):
            low, first = int(random.integers(BANDS)), int(random.integers(FRAMES))
            wide, long = int(random.integers(3, 16)), int(random.integers(20, 200))
            powers[first : first + long, low : low + wide] *= np.float32(10 ** -random.uniform(0.5, 3))
    return np.asarray(compressed(powers, 1.0 / FLOOR))


def together(parts: Sequence[tuple[Floats, ...]]) -> Batch:
    """Stretches side by side."""
    return tuple(torch.from_numpy(np.stack(part)) for part in zip(*parts, strict=True))
