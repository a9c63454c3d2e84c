"""What a person has said of a file, as a plugin sees it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from hemiola import Config, Context, Corrections, Plugin, Region
from hemiola.manifest import PluginManifest, describe
from hemiola.results import Meter, Tempo
from hemiola.testing import run, tone


class Obedient(Plugin[Tempo, Config]):
    """Says what it was told."""

    name = "tempo.obedient"
    version = "1.0.0"
    heeds_corrections = True

    def analyze(self, region: Region, context: Context) -> Tempo:
        said = context.corrections
        return Tempo(bpm=said.bpm, pulse_bpm=None, source="user" if said else "estimated")


class Deaf(Obedient):
    """Would say what it was told, and does not say that it would."""

    name = "tempo.deaf"
    heeds_corrections = False


@pytest.mark.parametrize(
    "said",
    [
        {"bpm": 0},
        {"bpm": float("nan")},
        {"bpm": 1001},
        {"octave": 0},
        {"octave": 16},
        {"bpm": 120, "octave": 2},
        {"meter": "7/5"},
        {"meter": "0/4"},
        {"meter": "abc"},
        {"grouping": (2, 2, 3)},
        {"meter": "7/8", "grouping": (2, 2)},
        {"meter": "8/8", "grouping": (3, 3, 2) * 2},
        {"tempo": 120},
    ],
)
def test_nonsense_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Corrections.model_validate(said)


def test_quarters_may_be_grouped_in_eighths() -> None:
    assert Corrections(meter="4/4", grouping=(3, 3, 2)).grouping == (3, 3, 2)
    assert Corrections(meter="4/4", grouping=(2, 2)).grouping == (2, 2)


@given(
    some.builds(
        Corrections,
        octave=some.none() | some.fractions(Fraction(1, 8), 8).map(float),
        meter=some.none() | some.from_regex(r"\A[1-9][0-9]?/(1|2|4|8|16|32)\Z"),
    )
)
def test_it_travels_unchanged(said: Corrections) -> None:
    assert Corrections.model_validate(said.model_dump(mode="json")) == said


def test_nothing_said_is_false() -> None:
    assert not Corrections() and Corrections(meter="3/4")


def test_a_plugin_is_handed_what_was_said_only_if_it_says_that_it_heeds_it() -> None:
    said = Corrections(bpm=92)
    assert run(Obedient, tone(440, 1), corrections=said) == Tempo(bpm=92, pulse_bpm=None, source="user")
    assert run(Deaf, tone(440, 1), corrections=said) == Tempo(bpm=None, pulse_bpm=None)


def test_manifests_and_answers_from_before_are_read() -> None:
    told = describe(Obedient).model_dump(mode="json")
    assert told.pop("heeds_corrections") is True
    assert PluginManifest.model_validate(told).heeds_corrections is False
    assert Meter.from_json(b'{"meter": "3/4"}').source == "estimated"
