"""One server for all tests of the HTTP interface, with a home folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.live import Live


@pytest.fixture(scope="package", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home folder: the user's own is never read."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        yield folder


@pytest.fixture(scope="package")
def live(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Live]:
    """A running server whose plugins include `dropin.py`; tests leave files and jobs behind in it."""
    with Live(tmp_path_factory.mktemp("live"), dropin=True) as running:
        yield running
