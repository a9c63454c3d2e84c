"""The built-in set: the same bytes for a seed, whole or finished later, and nothing in it that is no item."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import wave
from itertools import islice
from pathlib import Path

import pytest

from evaluation.annotation import Truth
from evaluation.builtin import BEGUN, SHARES, WHOLE, cases_of, generate, generator
from evaluation.sets import load

COUNT = 8
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("builtin")
    generate(folder, seed=5, cases=COUNT)
    return folder


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_every_case_has_sound_and_a_truth_that_validates(made: Path) -> None:
    names = [case.name for case in cases_of(5, COUNT)]
    assert (
        sorted(p.stem for p in made.glob("[!.]*.json")) == sorted(p.stem for p in made.glob("*.wav")) == names
    )
    for name in names:
        truth = Truth.model_validate_json((made / f"{name}.json").read_bytes())
        assert truth.origin == "generated"
        assert truth.licence == "CC0-1.0"
        assert truth.source.startswith("hemiola builtin, seed 5, case ")
        with wave.open(str(made / f"{name}.wav")) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 44100)
            assert 10 < file.getnframes() / 44100 < 30
        if truth.drums:
            assert (made / truth.drums).exists()
    assert any(made.glob("stems/*.wav"))


def test_a_whole_folder_is_left_alone(made: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in made.rglob("*")}
    assert generate(made, seed=5, cases=COUNT) == [case.name for case in cases_of(5, COUNT)]
    assert {path: path.stat().st_mtime_ns for path in made.rglob("*")} == before


def test_a_folder_cut_half_way_is_finished_with_the_same_bytes(made: Path) -> None:
    whole = digests(made)
    names = [case.name for case in cases_of(5, COUNT)]
    os.replace(made / WHOLE, made / BEGUN)
    for name in names[3:]:
        (made / f"{name}.json").unlink()
    (made / f"{names[-1]}.wav").write_bytes(b"RIFF")  # cut while it was written
    kept = (made / f"{names[0]}.wav").stat().st_mtime_ns
    generate(made, seed=5, cases=COUNT)
    assert digests(made) == whole
    assert (made / f"{names[0]}.wav").stat().st_mtime_ns == kept


def test_another_seed_replaces_the_cases_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mine.wav").write_bytes(b"mine")
    generate(tmp_path, seed=1, cases=1)
    first = digests(tmp_path)
    generate(tmp_path, seed=2, cases=1)
    second = digests(tmp_path)
    assert second["mine.wav"] == first["mine.wav"]
    assert second["0000-meters.wav"] != first["0000-meters.wav"]


def test_a_folder_of_another_generator_is_made_anew(tmp_path: Path) -> None:
    generate(tmp_path, seed=1, cases=1)
    whole = digests(tmp_path)
    (tmp_path / WHOLE).write_text((tmp_path / WHOLE).read_text().replace(generator(), "0" * 16))
    (tmp_path / "0000-meters.wav").write_bytes(b"old")
    generate(tmp_path, seed=1, cases=1)
    assert digests(tmp_path) == whole


def test_families_take_turns_by_their_shares() -> None:
    families = [case.family for case in cases_of(0, sum(SHARES.values()))]
    assert {name: families.count(name) for name in SHARES} == SHARES
    assert set(families[: 2 * len(SHARES)]) == set(SHARES)


def test_fewer_cases_are_the_first_of_more() -> None:
    assert list(cases_of(3, 10)) == list(islice(cases_of(3, 300), 10))


@pytest.mark.parametrize(("seed", "count"), [(0, 0), (-1, 5)])
def test_no_cases_are_refused(seed: int, count: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one case or more"):
        generate(tmp_path / "new", seed=seed, cases=count)
    assert not (tmp_path / "new").exists()


def test_the_set_reads_as_one(made: Path) -> None:
    loaded = load(made)
    assert [item.audio.stem for item in loaded.items] == [case.name for case in cases_of(5, COUNT)]
    assert not loaded.notices


def test_the_generator_needs_numpy_and_the_schema_alone() -> None:
    look = "import sys, evaluation.builtin; print(*{name.split('.')[0] for name in sys.modules})"
    paths = os.pathsep.join((str(ROOT), str(ROOT / "sdk")))
    told = subprocess.run(
        [sys.executable, "-c", look],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    strangers = {
        "core",
        "database",
        "bridges",
        "api",
        "cli",
        "scipy",
        "soundfile",
        "mir_eval",
        "matplotlib",
        "plugins",
    }
    assert not strangers & set(told.stdout.split())
