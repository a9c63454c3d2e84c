"""A drop-in that goes wrong before it is asked: nobody waits for it, the others are found, its problem is told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridges.workers import CONFINED, best_mode
from core.engine import Engine
from tests.conftest import ROOT
from tests.misbehaving import sources
from tests.sandbox import house

FORTY = 40

pytestmark = pytest.mark.skipif(best_mode() != CONFINED, reason="this kernel cannot confine")


def broken(count: int, hanging: bool) -> dict[str, str]:
    """Files of drop-ins that go wrong, each kind over and over."""
    kinds = {**sources.BROKEN, **(sources.HANGING if hanging else {})}
    names = list(kinds)
    return {f"{names[n % len(names)]}_{n}.py": kinds[names[n % len(names)]][0] for n in range(count)}


START = """
import os, sys, time
from pathlib import Path
from core.engine import Engine
from tests.sandbox.house import settings
chosen = settings(Path(sys.argv[1]))
begin = time.perf_counter()
Engine(chosen)
print(time.perf_counter() - begin, flush=True)
os._exit(0)
"""


def started(folder: Path) -> float:
    """Seconds until an engine is there, in a process of its own that ends at once."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "sdk")])
    command = [sys.executable, "-c", START, str(folder)]
    environ = {**os.environ, "PYTHONPATH": path}
    return float(subprocess.run(command, env=environ, capture_output=True, check=True, text=True).stdout)


def test_the_engine_is_there_as_fast_with_forty_broken_drop_ins_as_with_none(tmp_path: Path) -> None:
    times: dict[int, list[float]] = {0: [], FORTY: []}
    for turn in range(4):
        for count in times:
            folder = tmp_path / f"{turn}-{count}"
            house.drop_in(house.settings(folder), broken(count, hanging=True))
            times[count].append(started(folder))
    # Describing one source takes longer than the margin, warming an environment far longer.
    assert min(times[FORTY]) < 2 * min(times[0]) + 0.05, times


class Bazaar:
    """An engine with every broken drop-in, each of the hanging ones, and good ones between them."""

    def __init__(self, folder: Path) -> None:
        self.settings = house.settings(folder)
        wrong = {name: text for name, (text, _) in {**sources.BROKEN, **sources.HANGING}.items()}
        fine = {name: sources.good(name) for name in ("aaa_good", "mmm_good", "zzz_good")}
        late = {name: sources.later(name) for name in sources.LATER}
        house.drop_in(self.settings, {f"{n}.py": text for n, text in {**wrong, **fine, **late}.items()})
        self.file = house.clicks(folder / "take.wav")
        self.engine = Engine(self.settings)
        self.alone = house.answers(house.analyze(self.engine, self.file, *house.INNOCENT))
        self.traces = house.Traces(self.settings)


@pytest.fixture(scope="module")
def bazaar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bazaar]:
    made = Bazaar(tmp_path_factory.mktemp("bazaar"))
    yield made
    made.engine.close()


def test_good_plugins_between_broken_ones_are_found(bazaar: Bazaar) -> None:
    found = set(bazaar.engine.catalogue.providers())
    assert {"aaa_good.it", "mmm_good.it", "zzz_good.it", "labels.tiny", "chords.tiny", "notes.tiny"} <= found
    document = house.analyze(bazaar.engine, bazaar.file, "aaa_good", "zzz_good")
    assert document["verdict"] == "complete"


@pytest.mark.parametrize("name", [*sources.BROKEN, *sources.HANGING])
def test_the_problem_of_a_broken_drop_in_is_told_under_its_name(bazaar: Bazaar, name: str) -> None:
    says = {**sources.BROKEN, **sources.HANGING}[name][1]
    told = [problem for problem in bazaar.engine.catalogue.problems if problem.startswith(f"{name}.py: ")]
    assert any(says in problem for problem in told), told


@pytest.mark.parametrize("name", sources.LATER)
def test_a_drop_in_that_goes_wrong_only_when_asked_harms_itself_alone(bazaar: Bazaar, name: str) -> None:
    document = house.analyze(bazaar.engine, bazaar.file, *house.INNOCENT, name, force=True)
    row = house.outcome(document, name)
    assert (row["status"], row["code"], row["signal"]) == sources.LATER[name][1], row
    assert document["verdict"] == "partial" and house.answers(document) == bazaar.alone
    bazaar.traces.assert_none_new()
    after = house.analyze(bazaar.engine, bazaar.file, "labels", force=True)
    assert after["verdict"] == "complete"
