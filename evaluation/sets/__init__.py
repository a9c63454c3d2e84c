"""Sets of recordings with what is known about them: folders become items.

`load` finds out which form a folder has and reads it; `explain` tells the forms; `trained_on` says whether a system
has seen a set before. docs/evaluation-sets.md is the guide for those who bring their own recordings.
"""

from __future__ import annotations

from evaluation.sets.errors import BadAnnotation, NothingToScore, SetError, UnknownSet
from evaluation.sets.gathering import Loaded
from evaluation.sets.loading import explain, load
from evaluation.sets.trained import trained_on

__all__ = [
    "BadAnnotation",
    "Loaded",
    "NothingToScore",
    "SetError",
    "UnknownSet",
    "explain",
    "load",
    "trained_on",
]
