"""Ties an environment to this checkout: the SDK on its path, and the command `hemiola` in the host's."""

from __future__ import annotations

import json
import shlex
import shutil
import tomllib
from pathlib import Path

from bridges.building.declarations import Declaration, Record


def link_checkout(declaration: Declaration, record: Record, root: Path) -> None:
    """Put the SDK (as the distribution `hemiola`, editable) and the environment's own folders on its path."""
    minor = record.python_version.rpartition(".")[0]
    packages = declaration.venv / "lib" / f"python{minor}" / "site-packages"
    sdk = root / "sdk"
    project = tomllib.loads((sdk / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = f"{project['name']}-{project['version']}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project['version']}"]
    metadata += [f"Requires-Python: {project['requires-python']}"]
    metadata += [f"Requires-Dist: {requirement}" for requirement in project["dependencies"]]
    files = {
        "hemiola.pth": "".join(f"{path}\n" for path in (sdk, *declaration.site)),
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/INSTALLER": "hemiola\n",
        f"{info}/direct_url.json": json.dumps({"url": sdk.as_uri(), "dir_info": {"editable": True}}) + "\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    for old in packages.glob("hemiola-*.dist-info"):
        if old.name != info:
            shutil.rmtree(old)
    for name, text in files.items():
        _write(packages / name, text)


def write_launcher(root: Path, venv: Path) -> None:
    """Write .venv/bin/hemiola, which runs this checkout's main.py from anywhere.

    main.py's folder comes first on the path because it is the script's; -E and -s keep PYTHONPATH and the
    user's own site-packages out, so that no foreign `core` or `api` can get in its way. /bin/sh, because a
    #! line that names this Python would break at a space, or beyond 127 characters. Without a command it
    shows the help, where main.py by itself serves.
    """
    launcher = venv / "bin" / "hemiola"
    python, main = shlex.quote(str(venv / "bin" / "python")), shlex.quote(str(root / "main.py"))
    _write(launcher, f'#!/bin/sh\n[ $# -gt 0 ] || set -- --help\nexec {python} -E -s {main} "$@"\n')
    launcher.chmod(0o755)


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
