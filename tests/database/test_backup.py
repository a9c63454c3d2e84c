"""Backup, restore, check, as functions and as `hemiola db`."""

from __future__ import annotations

import io
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from database.artifacts import Artifacts
from database.backup import backup, restore
from database.check import check
from database.connections import NAME
from database.errors import BackupRefused, DatabaseError, FolderHeld, NewerDatabase, NotADatabase
from database.lock import DataLock
from database.store import Store
from tests.database.examples import a_file, an_answer, an_outcome, digest

ROOT = Path(__file__).resolve().parents[2]


def fill(data: Path, words: str) -> str:
    """Store one answer with arrays; returns its key."""
    with Store.open(data) as store:
        job = store.add_job("analyze", "/a.wav").id
        store.put_file(a_file(), "/a.wav")
        kept = Artifacts(data)
        told = {"drums.flac": kept.keep(digest(words), "drums.flac", io.BytesIO(b"fLaC"), 4)}
        name = kept.write(digest(words), {"values": np.arange(9.0)}, told)
        answer = an_answer(words, artifact=name)
        store.record(an_outcome(job, answer), answer)
    return answer.key


def wrong(data: Path) -> list[str]:
    return [finding.what for finding in check(data) if not finding.ok]


def hemiola(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "sdk", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_backup_restored_elsewhere_holds_every_answer_and_array(data: Path, tmp_path: Path) -> None:
    key = fill(data, "a")
    assert backup(data, tmp_path / "kept") == 1

    restored = restore(tmp_path / "elsewhere", tmp_path / "kept")

    assert (restored.kept, restored.artifacts, restored.missing) == (None, 1, 0)
    with Store.open(tmp_path / "elsewhere") as store:
        answer = store.answer(key)
    assert answer is not None and answer.artifact is not None
    kept = Artifacts(tmp_path / "elsewhere")
    assert kept.read(answer.artifact)["values"].tolist() == list(range(9))
    assert kept.file(answer.artifact, "drums.flac").read_bytes() == b"fLaC" and kept.whole(answer.artifact)
    assert wrong(tmp_path / "elsewhere") == []


def test_a_restore_keeps_what_was_there_beside_it(data: Path, tmp_path: Path) -> None:
    first = fill(data, "first")
    backup(data, tmp_path / "kept")
    second = fill(data, "second")

    restored = restore(data, tmp_path / "kept")

    with Store.open(data) as store:
        assert set(store.answers_for([first, second])) == {first}
    assert restored.kept is not None and restored.kept.parent == data
    back = restore(data, restored.kept)
    with Store.open(data) as store:
        assert set(store.answers_for([first, second])) == {first, second}
    assert back.kept != restored.kept
    assert wrong(data) == []


def test_a_backup_is_taken_while_a_store_is_at_work(
    store: Store, job: int, data: Path, tmp_path: Path
) -> None:
    answer = an_answer()
    store.record(an_outcome(job, answer), answer)

    backup(data, tmp_path / "kept")

    with Store.open(tmp_path / "kept") as copy:
        assert copy.answer(answer.key) == answer


def test_a_backup_overwrites_nothing(data: Path, tmp_path: Path) -> None:
    fill(data, "a")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "letter.txt").write_text("dear")

    with pytest.raises(BackupRefused, match="holds something already"):
        backup(data, tmp_path / "kept")
    (tmp_path / "empty").mkdir()
    backup(data, tmp_path / "empty")
    assert (tmp_path / "empty" / NAME).exists()
    with pytest.raises(NotADatabase, match="nothing to back up"):
        backup(tmp_path / "nowhere", tmp_path / "other")


def test_a_restore_is_refused_while_the_folder_is_held(data: Path, tmp_path: Path) -> None:
    fill(data, "a")
    backup(data, tmp_path / "kept")
    before = (data / NAME).read_bytes()

    with DataLock(data, "server"), pytest.raises(FolderHeld, match=r"another Hemiola server \(pid \d+\)"):
        restore(data, tmp_path / "kept")
    assert (data / NAME).read_bytes() == before


@pytest.mark.parametrize(
    ("harm", "kind", "words"),
    [
        ("missing", BackupRefused, "does not exist"),
        ("random", DatabaseError, "cannot be restored: file is not a database"),
        ("holes", BackupRefused, "is damaged"),
        ("empty", NotADatabase, "is empty"),
        ("foreign", NotADatabase, "of another program"),
        ("newer", NewerDatabase, "later version"),
    ],
)
def test_a_bad_source_is_refused_and_nothing_changes(
    data: Path, tmp_path: Path, harm: str, kind: type[DatabaseError], words: str
) -> None:
    key = fill(data, "a")
    source = tmp_path / "source.db"
    if harm in ("holes", "newer"):
        backup(data, tmp_path / "kept")
        source = tmp_path / "kept" / NAME
    if harm == "holes":
        whole = bytearray(source.read_bytes())
        whole[4096 * 20 : 4096 * 30] = b"\xa5" * 4096 * 10
        source.write_bytes(whole)
    elif harm == "random":
        source.write_bytes(b"\xa5" * 9000)
    elif harm == "empty":
        source.touch()
    elif harm != "missing":
        connection = sqlite3.connect(source)
        connection.execute(
            "CREATE TABLE songs (a)"
            if harm == "foreign"
            else "UPDATE alembic_version SET version_num = '9000'"
        )
        connection.commit()
        connection.close()
    before = {path.name for path in data.iterdir()}

    with pytest.raises(kind, match=words) as refused:
        restore(data, source)

    assert str(source) in str(refused.value)
    assert {path.name for path in data.iterdir()} - {"lock"} == before
    with Store.open(data) as store:
        assert store.answer(key) is not None


def test_a_database_is_not_restored_from_itself(data: Path) -> None:
    fill(data, "a")

    with pytest.raises(BackupRefused, match="the database in use"):
        restore(data, data)


def test_a_damaged_database_gives_way_to_a_backup_and_is_kept_with_its_log(
    data: Path, tmp_path: Path
) -> None:
    key = fill(data, "a")
    backup(data, tmp_path / "kept")
    (data / NAME).write_bytes(b"not a database any more")
    Path(f"{data / NAME}-wal").write_bytes(b"its log")

    restored = restore(data, tmp_path / "kept")

    assert restored.kept is not None
    assert restored.kept.read_bytes() == b"not a database any more"
    assert Path(f"{restored.kept}-wal").read_bytes() == b"its log"
    with Store.open(data) as store:
        assert store.answer(key) is not None
    assert wrong(data) == []


def test_arrays_that_a_backup_lacks_are_counted(data: Path, tmp_path: Path) -> None:
    fill(data, "a")
    backup(data, tmp_path / "kept")
    next((tmp_path / "kept" / "artifacts").rglob("*.npz")).unlink()

    assert restore(tmp_path / "elsewhere", tmp_path / "kept").missing == 1
    assert wrong(tmp_path / "elsewhere") == ["arrays"]
    assert restore(data, tmp_path / "kept").missing == 0


@pytest.mark.parametrize(
    ("harm", "what"),
    [
        ("UPDATE counters SET value = value + 1 WHERE name = 'answers.ok'", "counters"),
        ("DELETE FROM region_analysis", "references"),
        ("UPDATE alembic_version SET version_num = '0000'", "tables"),
    ],
)
def test_check_finds_what_is_wrong(data: Path, harm: str, what: str) -> None:
    fill(data, "a")
    assert wrong(data) == []
    connection = sqlite3.connect(data / NAME)
    connection.execute(harm)
    connection.commit()
    connection.close()

    assert what in wrong(data)


def test_check_names_an_array_file_that_was_cut_short(data: Path) -> None:
    fill(data, "a")
    file = next((data / "artifacts").rglob("*.npz"))
    file.write_bytes(file.read_bytes()[:100])

    (finding,) = (finding for finding in check(data) if not finding.ok)
    assert file.name in finding.words


def test_check_names_an_answer_whose_file_is_gone(data: Path) -> None:
    fill(data, "a")
    next((data / "artifacts").rglob("*.flac")).unlink()
    assert wrong(data) == ["arrays"]


def test_the_commands_back_up_restore_and_check(data: Path, tmp_path: Path) -> None:
    fill(data, "a")

    made = hemiola("db", "backup", tmp_path / "kept", "--data", data)
    assert (made.returncode, made.stderr) == (0, "")
    assert "1 array file" in made.stdout
    put = hemiola("db", "restore", tmp_path / "kept", "--data", data)
    assert (put.returncode, put.stderr) == (0, "")
    assert "kept as" in put.stdout
    looked = hemiola("db", "check", "--data", data)
    assert (looked.returncode, looked.stderr) == (0, "")
    assert [line.split()[0] for line in looked.stdout.splitlines()] == ["ok"] * 5


def test_the_commands_say_what_is_wrong_without_a_traceback(data: Path, tmp_path: Path) -> None:
    nothing = hemiola("db", "check", "--data", data)
    assert nothing.returncode == 3
    assert "hemiola.db does not exist" in nothing.stderr and "Traceback" not in nothing.stderr

    fill(data, "a")
    next((data / "artifacts").rglob("*.npz")).unlink()
    missing = hemiola("db", "check", "--data", data)
    assert missing.returncode == 3
    assert "WRONG" in missing.stdout

    backup(data, tmp_path / "kept")
    with DataLock(data, "server"):
        held = hemiola("db", "restore", tmp_path / "kept", "--data", data)
    assert held.returncode == 3
    assert f"(pid {os.getpid()})" in held.stderr
