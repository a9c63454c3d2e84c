"""From revision 0001 to 0002: everything is kept, and what the search left out is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from database import schema
from database.check import check
from database.connections import NAME, writing_engine
from database.records import Listed, Summary, Tag
from database.store import Store
from database.tables import REVISION
from tests.database.examples import SHA, a_file, an_answer, an_outcome, digest, some_regions

ODD = "/music/caf\udce9.wav"
OTHER = digest("odd")

# One file with a job, its answer and summary, and one at a path that is not UTF-8, as revision 0001 keeps them.
ROWS = """
    INSERT INTO files VALUES (1, :sha, 10584044, 'WAV', 60.0, 44100, 2, 2646000, 'ok', NULL, NULL, NULL, -14.5, '1',
        '{"peak_db":-0.3}', 1000.5);
    INSERT INTO files VALUES (2, :other, 10584044, 'WAV', 60.0, 44100, 2, 2646000, 'ok', NULL, NULL, NULL, -14.5, '1',
        '{"peak_db":-0.3}', 2000.5);
    INSERT INTO file_paths VALUES (1, '/music/take.wav', 1001.0);
    INSERT INTO file_paths VALUES (2, CAST(:odd AS BLOB), 2001.0);
    INSERT INTO segmentations VALUES (1, 'set', 1, '{}', 1, 2);
    INSERT INTO regions VALUES (1, 'file', 0, 'file', NULL, 0, 88200, 0.0, 2.0);
    INSERT INTO regions VALUES (1, 'take-0', 1, 'take', 'file', 0, 88200, 0.0, 2.0);
    INSERT INTO regions VALUES (1, 'region-0', 2, 'region', 'take-0', 0, 44100, 0.0, 1.0);
    INSERT INTO regions VALUES (1, 'region-1', 3, 'region', 'take-0', 44100, 88200, 1.0, 2.0);
    INSERT INTO jobs VALUES (1, 'analyze', '/music/take.wav', 1, 1, '{}', 'done', 'complete', NULL, '[]', 1, 2, 3);
    INSERT INTO jobs VALUES (2, 'analyze', '/later.wav', NULL, NULL, '{}', 'queued', NULL, NULL, '[]', 4.0, NULL, NULL);
    INSERT INTO region_analysis VALUES (1, :key, 1, 'take-0', 'onsets.superflux', '1.0.0', 'onsets', :config, 'ok',
        NULL, NULL, NULL, NULL, 0.25, 31.5, 'main', :lock, :libraries, 'MIT', NULL, NULL, :hash, NULL);
    INSERT INTO results VALUES (1, CAST(:result AS BLOB));
    INSERT INTO outcomes VALUES (7, 1, 'take-0', 'onsets', 'onsets.superflux', '1.0.0', 'ok', 'fresh', NULL, 1, 1, 1,
        'main', NULL, NULL, NULL, NULL, 0.25, 31.5);
    INSERT INTO file_summary VALUES (1, 1, '{"takes":1}', 'complete', 120.0, '7/8', 'C# minor');
    INSERT INTO file_search (rowid, words) VALUES (1, '/music/take.wav' || char(10) || 'C# minor' || char(10) || '7/8');
"""


@pytest.fixture
def migrated(data: Path) -> Store:
    """A store that was opened on a database of revision 0001."""
    data.mkdir()
    engine = writing_engine(data / NAME)
    schema.migrate(data / NAME, engine, target="0001")
    answer = an_answer()
    values = {
        "sha": SHA,
        "other": OTHER,
        "odd": ODD.encode("utf-8", "surrogatepass"),
        "key": answer.key,
        "config": answer.config,
        "lock": answer.environment_lock,
        "libraries": answer.libraries,
        "hash": answer.result_hash,
        "result": answer.result,
    }
    with engine.connect() as connection, connection.begin():
        for statement in ROWS.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement, values)
    return Store.open(data)


def test_everything_is_kept(migrated: Store, data: Path) -> None:
    summary = Summary(SHA, 1, '{"takes":1}', "complete", 120.0, "7/8", "C# minor", "")
    odd, listed = migrated.files().items

    assert listed == Listed(a_file(), "/music/take.wav", summary, 1000.5, ())
    assert odd == Listed(a_file(OTHER), ODD, None, 2000.5, ())
    assert migrated.segmentation("set") == some_regions()
    assert migrated.outcomes_after(0, 10) == [(7, an_outcome(1, an_answer()), SHA)]
    assert migrated.answer(an_answer().key) == an_answer()
    assert [job.state for job in migrated.jobs()] == ["queued", "done"]
    assert migrated.counters() == {
        "files": 2, "takes": 1, "regions": 2, "answers.ok": 1, "jobs.queued": 1, "jobs.done": 1
    }  # fmt: skip
    migrated.close()
    assert all(finding.ok for finding in check(data))
    assert (data / f"hemiola-before-{REVISION}.db").exists()


@pytest.mark.parametrize("query", ["C#", "c#", "c# minor", "7/8", "take.wav"])
def test_what_was_found_is_found(migrated: Store, query: str) -> None:
    assert [item.file.sha256 for item in migrated.files(query).items] == [SHA]


@pytest.mark.parametrize("query", ["music/caf", ODD, "caf?.wav"])
def test_a_path_that_is_no_utf8_is_found_as_well(migrated: Store, query: str) -> None:
    assert [item.file.sha256 for item in migrated.files(query).items] == [OTHER]


def test_what_is_new_works_on_old_rows(migrated: Store) -> None:
    assert migrated.put_tag(SHA, Tag.of("dj"))
    assert migrated.files("dj").total == 1
    assert migrated.unfinished_job("analyze", "/later.wav", "{}") is not None
    assert migrated.delete_file(SHA) is not None
    assert migrated.files("c#").total == 0
