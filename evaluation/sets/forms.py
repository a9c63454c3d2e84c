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
    """

    name: str
    about: str
    matches: Callable[[Path], bool]
    load: Callable[[Path], Loaded]
