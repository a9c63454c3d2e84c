"""The writing thread: commits before it answers, keeps one caller's mistake from another's work."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection

from database.connections import NAME, writing_engine
from database.errors import LockedDatabase, StoreClosed
from database.store import Store
from database.writer import Writer
from tests.database.examples import an_answer, an_outcome


def test_what_was_recorded_is_there_for_any_other_connection_at_once(
    store: Store, job: int, data: Path
) -> None:
    other = sqlite3.connect(data / NAME)
    for number in range(20):
        answer = an_answer(number, region=f"region-{number}")
        store.record(an_outcome(job, answer), answer)
        assert other.execute("SELECT count(*) FROM outcomes").fetchone() == (number + 1,)
    other.close()


def test_changes_that_wait_together_are_all_done_and_only_the_faulty_one_fails(data: Path) -> None:
    data.mkdir()
    engine = writing_engine(data / NAME)
    writer = Writer(engine, data / NAME)
    writer.write(lambda connection: connection.exec_driver_sql("CREATE TABLE t (a UNIQUE)"))
    entered, go = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        entered.set()
        go.wait(10)

    said: dict[int, object] = {}

    def put(number: int) -> None:
        try:
            value = number if number != 7 else 3  # 3 is there already
            writer.write(lambda connection: connection.exec_driver_sql("INSERT INTO t VALUES (?)", (value,)))
            said[number] = "stored"
        except Exception as error:
            said[number] = type(error).__name__

    holding = threading.Thread(target=writer.write, args=(hold,))
    holding.start()
    entered.wait(10)
    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    while writer._waiting.qsize() < len(threads):
        time.sleep(0.001)
    go.set()
    for thread in (holding, *threads):
        thread.join()
    stored = writer.write(
        lambda connection: connection.exec_driver_sql("SELECT a FROM t ORDER BY a").scalars().all()
    )
    writer.close()

    assert stored == [0, 1, 2, 3, 4, 5, 6]
    assert said == {**dict.fromkeys(range(7), "stored"), 7: "IntegrityError"}


def test_what_waits_when_the_store_is_closed_is_still_written(data: Path) -> None:
    store = Store.open(data)
    threads = [
        threading.Thread(target=store.add_job, args=("analyze", f"/{number}.wav")) for number in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    store.close()

    with Store.open(data) as again:
        assert len(again.jobs(limit=100)) == 30


def test_a_closed_store_says_so(data: Path) -> None:
    store = Store.open(data)
    store.close()

    with pytest.raises(StoreClosed, match=r"hemiola\.db was closed"):
        store.add_job("analyze", "/a.wav")


def test_a_program_that_holds_the_database_for_too_long_is_said_and_nothing_is_lost(data: Path) -> None:
    with Store.open(data, busy_timeout_s=0.2) as store:
        first = store.add_job("analyze", "/a.wav")
        other = sqlite3.connect(data / NAME, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LockedDatabase, match=r"hemiola\.db is held by another program.*then try again"):
            store.add_job("analyze", "/b.wav")
        assert store.job(first.id) == first  # reading goes on meanwhile
        other.execute("ROLLBACK")
        other.close()

        assert store.add_job("analyze", "/b.wav").id == first.id + 1


def test_a_program_that_holds_the_database_briefly_is_waited_for(data: Path) -> None:
    with Store.open(data) as store:
        other = sqlite3.connect(data / NAME, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        ending = threading.Timer(0.3, other.execute, ["ROLLBACK"])
        ending.start()
        job = store.add_job("analyze", "/a.wav")
        ending.join()
        other.close()

        assert store.job(job.id) == job


def test_only_a_durable_change_waits_for_the_disk(data: Path) -> None:
    data.mkdir()
    writer = Writer(writing_engine(data / NAME), data / NAME)

    def level(connection: Connection) -> object:
        return connection.exec_driver_sql("PRAGMA synchronous").scalar()

    def fail(connection: Connection) -> None:
        raise ValueError("no")

    normal, full = 1, 2
    assert writer.write(level) == normal
    assert writer.write(level, durable=True) == full
    with pytest.raises(ValueError, match="no"):
        writer.write(fail, durable=True)
    assert writer.write(level) == normal
    writer.close()


def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match="readonly"), store._readers.connect() as connection:
        connection.exec_driver_sql("DELETE FROM jobs")
