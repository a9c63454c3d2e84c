"""Reading a Beat This! checkpoint: sizes and weights, and nothing that could run code."""

from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path
from typing import Any

import torch

from hemiola import Unavailable

from . import mel
from .network import Network, Shape

LARGEST = 4096
"""Of any size that a checkpoint may name."""
PREFIX = "model."
COMPILED = "_orig_mod."
"""What torch.compile puts into names."""


def read(path: Path) -> Network:
    """The network of a checkpoint, ready to answer.

    Raises
    ------
    Unavailable
        It cannot be read, is no Beat This! checkpoint, or is one that this front end does not fit.
    """
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except pickle.UnpicklingError as error:  # torch's own words tell how to load it all the same
        raise Unavailable(
            f"{path.name} cannot be read: it is damaged, or holds more than numbers and tables, which is not loaded"
        ) from error
    except Exception as error:  # a damaged file raises whatever its bytes lead to
        raise Unavailable(f"{path.name} cannot be read as a checkpoint: {_first_line(error)}") from error
    if not isinstance(held, dict) or not {"hyper_parameters", "state_dict"} <= set(held):
        raise Unavailable(
            f"{path.name} is no Beat This! checkpoint: it lacks hyper_parameters and state_dict"
        )
    shape = shape_of(held["hyper_parameters"], path.name)
    network = Network(shape)
    try:
        network.load_state_dict(weights_of(held["state_dict"]))
    except (RuntimeError, AttributeError, TypeError) as error:
        raise Unavailable(f"{path.name} holds weights of another network: {_first_line(error)}") from error
    return network.eval()


def shape_of(given: Any, name: str) -> Shape:
    """The sizes that a checkpoint named `name` gives, those it does not give as published; raises Unavailable."""
    if not isinstance(given, dict):
        raise Unavailable(f"{name} is no Beat This! checkpoint: its hyper_parameters are no table")
    sizes: dict[str, int] = {}
    for field in dataclasses.fields(Shape):
        value = given.get(field.name, field.default)
        if type(value) is not type(field.default) or not (value is False or 1 <= value <= LARGEST):
            raise Unavailable(f"{name} gives {field.name} as {str(value)[:50]!r}, which is no such size")
        sizes[field.name] = value
    shape = Shape(**sizes)  # type: ignore[arg-type]
    if shape.spect_dim != mel.BANDS or given.get("fps", mel.FRAME_RATE) != mel.FRAME_RATE:
        raise Unavailable(
            f"{name} was trained on other frames than {mel.BANDS} bands {mel.FRAME_RATE:g} times a second"
        )
    heads = (shape.transformer_dim, *((shape.stem_dim,) if shape.partial_transformers else ()))
    if shape.head_dim < 2 or shape.head_dim % 2 or any(size % shape.head_dim for size in heads):
        raise Unavailable(f"{name} gives heads of {shape.head_dim}, which do not divide its channels")
    return shape


def weights_of(given: dict[str, Any]) -> dict[str, Any]:
    """Weights under the network's own names: without what training and compiling put before them."""
    named = {name.replace(COMPILED, ""): value for name, value in given.items()}
    return {name.removeprefix(PREFIX): value for name, value in named.items()}


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
