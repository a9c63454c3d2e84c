"""What the host knows of environments without running anything in them."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path

import pytest

from bridges import build as building
from bridges.building.declarations import Record, read_record
from bridges.environments import EntryPoint, environments
from tests.bridges.checkouts import Checkout, write_wheel

ENTRY_POINTS = "[hemiola]\nmine = minepackage.plugins\n\n[console_scripts]\nmine = minepackage:main\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout whose environment `tiny` stands, with a third-party package in it."""
    folder = tmp_path_factory.mktemp("environments")
    checkout = Checkout(folder / "checkout")
    declaration = checkout.declare("tiny", 'site = ["site"]\n[licences]\nthing = "AGPL-3.0"\n')
    (declaration.folder / "site").mkdir()
    (declaration.folder / "site" / "shim_of_tiny.py").write_text("")
    building.build(declaration, checkout.root, checkout.say)
    wheel = write_wheel(folder, "minepackage", entry_points=ENTRY_POINTS)
    pip = [declaration.python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel]
    subprocess.run(pip, check=True, capture_output=True)
    return checkout


def test_the_host_is_no_environment(built: Checkout) -> None:
    built.declare("host", 'venv = ".venv"\n')
    assert set(environments(built.root)) == {"tiny"}


def test_a_ready_environment_tells_versions_packages_and_licences(built: Checkout) -> None:
    tiny = environments(built.root)["tiny"]
    assert (tiny.state, tiny.reason, tiny.notice) == ("ready", None, None)
    assert tiny.python_version.count(".") == 2
    assert len(tiny.lock_hash) == 64
    assert (tiny.packages["minepackage"], tiny.packages["hemiola"]) == ("1.0", "9.8.7")
    assert tiny.licences == (("thing", "AGPL-3.0"),)


def test_entry_points_are_read_without_importing(built: Checkout) -> None:
    found = environments(built.root)["tiny"].entry_points()
    assert found == [EntryPoint("mine", "minepackage.plugins", "minepackage", "1.0")]


def test_a_process_of_an_environment_has_one_thread_and_its_shims_on_the_path(built: Checkout) -> None:
    tiny = environments(built.root)["tiny"]
    ask = (
        "import os, hemiola, shim_of_tiny; print(os.environ['OMP_NUM_THREADS'], os.environ['PYTHONHASHSEED'])"
    )
    told = subprocess.run([tiny.python, "-c", ask], env=tiny.environ(), capture_output=True, text=True)
    assert (told.stdout, told.stderr) == ("1 0\n", "")


def test_everything_an_interpreter_loads_lies_under_its_read_paths(built: Checkout) -> None:
    tiny = environments(built.root)["tiny"]
    ask = (
        "import ctypes, hemiola, pip, sqlite3, ssl, shim_of_tiny, sys\n"
        "loaded = [getattr(module, '__file__', None) or '' for module in list(sys.modules.values())]\n"
        "print(sys.executable, *loaded, sep='\\n')\n"
        "print(*{line.split()[5] for line in open('/proc/self/maps') if '/' in line}, sep='\\n')\n"
    )
    told = subprocess.run(
        [tiny.python, "-c", ask], env=tiny.environ(), capture_output=True, text=True, check=True
    )
    allowed = [path.resolve() for path in tiny.read_paths()]
    files = {Path(line).resolve() for line in told.stdout.splitlines() if line.startswith("/")}
    assert len(files) > 40
    assert [path for path in files if not any(path.is_relative_to(one) for one in allowed)] == []


def test_an_environment_never_built_says_what_builds_it(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.declare("tiny")
    tiny = environments(tmp_path)["tiny"]
    assert tiny.state == "missing"
    assert tiny.reason == "The environment tiny is not built. Run: hemiola envs build tiny"
    assert (tiny.packages, tiny.entry_points()) == ({}, [])


def test_a_failed_build_hands_on_its_reason(tmp_path: Path) -> None:
    declaration = Checkout(tmp_path).declare("tiny")
    Record("failed", str(tmp_path), reason="There is no C compiler.").write(declaration.venv)
    tiny = environments(tmp_path)["tiny"]
    assert tiny.state == "failed"
    assert tiny.reason == (
        "The environment tiny could not be built: There is no C compiler. Run: hemiola envs build tiny"
    )


@pytest.mark.parametrize("text", ["", "{", "[]", '{"state": "ready"}', '{"unknown": 1}'])
def test_a_record_that_cannot_be_read_counts_as_none(tmp_path: Path, text: str) -> None:
    declaration = Checkout(tmp_path).declare("tiny")
    declaration.venv.mkdir()
    (declaration.venv / "hemiola-build.json").write_text(text)
    assert environments(tmp_path)["tiny"].state == "missing"


def test_an_environment_whose_python_is_gone_or_that_was_moved_is_missing(tmp_path: Path) -> None:
    declaration = Checkout(tmp_path).declare("tiny")
    record = Record("ready", str(tmp_path), interpreter="/gone/python3", python_version="3.11.7")
    record.write(declaration.venv)
    gone = environments(tmp_path)["tiny"]
    assert gone.state == "missing"
    assert "/gone/python3) is gone" in str(gone.reason)

    declaration.python.parent.mkdir()
    declaration.python.write_text("")
    dataclasses.replace(record, root="/elsewhere").write(declaration.venv)
    moved = environments(tmp_path)["tiny"]
    assert (moved.state, "was built for /elsewhere" in str(moved.reason)) == ("missing", True)


def test_an_environment_older_than_its_lock_stays_usable_with_a_notice(built: Checkout) -> None:
    lock = next((built.root / "envs" / "tiny").glob("lock-3*.txt"))
    lock.write_text("\n\n")
    tiny = environments(built.root)["tiny"]
    lock.write_text("")
    assert tiny.state == "ready"
    assert "another lock" in str(tiny.notice)


def test_a_fallback_build_says_so(built: Checkout) -> None:
    venv = built.root / "envs" / "tiny" / ".venv"
    record = read_record(venv)
    assert record is not None
    dataclasses.replace(record, notice="built on a fallback").write(venv)
    tiny = environments(built.root)["tiny"]
    record.write(venv)
    assert tiny.notice == "The environment tiny was built on a fallback."
