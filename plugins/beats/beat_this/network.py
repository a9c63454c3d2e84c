"""The network of Beat This! in torch, for answers alone: its parts bear the names that checkpoints give their weights.

Log-mel frames -> convolutions, before each a transformer over frequency and one over time -> a transformer over time
-> two logits a frame. Positions are rotations of pairs of channels; a gate weighs every head of every frame.

.. [1] F. Foscarin, J. Schlueter and G. Widmer, "Beat This! Accurate beat tracking without DBN postprocessing", Proc. of
   the 25th Int. Society for Music Information Retrieval Conf. (ISMIR), 2024.
.. [2] J. Su et al., "RoFormer: Enhanced transformer with rotary position embedding", Neurocomputing 568, 2024.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, normalize, scaled_dot_product_attention

STAGES = 3
"""Convolutions after the first; each halves the bands and doubles the channels."""
WIDER = 4
"""A transformer's inner layers in the front end are so many times wider."""


@dataclass(frozen=True)
class Shape:
    """Sizes, under the names of a checkpoint's `hyper_parameters`."""

    spect_dim: int = 128
    transformer_dim: int = 512
    ff_mult: int = 4
    n_layers: int = 6
    head_dim: int = 32
    stem_dim: int = 32
    sum_head: bool = True
    partial_transformers: bool = True


class Rotation(nn.Module):
    """Positions as rotations: pair k of a head's channels turns by `freqs[k]` a frame."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.freqs = nn.Parameter(10000.0 ** -(torch.arange(0, dim, 2) / dim), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """Turn (..., n, dim) by the places 0 to n - 1."""
        angles = torch.arange(x.shape[-2], dtype=self.freqs.dtype)[:, None] * self.freqs
        cos, sin = angles.cos(), angles.sin()
        even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
        return torch.stack((even * cos - odd * sin, odd * cos + even * sin), -1).flatten(-2)


class Norm(nn.Module):
    """Root-mean-square normalisation over the last axis."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        return normalize(x, dim=-1) * self.gamma.shape[0] ** 0.5 * self.gamma


class Attention(nn.Module):
    """Every place of a sequence looks at all others, in heads that a gate weighs."""

    def __init__(self, dim: int, head_dim: int, rotation: Rotation) -> None:
        super().__init__()
        self.heads = dim // head_dim
        self.rotary_embed = rotation
        self.norm = Norm(dim)
        self.to_qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.to_gates = nn.Linear(dim, self.heads)
        self.to_out = nn.Sequential(nn.Linear(dim, dim, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        """(b, n, dim) to the same shape."""
        x = self.norm(x)
        queries, keys, values = self.to_qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        seen = scaled_dot_product_attention(self.rotary_embed(queries), self.rotary_embed(keys), values)
        seen = seen.transpose(1, 2) * self.to_gates(x).sigmoid()[..., None]
        out: Tensor = self.to_out(seen.flatten(-2))
        return out


class FeedForward(nn.Module):
    """Two layers at every place; the third of five stands where training drops values out."""

    def __init__(self, dim: int, wider: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            Norm(dim), nn.Linear(dim, wider * dim), nn.GELU(), nn.Identity(), nn.Linear(wider * dim, dim)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(..., dim) to the same shape."""
        out: Tensor = self.net(x)
        return out


class Partial(nn.Module):
    """A transformer layer across the bands of each frame, then one across the frames of each band."""

    def __init__(self, dim: int, head_dim: int, rotation: Rotation) -> None:
        super().__init__()
        self.attnF = Attention(dim, head_dim, rotation)
        self.ffF = FeedForward(dim, WIDER)
        self.attnT = Attention(dim, head_dim, rotation)
        self.ffT = FeedForward(dim, WIDER)

    def forward(self, x: Tensor) -> Tensor:
        """(b, channels, bands, frames) to the same shape."""
        b = x.shape[0]
        x = x.permute(0, 3, 2, 1).flatten(0, 1)  # (b frames, bands, channels)
        x = x + self.attnF(x)
        x = x + self.ffF(x)
        x = x.unflatten(0, (b, -1)).transpose(1, 2).flatten(0, 1)  # (b bands, frames, channels)
        x = x + self.attnT(x)
        x = x + self.ffT(x)
        return x.unflatten(0, (b, -1)).permute(0, 3, 1, 2)


class Stem(nn.Module):
    """Bands normalised each for itself, then convolved by fours."""

    def __init__(self, bands: int, channels: int) -> None:
        super().__init__()
        self.bn1d = nn.BatchNorm1d(bands)
        self.conv2d = nn.Conv2d(1, channels, (4, 3), stride=(4, 1), padding=(0, 1), bias=False)
        self.bn2d = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(b, frames, bands) to (b, channels, bands / 4, frames)."""
        return gelu(self.bn2d(self.conv2d(self.bn1d(x.transpose(1, 2))[:, None])))


class Stage(nn.Module):
    """A transformer over bands and frames, where the checkpoint has one, and a convolution that halves the bands."""

    def __init__(self, channels: int, shape: Shape, rotation: Rotation) -> None:
        super().__init__()
        self.partial = (
            Partial(channels, shape.head_dim, rotation) if shape.partial_transformers else nn.Identity()
        )
        self.conv2d = nn.Conv2d(channels, 2 * channels, (2, 3), stride=(2, 1), padding=(0, 1), bias=False)
        self.norm = nn.BatchNorm2d(2 * channels)

    def forward(self, x: Tensor) -> Tensor:
        """(b, channels, bands, frames) to (b, 2 channels, bands / 2, frames)."""
        return gelu(self.norm(self.conv2d(self.partial(x))))


class FrontEnd(nn.Module):
    """From bands to the transformer's channels."""

    def __init__(self, shape: Shape, rotation: Rotation) -> None:
        super().__init__()
        self.stem = Stem(shape.spect_dim, shape.stem_dim)
        self.blocks = nn.Sequential(
            *(Stage(shape.stem_dim << stage, shape, rotation) for stage in range(STAGES))
        )
        width = (shape.stem_dim << STAGES) * (shape.spect_dim // 4 >> STAGES)
        self.linear = nn.Linear(width, shape.transformer_dim)

    def forward(self, x: Tensor) -> Tensor:
        """(b, frames, bands) to (b, frames, transformer_dim)."""
        out: Tensor = self.linear(self.blocks(self.stem(x)).permute(0, 3, 1, 2).flatten(2))
        return out


class Transformer(nn.Module):
    """Layers of attention and feed-forward over the frames."""

    def __init__(self, shape: Shape, rotation: Rotation) -> None:
        super().__init__()
        dim = shape.transformer_dim
        self.layers = nn.ModuleList(
            nn.ModuleList([Attention(dim, shape.head_dim, rotation), FeedForward(dim, shape.ff_mult)])
            for _ in range(shape.n_layers)
        )
        self.norm = Norm(dim)

    def forward(self, x: Tensor) -> Tensor:
        """(b, frames, transformer_dim) to the same shape."""
        for layer in self.layers:
            for part in layer:  # type: ignore[union-attr]
                x = x + part(x)
        out: Tensor = self.norm(x)
        return out


class Network(nn.Module):
    """Frames to the logits of a beat and of a downbeat."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        rotation = Rotation(shape.head_dim)
        self.sums = shape.sum_head
        self.frontend = FrontEnd(shape, rotation)
        self.transformer_blocks = Transformer(shape, rotation)
        self.task_heads = nn.Sequential(
            OrderedDict(beat_downbeat_lin=nn.Linear(shape.transformer_dim, 2)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(b, frames, bands) to (b, frames, 2). Where heads are summed, a downbeat's logit counts for the beat."""
        said: Tensor = self.task_heads(self.transformer_blocks(self.frontend(x)))
        if self.sums:
            said = torch.stack((said.sum(-1), said[..., 1]), -1)
        return said

    @torch.inference_mode()
    def logits(self, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """(frames, bands) to (frames, 2)."""
        out: npt.NDArray[np.float32] = self(torch.from_numpy(frames)[None])[0].numpy()
        return out
