"""Jobs: claimed once, resumed after a kill, ended once."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from database.store import Store
from tests.database.examples import SHA, a_file

ROOT = Path(__file__).resolve().parents[2]

CLAIM_ALL = """
import sys
from pathlib import Path
from database.store import Store
with Store.open(Path(sys.argv[1])) as store:
    sys.stdin.readline()
    while job := store.claim_job():
        print(job.id)
"""


def test_a_new_job_is_queued_and_comes_back_as_it_was_asked_for(store: Store) -> None:
    job = store.add_job("analyze", "/music/caf\udce9.wav", '{"force":true}')

    assert store.job(job.id) == job
    assert (job.kind, job.path, job.parameters, job.state) == (
        "analyze",
        "/music/caf\udce9.wav",
        '{"force":true}',
        "queued",
    )
    assert job.verdict is job.file is job.started is job.finished is None


def test_jobs_are_claimed_oldest_first(store: Store) -> None:
    asked = [store.add_job("analyze", f"/{name}.wav").id for name in "abc"]

    claimed = [store.claim_job() for _ in range(4)]

    assert [job.id for job in claimed if job] == asked
    assert claimed[-1] is None
    assert all(job.state == "running" and job.started for job in claimed if job)


def test_threads_that_claim_at_once_get_each_job_once(store: Store) -> None:
    asked = [store.add_job("analyze", "/a.wav").id for _ in range(60)]
    claimed: list[int] = []

    def claim() -> None:
        while job := store.claim_job():
            claimed.append(job.id)

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == asked


def test_two_processes_claim_each_job_once(data: Path) -> None:
    with Store.open(data) as store:
        asked = [store.add_job("analyze", "/a.wav").id for _ in range(200)]
    claiming = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM_ALL, str(data)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in claiming:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    claimed = [[int(line) for line in process.communicate()[0].split()] for process in claiming]

    assert sorted(claimed[0] + claimed[1]) == asked


def test_what_a_killed_process_left_running_is_queued_again_in_its_old_place(store: Store) -> None:
    first, second = (store.add_job("analyze", f"/{name}.wav").id for name in "ab")
    store.claim_job()

    assert store.requeue_running() == 1

    claimed = store.claim_job()
    assert claimed is not None and claimed.id == first
    assert [job.id for job in store.jobs("queued")] == [second]


def test_a_finished_job_has_its_verdict_notices_and_intake(store: Store, job: int) -> None:
    assert store.finish_job(job, "complete", '["slow disk"]', intake='{"status":"ok"}')

    ended = store.job(job)
    assert ended is not None
    assert (ended.state, ended.verdict, ended.notices, ended.intake) == (
        "done",
        "complete",
        '["slow disk"]',
        '{"status":"ok"}',
    )
    assert ended.finished is not None and ended.started is not None and ended.finished >= ended.started


def test_a_cancelled_job_stays_cancelled_when_its_worker_finishes_late(store: Store, job: int) -> None:
    assert store.cancel_job(job)

    assert not store.finish_job(job, "complete")

    ended = store.job(job)
    assert ended is not None and (ended.state, ended.verdict) == ("cancelled", None)


def test_an_ended_job_cannot_be_cancelled(store: Store, job: int) -> None:
    store.finish_job(job, "complete")

    assert not store.cancel_job(job)


def test_jobs_are_listed_newest_first_page_by_page(store: Store) -> None:
    asked = [store.add_job("analyze", "/a.wav").id for _ in range(5)]

    first = store.jobs(limit=3)
    rest = store.jobs(limit=3, before=first[-1].id)

    assert [job.id for job in first + rest] == asked[::-1]


def test_the_newest_job_of_a_file_is_found_in_any_state_or_one(store: Store, job: int) -> None:
    store.finish_job(job, "complete")
    again = store.add_job("analyze", "/music/take.wav").id
    store.set_job_file(again, SHA, None)

    newest, done = store.latest_job(SHA), store.latest_job(SHA, "done")

    assert newest is not None and newest.id == again
    assert done is not None and done.id == job
    store.put_file(a_file("cd" * 32), "/other.wav")
    assert store.latest_job("cd" * 32) is None


def test_an_unfinished_job_is_found_by_what_it_asks(store: Store) -> None:
    first = store.add_job("analyze", "/a.wav", "{}")
    store.add_job("analyze", "/a.wav", "{}")
    assert store.unfinished_job("analyze", "/a.wav", "{}") == first
    assert store.unfinished_job("analyze", "/a.wav", '{"force":true}') is None
    while store.claim_job() is not None:
        pass
    for job in store.jobs():
        store.finish_job(job.id, "complete")
    assert store.unfinished_job("analyze", "/a.wav", "{}") is None
