"""AnNOTEator's network made here: a Keras file with seeded weights, and its forward pass in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

Floats = np.ndarray

LAYERS: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("conv2d", (3, 3, 1, 32)),
    ("max_pooling2d", ()),
    ("conv2d_1", (3, 3, 32, 64)),
    ("max_pooling2d_1", ()),
    ("conv2d_2", (3, 3, 64, 64)),
    ("max_pooling2d_2", ()),
    ("flatten", ()),
    ("dense", (960, 100)),
    ("dropout", ()),
    ("dense_1", (100, 100)),
    ("dropout_1", ()),
    ("dense_2", (100, 6)),
)


def weights(seed: int = 0) -> list[tuple[Floats, Floats]]:
    """Kernels and biases in order, drawn so that what flows through neither dies nor grows."""
    random = np.random.default_rng(seed)
    drawn = []
    for _, shape in LAYERS:
        if shape:
            scale = np.sqrt(2.0 / np.prod(shape[:-1]))
            kernel = random.normal(0.0, scale, shape).astype(np.float32)
            drawn.append((kernel, random.normal(0.0, 0.1, shape[-1]).astype(np.float32)))
    return drawn


def save(path: Path, drawn: Sequence[tuple[Floats, Floats]]) -> Path:
    """Write a Keras file of HDF5 as Keras 2 does: names of layers and weights as attributes, arrays below them."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = "2.9.0", "tensorflow"
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [name.encode() for name, _ in LAYERS]
        left = list(drawn)
        for name, shape in LAYERS:
            layer = group.create_group(name)
            names = [f"{name}/kernel:0".encode(), f"{name}/bias:0".encode()] if shape else []
            layer.attrs["weight_names"] = names
            if shape and left:
                for each, values in zip(names, left.pop(0), strict=True):
                    layer.create_dataset(each.decode(), data=values)
        file.create_group("optimizer_weights")
    return path


def layers(spectra: Floats, drawn: Sequence[tuple[Floats, Floats]]) -> list[Floats]:
    """What every layer gives for spectra of shape (n, 128, 18), channels last as in Keras, dropout left out."""
    (k1, b1), (k2, b2), (k3, b3), *dense = [
        (kernel.astype(np.float64), bias.astype(np.float64)) for kernel, bias in drawn
    ]
    heard = spectra[..., None].astype(np.float64)
    given: list[Floats] = []
    for kernel, bias, same in ((k1, b1, True), (k2, b2, True), (k3, b3, False)):
        heard = np.maximum(0.0, convolved(heard, kernel, same) + bias)
        given.append(heard)
        heard = pooled(heard)
        given.append(heard)
    heard = heard.reshape(len(heard), -1)
    given.append(heard)
    for kernel, bias in dense[:-1]:
        heard = np.maximum(0.0, heard @ kernel + bias)
        given.append(heard)
    kernel, bias = dense[-1]
    given.append(1.0 / (1.0 + np.exp(-(heard @ kernel + bias))))
    return given


def convolved(heard: Floats, kernel: Floats, same: bool) -> Floats:
    """A convolution of three by three; `same` keeps height and width by zeros around."""
    padded = np.pad(heard, ((0, 0), (1, 1), (1, 1), (0, 0))) if same else heard
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    return np.einsum("nhwcij,ijcd->nhwd", windows, kernel, optimize=True)


def pooled(heard: Floats) -> Floats:
    """Maxima of two by two; what does not fill a pair is left out."""
    n, height, width, channels = heard.shape
    cut = heard[:, : height // 2 * 2, : width // 2 * 2]
    return cut.reshape(n, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))
