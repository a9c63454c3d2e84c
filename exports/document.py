"""One export from a file's takes: the formats there are, and the rule for several takes.

hits     all takes in one list
midi     all takes in one song, each where it lies in the file
musicxml, svg, lilypond
         all takes one after the other in one score, each under its own mark

A take that has nothing to write is left out with a remark; where none has anything it is an error. Imported in
workers alone: a format's module is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from .errors import NothingToWrite
from .notation import Sheet, notate
from .notation.staff import Mapping
from .takes import Take

Format = Literal["midi", "musicxml", "svg", "lilypond"]


class Document(NamedTuple):
    """An export's bytes, and what its reader should know."""

    content: bytes
    remarks: tuple[str, ...]


def export(format: Format, takes: Sequence[Take], title: str, mapping: Mapping = "default") -> Document:
    """Write takes, in order of time, in a format.

    Raises
    ------
    NothingToWrite
        No take has hits that can be written; the message says why.
    """
    sheets, remarks = _sheets(takes, mapping)
    content, whole = _written(format, sheets, title)
    if not whole:
        remarks.append(
            "The drawing ends before the score does, which is too long for one; single takes may fit."
        )
    told = dict.fromkeys([*(remark for sheet in sheets for remark in sheet.remarks), *remarks])
    return Document(content, tuple(told))


def _sheets(takes: Sequence[Take], mapping: Mapping) -> tuple[list[Sheet], list[str]]:
    sheets, reasons = [], []
    for take in takes:
        try:
            sheets.append(notate(take, mapping))
        except NothingToWrite as reason:
            reasons.append((take.number, str(reason)))
    if not sheets:
        raise NothingToWrite(reasons[0][1] if reasons else "there is no take with hits in the file")
    return sheets, [f"Take {number} is left out: {reason}" for number, reason in reasons]


def _written(format: Format, sheets: Sequence[Sheet], title: str) -> tuple[bytes, bool]:
    """The bytes, and whether everything is in them."""
    if format == "midi":
        from .midi import midi

        return midi(sheets, title), True
    if format == "lilypond":
        from .lilypond import lilypond

        return lilypond(sheets, title), True
    from .musicxml import musicxml

    if format == "musicxml":
        return musicxml(sheets, title), True
    from .svg import svg

    return svg(musicxml(sheets, title, signs=False))  # every note is there to be found by its time
