"""Which models are known: those this project names, a user's own, a site's; and which version of each is in use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from core.models.entries import Entry, ModelFile, read
from core.models.fetching import write_whole
from core.settings import Settings

SHIPPED = Path(__file__).with_name("known.toml")
OWN = "models.toml"
"""A user's own entries, in the data folder."""
CHOSEN = "models-in-use.json"
"""The versions that a user chose, in the data folder."""
SITE = "annoteator"
SITE_PLACE, SITE_FILE = "complete_network", "complete_network.h5"
"""How programs that share a site's cache call its network there."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known.

    Attributes
    ----------
    entries
        By name; the first version of a name is the one in use unless another was chosen.
    problems
        Lists that cannot be read, a sentence each.
    """

    entries: dict[str, tuple[Entry, ...]]
    problems: tuple[str, ...]

    def default(self, name: str) -> Entry | None:
        """The version of a name that is in use where nobody chose another."""
        return next(iter(self.entries.get(name, ())), None)


def known(settings: Settings) -> Known:
    """What is known now: a site's word comes before a user's, and that before the shipped."""
    found, problems = site(settings), []
    for file in (settings.data / OWN, SHIPPED):
        try:
            found += read(file)
        except FileNotFoundError:
            continue
        except ValueError as error:
            problems.append(str(error))
    entries: dict[str, dict[str, Entry]] = {}
    for entry in found:
        entries.setdefault(entry.name, {}).setdefault(entry.version, entry)
    return Known({name: tuple(versions.values()) for name, versions in entries.items()}, tuple(problems))


def site(settings: Settings) -> list[Entry]:
    """The drum network that MODEL_URI names."""
    if settings.model_uri is None:
        return []
    file = ModelFile(source=settings.model_uri, name=SITE_FILE, sha256=settings.model_sha256)
    return [Entry(name=SITE, version=settings.model_version, files=(file,), folder=False, place=SITE_PLACE)]


class Chosen:
    """The versions that a user chose, each in the place of the one that was in use by default.

    When another version becomes the default, that one is used: a choice is about what it was made against.
    """

    def __init__(self, data: Path) -> None:
        self._file = data / CHOSEN

    def version(self, name: str, default: str | None) -> str | None:
        """The version chosen over this default, or None."""
        chosen = self._read().get(name, {})
        return chosen.get("version") if chosen.get("over") == default else None

    def choose(self, name: str, version: str | None, default: str | None) -> None:
        """Choose a version over the default; None goes back to the default. Raises OSError."""
        all_chosen = self._read()
        all_chosen.pop(name, None)
        if version is not None:
            all_chosen[name] = {"version": version, "over": default}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._file, json.dumps(all_chosen, indent=1))

    def _read(self) -> dict[str, dict[str, str | None]]:
        try:
            told = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return {}
        return (
            {str(name): one for name, one in told.items() if isinstance(one, dict)}
            if isinstance(told, dict)
            else {}
        )
