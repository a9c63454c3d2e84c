"""Plugins whose result is none."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from hemiola import Frames

from .base import OK, Outcome, harm, told

SCHEMA = Outcome("invalid", "schema")


class Trap:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> Any:
        return os.system, ("touch /tmp/hemiola-harm",)


@harm(Outcome("invalid", "type", says="returned dict"), portable=True)
def wrong_type(self: Any, region: Any, context: Any) -> Any:
    """Returns a dict."""
    return {"text": "well"}


@harm(Outcome("invalid", "type", says="returned NoneType"), portable=True)
def nothing(self: Any, region: Any, context: Any) -> None:
    """Returns nothing."""


@harm(SCHEMA, portable=True)
def nan(self: Any, region: Any, context: Any) -> Any:
    """Returns what is no number, past the model's own check."""
    return self.result_type.model_construct(text="", times=(), values=(float("nan"),), curve=None)


@harm(Outcome("invalid", "schema", says="ascend"), portable=True)
def unsorted(self: Any, region: Any, context: Any) -> Any:
    """Returns times that go back."""
    return self.result_type(times=(2.0, 1.0))


@harm(OK, portable=True)
def numpy_scalars(self: Any, region: Any, context: Any) -> Any:
    """Returns numbers of numpy's: taken, since everyone does it."""
    return self.result_type(values=[np.float32(0.5), np.int64(3)], times=np.array([0.25, 1.0]))


@harm(Outcome("failed", "exception"), portable=True)
def recursive(self: Any, region: Any, context: Any) -> Any:
    """Returns a list that holds itself."""
    endless: list[Any] = []
    endless.append(endless)
    return self.result_type.model_construct(text="", times=(), values=endless, curve=None)


@harm(Outcome("failed", "exception"), portable=True)
def very_deep(self: Any, region: Any, context: Any) -> Any:
    """Returns lists in lists, a hundred thousand deep."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    return self.result_type.model_construct(text="", times=(), values=deep, curve=None)


@harm(Outcome("failed", "exception", says="serialize"), portable=True)
def unserialisable(self: Any, region: Any, context: Any) -> Any:
    """Returns an object."""
    return self.result_type.model_construct(text=object(), times=(), values=(), curve=None)


@harm(Outcome("failed", "exception", says="serialize"), portable=True)
def code_in_pickle(self: Any, region: Any, context: Any) -> Any:
    """Returns what runs code where it is unpickled."""
    return self.result_type.model_construct(text=Trap(), times=(), values=(), curve=None)


@harm(Outcome("invalid", "schema", says="20000"), memory="2 GiB")
def long_text(self: Any, region: Any, context: Any) -> Any:
    """Returns 200 MB of text."""
    return self.result_type.model_construct(text="x" * (200 << 20), times=(), values=(), curve=None)


@harm(Outcome("invalid", "too_large", says="too large"), memory="2 GiB")
def large_array(self: Any, region: Any, context: Any) -> Any:
    """Returns an array of 400 MB."""
    curve = Frames(rate_hz=1.0, start_s=0.0, values=np.zeros(100 << 20, np.float32))
    return self.result_type(curve=curve)


@harm(OK, portable=True)
def poison(self: Any, region: Any, context: Any) -> Any:
    """Spoils what the next call in its worker stands on: its own answers alone may suffer."""
    np.random.seed = None  # type: ignore[assignment]
    os.environ.clear()
    return told(self)
