"""The drum network: which of six drums is struck at each frame, how hard, and when within the frame.

References
----------
.. [1] R. Vogl, M. Dorfer, G. Widmer and P. Knees, "Drum transcription via joint beat and drum modeling using
   convolutional recurrent neural networks", Proc. of the 18th Int. Society for Music Information Retrieval Conf., 2017.
.. [2] Q. Kong et al., "High-resolution piano transcription with pedals by regressing onset and offset times",
   IEEE/ACM Trans. on Audio, Speech, and Language Processing 29, 2021.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from .listening import BANDS

Floats = npt.NDArray[np.float32]

DRUMS = ("kick", "snare", "hihat", "ride", "tom", "crash")
REACH = 96
"""Frames on either side that a frame's answer depends on, and a few more."""
CHUNK = 2048
"""Frames answered at once."""


@dataclass(frozen=True)
class HitShape:
    """How large the network is.

    Attributes
    ----------
    front : channels of the layers over bands, each of which halves the bands
    width : channels over time
    dilations : of the convolutions over time, each of five frames
    """

    front: tuple[int, int, int] = (16, 32, 48)
    width: int = 96
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16)
    dropout: float = 0.15


class Across(nn.Module):
    """A convolution over neighbouring frames and bands; half the bands are left."""

    def __init__(self, few: int, more: int) -> None:
        super().__init__()
        self.over = nn.Conv2d(few, more, 3, stride=(1, 2), padding=1, bias=False)
        self.norm = nn.BatchNorm2d(more)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (batch, few, frames, bands) to (batch, more, frames, bands / 2)."""
        return functional.relu(self.norm(self.over(x)))


class Along(nn.Module):
    """A convolution over frames so far apart, beside what it is given."""

    def __init__(self, shape: HitShape, dilation: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(shape.width)
        self.wide = nn.Conv1d(shape.width, shape.width, 5, padding=2 * dilation, dilation=dilation)
        self.mix = nn.Conv1d(shape.width, shape.width, 1)
        self.drop = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (batch, width, frames) to the same."""
        return x + self.mix(self.drop(functional.relu(self.wide(self.norm(x)))))


class HitNetwork(nn.Module):
    """Frames of any number to what is struck at each."""

    def __init__(self, shape: HitShape | None = None) -> None:
        super().__init__()
        shape = shape or HitShape()
        sizes = (1, *shape.front)
        self.across = nn.ModuleList(Across(few, more) for few, more in pairwise(sizes))
        self.join = nn.Conv1d(shape.front[-1] * BANDS // 2 ** len(shape.front), shape.width, 1)
        self.along = nn.ModuleList(Along(shape, dilation) for dilation in shape.dilations)
        self.drop = nn.Dropout(shape.dropout)
        self.say = nn.Conv1d(shape.width, 3 * len(DRUMS), 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Shape (batch, frames, BANDS) to three of shape (batch, frames, drums).

        Returns
        -------
        logits : of a stroke at a frame
        offsets : frames from the frame's middle to the stroke, within two
        velocities : logits of how hard
        """
        y = x[:, None]
        for layer in self.across:
            y = layer(y)
        y = functional.relu(self.join(y.permute(0, 1, 3, 2).flatten(1, 2)))
        for block in self.along:
            y = block(y)
        logits, offsets, velocities = self.say(self.drop(y)).transpose(1, 2).chunk(3, -1)
        return logits, 2.0 * torch.tanh(offsets), velocities


@dataclass(frozen=True)
class Struck:
    """What is said of n frames, each of shape (n, drums): probabilities, frames to the stroke, velocities 0 to 1."""

    probabilities: Floats
    offsets: Floats
    velocities: Floats


def hear(
    network: HitNetwork,
    count: int,
    frames: Callable[[int, int], Floats],
    progress: Callable[[float], None] = lambda fraction: None,
) -> Struck:
    """What a network says of so many frames, in chunks that overlap by what it reaches; `frames` gives some of them."""
    device = next(network.parameters()).device
    whole = np.zeros((3, count, len(DRUMS)), np.float32)
    for first in range(0, count, CHUNK):
        last = min(count, first + CHUNK)
        low, high = max(0, first - REACH), min(count, last + REACH)
        with torch.inference_mode():
            logits, offsets, velocities = network(torch.from_numpy(frames(low, high))[None].to(device))
            said = torch.stack([torch.sigmoid(logits), offsets, torch.sigmoid(velocities)])
        whole[:, first:last] = said[:, 0, first - low : last - low].cpu().numpy()
        progress(last / count)
    return Struck(*whole)
