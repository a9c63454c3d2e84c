"""kill -9 at any moment: no acknowledged write is lost, the file stays sound, running jobs are found again."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from database.artifacts import Artifacts
from database.check import check
from database.connections import NAME
from database.store import Store
from tests.database.examples import digest

ROOT = Path(__file__).resolve().parents[2]

# Three threads store answers, some with arrays; a key is said once its write has returned.
WRITING = """
import os, sys, threading, itertools
from pathlib import Path
import numpy as np
from database.artifacts import Artifacts
from database.lock import DataLock
from database.store import Store
from tests.database.examples import SHA, a_file, an_answer, an_outcome, digest, some_regions

data, run = Path(sys.argv[1]), sys.argv[2]
with DataLock(data, "command"):
    store = Store.open(data)
    store.requeue_running()
    store.put_file(a_file(), "/music/take.wav")
    store.put_segmentation(f"set {run}", SHA, "{}", some_regions(takes=3, in_each=50))
    job = store.add_job("analyze", "/music/take.wav").id
    while (claimed := store.claim_job()).id != job:
        store.cancel_job(claimed.id)
    store.set_job_file(job, SHA, f"set {run}")
    os.write(1, f"job {job}\\n".encode())

    def work(name):
        for number in itertools.count():
            words = f"{run} {name} {number}"
            artifact = None
            if number % 20 == 0:
                artifact = Artifacts(data).write(digest(words), {"activation": np.arange(100.0)})
            answer = an_answer(words, region=f"{name} {number}", result=words.encode() * 50, artifact=artifact)
            store.record(an_outcome(job, answer), answer)
            os.write(1, f"key {words}\\n".encode())

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""


def killed_while_writing(data: Path, run: int, after_s: float) -> list[str]:
    """Run the writing program, kill it `after_s` seconds after its first word, return what it had said."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITING, str(data), str(run)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    killing = threading.Timer(after_s, process.send_signal, [signal.SIGKILL])
    killing.start()
    said = [first, *process.stdout]
    process.stdout.close()
    killing.join()
    assert process.wait() == -signal.SIGKILL
    return [line.rstrip("\n") for line in said if line.endswith("\n")]


def kill_again_and_again(data: Path, times: int) -> None:
    chance = random.Random(20250101)
    acknowledged: list[str] = []
    for run in range(times):
        said = killed_while_writing(data, run, chance.uniform(0.0, 0.4))
        words = [line.removeprefix("key ") for line in said if line.startswith("key ")]
        acknowledged += words
        job = int(said[0].removeprefix("job "))
        connection = sqlite3.connect(data / NAME)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
        with Store.open(data) as store:
            running = [row.id for row in store.jobs("running")]
            outcomes = {row.answer for row in store.outcomes(job)}
        assert running == [job]
        assert {digest(word) for word in words} <= outcomes
    with Store.open(data) as store:
        found = store.answers_for([digest(words) for words in acknowledged])
    assert len(found) == len(acknowledged) > 10 * times
    assert all(found[digest(words)].result == words.encode() * 50 for words in acknowledged)
    for answer in found.values():
        if answer.artifact:
            assert Artifacts(data).read(answer.artifact)["activation"][-1] == 99.0
    assert [finding for finding in check(data) if not finding.ok] == []


def test_twenty_kills_lose_no_acknowledged_write(data: Path) -> None:
    kill_again_and_again(data, 20)


@pytest.mark.soak
def test_two_hundred_kills_lose_no_acknowledged_write(data: Path) -> None:
    kill_again_and_again(data, 200)


def test_a_kill_while_the_database_is_made_leaves_one_that_opens(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from database.store import Store; Store.open(Path(sys.argv[1]))"
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "measure")], cwd=ROOT, check=True)
    whole = time.monotonic() - began
    for attempt in range(8):
        data = tmp_path / f"data-{attempt}"
        process = subprocess.Popen([sys.executable, "-c", code, str(data)], cwd=ROOT)
        time.sleep(whole * (0.6 + 0.05 * attempt))
        process.kill()
        process.wait()
        with Store.open(data) as store:
            assert store.add_job("analyze", "/a.wav").id == 1
        assert [finding for finding in check(data) if not finding.ok] == []
