"""A full disk, a read-only folder, damage: said in a sentence, and what was stored stays."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from database.check import check
from database.connections import NAME
from database.errors import (
    DamagedDatabase,
    DatabaseError,
    DiskFull,
    LockedDatabase,
    NotADatabase,
    ReadOnlyData,
    StoreClosed,
    from_os,
    from_sqlite,
)
from database.lock import DataLock
from database.store import Store
from tests.database.examples import a_file, an_answer, an_outcome

ROOT = Path(__file__).resolve().parents[2]

# Stores answers until the disk is full, makes room, goes on; says what was acknowledged.
FILLING = """
import resource, sys
from pathlib import Path
from database.check import check
from database.errors import DiskFull
from database.store import Store
from tests.database.examples import SHA, a_file, an_answer, an_outcome, digest

data, how = Path(sys.argv[1]), sys.argv[2]
filler = data / "filler"
if how == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
else:
    data.mkdir(exist_ok=True)
    filler.write_bytes(bytes(1_000_000))

def put(number):
    answer = an_answer(number, region=f"region-{number}", result=bytes(2000))
    store.record(an_outcome(1, answer), answer)

def fill(start):
    for number in range(start, 100_000):
        try:
            put(number)
        except DiskFull as error:
            return number, str(error)

store = Store.open(data)
store.add_job("analyze", "/a.wav")
store.put_file(a_file(), "/a.wav")
first, words = fill(0)
print(words)
assert len(store.outcomes(1)) == first > 20, first
if how == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, resource.RLIM_INFINITY))
else:
    filler.unlink()
second, _ = fill(first)
assert second > first + 20, (first, second)
store.close()
if how == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    with Store.open(data) as store:
        assert len(store.outcomes(1)) == second
        assert [finding for finding in check(data) if not finding.ok] == []
print("kept", second)
"""

READ_ONLY = """
import sys
from pathlib import Path
from database.errors import ReadOnlyData
from database.artifacts import Artifacts
from database.check import check
from database.lock import DataLock
from database.store import Store

data = Path(sys.argv[1])
for attempt in (
    lambda: Store.open(data),
    lambda: Store.open(data / "new"),
    lambda: DataLock(data, "command").acquire(),
    lambda: Artifacts(data).write("00c0ffee", {}),
):
    try:
        attempt()
    except ReadOnlyData as error:
        print(error)
    else:
        sys.exit("written where nothing can be written")
"""


BACKING_UP = """
import sys
from pathlib import Path
from database.backup import backup
from database.errors import DiskFull
try:
    backup(Path(sys.argv[2]), Path(sys.argv[1]) / "kept")
except DiskFull as error:
    print(error)
print(list(Path(sys.argv[1]).iterdir()))
"""


def in_a_namespace(mounts: str, code: str, data: Path, *arguments: str) -> str:
    """Run `code` where `mounts` (shell, $D is the folder) were made for it alone; skip where that is not allowed."""
    unshare = shutil.which("unshare")
    script = f'set -e; D="$1"; shift; {mounts}; exec "$@"'
    probe = [unshare or "", "-m", "-U", "-r", "sh", "-c", script, "sh", str(data)]
    if unshare is None or subprocess.run([*probe, "true"], capture_output=True, check=False).returncode:
        pytest.skip("mounting in a namespace is not allowed here")
    done = subprocess.run(
        [*probe, sys.executable, "-c", code, str(data), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_full_disk_is_said_and_work_goes_on_once_there_is_room(data: Path) -> None:
    data.mkdir()
    said = in_a_namespace('mount -t tmpfs -o size=3m none "$D"', FILLING, data, "disk")

    assert "hemiola.db cannot grow (database or disk is full)" in said
    assert "Free some space" in said


def test_a_size_limit_is_said_as_a_full_disk_and_loses_nothing(data: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILLING, str(data), "limit"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "hemiola.db cannot grow" in done.stdout
    assert [finding for finding in check(data) if not finding.ok] == []


def test_a_backup_that_does_not_fit_is_said_of_the_copy_and_leaves_nothing(store: Store, data: Path) -> None:
    medium = data.with_name("medium")
    medium.mkdir()
    said = in_a_namespace('mount -t tmpfs -o size=64k none "$D"', BACKING_UP, medium, str(data)).splitlines()

    assert said[0].startswith(f"{medium}/kept cannot grow (database or disk is full)")
    assert said[1] == "[]"


def test_a_read_only_folder_is_said_by_whatever_writes_there(data: Path) -> None:
    Store.open(data).close()
    said = in_a_namespace(
        'mount --bind "$D" "$D"; mount -o remount,bind,ro "$D"', READ_ONLY, data
    ).splitlines()

    assert len(said) == 4
    assert all("Make the folder writable, or name another with --data" in line for line in said)


def test_a_file_where_the_data_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a note")

    for attempt in (
        lambda: Store.open(tmp_path / "data"),
        lambda: DataLock(tmp_path / "data", "command").acquire(),
    ):
        with pytest.raises(ReadOnlyData, match=r"data cannot be written \(File exists\)"):
            attempt()


def test_a_damaged_database_is_said_and_check_says_where(data: Path) -> None:
    with Store.open(data) as store:
        job = store.add_job("analyze", "/a.wav").id
        store.put_file(a_file(), "/a.wav")
        store.record_all(
            (an_outcome(job, answer), answer)
            for answer in (an_answer(number, region=f"region-{number}") for number in range(300))
        )
    with open(data / NAME, "r+b") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(60 * 4096)
        file.write(b"\xa5" * (size - 70 * 4096))

    with (
        Store.open(data) as store,
        pytest.raises(DamagedDatabase, match=r"hemiola\.db is damaged.*hemiola db check"),
    ):
        store.document_rows(job)
        store.answers_for([an_answer(number).key for number in range(300)])
    pages = next(finding for finding in check(data) if finding.what == "pages")
    assert not pages.ok


def test_a_store_at_work_is_alive_and_knows_its_size(data: Path) -> None:
    with Store.open(data) as store:
        store.alive()
        before = store.size()
        store.add_job("analyze", "/" + "a" * 100_000)
        assert before > 0 and store.size() >= before + 100_000
        assert store.size() == sum(
            file.stat().st_size for file in data.glob("hemiola.db*") if file.suffix != ".db-shm"
        )


def test_a_store_that_another_program_holds_is_not_alive(data: Path) -> None:
    with Store.open(data, busy_timeout_s=0.1) as store:
        other = sqlite3.connect(data / NAME, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LockedDatabase, match="held by another program"):
            store.alive()
        other.execute("ROLLBACK")
        other.close()
        store.alive()


def test_a_store_whose_file_is_gone_or_closed_is_not_alive(data: Path) -> None:
    store = Store.open(data)
    (data / NAME).rename(data / "moved.db")
    with pytest.raises(NotADatabase, match=r"hemiola\.db is gone"):
        store.alive()
    (data / "moved.db").rename(data / NAME)
    store.close()

    with pytest.raises(StoreClosed):
        store.alive()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, DiskFull),
        (sqlite3.SQLITE_IOERR_WRITE, DiskFull),
        (sqlite3.SQLITE_READONLY_DIRECTORY, ReadOnlyData),
        (sqlite3.SQLITE_CANTOPEN, ReadOnlyData),
        (sqlite3.SQLITE_CORRUPT, DamagedDatabase),
        (sqlite3.SQLITE_NOTADB, NotADatabase),
        (sqlite3.SQLITE_IOERR_READ, DatabaseError),
    ],
)
def test_what_sqlite_says_becomes_a_sentence_that_names_the_file(
    code: int, kind: type[DatabaseError]
) -> None:
    error = sqlite3.OperationalError("as sqlite says it")
    error.sqlite_errorcode = code

    worded = from_sqlite(error, Path("/music/hemiola.db"))

    assert type(worded) is kind
    assert str(worded).startswith("/music/hemiola.db ") and "as sqlite says it" in str(worded)
    assert type(from_os(OSError(28, "No space left on device"), Path("/a"))) is DiskFull
