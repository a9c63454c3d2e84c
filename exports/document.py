"""One export from a file's takes: the formats that a worker writes, and the rule for several takes.

midi           all takes in one song, each where it lies in the file
musicxml, svg  all takes one after the other in one score, each under its own mark

Imported in workers alone: a format's module is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from .notation import Sheet
from .notation.staff import Mapping
from .sheets import sheets_of
from .takes import Take

Format = Literal["midi", "musicxml", "svg"]
CUT = "The drawing ends before the score does, which is too long for one; single takes may fit."


class Document(NamedTuple):
    """An export's bytes, and what its reader should know."""

    content: bytes
    remarks: tuple[str, ...]


def export(format: Format, takes: Sequence[Take], title: str, mapping: Mapping = "default") -> Document:
    """Write takes, in order of time, in a format; raises NothingToWrite, which says why."""
    sheets, remarks = sheets_of(takes, mapping)
    content, whole = _written(format, sheets, title)
    return Document(content, remarks if whole else (*remarks, CUT))


def _written(format: Format, sheets: Sequence[Sheet], title: str) -> tuple[bytes, bool]:
    """The bytes, and whether everything is in them."""
    if format == "midi":
        from .midi import midi

        return midi(sheets, title), True
    from .musicxml import musicxml

    if format == "musicxml":
        return musicxml(sheets, title), True
    from .svg import svg

    # Every bar is written out, so that a note can be found by its time.
    return svg(musicxml(sheets, title, signs=False))
