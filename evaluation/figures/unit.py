"""The unit of a figure and which way is better, from its measure and its suffix."""

from __future__ import annotations

from typing import Literal

from evaluation.measures import MEASURES

UNBOUNDED = frozenset({"swing.error", "regions.count_error", "hits.velocity_r"})
"""Measures without a unit that are no share between 0 and 1."""


def is_share(name: str, measure: str) -> bool:
    """Whether a figure lies between 0 and 1 with both ends reachable by every item."""
    return not unit_of(name, measure) and measure not in UNBOUNDED


def better_of(name: str, measure: str) -> Literal["higher", "lower"]:
    """Which way is better; events invented are better fewer, whatever the measure."""
    return "lower" if name.endswith(".invented") else MEASURES[measure].better


def unit_of(name: str, measure: str) -> str:
    """The unit, or nothing for a share."""
    return "an item" if name.endswith(".invented") else MEASURES[measure].unit


def title_of(name: str, measure: str) -> str:
    """Words for a figure: its measure's, and what was done over classes."""
    title = MEASURES[measure].title
    suffix = name.removeprefix(measure)
    words = {
        "": "",
        ".micro": ", all events",
        ".macro": ", mean over classes",
        ".micro.precision": ", precision",
        ".micro.recall": ", recall",
        ".invented": ", invented",
    }
    if suffix in words:
        return title + words[suffix]
    label, _, of = suffix.lstrip("[").rpartition("]")
    return f"{title}, {label}{f' {of[1:]}' if of else ''}"
