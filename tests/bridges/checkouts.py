"""A checkout in miniature, whose environments hold next to nothing and so are built in seconds."""

from __future__ import annotations

import dataclasses
import shutil
import sys
import zipfile
from pathlib import Path

from bridges.building.declarations import Declaration, read_declarations, read_record

THIS_MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
SDK = """
[project]
name = "hemiola"
version = "9.8.7"
requires-python = ">=3.11"
dependencies = []
"""


class Checkout:
    """A folder with an SDK and the environments that a test declares."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.said: list[str] = []
        (root / "sdk" / "hemiola").mkdir(parents=True)
        (root / "sdk" / "pyproject.toml").write_text(SDK)
        (root / "sdk" / "hemiola" / "__init__.py").write_text("")

    def declare(
        self, name: str, more: str = "", *, minor: str = THIS_MINOR, lock: str = "", dev: str = ""
    ) -> Declaration:
        """Write envs/NAME with one plan, and read it back."""
        folder = self.root / "envs" / name
        folder.mkdir(parents=True, exist_ok=True)
        head = f'title = "for a test"\ninterpreters = ["{minor}"]\n'
        (folder / "environment.toml").write_text(head + more)
        (folder / f"lock-{minor}.txt").write_text(lock)
        (folder / f"lock-dev-{minor}.txt").write_text(dev)
        return read_declarations(self.root)[name]

    def adopt(self, name: str, built: Checkout) -> Declaration:
        """Declare `name` as `built` has it and take its build over, which is quicker than building."""
        shutil.copytree(
            built.root / "envs" / name, self.root / "envs" / name, symlinks=True, dirs_exist_ok=True
        )
        declaration = read_declarations(self.root)[name]
        record = read_record(declaration.venv)
        assert record is not None
        dataclasses.replace(record, root=str(self.root)).write(declaration.venv)
        return declaration

    def say(self, line: str) -> None:
        """Keep what a build says."""
        self.said.append(line)


def write_wheel(folder: Path, name: str, *, entry_points: str = "") -> Path:
    """A wheel `name` 1.0 that holds one empty module."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    files = {
        f"{name}.py": "",
        f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{name}-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{name}-1.0.dist-info/entry_points.txt": entry_points,
    }
    files[f"{name}-1.0.dist-info/RECORD"] = "".join(f"{entry},,\n" for entry in files)
    with zipfile.ZipFile(path, "w") as archive:
        for entry, text in files.items():
            archive.writestr(entry, text)
    return path
