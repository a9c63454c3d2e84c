"""The second network: a pulse unit by unit, convolutions over neighbours, attention over bars by distance in units.

References
----------
.. [1] F. Krebs, S. Boeck, M. Dorfer and G. Widmer, "Downbeat tracking using beat-synchronous features and recurrent
   neural networks", Proc. of the 17th Int. Society for Music Information Retrieval Conf. (ISMIR), 2016.
.. [2] P. Shaw, J. Uszkoreit and A. Vaswani, "Self-attention with relative position representations", Proc. of the
   Conf. of the North American Chapter of the ACL, 2018.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluation.training.frame_network import two_layers


@dataclass(frozen=True)
class BarShape:
    """How large the network is.

    Attributes
    ----------
    features : of a unit
    width : channels
    dilations : of the convolutions over five units, one before each of the first blocks
    blocks, heads : of attention
    reach : distances in units beyond which all are the same
    events, meters : how many of each it says
    """

    features: int = 129
    width: int = 96
    dilations: tuple[int, ...] = (1, 2, 4)
    blocks: int = 4
    heads: int = 6
    reach: int = 64
    events: int = 3
    meters: int = 16
    dropout: float = 0.2


class Attention(nn.Module):
    """Every unit looks at all others, each distance weighed by itself: what lies a bar away is as many units away."""

    def __init__(self, shape: BarShape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.norm = nn.LayerNorm(shape.width)
        self.what = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.distance = nn.Parameter(torch.zeros(shape.heads, 2 * shape.reach + 1))
        self.after = two_layers(shape.width, shape.dropout)
        self.drop = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor, hidden: Tensor, apart: Tensor) -> Tensor:
        """Shape (batch, units, width) to the same; `hidden`, (batch, 1, 1, units), is low where there is no unit.

        `apart`, (units, units), are distances within `reach`, counted from 0.
        """
        batch, units, width = x.shape
        all_three = self.what(self.norm(x)).reshape(batch, units, 3, self.heads, width // self.heads)
        q, k, v = all_three.permute(2, 0, 3, 1, 4).unbind(0)
        weights = q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5 + self.distance[:, apart] + hidden
        seen = (torch.softmax(weights, -1) @ v).transpose(1, 2).reshape(batch, units, width)
        x = x + self.drop(self.out(seen))
        return x + self.drop(self.after(x))


class BarNetwork(nn.Module):
    """All of it."""

    def __init__(self, shape: BarShape | None = None) -> None:
        super().__init__()
        self.shape = shape or BarShape()
        width = self.shape.width
        self.enter = nn.Sequential(nn.LayerNorm(self.shape.features), nn.Linear(self.shape.features, width))
        self.near = nn.ModuleList(
            nn.Conv1d(width, width, 5, padding=2 * d, dilation=d) for d in self.shape.dilations
        )
        self.far = nn.ModuleList(Attention(self.shape) for _ in range(self.shape.blocks))
        self.norm = nn.LayerNorm(width)
        self.leave = nn.Linear(width, self.shape.events + self.shape.meters)

    def forward(self, units: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of every unit.

        Parameters
        ----------
        units : shape (batch, n, features)
        there : shape (batch, n): 1 for a unit, 0 for nothing

        Returns
        -------
        events : shape (batch, n, events): downbeat, start of a group, beat
        meters : shape (batch, n, meters)
        """
        mask = there[..., None]
        hidden = (there[:, None, None, :] - 1.0) * 1e4
        # Counted by what is given, so that a traced network counts too and holds no tables of it.
        places = torch.cumsum(torch.ones_like(there[0]), 0).long()
        reach = self.shape.reach
        apart = (places[None] - places[:, None]).clamp(-reach, reach) + reach
        x = functional.gelu(self.enter(units)) * mask
        for n, attention in enumerate(self.far):
            if n < len(self.near):
                beside = functional.gelu(self.near[n](x.transpose(1, 2))).transpose(1, 2)
                x = x + beside * mask
            x = attention(x, hidden, apart)
        said = self.leave(self.norm(x))
        events, meters = said.split((self.shape.events, self.shape.meters), -1)
        return events, meters
