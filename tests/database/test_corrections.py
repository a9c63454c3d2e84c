"""What a person said of a file: the last word holds, whatever jobs do, and goes with the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from database import schema
from database.backup import backup, restore
from database.check import check
from database.connections import NAME, writing_engine
from database.store import Store
from tests.database.examples import SHA, a_file, digest

OTHER = digest("another file")


def held(store: Store, sha256: str = SHA) -> dict[str, str]:
    return {one.field: one.value for one in store.corrections(sha256)}


def another(store: Store) -> int:
    return store.add_job("analyze", "/music/take.wav").id


def test_a_word_is_kept_with_its_author_and_noted_with_the_job(store: Store, job: int) -> None:
    assert store.respect(job, SHA, {"bpm": "120"}, "user") == {"bpm": "120"}

    (kept,) = store.corrections(SHA)
    assert (kept.field, kept.value, kept.author) == ("bpm", "120", "user") and kept.said > 1e9
    noted = store.job(job)
    assert noted is not None and json.loads(noted.corrections) == {"bpm": "120"}


def test_a_job_without_a_word_respects_what_was_said_before(store: Store, job: int) -> None:
    store.respect(job, SHA, {"meter": "7/8 2+2+3"}, "user")
    assert store.respect(another(store), SHA, {}, "user") == {"meter": "7/8 2+2+3"}


def test_intake_again_leaves_it(store: Store, job: int) -> None:
    store.respect(job, SHA, {"bpm": "120"}, "user")
    store.put_file(a_file(intake_version="2"), "/elsewhere.wav")
    assert held(store) == {"bpm": "120"}


def test_each_file_has_its_own(store: Store, job: int) -> None:
    store.put_file(a_file(OTHER), "/other.wav")
    store.respect(job, SHA, {"bpm": "120"}, "user")
    assert held(store, OTHER) == {} and store.respect(another(store), OTHER, {}, "user") == {}


@settings(max_examples=20, deadline=None)
@given(some.permutations([1, 2, 3, 4]), some.lists(some.integers(0, 3), max_size=4))
def test_the_last_word_holds_in_whatever_order_and_however_often_jobs_run(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], again: list[int]
) -> None:
    words = [{"bpm": "100"}, {"bpm": None, "octave": "2"}, {"bpm": "90", "octave": None}, {"meter": "3/4"}]
    with Store.open(tmp_path_factory.mktemp("data")) as store:
        jobs = [another(store) for _ in words]
        store.put_file(a_file(), "/music/take.wav")
        for turn in (*order, *(order[n] for n in again)):
            store.respect(jobs[turn - 1], SHA, words[turn - 1], "user")
        assert held(store) == {"bpm": "90", "meter": "3/4"}


def test_what_is_taken_back_is_not_brought_again_by_earlier_jobs(store: Store, job: int) -> None:
    waiting = another(store)
    store.respect(job, SHA, {"bpm": "120"}, "user")

    assert store.take_back(SHA, "user")

    assert held(store) == {}
    assert store.respect(job, SHA, {"bpm": "120"}, "user") == {}
    assert store.respect(waiting, SHA, {"meter": "5/4"}, "user") == {}
    assert store.respect(another(store), SHA, {"bpm": "90"}, "user") == {"bpm": "90"}


def test_a_word_about_a_file_that_is_not_there_is_said_to_be(store: Store, job: int) -> None:
    assert not store.take_back(OTHER, "user") and store.respect(job, OTHER, {"bpm": "1"}, "user") == {}


def test_it_goes_with_the_file(store: Store, job: int) -> None:
    store.respect(job, SHA, {"bpm": "120"}, "user")
    store.finish_job(job, "complete")
    store.delete_file(SHA)
    store.put_file(a_file(), "/music/take.wav")
    assert held(store) == {}


def test_it_is_in_a_backup(store: Store, job: int, data: Path, tmp_path: Path) -> None:
    store.respect(job, SHA, {"bpm": "120"}, "user")
    backup(data, tmp_path / "kept")
    store.take_back(SHA, "user")
    store.close()

    restore(data, tmp_path / "kept")

    with Store.open(data) as again:
        assert held(again) == {"bpm": "120"}
    assert all(finding.ok for finding in check(data))


@pytest.mark.parametrize("said", [True, False])
def test_a_persons_word_is_on_the_disk_at_once(
    store: Store, job: int, said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    write = store._writer.write

    def spy(*arguments: object, **named: object) -> object:
        asked.append(named)
        return write(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(store._writer, "write", spy)
    store.respect(job, SHA, {"bpm": "120"} if said else {}, "user")
    assert asked == ([{"durable": True}] if said else [{}])


def test_jobs_from_before_have_respected_nothing(data: Path) -> None:
    data.mkdir()
    engine = writing_engine(data / NAME)
    schema.migrate(data / NAME, engine, target="0002")
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(
            "INSERT INTO jobs (id, kind, path, parameters, state, notices, created)"
            " VALUES (1, 'analyze', '/a.wav', '{}', 'queued', '[]', 1)"
        )
    engine.dispose()

    with Store.open(data) as store:
        (job,) = store.jobs()
        assert job.corrections == "{}"
        store.put_file(a_file(), "/a.wav")
        assert store.respect(1, SHA, {"bpm": "120"}, "user") == {"bpm": "120"}
    assert all(finding.ok for finding in check(data))
