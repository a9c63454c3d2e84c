"""Import this before madmom: it gives madmom 0.16.1 (2018) what later Pythons and NumPys took away.

Works under NumPy 1.26 (Python 3.11, 3.12) and NumPy 2 (3.13). What only its import needs is lent for that
time and taken back, so that no other package sees it.

Examples
--------
>>> import madmom_compat  # noqa: F401
>>> import madmom
"""

from __future__ import annotations

import collections
import collections.abc
import importlib
import importlib.metadata
import sys
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import scipy.ndimage

# Gone from NumPy 1.24 and 2.0; madmom uses them when it is called, so they stay. np.in1d still exists in
# NumPy 2.0 to 2.3, where it warns.
NUMPY_NAMES = {"float": float, "int": int, "bool": bool, "object": object, "in1d": np.isin}


def _add_numpy_names() -> None:
    for name, value in NUMPY_NAMES.items():
        if name not in vars(np) or name == "in1d":  # hasattr would warn
            setattr(np, name, value)


def _stub(name: str, **members: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    vars(module).update(members)
    return module


@contextmanager
def _lent(modules: dict[str, types.ModuleType]) -> Iterator[None]:
    """Put modules in the place of missing or deprecated ones for the time of an import."""
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


class _NumpyWithRagged(types.ModuleType):
    """NumPy as `madmom.features.downbeats` expects it: `asarray` takes rows of unequal length."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def asarray(values: Any, *args: Any, **options: Any) -> Any:
        """Rows of (path, log probability) become an object array of shape (rows, 2); all else is NumPy's."""
        if not (isinstance(values, list) and values and isinstance(values[0], tuple)):
            return np.asarray(values, *args, **options)
        rows = np.empty((len(values), len(values[0])), dtype=object)
        for number, row in enumerate(values):
            for column, cell in enumerate(row):
                rows[number, column] = cell
        return rows


def _import_madmom() -> None:
    lent = {
        # setuptools is not installed; madmom asks it for its own version.
        "pkg_resources": _stub("pkg_resources", get_distribution=importlib.metadata.distribution),
        # Gone in Python 3.12; compares SciPy's version with 0.14.
        "distutils": _stub("distutils"),
        "distutils.version": _stub("distutils.version", LooseVersion=_version),
    }
    # Deprecated names of the same functions; madmom imports from them when called, so this stays.
    sys.modules["scipy.ndimage.filters"] = scipy.ndimage
    collections.MutableSequence = collections.abc.MutableSequence  # type: ignore[attr-defined]
    try:
        with _lent(lent), warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # "\ " in its docstrings, when first compiled
            importlib.import_module("madmom")
    finally:
        del collections.MutableSequence  # type: ignore[attr-defined]
    downbeats = importlib.import_module("madmom.features.downbeats")
    downbeats.np = _NumpyWithRagged("numpy")  # type: ignore[attr-defined]


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


_add_numpy_names()
_import_madmom()
