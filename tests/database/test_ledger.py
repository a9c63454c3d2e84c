"""Answers and outcomes: stored together, replaced in place, read back as they were."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from database.records import Health, Shown
from database.store import Store
from tests.database.examples import SHA, a_file, an_answer, an_outcome, digest, some_regions


def test_an_outcome_and_its_answer_come_back_as_they_were(store: Store, job: int) -> None:
    answer = an_answer()
    outcome = an_outcome(job, answer)
    store.record(outcome, answer)

    assert store.answer(answer.key) == answer
    assert store.outcomes(job) == [outcome]


def test_an_answer_without_a_result_keeps_why(store: Store, job: int) -> None:
    crashed = an_answer(
        status="crashed",
        code="signal",
        signal="SIGSEGV",
        reason="it died",
        detail="Traceback\0\udcff",
        result=None,
    )
    store.record(an_outcome(job, crashed), crashed)

    assert store.answer(crashed.key) == crashed


def test_an_outcome_without_an_answer_is_kept(store: Store, job: int) -> None:
    blocked = an_outcome(job)
    store.record(blocked)

    assert store.outcomes(job) == [blocked]
    assert store.counters().get("answers.ok", 0) == 0


def test_a_reused_answer_is_named_by_its_key(store: Store, job: int) -> None:
    answer = an_answer()
    store.record(an_outcome(job, answer), answer)
    again = store.add_job("analyze", "/copy.wav").id
    reused = an_outcome(again, answer, disposition="reused")
    store.record(reused)

    document = store.document_rows(again)
    assert document is not None
    assert document.outcomes == ((reused, Shown.of(answer)),)


def test_an_outcome_that_names_an_answer_nobody_stored_is_refused(store: Store, job: int) -> None:
    with pytest.raises(LookupError, match=r"onsets\.superflux.*not stored"):
        store.record(an_outcome(job, an_answer()))

    assert store.outcomes(job) == []


def test_recording_a_place_in_the_ledger_again_replaces_it_under_a_higher_number(
    store: Store, job: int
) -> None:
    failed = an_answer(status="failed", result=None)
    first = store.record(an_outcome(job, failed), failed)
    other = store.record(an_outcome(job, region="region-1"))
    answer = an_answer()
    second = store.record(an_outcome(job, answer), answer)

    assert first < other < second
    assert [(row.region, row.status) for row in store.outcomes(job)] == [
        ("region-1", "blocked"),
        ("take-0", "ok"),
    ]
    assert store.counters()["answers.failed"] == 0
    assert store.counters()["answers.ok"] == 1


def test_an_answer_of_the_same_key_is_replaced_and_loses_an_old_result(store: Store, job: int) -> None:
    answer = an_answer()
    store.record(an_outcome(job, answer), answer)
    timed_out = an_answer(status="timed_out", result=None, result_hash=None)
    store.record(an_outcome(job, timed_out), timed_out)

    assert store.answer(answer.key) == timed_out


def test_an_older_job_keeps_its_own_words_when_its_answer_is_replaced(store: Store, job: int) -> None:
    failed = an_answer(status="failed", reason="no", result=None)
    before = an_outcome(job, failed)
    store.record(before, failed)
    later = store.add_job("analyze", "/a.wav").id
    store.record(an_outcome(later, an_answer()), an_answer())

    assert store.outcomes(job) == [before]


def test_several_are_stored_together_or_not_at_all(store: Store, job: int) -> None:
    good = an_answer()
    dangling = an_outcome(job, an_answer("never stored"), region="region-1")

    with pytest.raises(LookupError):
        store.record_all([(an_outcome(job, good), good), (dangling, None)])
    assert store.outcomes(job) == [] and store.answer(good.key) is None

    store.record_all([(an_outcome(job, good), good), (an_outcome(job, region="region-1"), None)])
    assert len(store.outcomes(job)) == 2


def test_many_answers_are_looked_up_at_once(store: Store, job: int) -> None:
    answers = [an_answer(number, region=f"region-{number}") for number in range(1200)]
    store.record_all([(an_outcome(job, answer), answer) for answer in answers])

    found = store.answers_for([answer.key for answer in answers] + [digest("unknown")])

    assert found == {answer.key: answer for answer in answers}


def test_a_document_is_the_job_its_file_regions_and_outcomes_with_their_answers(
    store: Store, job: int
) -> None:
    beats = an_answer("beats", plugin="beats.madmom", question="beats", result=b"{}")
    rows = [
        (an_outcome(job, an_answer()), an_answer()),
        (an_outcome(job, beats), beats),
        (an_outcome(job, region="file"), None),
    ]
    store.record_all(rows)

    document = store.document_rows(job)

    assert document is not None
    assert document.job == store.job(job)
    assert document.file == a_file()
    assert list(document.regions) == some_regions()
    assert list(document.outcomes) == [(outcome, answer and Shown.of(answer)) for outcome, answer in rows]


def test_the_ledger_is_read_on_from_a_number_with_the_file_of_each_row(store: Store, job: int) -> None:
    assert store.last_outcome_id() == 0
    unread = store.add_job("analyze", "/other.wav").id
    rows = [an_outcome(job), an_outcome(unread), an_outcome(job, an_answer(), region="region-1")]
    numbers = [store.record(rows[0]), store.record(rows[1]), store.record(rows[2], an_answer())]

    whole = list(zip(numbers, rows, [SHA, None, SHA], strict=True))
    assert store.outcomes_after(0, 10) == whole
    assert store.outcomes_after(numbers[0], 1) == whole[1:2]
    assert store.outcomes_after(numbers[2], 10) == []
    assert store.last_outcome_id() == numbers[2]


def test_the_last_number_stays_when_its_row_goes(store: Store, job: int) -> None:
    number = store.record(an_outcome(job))
    store.finish_job(job, "complete")
    store.delete_file(SHA)

    assert store.last_outcome_id() == number


def test_the_document_of_a_file_nobody_could_read_has_no_file(store: Store) -> None:
    job = store.add_job("analyze", "/gone.wav").id
    store.claim_job()
    store.finish_job(job, "none", intake='{"status":"refused","code":"vanished"}')

    document = store.document_rows(job)

    assert document is not None
    assert (document.file, document.regions, document.outcomes) == (None, (), ())
    assert store.document_rows(job + 1) is None


def test_health_is_kept_by_plugin_version_and_environment(store: Store) -> None:
    assert store.health("key.mine", "1", "main") is None
    ill = Health("key.mine", "1", "main", 5, '["aa","bb"]', "quarantined", "died on five files", 1.5)
    well = dataclasses.replace(ill, version="2", streak=0, state="ok", reason=None)
    store.put_health(ill)
    store.put_health(dataclasses.replace(well, streak=1))
    store.put_health(well)

    assert store.health("key.mine", "1", "main") == ill
    assert store.health("key.mine", "2", "main") == well
    assert store.healths() == [ill, well]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec=None), max_size=40), result=st.binary(max_size=200))
def test_any_text_and_any_bytes_come_back_equal(store: Store, text: str, result: bytes) -> None:
    job = store.add_job("analyze", text, text)
    store.put_file(a_file(facts=text), text or "/")
    answer = an_answer(text.encode("utf-8", "surrogatepass"), reason=text, detail=text, result=result)
    outcome = an_outcome(job.id, answer, degraded=text)
    store.record(outcome, answer)

    assert store.job(job.id) == job and job.path == text
    assert store.file(SHA) == a_file(facts=text)
    assert store.answer(answer.key) == answer
    assert store.outcomes(job.id) == [outcome]
