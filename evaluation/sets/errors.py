"""What can be wrong with a set of recordings, as one small tree.

SetError                a set cannot be used; `problems` has every reason, one sentence each
    UnknownSet          no such folder, or it has none of the forms that are read
    NothingToScore      the form is known, but holds no audio with truth
    BadAnnotation       an annotation is malformed; each problem names file, field or line, and what was expected
"""

from __future__ import annotations

MOST_SHOWN = 20
"""Problems in one message; a thousand files with one mistake shall not scroll the first away."""

GUIDE = "docs/evaluation-sets.md"


class SetError(Exception):
    """A set of recordings cannot be used.

    Attributes
    ----------
    problems : every problem, a sentence each
    """

    usage = True
    """Whoever named the set can mend it."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        shown = list(problems[:MOST_SHOWN])
        if len(problems) > MOST_SHOWN:
            shown.append(f"and {len(problems) - MOST_SHOWN} problems more")
        super().__init__("\n".join(shown))


class UnknownSet(SetError):
    """There is no such folder, or it has none of the forms that are read."""


class NothingToScore(SetError):
    """The form is known, but the folder holds no audio with truth."""


class BadAnnotation(SetError):
    """An annotation is malformed."""
