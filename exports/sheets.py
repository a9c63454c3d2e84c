"""A file's takes as sheets: a take that has nothing to write is left out with a remark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .errors import NothingToWrite
from .notation import Sheet, notate
from .notation.staff import Mapping
from .takes import Take


class Sheets(NamedTuple):
    """Sheets in order of time, and what their reader should know."""

    sheets: tuple[Sheet, ...]
    remarks: tuple[str, ...]


def sheets_of(takes: Sequence[Take], mapping: Mapping = "default") -> Sheets:
    """Write every take.

    Raises
    ------
    NothingToWrite
        No take has hits that can be written; the message says why.
    """
    sheets, reasons = [], []
    for take in takes:
        try:
            sheets.append(notate(take, mapping))
        except NothingToWrite as reason:
            reasons.append((take.number, str(reason)))
    if not sheets:
        raise NothingToWrite(reasons[0][1] if reasons else "there is no take with hits in the file")
    left_out = [f"Take {number} is left out: {reason}" for number, reason in reasons]
    said = [remark for sheet in sheets for remark in sheet.remarks]
    return Sheets(tuple(sheets), tuple(dict.fromkeys([*said, *left_out])))
