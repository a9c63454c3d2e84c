"""Which plugins a column asks, for which questions."""

from __future__ import annotations

import pytest

from core.regions import RegionSettings
from evaluation.annotation import Truth
from evaluation.systems import System, questions_of

PEER = System(
    "librosa",
    ("beats", "key", "tempo"),
    ("beats.librosa", "key.librosa", "tempo.librosa"),
    {"beats.librosa": (), "key.librosa": (), "tempo.librosa": ("beats",)},
)
OWN = System("hemiola", ("beats", "key", "regions", "tempo"))


def only(system: System, *questions: str) -> tuple[str, ...]:
    request = system.request(questions, RegionSettings())
    return () if request is None else request.only


def test_a_peer_is_fed_by_its_own_kin() -> None:
    assert only(PEER, "tempo") == ("beats.librosa", "tempo.librosa")
    assert only(PEER, "key") == ("key.librosa",)


def test_a_system_is_not_asked_what_it_does_not_answer() -> None:
    assert PEER.request(["chords"], RegionSettings()) is None
    assert OWN.request(["chords"], RegionSettings()) is None


def test_regions_are_cut_without_any_plugin() -> None:
    request = OWN.request(["regions"], RegionSettings(min_gap_s=0.1))
    assert request is not None and request.questions == () and request.regions.min_gap_s == 0.1


@pytest.mark.parametrize(
    ("fields", "questions"),
    [
        ({"beats": (0.5, 1.0)}, {"beats", "meter"}),  # the tactus may come from the meter
        ({"beats": ()}, {"beats", "meter", "tempo"}),  # nothing to tap to: a tempo would be invented
        ({"swing": 1.5, "key": "C major"}, {"groove", "key"}),
        ({}, set()),
    ],
)
def test_a_truth_asks_what_it_can_score(fields: dict[str, object], questions: set[str]) -> None:
    truth = Truth(kind="k", origin="generated", source="s", licence="CC0-1.0", **fields)  # type: ignore[arg-type]
    assert questions_of(truth) == questions
