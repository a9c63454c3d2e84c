"""Files, their regions and summaries, and the list that the library shows."""

from __future__ import annotations

import dataclasses
import time

import pytest

from database import listing
from database.records import Summary, Tag
from database.store import Store
from tests.database.examples import SHA, a_file, digest, some_regions


def summarised(store: Store, sha256: str, key: str | None, meter: str | None, labels: str = "") -> None:
    job = store.add_job("analyze", "/x.wav").id
    store.put_summary(Summary(sha256, job, '{"takes":1}', "complete", 120.0, meter, key, labels))


@pytest.fixture
def three(store: Store) -> Store:
    """Three songs, with key and meter."""
    songs = [
        ("/music/Rehearsal March/Sarah.wav", "A minor", "7/8"),
        ("/music/rehearsal april/drums.flac", "Ab major", "4/4"),
        ("/archive/100%_tape.mp3", "C# minor", "4/4"),
    ]
    for number, (path, key, meter) in enumerate(songs):
        store.put_file(a_file(digest(number)), path)
        summarised(store, digest(number), key, meter)
    return store


def test_a_file_comes_back_as_it_was_stored(store: Store) -> None:
    store.put_file(a_file(), "/music/take.wav")

    assert store.file(SHA) == a_file()
    assert store.file("00" * 32) is None


def test_a_refused_file_has_its_reason_and_no_numbers(store: Store) -> None:
    refused = a_file(
        duration_s=None, rate=None, channels=None, frames=None, intake_status="refused", intake_code="empty"
    )
    store.put_file(refused, "/music/empty.wav")

    assert store.file(SHA) == refused


def test_a_later_intake_replaces_the_row_and_keeps_regions_and_jobs(store: Store, job: int) -> None:
    again = a_file(intake_version="2", loudness_lufs=-15.0)
    store.put_file(again, "/elsewhere/take.wav")

    assert store.file(SHA) == again
    assert store.segmentation("set") == some_regions()
    assert store.counters()["files"] == 1
    listed = store.files().items
    assert [(item.file, item.path) for item in listed] == [(again, "/elsewhere/take.wav")]


def test_regions_come_back_in_their_order(store: Store) -> None:
    store.put_file(a_file(), "/a.wav")
    regions = some_regions(takes=3, in_each=20)
    store.put_segmentation("set", SHA, "{}", regions)

    assert store.segmentation("set") == regions


def test_a_silent_file_has_an_empty_set_of_regions_and_an_unknown_set_is_none(store: Store) -> None:
    store.put_file(a_file(), "/a.wav")
    store.put_segmentation("silent", SHA, "{}", [])

    assert store.segmentation("silent") == []
    assert store.segmentation("never stored") is None


def test_another_threshold_gives_another_set_beside_the_first(store: Store) -> None:
    store.put_file(a_file(), "/a.wav")
    store.put_segmentation("fine", SHA, '{"min_gap_s":0.1}', some_regions(in_each=4))
    store.put_segmentation("coarse", SHA, '{"min_gap_s":1}', some_regions(in_each=2))
    store.put_segmentation("coarse", SHA, '{"min_gap_s":1}', some_regions(in_each=2))

    assert store.segmentation("fine") == some_regions(in_each=4)
    assert store.segmentation("coarse") == some_regions(in_each=2)
    assert (store.counters()["takes"], store.counters()["regions"]) == (2, 6)


def test_a_summary_is_replaced_by_the_next(store: Store, job: int) -> None:
    first = Summary(SHA, job, '{"n":1}', "partial", None, None, None)
    store.put_summary(first)
    assert store.summary(SHA) == first

    second = Summary(SHA, job, '{"n":2}', "complete", 98.5, "5/4", "D major")
    store.put_summary(second)
    assert store.summary(SHA) == second
    assert store.files("5/4").total == 1


def test_the_list_shows_the_newest_first_with_cursor_and_total(store: Store) -> None:
    for number in range(7):
        store.put_file(a_file(digest(number)), f"/music/{number}.wav")

    seen, cursor, pages = [], None, 0
    while True:
        page = store.files(limit=3, cursor=cursor)
        seen += [item.path for item in page.items]
        assert page.total == 7
        pages += 1
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == [f"/music/{number}.wav" for number in range(6, -1, -1)]
    assert pages == 3


def test_a_file_that_arrives_while_one_pages_moves_nothing(store: Store) -> None:
    for number in range(4):
        store.put_file(a_file(digest(number)), f"/{number}.wav")
    first = store.files(limit=2)
    store.put_file(a_file(digest("late")), "/late.wav")

    second = store.files(limit=2, cursor=first.next_cursor)

    assert [item.path for item in first.items + second.items] == ["/3.wav", "/2.wav", "/1.wav", "/0.wav"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("rehearsal", 2),
        ("SARAH.W", 1),
        ("march/sar", 1),
        ("7/8", 1),
        ("4/4", 2),
        ("minor", 2),
        ("c# minor", 1),
        ("C#m", 1),
        ("am", 1),
        ("A", 1),  # the tonic, not every path with an a in it
        ("c#", 1),
        ("ab", 1),
        ("100%_", 1),
        ("  drums ", 1),
        ("nothing like it", 0),
        ("zz", 0),
        ("", 3),
        ('"', 0),
        ('say "AND" OR *', 0),
        ("nul\0byte", 0),
    ],
)
def test_a_query_finds_any_stretch_of_path_key_and_meter(three: Store, query: str, count: int) -> None:
    page = three.files(query)

    assert (len(page.items), page.total) == (count, count)


def test_a_query_pages_as_the_whole_list_does(store: Store) -> None:
    for number in range(5):
        store.put_file(a_file(digest(number)), f"/{'match' if number % 2 == 0 else 'other'}/{number}.wav")

    first = store.files("match", limit=2)
    second = store.files("match", limit=2, cursor=first.next_cursor)

    assert [item.path for item in first.items] == ["/match/4.wav", "/match/2.wav"]
    assert [item.path for item in second.items] == ["/match/0.wav"]
    assert (first.total, second.total, second.next_cursor) == (3, 3, None)


def test_a_file_seen_at_two_paths_is_found_by_both_and_listed_once_at_the_later(store: Store) -> None:
    store.put_file(a_file(), "/first/name.wav")
    store.put_file(a_file(), "/second/place.wav")

    assert [item.path for item in store.files("first/name").items] == ["/second/place.wav"]
    assert store.files().total == 1


@pytest.mark.parametrize(
    ("query", "count"), [("percussive", 1), ("Music Perc", 1), ("hm", 1), ("m", 0), ("su", 0), ("speech", 0)]
)
def test_a_query_finds_any_stretch_of_labels_and_short_ones_whole(
    store: Store, query: str, count: int
) -> None:
    store.put_file(a_file(), "/a.wav")
    summarised(store, SHA, None, None, "music percussive hm")

    assert store.files(query).total == count


def test_a_later_summary_is_found_and_the_one_before_is_not(store: Store) -> None:
    store.put_file(a_file(), "/x.wav")
    summarised(store, SHA, "A minor", "4/4", "music")
    summarised(store, SHA, "B minor", "3/4", "speech")

    found = {query: store.files(query).total for query in ("A", "B", "4/4", "3/4", "music", "speech")}
    assert found == {"A": 0, "B": 1, "4/4": 0, "3/4": 1, "music": 0, "speech": 1}


def test_one_file_is_listed_as_the_list_shows_it(three: Store) -> None:
    for item in three.files().items:
        assert three.listed(item.file.sha256) == item
    assert three.listed(SHA) is None


def test_a_file_was_added_when_it_was_first_seen(store: Store) -> None:
    before = time.time()
    store.put_file(a_file(), "/a.wav")
    after = time.time()
    store.put_file(a_file(), "/b.wav")

    (item,) = store.files().items
    assert before <= item.added <= after


def test_a_files_paths_are_told_from_the_one_seen_last(store: Store) -> None:
    before = time.time()
    for path in ("/first.wav", "/second.wav", "/first.wav"):
        store.put_file(a_file(), path)

    seen = store.paths(SHA)
    assert [place.path for place in seen] == ["/first.wav", "/second.wav"]
    assert before <= seen[1].seen <= seen[0].seen <= time.time()
    assert store.paths(digest("unknown")) == []


def test_the_files_at_a_path_are_told_from_the_one_seen_last(store: Store) -> None:
    for name in ("old", "new", "old", "newest"):
        store.put_file(a_file(digest(name)), "/music/take.wav")
    store.put_file(a_file(digest("elsewhere")), "/music/take.wav.bak")

    assert store.files_at("/music/take.wav") == [digest(name) for name in ("newest", "old", "new")]
    assert store.files_at("/music/take") == []


def test_a_file_is_relinked_to_a_new_place_and_found_there(store: Store) -> None:
    store.put_file(a_file(), "/old/place.wav")

    assert store.put_path(SHA, "/new/home.wav") is True
    assert store.put_path(digest("unknown"), "/new/home.wav") is False

    assert [item.path for item in store.files("new/home").items] == ["/new/home.wav"]
    assert store.files_at("/new/home.wav") == [SHA]


def test_a_file_name_that_is_no_utf8_works_in_all_of_it(store: Store) -> None:
    path, moved = "/music/caf\udce9.wav", "/music/\udcff\udcfe.wav"
    store.put_file(a_file(), path)
    store.put_path(SHA, moved)
    store.put_tag(SHA, Tag.of("from=\udce9"))

    assert [place.path for place in store.paths(SHA)] == [moved, path]
    assert store.files_at(path) == store.files_at(moved) == [SHA]
    assert [store.files(query).total for query in (path, moved, "music/caf", "from=\udce9")] == [1] * 4
    assert store.tags(SHA) == [Tag("from", "\udce9")]


def test_a_query_that_finds_many_is_counted_so_far_and_paged_to_its_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNTED_UP_TO", 3)
    for number in range(5):
        store.put_file(a_file(digest(number)), f"/match/{number}.wav")

    pages = [store.files("match", limit=2)]
    while pages[-1].next_cursor is not None:
        pages.append(store.files("match", limit=2, cursor=pages[-1].next_cursor))

    assert [len(page.items) for page in pages] == [2, 2, 1]
    assert {(page.total, page.exact) for page in pages} == {(3, False)}
    assert [(store.files(query).total, store.files(query).exact) for query in ("/4.wav", None)] == [
        (1, True),
        (5, True),
    ]


def test_a_cursor_beyond_all_numbers_shows_the_first_page(three: Store) -> None:
    assert three.files(cursor=str(10**30)).total == 3
    with pytest.raises(ValueError, match="invalid literal"):
        three.files(cursor="next")


def test_a_file_name_that_is_no_utf8_is_stored_and_listed(store: Store) -> None:
    path = "/music/caf\udce9.wav"
    store.put_file(a_file(intake_reason=f"{path} is odd"), path)

    (listed,) = store.files().items
    assert listed.path == path
    assert listed.file == dataclasses.replace(a_file(), intake_reason=f"{path} is odd")


def test_counters_follow_every_change(store: Store, job: int) -> None:
    assert store.counters() == {"files": 1, "takes": 1, "regions": 2, "jobs.queued": 0, "jobs.running": 1}

    store.finish_job(job, "complete")

    assert store.counters()["jobs.done"] == 1
    assert store.counters()["jobs.running"] == 0
