"""A store on a data folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from database.store import Store
from tests.database.examples import SHA, a_file, some_regions


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "data"


@pytest.fixture
def store(data: Path) -> Iterator[Store]:
    """An open store without rows."""
    with Store.open(data) as opened:
        yield opened


@pytest.fixture
def job(store: Store) -> int:
    """A running job on a file of one take with two regions."""
    number = store.add_job("analyze", "/music/take.wav").id
    store.claim_job()
    store.put_file(a_file(), "/music/take.wav")
    store.put_segmentation("set", SHA, "{}", some_regions())
    store.set_job_file(number, SHA, "set")
    return number
