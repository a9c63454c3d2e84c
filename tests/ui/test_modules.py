"""What holds for the page's files: nothing inline, no HTML made of text, no other machine, every module preloaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

UI = ROOT / "ui"
MODULES = sorted(path for path in UI.glob("*.js") if path.name not in ("docs.js", "theme-early.js"))
OWN = [*sorted(UI.glob("*.js")), *sorted(UI.glob("*.html")), *sorted(UI.glob("style/*.css"))]
AS_HTML = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser"
)
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:")
NAMESPACE = "http://www.w3.org/2000/svg"


def named(path: Path) -> str:
    """A test's name."""
    return path.name


def test_every_module_is_preloaded() -> None:
    listed = re.findall(r'modulepreload" href="([^"]+)"', (UI / "index.html").read_text())
    assert listed == [path.name for path in MODULES if path.name != "app.js"]


@pytest.mark.parametrize("path", OWN, ids=named)
def test_no_file_asks_another_machine(path: Path) -> None:
    assert not re.findall(r"(?:https?:)?//[\w-]+\.[\w.-]+", path.read_text().replace(NAMESPACE, ""))


@pytest.mark.parametrize("path", sorted(UI.glob("*.html")), ids=named)
def test_nothing_is_inline(path: Path) -> None:
    assert not INLINE.search(path.read_text())


@pytest.mark.parametrize("path", sorted(UI.glob("*.js")), ids=named)
def test_a_script_is_short_and_writes_no_html(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("// "), "the first line says what the module is"
    assert text.count("\n") < 300
    assert not AS_HTML.search(text)


def test_vendored_files_have_their_licences_and_a_row() -> None:
    told = (UI / "vendor" / "README.md").read_text()
    for path in (UI / "vendor").rglob("*"):
        assert path.is_dir() or path.name == "README.md" or path.name in told, path.name
        assert path.stat().st_size < 5_000_000
