"""AnNOTEator's network: its weights read from the Keras file by h5py, its layers in torch."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from hemiola import Unavailable

Floats = npt.NDArray[np.float32]

SHAPES = (
    ((3, 3, 1, 32), (32,)),
    ((3, 3, 32, 64), (64,)),
    ((3, 3, 64, 64), (64,)),
    ((960, 100), (100,)),
    ((100, 100), (100,)),
    ((100, 6), (6,)),
)
"""Kernels and biases in order, as Keras shapes them: convolutions (height, width, from, to), dense (from, to)."""

LARGEST = 1_000_000
"""Numbers in one array; the network's largest has 96,000."""


class Network(nn.Module):
    """Three convolutions of three by three, each halved by its maxima, and three dense layers; six sigmoids."""

    def __init__(self, weights: list[tuple[Floats, Floats]]) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 32, 3, padding=1), nn.Conv2d(32, 64, 3, padding=1)
        self.third = nn.Conv2d(64, 64, 3)
        self.fourth, self.fifth, self.last = nn.Linear(960, 100), nn.Linear(100, 100), nn.Linear(100, 6)
        layers = (self.first, self.second, self.third, self.fourth, self.fifth, self.last)
        with torch.no_grad():
            for layer, (kernel, bias) in zip(layers, weights, strict=True):
                turned = kernel.transpose(3, 2, 0, 1) if kernel.ndim == 4 else kernel.T
                layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(turned)))
                layer.bias.copy_(torch.from_numpy(bias))
        self.eval()

    def layers(self, spectra: torch.Tensor) -> list[torch.Tensor]:
        """What every layer gives, maxima and flattening included: spectra of shape (n, 1, 128, 18) to (n, 6)."""
        given = []
        heard = spectra
        for convolution in (self.first, self.second, self.third):
            heard = functional.relu(convolution(heard))
            given += [heard, heard := functional.max_pool2d(heard, 2)]
        heard = heard.permute(0, 2, 3, 1).flatten(1)  # Keras flattens with the channels last
        given.append(heard)
        for dense in (self.fourth, self.fifth):
            given.append(heard := functional.relu(dense(heard)))
        given.append(torch.sigmoid(self.last(heard)))
        return given

    def outputs(self, spectra: Floats) -> Floats:
        """The six outputs for power mel spectra of shape (n, 128, 18): shape (n, 6), 0 to 1."""
        with torch.inference_mode():
            said: Floats = self.layers(torch.from_numpy(spectra)[:, None])[-1].numpy()
        return said


def read(path: Path) -> Network:
    """The network of a Keras file.

    Raises
    ------
    Unavailable
        It cannot be read, or holds another network's weights.
    """
    try:
        with h5py.File(path, "r") as file:
            weights = list(_pairs(file.get("model_weights", file)))
    except MemoryError:
        raise
    except Exception as error:  # a damaged file raises whatever its bytes lead to
        raise Unavailable(f"{path.name} cannot be read as a Keras network: {_first_line(error)}") from error
    shapes = tuple((kernel.shape, bias.shape) for kernel, bias in weights)
    if shapes != SHAPES:
        raise Unavailable(
            f"{path.name} holds another network than AnNOTEator's: {_told(shapes)} where {_told(SHAPES)} belong"
        )
    if not all(np.isfinite(part).all() for pair in weights for part in pair):
        raise Unavailable(f"{path.name} is damaged: it holds weights that are no numbers")
    return Network(weights)


def _pairs(group: h5py.Group) -> list[tuple[Floats, Floats]]:
    """Kernel and bias of every layer that has them, in the layers' order."""
    found = []
    for layer in group.attrs["layer_names"]:
        names = list(group[layer].attrs["weight_names"])
        if not names:
            continue
        if len(names) != 2:
            raise ValueError(f"its layer {_text(layer)} has {len(names)} arrays, not a kernel and a bias")
        kernel, bias = (group[layer][name] for name in names)
        if kernel.size > LARGEST or bias.size > LARGEST:
            raise ValueError(f"its layer {_text(layer)} is too large")
        found.append((np.asarray(kernel, np.float32), np.asarray(bias, np.float32)))
    return found


def _text(name: str | bytes) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _told(shapes: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]) -> str:
    return ", ".join("x".join(map(str, kernel)) for kernel, _ in shapes) or "nothing"


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
