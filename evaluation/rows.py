"""What a score of one item is made of: rows that add up over items, each naming a measure of `measures.MEASURES`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Value:
    """A number; a figure is its mean over items."""

    measure: str
    value: float


@dataclass(frozen=True, slots=True)
class Counts:
    """Events found, invented and missed under a label; summed over items before precision, recall and F."""

    measure: str
    label: str
    found: int
    invented: int
    missed: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One class chosen among several; figures are the accuracy over items, over classes, and the confusion."""

    measure: str
    truth: str
    answer: str
    """Empty: no answer."""
    right: bool
    """Where several classes are right, `truth` is the one answered, or else the first."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A confidence and whether its named event came true."""

    event: str
    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """Something to listen to: where it went wrong, and how, in a sentence."""

    measure: str
    time_s: float
    text: str


Row = Value | Counts | Choice | Claim | Failure
