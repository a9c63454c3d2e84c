"""`hemiola envs` tells the state of environments and builds them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import envs
from tests.bridges.checkouts import Checkout


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.setattr(envs, "ROOT", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    checkout = Checkout(tmp_path)
    checkout.declare("host", 'venv = ".venv"\n')
    checkout.declare("tiny")
    return checkout


@pytest.mark.usefixtures("checkout")
def test_list_says_what_to_do_about_an_environment_that_is_not_built() -> None:
    told = CliRunner().invoke(envs.app, ["list"], env={"COLUMNS": "200"})
    assert told.exit_code == 0
    assert "missing" in told.stdout
    assert "Run: hemiola envs build tiny" in told.stdout
    (row,) = json.loads(CliRunner().invoke(envs.app, ["list", "--json"]).stdout)
    assert (row["name"], row["state"], row["python"]) == ("tiny", "missing", None)


@pytest.mark.usefixtures("checkout")
def test_build_builds_and_list_then_says_ready() -> None:
    told = CliRunner().invoke(envs.app, ["build", "tiny"])
    assert (told.exit_code, "tiny: ready, Python" in told.stdout) == (0, True), told.output
    (row,) = json.loads(CliRunner().invoke(envs.app, ["list", "--json"]).stdout)
    assert row["state"] == "ready"


def test_build_exits_1_with_the_reason_where_an_environment_cannot_be_built(checkout: Checkout) -> None:
    checkout.declare("tiny", lock="no-such-package==1.0\n")
    told = CliRunner().invoke(envs.app, ["build", "tiny"])
    assert told.exit_code == 1
    assert "no-such-package==1.0" in told.stdout


@pytest.mark.usefixtures("checkout")
def test_an_unknown_environment_is_a_mistake_in_usage() -> None:
    told = CliRunner().invoke(envs.app, ["build", "host"])
    assert told.exit_code == 2
    assert "There is no environment 'host'; there are tiny." in told.stderr
