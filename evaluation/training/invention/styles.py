"""Styles of drumming: which voices may play which rhythms. A style is a row of a table; some only validate."""

from __future__ import annotations

from dataclasses import dataclass

HATS = "hihat hihat hihat ride"
DRUM = "kick"
SNARES = "snare snare snare rim clap"


@dataclass(frozen=True)
class Style:
    """Words of which one is drawn for each clip, those written twice more often.

    Attributes
    ----------
    time, low, back : rhythms of the timekeeper, of the low drum and of what answers it
    time_voices, low_voices, back_voices : what plays them
    colour : rhythms of one or two further voices
    colour_voices : what plays those; drawn without repetition
    colours : the most of them
    linear : of strokes at one place only one stays
    even_handed : a machine: all strokes alike
    ghosts : how likely soft strokes between are
    """

    name: str
    time: str
    low: str
    back: str
    time_voices: str = HATS
    low_voices: str = DRUM
    back_voices: str = SNARES
    colour: str = "none"
    colour_voices: str = "rim clap cowbell shaker low_tom high_tom open_hihat"
    colours: int = 1
    linear: bool = False
    even_handed: bool = False
    ghosts: float = 0.2


PERCUSSION = "shaker cowbell clap rim high_tom mid_tom low_tom"
SEEN: tuple[Style, ...] = (
    Style(
        "steady", "eighths eighths eighths tactus", "groups pushed low low", "answers answers answers middle"
    ),
    Style("dense", "sixteenths sixteenths holed", "low pushed cells", "answers answers two", ghosts=0.6),
    Style(
        "off the beat", "offbeats", "tactus tactus groups", "answers answers last", colour="few none eighths"
    ),
    Style("bare", "none none tactus", "low low groups cells", "answers answers last one two", ghosts=0.1),
    Style(
        "one voice at a time", "holed many", "low cells euclid", "answers high two", linear=True, ghosts=0.0
    ),
    Style(
        "bells",
        "euclid cells",
        "bar groups low",
        "none none last",
        "cowbell ride_bell rim",
        colour="eighths many",
        colour_voices="shaker hihat high_tom low_tom",
        colours=2,
    ),
    Style(
        "percussion",
        "eighths sixteenths holed",
        "groups low cells",
        "high answers one",
        "shaker shaker cowbell",
        "low_tom low_tom kick",
        "clap rim high_tom",
        colour="few high euclid",
        colours=2,
    ),
    Style(
        "toms",
        "tactus units none",
        "groups low",
        "answers last none",
        "pedal_hihat hihat shaker",
        "kick low_tom",
        colour="many cells high",
        colour_voices="high_tom mid_tom low_tom",
        colours=2,
    ),
    Style(
        "machine",
        "sixteenths eighths holed",
        "euclid low tactus",
        "answers middle last",
        "hihat hihat shaker",
        back_voices="clap snare clap",
        colour="few euclid none",
        even_handed=True,
        ghosts=0.0,
    ),
    Style("half as fast", "eighths eighths sixteenths", "bar low low", "middle", ghosts=0.4),
    Style("twice as fast", "units eighths", "tactus groups", "offbeats rest", ghosts=0.0),
    Style("figures", "cells", "cells groups", "cells rest answers", ghosts=0.2, colour="none cells"),
    Style("anything", "many holed eighths none", "low", "high", ghosts=0.3, colour="none few"),
    Style("loud hands", "units tactus", "low groups", "answers last", "open_hihat ride crash", ghosts=0.0),
    Style(
        "clapped",
        "none rest",
        "groups bar",
        "rest answers ends",
        "sticks rim",
        "kick clap low_tom",
        "clap",
        ghosts=0.0,
    ),
)
LEFT_OUT: tuple[Style, ...] = (
    Style("skipping ride", "skipping", "bar groups low", "answers ends", "ride ride hihat",
          back_voices="pedal_hihat rim", colour="few", colour_voices="snare", ghosts=0.3),
    Style("closing", "eighths none", "groups", "ends", ghosts=0.3),
    Style("broken", "eighths units", "pushed euclid", "one two", ghosts=0.6, linear=True),
    Style("rolled", "none", "groups bar", "answers last", colour="sixteenths eighths",
          colour_voices="snare", ghosts=0.0),
    Style("hands", "skipping holed", "pushed groups", "ends answers", "high_tom mid_tom", "low_tom", "rim clap",
          colour="eighths none", colour_voices="shaker"),
)  # fmt: skip
