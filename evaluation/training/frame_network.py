"""The first network: a convolutional front end over bands, dilated convolutions over time, attention over bars.

References
----------
.. [1] S. Boeck and M. Davies, "Deconstruct, analyse, reconstruct: how to improve tempo, beat, and downbeat
   estimation", Proc. of the 21st Int. Society for Music Information Retrieval Conf. (ISMIR), 2020.
.. [2] F. Foscarin, J. Schlueter and G. Widmer, "Beat This! Accurate beat tracking without DBN postprocessing",
   Proc. of the 25th Int. Society for Music Information Retrieval Conf. (ISMIR), 2024.
.. [3] J. Su et al., "RoFormer: enhanced transformer with rotary position embedding", Neurocomputing 568, 2024.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

BANDS = 81


@dataclass(frozen=True)
class FrameShape:
    """How large the network is.

    Attributes
    ----------
    front : channels of the two layers of the front end
    width : channels over time
    dilations : of the convolutions over time, each of five frames
    attention : blocks of attention, over every fourth frame
    heads : of attention
    events, meters, tempos, bars : how many of each the network says
    """

    front: tuple[int, int] = (24, 32)
    width: int = 72
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64, 128)
    attention: int = 2
    heads: int = 4
    events: int = 5
    meters: int = 16
    tempos: int = 45
    bars: int = 45
    dropout: float = 0.1


class Front(nn.Module):
    """From 81 bands at 100 frames a second to channels at 50: local shapes first, then all bands at once."""

    def __init__(self, shape: FrameShape) -> None:
        super().__init__()
        few, more = shape.front
        self.first = nn.Conv2d(1, few, (6, 6), stride=(2, 3), padding=(2, 0))  # 81 -> 26 bands
        self.second = nn.Conv2d(few, more, (3, 4), stride=(1, 2), padding=(1, 0))  # 26 -> 12
        self.third = nn.Conv1d(12 * more, shape.width, 1)
        self.norms = nn.ModuleList((nn.BatchNorm2d(few), nn.BatchNorm2d(more), nn.BatchNorm1d(shape.width)))
        self.drop = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (batch, frames, bands) to (batch, width, frames / 2)."""
        y = functional.relu(self.norms[0](self.first(x[:, None])))
        y = functional.relu(self.norms[1](self.second(y)))
        y = y.permute(0, 1, 3, 2).flatten(1, 2)
        return self.drop(functional.relu(self.norms[2](self.third(y))))


class Dilated(nn.Module):
    """A convolution over time, five frames so far apart, beside what it is given."""

    def __init__(self, shape: FrameShape, dilation: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(shape.width)
        self.wide = nn.Conv1d(shape.width, shape.width, 5, padding=2 * dilation, dilation=dilation)
        self.mix = nn.Conv1d(shape.width, shape.width, 1)
        self.drop = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (batch, width, frames) to the same."""
        return x + self.mix(self.drop(functional.relu(self.wide(self.norm(x)))))


def two_layers(width: int, dropout: float) -> nn.Sequential:
    """What follows attention: each place by itself."""
    return nn.Sequential(
        nn.LayerNorm(width),
        nn.Linear(width, 2 * width),
        nn.GELU(),
        nn.Dropout(dropout),
        nn.Linear(2 * width, width),
    )


class Attention(nn.Module):
    """Every frame looks at all others: what lies a bar away sounds alike."""

    def __init__(self, shape: FrameShape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.norm = nn.LayerNorm(shape.width)
        self.what = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.after = two_layers(shape.width, shape.dropout)
        self.drop = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        """Shape (batch, frames, width) to the same; `turn` are the cosines and sines of the positions."""
        batch, frames, width = x.shape
        all_three = self.what(self.norm(x)).reshape(batch, frames, 3, self.heads, width // self.heads)
        q, k, v = all_three.permute(2, 0, 3, 1, 4).unbind(0)
        seen = functional.scaled_dot_product_attention(turned(q, *turn), turned(k, *turn), v)
        seen = seen.transpose(1, 2).reshape(batch, frames, width)
        x = x + self.drop(self.out(seen))
        return x + self.drop(self.after(x))


def positions(frames: int, size: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the rotary positions, shape (frames, size / 2) each [3]_."""
    speeds = torch.exp(-torch.arange(size // 2) * (float(torch.log(torch.tensor(1000.0))) / (size // 2)))
    angles = torch.arange(frames)[:, None] * speeds
    return torch.cos(angles), torch.sin(angles)


def turned(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Pairs of the last axis turned by their positions."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cosine - b * sine, a * sine + b * cosine], -1)


class FrameNetwork(nn.Module):
    """All of it. It is given a fixed number of frames: what is longer is heard in overlapping chunks."""

    def __init__(self, shape: FrameShape, frames: int) -> None:
        super().__init__()
        self.shape = shape
        self.front = Front(shape)
        self.over_time = nn.ModuleList(Dilated(shape, d) for d in shape.dilations)
        self.over_bars = nn.ModuleList(Attention(shape) for _ in range(shape.attention))
        self.coarser = nn.Conv1d(shape.width, shape.width, 4, stride=4)
        cosine, sine = positions(frames // 8, shape.width // shape.heads)
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)
        self.norm = nn.LayerNorm(shape.width)
        self.events = nn.Linear(shape.width, shape.events)
        self.states = nn.Linear(shape.width, shape.meters + shape.tempos + shape.bars)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Logits at half the frames.

        Parameters
        ----------
        x : shape (batch, frames, bands); frames a multiple of eight, as many as the network was made for

        Returns
        -------
        events : shape (batch, frames / 2, events)
        meters : shape (batch, frames / 2, meters)
        tempos : shape (batch, frames / 2, tempos)
        bars : shape (batch, frames / 2, bars)
        """
        y = self.front(x)
        for block in self.over_time:
            y = block(y)
        if len(self.over_bars):
            coarse = self.coarser(y).transpose(1, 2)
            for block in self.over_bars:
                coarse = block(coarse, (self.cosine, self.sine))
            y = y + functional.interpolate(coarse.transpose(1, 2), scale_factor=4.0)
        y = self.norm(y.transpose(1, 2))
        sizes = (self.shape.meters, self.shape.tempos, self.shape.bars)
        return (self.events(y), *self.states(y).split(sizes, -1))
