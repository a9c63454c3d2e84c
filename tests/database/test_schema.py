"""A database is made, migrated, or refused; models, triggers and migrations say the same."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from database import schema, tables
from database.connections import NAME, writing_engine
from database.errors import DamagedDatabase, LockedDatabase, NewerDatabase, NotADatabase
from database.store import Store

ROOT = Path(__file__).resolve().parents[2]
FOLLOWING = f"{int(tables.REVISION) + 1:04}"

NEXT = """
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade():
    op.get_bind().exec_driver_sql("CREATE TABLE later (key VARCHAR NOT NULL)")
    op.get_bind().exec_driver_sql("UPDATE jobs SET path = '/moved' || path")
    {then}
"""


def statements(file: Path) -> dict[str, str]:
    """What SQLite remembers of every table, index and trigger, without regard to spacing."""
    connection = sqlite3.connect(file)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {name: re.sub(r"\s+", "", sql) for name, sql in rows}


def with_next(folder: Path, then: str = "pass") -> Path:
    """The project's migrations with one more after them."""
    shutil.copytree(schema.MIGRATIONS, folder)
    words = NEXT.format(then=then, revision=FOLLOWING, before=tables.REVISION)
    (folder / "versions" / f"{FOLLOWING}_next.py").write_text(words)
    return folder


def test_the_migrations_make_what_a_new_database_gets(tmp_path: Path) -> None:
    engine = writing_engine(tmp_path / "migrated.db")
    schema.migrate(tmp_path / "migrated.db", engine)
    Store.open(tmp_path / "fresh").close()

    assert statements(tmp_path / "migrated.db") == statements(tmp_path / "fresh" / NAME)


def test_models_and_migrations_agree(tmp_path: Path) -> None:
    engine = writing_engine(tmp_path / "migrated.db")
    schema.migrate(tmp_path / "migrated.db", engine)

    def ours(thing: object, name: str | None, kind: str, *_: object) -> bool:
        return not (kind == "table" and str(name).startswith("file_search"))

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": ours, "compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, tables.metadata) == []


def test_the_newest_migration_is_the_one_that_the_models_name() -> None:
    scripts = ScriptDirectory(str(schema.MIGRATIONS))

    assert scripts.get_heads() == [tables.REVISION]
    assert all(re.fullmatch(r"\d{4}", script.revision) for script in scripts.walk_revisions())


@pytest.mark.parametrize("times", [1, 2])
def test_neither_a_new_nor_an_up_to_date_database_imports_alembic(data: Path, times: int) -> None:
    code = (
        "import sys; from pathlib import Path; from database.store import Store\n"
        "for _ in range(int(sys.argv[2])): Store.open(Path(sys.argv[1])).close()\n"
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(data), str(times)], cwd=ROOT, check=True)


def test_an_older_database_is_copied_then_migrated(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = tables.REVISION
    with Store.open(data) as store:
        job = store.add_job("analyze", "/a.wav")
    monkeypatch.setattr(schema.migrate, "__defaults__", (with_next(tmp_path / "migrations"), "head"))
    monkeypatch.setattr(tables, "REVISION", FOLLOWING)

    with Store.open(data) as store:
        migrated = store.job(job.id)
        assert migrated is not None and migrated.path == "/moved/a.wav"

    assert "later" in statements(data / NAME)
    kept = sqlite3.connect(data / f"hemiola-before-{FOLLOWING}.db")
    assert kept.execute("SELECT path FROM jobs").fetchall() == [("/a.wav",)]
    assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [(current,)]
    kept.close()


@pytest.mark.parametrize(
    ("then", "raised"),
    [
        ("raise ValueError('half way')", ValueError),
        ("""op.get_bind().exec_driver_sql("UPDATE jobs SET file = 99")""", DamagedDatabase),
    ],
)
def test_a_migration_that_fails_half_way_leaves_everything_as_it_was(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str, raised: type[Exception]
) -> None:
    with Store.open(data) as store:
        job = store.add_job("analyze", "/a.wav")
    before = statements(data / NAME)
    with monkeypatch.context() as patched:
        patched.setattr(schema.migrate, "__defaults__", (with_next(tmp_path / "migrations", then), "head"))
        patched.setattr(tables, "REVISION", FOLLOWING)
        with pytest.raises(raised):
            Store.open(data)

    assert statements(data / NAME) == before
    with Store.open(data) as store:
        assert store.job(job.id) == job


def test_a_database_of_a_later_version_is_refused_and_left_alone(data: Path) -> None:
    Store.open(data).close()
    connection = sqlite3.connect(data / NAME)
    connection.execute("UPDATE alembic_version SET version_num = '9000'")
    connection.commit()
    connection.close()
    before = (data / NAME).read_bytes()

    with pytest.raises(NewerDatabase, match=r"hemiola\.db was written by a later version.*Update Hemiola"):
        Store.open(data)
    assert (data / NAME).read_bytes() == before


def test_another_programs_database_is_refused_and_left_alone(data: Path) -> None:
    data.mkdir()
    connection = sqlite3.connect(data / NAME)
    connection.execute("CREATE TABLE songs (title)")
    connection.commit()
    connection.close()

    with pytest.raises(NotADatabase, match="a database of another program"):
        Store.open(data)
    assert list(statements(data / NAME)) == ["songs"]


def test_a_file_that_is_no_database_is_refused_and_left_alone(data: Path) -> None:
    data.mkdir()
    (data / NAME).write_bytes(b"RIFF" + bytes(5000))

    with pytest.raises(NotADatabase, match=r"hemiola\.db is not a database.*Move it away"):
        Store.open(data)
    assert (data / NAME).read_bytes() == b"RIFF" + bytes(5000)


def test_an_empty_file_becomes_a_database(data: Path) -> None:
    data.mkdir()
    (data / NAME).touch()

    with Store.open(data) as store:
        assert store.add_job("analyze", "/a.wav").id == 1


def test_without_create_a_missing_database_is_said_and_not_made(data: Path) -> None:
    with pytest.raises(NotADatabase, match=r"hemiola\.db does not exist"):
        Store.open(data, create=False)
    assert not data.exists()


def test_a_database_held_by_another_program_is_said_at_opening(data: Path) -> None:
    Store.open(data).close()
    other = sqlite3.connect(data / NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LockedDatabase, match="held by another program"):
        Store.open(data, busy_timeout_s=0.1)
    other.execute("ROLLBACK")
    other.close()

    Store.open(data).close()


def test_a_file_goes_with_all_that_belongs_to_it(store: Store, job: int, data: Path) -> None:
    from database.check import check
    from tests.database.examples import an_answer, an_outcome

    store.record(an_outcome(job, an_answer()), an_answer())
    connection = sqlite3.connect(data / NAME)
    connection.execute("PRAGMA foreign_keys = 1")
    connection.execute("DELETE FROM files")
    connection.commit()
    left = {
        table.name: connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]
        for table in tables.metadata.sorted_tables
        if table.name != "counters"
    }
    connection.close()

    assert set(left.values()) == {0}
    assert store.files("take").total == 0
    assert all(finding.ok for finding in check(data))
