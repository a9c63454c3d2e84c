"""Which files a list of paths means: files as they are, folders walked for audio and video endings."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from core.browsing import is_audio


def audio_files(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """The files that are meant, absolute, each once and folders in order; and the paths that do not exist."""
    found: dict[Path, None] = {}
    missing: list[Path] = []
    for path in paths:
        absolute = Path(os.path.abspath(path))
        if absolute.is_dir():
            found.update(dict.fromkeys(_walk(absolute)))
        elif os.path.lexists(absolute):
            found[absolute] = None
        else:
            missing.append(path)
    return list(found), missing


def _walk(folder: Path) -> list[Path]:
    files = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(here, name) for name in sorted(names) if is_audio(name)]
    return files
