"""What docs/evaluation.md says is all there is."""

from __future__ import annotations

import re

import typer

from cli.evaluate import app
from evaluation import __doc__ as rooms
from evaluation.measures import MEASURES
from evaluation.robustness import FORMS
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "evaluation.md").read_text()


def test_every_measure_is_explained() -> None:
    assert [name for name in MEASURES if f"`{name}`" not in GUIDE] == []


def test_every_option_is_explained() -> None:
    options = {name for parameter in typer.main.get_command(app).params for name in parameter.opts}
    named = set(re.findall(r"`(--[a-z]+)", GUIDE))
    assert {name for name in options if name.startswith("--")} == named


def test_every_form_of_robustness_is_explained() -> None:
    assert [form for form in FORMS if f"`{form}`" not in GUIDE] == []


def test_every_room_is_on_the_map() -> None:
    folder = ROOT / "evaluation"
    there = {path.stem for path in folder.glob("*.py")} | {
        path.parent.name for path in folder.glob("*/__init__.py")
    }
    on_the_map = set(re.findall(r"^ +([a-z_]+)/? {2,}", rooms or "", re.MULTILINE)) | {
        "benchmarks",
        "__init__",
    }
    assert there == on_the_map
