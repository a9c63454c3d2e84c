"""hits.json says what was heard in the names and fields that were agreed on."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exports.hits import hits_document
from hemiola.results import Hit, Hits, Tempo
from tests.exports.grooves import hits, take

SIX = ["kick", "snare", "hihat", "ride", "tom", "crash"]


def test_fields_and_names_are_those_agreed_on() -> None:
    heard = hits([(Fraction(n), what) for n, what in enumerate(SIX)])
    scored = heard.model_copy(update={"confidence_score": 0.8})
    told = hits_document([take(scored, tempo=Tempo(bpm=120.0, pulse_bpm=120.0))], 12.5, 0.5)
    assert list(told) == [
        "detected_bpm",
        "bpm_unreliable",
        "duration_seconds",
        "confidence_score",
        "low_confidence",
        "hit_summary",
        "hits",
    ]
    assert [one["instrument"] for one in told["hits"]] == [
        "kick",
        "snare",
        "hihat_closed",
        "ride",
        "tom_high",
        "crash",
    ]
    assert (told["detected_bpm"], told["bpm_unreliable"], told["duration_seconds"]) == (120.0, False, 12.5)
    assert (told["confidence_score"], told["low_confidence"]) == (0.8, False)
    assert told["hit_summary"] == dict.fromkeys(sorted(one["instrument"] for one in told["hits"]), 1)
    assert all(
        set(one) == {"time", "instrument", "velocity"} and 0 <= one["velocity"] <= 1 for one in told["hits"]
    )


@pytest.mark.parametrize(("score", "low"), [(0.49, True), (0.5, False), (None, None)])
def test_low_confidence_is_under_the_threshold(score: float | None, low: bool | None) -> None:
    heard = Hits(hits=(), source="mix", confidence_score=score)
    assert hits_document([take(heard)], 1.0, 0.5)["low_confidence"] is low


def test_takes_are_one_list_with_the_tempo_of_the_longest_and_a_weighted_score() -> None:
    one = Hits(hits=(Hit(time_s=1, instrument="kick", velocity=1),), source="mix", confidence_score=0.4)
    more = tuple(Hit(time_s=50 + n, instrument="kick", velocity=1) for n in range(3))
    many = Hits(hits=more, source="mix", confidence_score=0.8)
    slow, fast = Tempo(bpm=80.0, pulse_bpm=80.0, unreliable="few beats"), Tempo(bpm=140.0, pulse_bpm=140.0)
    told = hits_document([take(many, tempo=slow), take(one, tempo=fast)], 60.0, 0.5)
    assert [one["time"] for one in told["hits"]] == [1, 50, 51, 52]
    assert (told["detected_bpm"], told["bpm_unreliable"]) == (80.0, True)
    assert told["confidence_score"] == pytest.approx(0.7)


def test_without_a_tempo_it_is_unreliable() -> None:
    assert hits_document([take(Hits(hits=(), source="mix"))], 1.0, 0.5)["bpm_unreliable"] is True
