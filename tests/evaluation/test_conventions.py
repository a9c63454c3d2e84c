"""The conventions: what counts as one onset, one drum class, one bar, one key."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import conventions


def test_an_onset_within_30_ms_of_the_last_kept_one_is_dropped() -> None:
    assert conventions.merged([1.0, 1.02, 1.029, 1.5]).tolist() == [1.0, 1.5]


def test_what_was_dropped_drops_nothing() -> None:
    # 1.04 lies within 30 ms of 1.02, but 1.02 is gone.
    assert conventions.merged([1.0, 1.02, 1.04]).tolist() == [1.0, 1.04]


def test_thirty_milliseconds_apart_are_two_whatever_floating_point_makes_of_it() -> None:
    assert conventions.merged([0.10, 0.13, 0.16]).tolist() == [0.10, 0.13, 0.16]


def test_merging_by_nothing_keeps_all_even_equal_ones() -> None:
    assert conventions.merged([1.0, 1.0, 1.001], merge_s=0.0).tolist() == [1.0, 1.0, 1.001]


def test_merging_nothing_gives_nothing() -> None:
    assert conventions.merged([]).shape == (0,)


@given(st.lists(st.floats(0, 10), max_size=60).map(sorted))
def test_merging_twice_changes_nothing(times: list[float]) -> None:
    once = conventions.merged(times)
    assert conventions.merged(once).tolist() == once.tolist()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("kick|Bass Drum 1|Acoustic Bass Drum|KD|BD|kick_drum|Kick2", "kick"),
        (
            "snare|Electric Snare|Side Stick|cross-stick|rim|rimshot|sidestick|SD|SDB|SDD|SDF|SDG|SDNS|SST",
            "snare",
        ),
        ("hihat|Closed Hi-Hat|Open Hi Hat|pedal hi-hat|hi_hat|open hat|HH|CHH|OHH|PHH", "hihat"),
        ("ride|Ride Cymbal 1|Ride Bell|bow|bell|RDC|RDB|RC", "ride"),
        ("crash|Crash Cymbal 2|Splash Cymbal|Chinese Cymbal|china|CRC|CHC|SPC|CC", "crash"),
        ("tom|Low Floor Tom|High Tom|Hi-Mid Tom|floor tom|tom1|TT|HIT|MHT|HFT|LFT", "tom"),
    ],
)
def test_sources_words_for_a_drum_are_of_its_class(words: str, expected: str) -> None:
    assert {word: conventions.drum_class(word) for word in words.split("|")} == dict.fromkeys(
        words.split("|"), expected
    )


@pytest.mark.parametrize(
    "word",
    [
        "TMB",
        "Tambourine",
        "Cowbell",
        "Hand Clap",
        "Cabasa",
        "CY",
        "OT",
        "perc",
        "hit",
        "Sleigh Bell",
        "",
        "?",
    ],
)
def test_all_else_is_an_onset_without_class(word: str) -> None:
    assert conventions.drum_class(word) is None


@pytest.mark.parametrize("name", conventions.DRUM_CLASSES)
def test_a_class_is_of_itself(name: str) -> None:
    assert conventions.drum_class(name) == name


@given(st.text("kickHATrdb -_1.#é\0", max_size=30))
def test_any_word_has_a_class_or_none(word: str) -> None:
    assert conventions.drum_class(word) in (*conventions.DRUM_CLASSES, None)


def test_a_bar_is_as_long_as_its_notes_whatever_its_notation() -> None:
    assert conventions.bar_quarters("7/8") == Fraction(7, 2)
    assert conventions.bar_quarters("3/4") == conventions.bar_quarters("6/8")
    assert conventions.bar_quarters("2/4") != conventions.bar_quarters("4/4")


def test_a_denser_level_lies_between_the_beats() -> None:
    (dense,) = conventions.at_level([0.0, 1.0, 3.0], Fraction(2))
    assert dense.tolist() == [0.0, 0.5, 1.0, 2.0, 3.0]


def test_a_sparser_level_has_a_phase_for_each_beat_it_may_begin_on() -> None:
    phases = conventions.at_level([0.0, 1.0, 2.0, 3.0], Fraction(1, 3))
    assert [phase.tolist() for phase in phases] == [[0.0, 3.0], [1.0], [2.0]]


@pytest.mark.parametrize("factor", conventions.ANY_LEVEL)
def test_no_beats_are_none_at_any_level(factor: Fraction) -> None:
    assert all(level.size == 0 for level in conventions.at_level([], factor))


@given(st.lists(st.floats(0, 100), min_size=2, max_size=20, unique=True).map(sorted))
def test_a_level_and_back_is_the_same_pulse(times: list[float]) -> None:
    (dense,) = conventions.at_level(times, Fraction(3))
    assert np.allclose(conventions.at_level(dense, Fraction(1, 3))[0], times)


def test_ratios_are_brought_to_lowest_terms() -> None:
    assert conventions.lowest_terms((6, 4)) == (3, 2)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Db major", "C# major"),
        ("C# major", "C# major"),
        ("Cb major", "B major"),
        ("E# minor", "F minor"),
        ("atonal", "atonal"),
    ],
)
def test_a_key_is_the_same_however_it_is_spelt(name: str, key: str) -> None:
    assert conventions.key_name(name) == key
