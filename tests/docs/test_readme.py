"""What the README and docs/ say is true."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from bridges.intake_codes import IntakeCode
from cli.app import COMMANDS
from core.settings import Settings
from core.words import Status
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()


def test_the_example_plugin_is_good(tmp_path: Path) -> None:
    (tmp_path / "loudest.py").write_text(README.split("```python\n")[1].split("```")[0])
    command = [str(ROOT / ".venv" / "bin" / "hemiola"), "plugins", "check", str(tmp_path / "loudest.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0 and "good" in done.stdout, done.stdout + done.stderr


def test_every_command_and_setting_is_named() -> None:
    assert all(f"hemiola {name}" in README for name in COMMANDS)
    named = set(re.findall(r"`HEMIOLA_([A-Z0-9_]+)`", (ROOT / "docs" / "settings.md").read_text()))
    assert named == {name.upper() for name in Settings.model_fields} - {"COVERAGE", "STARTED_IN"}


def test_every_link_leads_somewhere() -> None:
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert target.startswith("http") or (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_word_of_the_ledger_is_explained() -> None:
    engine = (ROOT / "docs" / "engine.md").read_text()
    assert all(status in engine for status in Status)


def test_every_intake_code_is_explained() -> None:
    reliability = (ROOT / "docs" / "reliability.md").read_text()
    assert all(f"`{code}`" in reliability for code in IntakeCode)
