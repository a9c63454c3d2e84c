"""Systems are flagged on the sets they learned from, however a copy of the set is called."""

from __future__ import annotations

import pytest

from evaluation.sets import trained_on
from evaluation.sets.trained import LEARNED, normalised


@pytest.mark.parametrize(
    "name", ["ballroom", "Ballroom", "BallroomData", "ballroom_dataset", "BallroomAnnotations-master"]
)
def test_a_set_is_known_under_every_common_name(name: str) -> None:
    assert "trained on this set" in (trained_on("madmom", name, "beats") or "")


@pytest.mark.parametrize(
    ("system", "name", "question"),
    [
        ("madmom", "SMC_MIREX", "tempo"),
        ("beats.madmom", "Hainsworth", "beats"),
        ("madmom", "giantsteps-mtg-key-dataset", "key"),
        ("madmom", "McGill-Billboard", "key"),
        ("madmom", "onset_db", "onsets"),
        ("key.essentia", "giantsteps-key-dataset-master", "key"),
        ("meter.madmom", "beatles", "meter"),
        ("beats.beat_this", "groove-midi", "beats"),
        ("beat_this", "rendered-drums", "meter"),
        ("hits.annoteator", "E-GMD", "hits"),
        ("annoteator", "rendered-drums", "hits"),
    ],
)
def test_who_learned_from_a_set_is_flagged(system: str, name: str, question: str) -> None:
    assert trained_on(system, name, question)


@pytest.mark.parametrize(
    ("system", "name", "question"),
    [
        ("librosa", "ballroom", "beats"),
        ("madmom", "ballroom", "key"),
        ("madmom", "giantsteps-key", "key"),  # its author tests on it
        ("madmom", "mdb-drums", "beats"),
        ("essentia", "ballroom", "beats"),
        ("hemiola", "ballroom", "beats"),
        ("madmom", "builtin", "meter"),
        ("madmom", "", "beats"),
        ("beat_this", "gtzan", "beats"),  # its authors test on it
        ("annoteator", "mdb-drums", "hits"),
    ],
)
def test_who_did_not_is_not(system: str, name: str, question: str) -> None:
    assert trained_on(system, name, question) is None


def test_names_in_the_table_are_those_that_are_looked_up() -> None:
    assert all(normalised(name) == name for learned in LEARNED for name in learned.sets)
