"""Folders made up for the tests: silent audio, and annotations beside it."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

NEEDED = {"kind": "drums", "origin": "recording", "source": "made up", "licence": "CC0"}


def audio(path: Path, seconds: float = 0.1) -> Path:
    """A silent file at 8 kHz; a name that is no .wav says another format than it has, for nobody decodes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * round(seconds * 8000)))
    return path


def text(path: Path, content: str) -> Path:
    """A text file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def truth(path: Path, **fields: Any) -> Path:
    """A truth file with the fields that are needed and these."""
    return text(path, json.dumps({**NEEDED, **fields}))


def pair(folder: Path, name: str, suffix: str = ".wav", **fields: Any) -> Path:
    """An audio file and its truth file."""
    truth(folder / f"{name}.json", **fields)
    return audio(folder / f"{name}{suffix}")
