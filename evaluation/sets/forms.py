"""A form that a folder may have: how it is recognised, and what reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evaluation.sets.gathering import Loaded


@dataclass(frozen=True, slots=True)
class Form:
    """One form of folder.

    Attributes
    ----------
    name : for messages: "truth files", "mdb-drums"
    about : what lies in such a folder, in a line
    matches : whether a folder has this form, by names of files and first lines alone
    load : reads it; raises SetError
    make : makes its audio in a folder first, where it has none, and reads that; or None
    """

    name: str
    about: str
    matches: Callable[[Path], bool]
    load: Callable[[Path], Loaded]
    make: Callable[[Path, Path], Loaded] | None = None

    def read(self, folder: Path, kept: Path | None) -> Loaded:
        """Read a folder of this form; what has to be made is made in a folder inside `kept`."""
        if self.make is None or kept is None:
            return self.load(folder)
        return self.make(folder, kept / self.name)
