"""A file is deleted with all that belongs to it, unless a job is about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from database.artifacts import Artifacts
from database.check import check
from database.errors import DatabaseError, FileInUse
from database.records import Deleted, Summary, Tag
from database.store import Store
from tests.database.examples import SHA, a_file, an_answer, an_outcome, digest, some_regions

OTHER = digest("another file")


@pytest.fixture
def analysed(store: Store, job: int, data: Path) -> Store:
    """A file with a finished job, an answer with arrays, a summary and a tag."""
    answer = an_answer(artifact=Artifacts(data).write(digest("an answer"), {}))
    store.record_all([(an_outcome(job, answer), answer), (an_outcome(job, region="region-1"), None)])
    store.put_summary(Summary(SHA, job, "{}", "complete", 120.0, "4/4", "A minor", "music"))
    store.put_tag(SHA, Tag.of("dj"))
    store.finish_job(job, "complete")
    return store


def test_all_rows_of_a_file_go_and_its_arrays_are_named(analysed: Store, data: Path) -> None:
    (name,) = (outcome.answer for outcome in analysed.outcomes(1) if outcome.answer)

    deleted = analysed.delete_file(SHA)

    assert deleted == Deleted((f"artifacts/{name[:2]}/{name}.npz",))
    for artifact in deleted.artifacts:
        assert Artifacts(data).remove(artifact)
    assert (analysed.file(SHA), analysed.listed(SHA), analysed.summary(SHA)) == (None, None, None)
    assert analysed.segmentation("set") is None
    assert analysed.answer(name) is None
    assert analysed.job(1) is None and analysed.outcomes(1) == []
    assert analysed.tags(SHA) == [] and analysed.paths(SHA) == []
    assert [analysed.files(query).total for query in (None, "take", "minor", "A", "dj", "music")] == [0] * 6
    assert not any(analysed.counters().values())
    assert all(finding.ok for finding in check(data))


def test_what_belongs_to_another_file_stays(analysed: Store) -> None:
    analysed.put_file(a_file(OTHER), "/music/take.wav")
    analysed.put_segmentation("other", OTHER, "{}", some_regions(OTHER))
    answer = an_answer("other", file=OTHER)
    job = analysed.add_job("analyze", "/music/take.wav").id
    analysed.claim_job()
    analysed.set_job_file(job, OTHER, "other")
    analysed.record(an_outcome(job, answer), answer)

    analysed.delete_file(SHA)

    assert analysed.segmentation("other") == some_regions(OTHER)
    assert analysed.answer(answer.key) == answer
    assert [row.id for row in analysed.jobs()] == [job]


def test_arrays_that_another_answer_names_are_kept(analysed: Store, job: int) -> None:
    analysed.put_file(a_file(OTHER), "/other.wav")
    shared = analysed.outcomes(job)[0].answer
    assert shared is not None
    answer = an_answer("other", file=OTHER, artifact=f"artifacts/{shared[:2]}/{shared}.npz")
    again = analysed.add_job("analyze", "/other.wav").id
    analysed.record(an_outcome(again, answer), answer)

    assert analysed.delete_file(SHA) == Deleted(())


def test_an_unknown_file_is_not_deleted(store: Store) -> None:
    assert store.delete_file(SHA) is None


@pytest.mark.parametrize("running", [False, True])
def test_a_file_stays_while_a_job_about_it_is_unfinished(analysed: Store, running: bool) -> None:
    again = analysed.add_job("analyze", "/copy/of/take.wav").id
    if running:
        analysed.claim_job()
    analysed.set_job_file(again, SHA, "set")

    with pytest.raises(
        FileInUse, match=rf"/copy/of/take\.wav (is being|waits to be) analysed \(job {again}\)"
    ):
        analysed.delete_file(SHA)
    assert analysed.file(SHA) is not None and analysed.job(1) is not None

    analysed.cancel_job(again)
    assert analysed.delete_file(SHA) is not None


def test_a_file_stays_while_a_job_that_has_not_read_its_bytes_is_about_its_path(analysed: Store) -> None:
    again = analysed.add_job("analyze", "/music/take.wav").id

    with pytest.raises(FileInUse) as refused:
        analysed.delete_file(SHA)
    assert refused.value.job == again and isinstance(refused.value, DatabaseError)


def test_a_job_about_other_bytes_at_the_same_path_keeps_nothing(analysed: Store) -> None:
    analysed.put_file(a_file(OTHER), "/music/take.wav")
    again = analysed.add_job("analyze", "/music/take.wav").id
    analysed.claim_job()
    analysed.set_job_file(again, OTHER, None)

    assert analysed.delete_file(SHA) is not None
    assert analysed.job(again) is not None


def test_a_file_whose_name_is_no_utf8_is_refused_in_words_and_then_deleted(store: Store) -> None:
    path = "/music/caf\udce9.wav"
    store.put_file(a_file(), path)
    job = store.add_job("analyze", path).id

    with pytest.raises(FileInUse, match=r"caf\?\.wav waits to be analysed"):
        store.delete_file(SHA)
    store.cancel_job(job)
    assert store.delete_file(SHA) == Deleted(())
    assert [row.path for row in store.jobs()] == [path]


def test_a_deleted_file_may_come_back(analysed: Store) -> None:
    analysed.delete_file(SHA)
    analysed.put_file(a_file(), "/music/take.wav")

    listed = analysed.listed(SHA)
    assert listed is not None
    assert (listed.tags, listed.summary) == ((), None)
    assert analysed.files("take").total == 1
