"""Where drums stand on the staff, which heads they have, and whether hands or feet play them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mapping = Literal["default", "annoteator"]
MAPPINGS: tuple[Mapping, ...] = ("default", "annoteator")


@dataclass(frozen=True, slots=True)
class Place:
    """A line or space of the staff, named as a treble clef names it, with a notehead and General MIDI's key.

    Attributes
    ----------
    head
        MusicXML's name of it: normal, x, circle-x, diamond, triangle.
    name
        What it is called in a list of instruments.
    drum
        LilyPond's name.
    """

    step: str
    octave: int
    head: str
    feet: bool
    key: int
    name: str
    drum: str


PLACES: dict[tuple[str, str | None], Place] = {
    ("kick", None): Place("F", 4, "normal", True, 36, "Bass Drum", "bassdrum"),
    ("snare", None): Place("C", 5, "normal", False, 38, "Snare Drum", "snare"),
    ("snare", "rim"): Place("C", 5, "x", False, 37, "Side Stick", "sidestick"),
    ("hihat", None): Place("G", 5, "x", False, 42, "Closed Hi-Hat", "closedhihat"),
    ("hihat", "open"): Place("G", 5, "circle-x", False, 46, "Open Hi-Hat", "openhihat"),
    ("hihat", "pedal"): Place("D", 4, "x", True, 44, "Pedal Hi-Hat", "pedalhihat"),
    ("ride", None): Place("F", 5, "x", False, 51, "Ride Cymbal", "ridecymbal"),
    ("ride", "bell"): Place("F", 5, "diamond", False, 53, "Ride Bell", "ridebell"),
    ("tom", None): Place("E", 5, "normal", False, 50, "High Tom", "hightom"),
    ("tom", "mid"): Place("D", 5, "normal", False, 47, "Mid Tom", "lowmidtom"),
    ("tom", "low"): Place("B", 4, "normal", False, 45, "Low Tom", "lowtom"),
    ("tom", "floor"): Place("A", 4, "normal", False, 43, "Floor Tom", "highfloortom"),
    ("crash", None): Place("A", 5, "x", False, 49, "Crash Cymbal", "crashcymbal"),
    ("crash", "splash"): Place("B", 5, "x", False, 55, "Splash Cymbal", "splashcymbal"),
    ("crash", "china"): Place("C", 6, "x", False, 52, "China Cymbal", "chinesecymbal"),
}
"""By instrument and variant; an instrument's other variants stand where it stands without one."""

VARIANTS = {
    "cross_stick": "rim",
    "cross-stick": "rim",
    "crossstick": "rim",
    "rimshot": "rim",
    "sidestick": "rim",
    "side_stick": "rim",
    "half_open": "open",
    "half-open": "open",
    "foot": "pedal",
    "middle": "mid",
}
"""Other names of the same."""


def place(instrument: str, variant: str | None, mapping: Mapping = "default") -> Place | None:
    """Where a hit stands; None for what has no place on a drum staff.

    The mapping `annoteator` puts the ride on G5, as the program of that name does.
    """
    spelt = None if variant is None else VARIANTS.get(variant.lower(), variant.lower())
    found = PLACES.get((instrument, spelt)) or PLACES.get((instrument, None))
    if found is not None and mapping == "annoteator" and instrument == "ride":
        return Place("G", 5, *(getattr(found, name) for name in ("head", "feet", "key", "name", "drum")))
    return found
