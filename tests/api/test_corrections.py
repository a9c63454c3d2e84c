"""Over HTTP: a tempo, an octave or a meter is said with an analysis, listed with the file, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.live import Live


def summary(live: Live, document: dict[str, Any]) -> dict[str, Any]:
    """What the library shows of the document's file."""
    shown: dict[str, Any] = live.get(f"/api/files/{document['file']['sha256']}")["summary"]
    return shown


def test_what_is_said_is_in_the_document_the_library_and_the_file(live: Live) -> None:
    document = live.analyze(live.sound("said.wav"), bpm=118.5, meter="7/8 2+2+3")
    assert document["corrections"] == {"bpm": 118.5, "octave": None, "meter": "7/8", "grouping": [2, 2, 3]}
    for told in (document["summary"], summary(live, document)):
        assert (told["bpm"], told["bpm_source"]) == (118.5, "user")
        assert (told["meter"], told["meter_source"]) == ("7/8", "user")
    whole = live.get(f"/api/files/{document['file']['sha256']}")
    assert [(one["field"], one["value"], one["author"]) for one in whole["corrections"]] == [
        ("bpm", "118.5", "user"),
        ("meter", "7/8 2+2+3", "user"),
    ]
    assert live.get("/database/files", params={"query": "7/8"})["items"][0]["id"] == whole["id"]


def test_it_is_taken_back_by_a_word_or_by_deleting_it(live: Live) -> None:
    path = live.sound("back.wav")
    sha = live.analyze(path, bpm=118.5, meter="7/8")["file"]["sha256"]
    assert live.analyze(path, bpm="auto")["corrections"]["meter"] == "7/8"
    assert [one["field"] for one in live.get(f"/api/files/{sha}")["corrections"]] == ["meter"]

    live.delete(f"/api/files/{sha}/corrections", 204)

    assert live.get(f"/api/files/{sha}")["corrections"] == []
    assert live.analyze(path)["summary"]["meter"] is None
    live.delete(f"/api/files/{'0' * 64}/corrections", 404)


def test_a_factor_takes_the_place_of_a_tempo(live: Live) -> None:
    path = live.sound("octave.wav")
    live.analyze(path, bpm="118.5")
    told = live.analyze(path, octave="1/3")["corrections"]
    assert (told["bpm"], told["octave"]) == (None, 1 / 3)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"bpm": 0}, ("“0.0”", "from 10 to 1000", "92.5")),
        ({"bpm": "abc"}, ("“abc”", "beats a minute")),
        ({"bpm": "1e999999999"}, ("1e999999999", "beats a minute")),
        ({"bpm": True}, ("bpm",)),
        ({"octave": 0}, ("1/8 to 8", "1/3")),
        ({"bpm": 120, "octave": 2}, ("say one of them",)),
        ({"meter": "7/5"}, ("“7/5”", "2+2+3")),
        ({"meter": "7/8 2+2"}, ("2+2 adds up to 4", "7/8 has 7")),
        ({"meter": "x" * 201}, ("meter",)),
    ],
)
def test_nonsense_is_refused_with_what_would_do(
    live: Live, asked: dict[str, Any], says: tuple[str, ...]
) -> None:
    told = live.post("/analyze", 422, json={"file_path": str(live.sound("nonsense.wav")), **asked})
    assert all(word in told["detail"] for word in says), told["detail"]
