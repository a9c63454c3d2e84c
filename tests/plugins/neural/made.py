"""Checkpoints of Beat This!'s architecture made here: none of its authors' is needed, and none is downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.plugins.parts import part

NETWORK = part("beats", "beat_this.network")
SMALL = {"transformer_dim": 32, "n_layers": 1, "stem_dim": 16, "head_dim": 16, "ff_mult": 2}


def network(**sizes: Any) -> torch.nn.Module:
    """A network of these sizes whose every weight follows from its name's place in the list."""
    made = NETWORK.Network(NETWORK.Shape(**sizes)).eval()
    for place, (name, weights) in enumerate(sorted(made.state_dict().items())):
        if not name.endswith(("freqs", "num_batches_tracked")):
            waves = np.sin(1.0 + place + np.arange(weights.numel()) * (0.7 + 0.01 * place))
            waves = 1.0 + 0.2 * waves if name.endswith(("gamma", "var", "norm.weight")) else 0.3 * waves
            weights.copy_(torch.from_numpy(waves.astype(np.float32)).reshape(weights.shape))
    return made


def clicker() -> torch.nn.Module:
    """A network that hears a beat where all bands rise at once, and a downbeat where they rise by more.

    Attention and feed-forward add nothing; the convolutions take a frame from the one after it; the transformer's
    two channels are the rise and a constant that the heads compare it with.
    """
    made = NETWORK.Network(NETWORK.Shape(**SMALL)).eval()
    weights = made.state_dict()
    for name, values in weights.items():
        if name.endswith(("to_out.0.weight", "net.4.weight", "net.4.bias", "conv2d.weight", "linear.weight")):
            values.zero_()
    weights["frontend.stem.conv2d.weight"][0, 0] = torch.tensor([-0.25, 0.25, 0.0])
    for stage in range(3):
        weights[f"frontend.blocks.{stage}.conv2d.weight"][0, 0, :, 1] = 0.5
    weights["frontend.linear.weight"][0, :4] = 0.25
    weights["frontend.linear.bias"].zero_()
    weights["frontend.linear.bias"][1] = 1.0
    heads = weights["task_heads.beat_downbeat_lin.weight"].zero_()
    heads[0, :2] = torch.tensor([0.0, 8.0])  # what it adds to the downbeat's, for a beat
    heads[1, :2] = torch.tensor([4.0, -10.0])
    weights["task_heads.beat_downbeat_lin.bias"].zero_()
    return made


def save(made: torch.nn.Module, path: Path, prefix: str = "model.", **sizes: Any) -> Path:
    """Write a checkpoint as the authors' training does, with settings that only training reads among the sizes."""
    told = {**SMALL, **sizes, "fps": 50, "lr": 0.0008, "dropout": {"frontend": 0.1, "transformer": 0.2}}
    weights = {prefix + name: values for name, values in made.state_dict().items()}
    torch.save({"state_dict": weights, "hyper_parameters": told, "pytorch-lightning_version": "2.3.3"}, path)
    return path
