"""`hemiola models` from a shell: what it prints, and how it exits."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.cli.test_analyze import Run, environ, run

__all__ = ["environ", "run"]

BODY = b"weights" * 1000


@pytest.fixture
def net(tmp_path: Path, environ: dict[str, str]) -> Path:
    """A model in the user's list, whose source is a file."""
    there = tmp_path / "net.bin"
    there.write_bytes(BODY)
    (tmp_path / "data" / "models.toml").write_text(
        "".join(
            f'[[model]]\nname = "net"\nversion = "{version}"\nsource = "{there}"\nlicence = "CC0"\n'
            f'sha256 = "{hashlib.sha256(BODY).hexdigest()}"\n'
            for version in ("2", "1")
        )
    )
    return there


def test_a_model_is_fetched_listed_verified_and_removed(run: Run, net: Path) -> None:
    assert run("models", "fetch", "net").stdout.startswith("net 2 is fetched: ")
    assert "was there already" in run("models", "fetch", "net").stdout
    assert run("models", "use", "net", "1").stdout == "net 1 is in use\n"
    rows = [line.split() for line in run("models", "list").stdout.splitlines() if line.startswith("net ")]
    assert [row[:4] for row in rows] == [["net", "1", "yes", "not"], ["net", "2", "fetched", "0.0"]]
    assert run("models", "use", "net", "--default").stdout == "net 2 is in use\n"
    assert run("models", "verify").stdout == "ok     net 2\n"
    assert run("models", "remove", "net").stdout == "net 2 is removed\n"
    assert run("models", "verify").stdout == "nothing was fetched\n"


def test_what_is_wrong_is_a_sentence_and_a_status(run: Run, net: Path, tmp_path: Path) -> None:
    unknown = run("models", "fetch", "other")
    assert unknown.returncode == 2 and "no model other is known" in unknown.stderr
    assert run("models", "use", "net").returncode == 2
    net.write_bytes(BODY[1:])
    damaged = run("models", "fetch", "net")
    assert damaged.returncode == 3 and "is not what it should be" in damaged.stderr
    assert "Traceback" not in damaged.stderr and len(damaged.stderr.splitlines()) == 1
    net.write_bytes(BODY)
    run("models", "fetch", "net")
    next((tmp_path / "cache").rglob("net.bin")).write_bytes(BODY[:-1])
    wrong = run("models", "verify", "net")
    assert wrong.returncode == 3 and "WRONG  net 2" in wrong.stdout


def test_a_list_that_cannot_be_read_is_said(run: Run, net: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "models.toml").write_text("[[model]]\nname = 3\n")
    listed = run("models", "list")
    assert listed.returncode == 0 and "models.toml" in listed.stderr
