"""The library over HTTP: lists and search, documents by id and by path, tags, places, forgetting."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.api.live import Json, Live, behind, outcomes
from tests.sandbox.house import soon


@pytest.fixture(scope="module")
def song(live: Live) -> Json:
    """An analysed file, as the library shows it; tests leave its tags as they were."""
    path = live.sound("the song.wav", seconds=2.0)
    document = live.analyze(path, "mood", "features")
    return dict(live.get(f"/api/files/{document['file']['sha256']}"))


def found(live: Live, query: str) -> list[str]:
    """Names of the files that a query finds."""
    told = live.get("/database/files", params={"query": query, "limit": 500})
    assert told["total"] == len(told["items"]) and told["next_cursor"] is None
    return [one["name"] for one in told["items"]]


# -- lists and search ------------------------------------------------------------------------------


def test_a_file_is_shown_with_what_it_is(live: Live, song: Json) -> None:
    path = live.home / "the song.wav"
    assert (song["name"], song["path"], song["size"]) == (path.name, str(path), path.stat().st_size)
    assert (song["rate"], song["channels"], song["verdict"]) == (22050, 1, "complete")
    assert song["duration_s"] == pytest.approx(2.0) and song["format"] and song["tags"] == []
    assert song["summary"]["takes"] == 1 and song["summary"]["counts"]["ok"] == 2
    (seen,) = song["paths"]
    assert seen["path"] == str(path) and seen["exists"] and seen["seen"].endswith("Z")
    assert song["job"]["state"] == "done" and song["job"]["file"]["id"] == song["id"]
    for name, link in song["links"].items():
        assert live.client.get(link).status_code == 200, name


def test_files_are_listed_newest_first_page_by_page(live: Live, song: Json) -> None:
    names = [f"page {n}.wav" for n in range(3)]
    for name in names:
        live.analyze(live.sound(name))
    first = live.get("/database/files", params={"limit": 2})
    assert [one["name"] for one in first["items"]] == names[:0:-1]
    second = live.get("/database/files", params={"limit": 2, "cursor": first["next_cursor"]})
    assert second["items"][0]["name"] == names[0] and second["total"] == first["total"] >= 4
    assert live.get("/database/files", params={"cursor": "1"})["items"] == []
    assert "paths" not in first["items"][0] and "job" not in first["items"][0]


def test_a_query_finds_by_path_and_tag_whatever_the_case(live: Live, song: Json) -> None:
    assert found(live, "the song") == found(live, "THE SO") == [song["name"]]
    assert song["name"] in found(live, str(live.home))
    live.put(f"{song['links']['self']}/tags/band%3DThe%20Quarters", 200)
    assert found(live, "quarters") == found(live, "band=the") == [song["name"]]
    live.delete(f"{song['links']['self']}/tags/band%3DThe%20Quarters")
    assert found(live, "quarters") == []


def test_a_query_finds_by_key_meter_and_label(live: Live) -> None:
    """By the columns that the search reads; whether a plugin hears them is not asked here."""
    path = live.sound("found.wav")
    sha = live.analyze(path)["file"]["sha256"]
    summary = live.engine.store.summary(sha)
    assert summary is not None
    heard = {"key": "F# minor", "meter": "13/8", "labels": "speech applause"}
    live.engine.store.put_summary(type(summary)(**{**_fields(summary), **heard}))
    for query in ("F# minor", "f#", "13/8", "applause", "speech"):
        assert found(live, query) == ["found.wav"], query


def _fields(record: object) -> Json:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "query",
    ['"', "'", "%", "_", "*", "a OR b", 'NEAR("x")', "-", "(", "\\", "\x00", "日", "🎵" * 100, "a" * 500],
)
def test_no_query_breaks_the_search(live: Live, query: str) -> None:
    found(live, query)


def test_a_query_that_is_too_long_is_422(live: Live) -> None:
    live.get("/database/files", 422, params={"query": "a" * 501})


def test_statistics_count_what_there_is(live: Live, song: Json) -> None:
    before = live.get("/database/stats")
    live.analyze(live.sound("counted.wav"))
    after = live.get("/database/stats")
    assert after["files"] == before["files"] + 1 and after["takes"] == before["takes"] + 1
    assert after["answers"]["ok"] == before["answers"]["ok"] + 1 and after["regions"] > before["regions"]
    assert after["jobs"]["done"] == before["jobs"]["done"] + 1 and after["size_bytes"] > 0


# -- documents -------------------------------------------------------------------------------------


def test_a_document_is_found_by_path_with_and_without_the_first_slash(live: Live, song: Json) -> None:
    path = behind(live.home / "the song.wav")
    documents = [live.get(f"/database/files{slash}{path[1:]}") for slash in ("/", "//", "/%2F", "/./")]
    assert all(one == documents[0] for one in documents)
    whole = live.get(song["links"]["analysis"])
    assert documents[0] == {**whole, "previous": []}


def test_a_path_that_was_never_analysed_has_no_document(live: Live) -> None:
    path = live.sound("never.wav")
    assert "never.wav" in live.get(f"/database/files{behind(path)}", 404)["detail"]
    live.get("/database/files/relative", 404)


def test_earlier_bytes_at_a_path_stand_under_previous(live: Live) -> None:
    path = live.sound("changed.wav")
    first = live.analyze(path)["file"]["sha256"]
    live.sound("changed to.wav", seconds=1.5).rename(path)
    second = live.analyze(path)["file"]["sha256"]
    told = live.get(f"/database/files{behind(path)}")
    assert told["file"]["sha256"] == second != first
    (earlier,) = told["previous"]
    assert earlier["file"]["sha256"] == first and earlier["verdict"] == "complete"
    assert earlier == live.get(f"/api/files/{first}/analysis")
    live.get(f"/api/audio/{first}", 404)
    live.get(f"/api/audio/{second}", 416, headers={"Range": "bytes=99999999-"})


def test_a_document_is_narrowed_to_a_level_and_a_question(live: Live, song: Json) -> None:
    address = song["links"]["analysis"]
    whole = live.get(address)
    assert {region["level"] for region in whole["regions"]} == {"file", "take", "region"}
    takes = live.get(address, params={"level": "take"})
    assert [region["level"] for region in takes["regions"]] == ["take"]
    assert takes["summary"] == whole["summary"]
    mood = live.get(address, params={"level": "take", "question": "mood"})
    assert mood["regions"][0]["results"].keys() == {"mood"}
    assert {row["question"] for row in mood["regions"][0]["outcomes"]} == {"mood"}
    nothing = live.get(address, params={"question": "no-such"})
    assert not any(region["outcomes"] or region["results"] for region in nothing["regions"])
    live.get(address, 422, params={"level": "bar"})


def test_a_file_that_there_is_not_is_404(live: Live) -> None:
    for address in ("", "/analysis", "/waveform"):
        assert "there is no" in live.get(f"/api/files/{'0' * 64}{address}", 404)["detail"]
    live.delete(f"/api/files/{'0' * 64}", 404)
    live.post(f"/api/files/{'0' * 64}/relink", 404, json={"path": "/nowhere.wav"})
    live.put(f"/api/files/{'0' * 64}/tags/live", 404)
    live.delete(f"/api/files/{'0' * 64}/tags/live", 404)
    live.get(f"/api/files/{'A' * 64}", 422)


# -- tags ------------------------------------------------------------------------------------------

TAGS = {
    "live": "live",
    "band=The Quarters": "band=The Quarters",
    "formula=a=b+c": "formula=a=b+c",
    "AC/DC": "AC/DC",
    "where=Köln/Halle 4": "where=Köln/Halle 4",
    "日本 🎵": "日本 🎵",
    "100%": "100%",
    "question?#&": "question?#&",
    " spaced = out ": "spaced=out",
    "live=": "live",
    "../..": "../..",
    "👩‍🎤": "👩‍🎤",
    "x" * 200: "x" * 200,
}


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_is_put_shown_and_taken_off(live: Live, song: Json, tag: str) -> None:
    address = f"{song['links']['self']}/tags/{quote(tag, safe='')}"
    assert live.put(address)["tags"] == live.put(address)["tags"] == [TAGS[tag]]
    assert live.get(song["links"]["self"])["tags"] == [TAGS[tag]]
    (listed,) = [one for one in live.get("/database/files?limit=500")["items"] if one["id"] == song["id"]]
    assert listed["tags"] == [TAGS[tag]]
    assert live.delete(address)["tags"] == []
    assert "has no tag" in live.delete(address, 404)["detail"]


@pytest.mark.parametrize(
    "tag", ["", "=", "=value", " ", "x" * 201, "%00", "a=%00", "%1b[31m", "a=b%0Ac", "%E2%80%AEx"]
)
def test_a_tag_without_a_word_is_422(live: Live, song: Json, tag: str) -> None:
    live.put(f"{song['links']['self']}/tags/{tag if '%' in tag else quote(tag, safe='')}", 422)


# -- places ----------------------------------------------------------------------------------------


def test_a_file_that_moved_is_found_where_it_is_said_to_be(live: Live) -> None:
    path = live.sound("old place.wav")
    file = live.get(f"/api/files/{live.analyze(path)['file']['sha256']}")
    new = path.rename(live.home / "new place.wav")
    assert not live.get(file["links"]["self"])["paths"][0]["exists"]
    live.get(file["links"]["audio"], 404)
    told = live.post(f"{file['links']['self']}/relink", json={"path": str(new)})
    assert (told["path"], told["name"]) == (str(new), "new place.wav")
    assert live.client.get(file["links"]["audio"]).content == new.read_bytes()
    assert [one["exists"] for one in live.get(file["links"]["self"])["paths"]] == [True, False]
    assert live.get(f"/database/files{behind(new)}")["file"]["sha256"] == file["id"]


def test_a_place_that_cannot_be_looked_at_is_one_where_it_is_not(live: Live) -> None:
    sha = live.analyze(live.sound("seen.wav"))["file"]["sha256"]
    live.engine.store.put_path(sha, "/" + "x" * 300)
    assert sorted(one["exists"] for one in live.get(f"/api/files/{sha}")["paths"]) == [False, True]
    assert live.client.get(f"/api/audio/{sha}").status_code == 200


def test_a_file_is_not_linked_to_other_bytes(live: Live, song: Json, tmp_path: Path) -> None:
    address = f"{song['links']['self']}/relink"
    other = live.sound("other.wav")
    assert "another recording" in live.post(address, 422, json={"path": str(other)})["detail"]
    assert "HEMIOLA_ALLOW" in live.post(address, 404, json={"path": str(live.home / "gone.wav")})["detail"]
    outside = tmp_path / "out.wav"
    outside.write_bytes((live.home / song["name"]).read_bytes())
    live.post(address, 404, json={"path": str(outside)})
    live.post(address, 422, json={"path": str(live.home)})
    live.post(address, 422, json={"path": "relative.wav"})
    live.post(address, 422, json={})
    assert len(live.get(song["links"]["self"])["paths"]) == 1


# -- forgetting ------------------------------------------------------------------------------------


def test_a_forgotten_file_is_gone_but_for_the_users_own(live: Live) -> None:
    path = live.sound("forgotten.wav")
    sha = live.analyze(path, "features")["file"]["sha256"]
    address = f"/api/files/{sha}"
    live.put(f"{address}/tags/once")
    live.client.get(f"/api/processed_audio{behind(path)}")
    artifacts = {one.name for one in (live.settings.data / "artifacts").rglob("*") if one.is_file()}
    cache = live.settings.workshop / "audio" / sha
    assert cache.exists() and artifacts
    bytes_before = path.read_bytes()
    live.delete(address, 204)
    assert path.read_bytes() == bytes_before and not cache.exists()
    left = {one.name for one in (live.settings.data / "artifacts").rglob("*") if one.is_file()}
    assert left < artifacts
    assert found(live, "forgotten") == [] and found(live, "once") == []
    for more in ("", "/analysis", "/waveform"):
        live.get(address + more, 404)
    live.get(f"/database/files{behind(path)}", 404)
    live.delete(address, 404)
    assert outcomes(live.analyze(path), "features")[0]["disposition"] == "fresh"


def test_a_file_is_not_forgotten_while_a_job_works_on_it(live: Live) -> None:
    path = live.sound("worked on.wav")
    sha = live.analyze(path)["file"]["sha256"]
    job = live.begin(path, "mood", config={"mood.patient": {"seconds": 20}})
    live.running(job)
    told = live.delete(f"/api/files/{sha}", 409)
    assert "job" in told["detail"]
    assert live.get(f"/api/files/{sha}")["job"]["id"] == job
    live.delete(f"/jobs/{job}")
    live.done(job)
    assert soon(lambda: live.client.delete(f"/api/files/{sha}").status_code == 204)
