"""Notation of a drum part: hits on the meter's grid, as bars of two voices with exact lengths.

    frames     the meter result -> bars and beats in time, from before the first hit to after the last
    grid       hits -> slots of their beats: straight, triplets, sextuplets, by evidence
    writing    a beat's slots -> notes and rests that fill it
    staff      where an instrument stands, which head it has, hands or feet
    sheet      all of it: one take -> a Sheet

Lengths are fractions of a quarter. Standard library and the SDK alone.
"""

from .sheet import Bar, Event, Sheet, Stroke, notate

__all__ = ["Bar", "Event", "Sheet", "Stroke", "notate"]
