"""The first tables: files and their regions, answers, the ledger, jobs, counters and the search index.

The statements are spelt out, so that this step stays what it was when the tables of later versions change.
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE files (
        id INTEGER NOT NULL,
        sha256 VARCHAR NOT NULL,
        size INTEGER NOT NULL,
        format VARCHAR,
        duration_s FLOAT,
        rate INTEGER,
        channels INTEGER,
        frames INTEGER,
        intake_status VARCHAR NOT NULL,
        intake_code VARCHAR,
        intake_reason VARCHAR,
        truncated_at_s FLOAT,
        loudness_lufs FLOAT,
        intake_version VARCHAR NOT NULL,
        facts VARCHAR NOT NULL,
        added FLOAT NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (sha256)
    )
    """,
    """
    CREATE TABLE plugin_health (
        plugin VARCHAR NOT NULL,
        version VARCHAR NOT NULL,
        environment VARCHAR NOT NULL,
        streak INTEGER NOT NULL,
        files VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        reason VARCHAR,
        probed_at FLOAT,
        PRIMARY KEY (plugin, version, environment)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE counters (
        name VARCHAR NOT NULL,
        value INTEGER NOT NULL,
        PRIMARY KEY (name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE file_paths (
        file INTEGER NOT NULL,
        path VARCHAR NOT NULL,
        seen FLOAT NOT NULL,
        PRIMARY KEY (file, path),
        FOREIGN KEY(file) REFERENCES files (id) ON DELETE CASCADE) WITHOUT ROWID
    """,
    "CREATE INDEX ix_file_paths_path ON file_paths (path, seen)",
    """
    CREATE TABLE segmentations (
        id INTEGER NOT NULL,
        "key" VARCHAR NOT NULL,
        file INTEGER NOT NULL,
        settings VARCHAR NOT NULL,
        takes INTEGER NOT NULL,
        regions INTEGER NOT NULL,
        PRIMARY KEY (id),
        UNIQUE ("key"),
        FOREIGN KEY(file) REFERENCES files (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ix_segmentations_file ON segmentations (file)",
    """
    CREATE TABLE region_analysis (
        id INTEGER NOT NULL,
        "key" VARCHAR NOT NULL,
        file INTEGER NOT NULL,
        region VARCHAR NOT NULL,
        plugin VARCHAR NOT NULL,
        version VARCHAR NOT NULL,
        question VARCHAR NOT NULL,
        config VARCHAR NOT NULL,
        status VARCHAR NOT NULL,
        code VARCHAR,
        signal VARCHAR,
        reason VARCHAR,
        detail VARCHAR,
        seconds FLOAT,
        peak_mb FLOAT,
        environment VARCHAR NOT NULL,
        environment_lock VARCHAR,
        libraries VARCHAR NOT NULL,
        licence VARCHAR,
        model VARCHAR,
        model_licence VARCHAR,
        result_hash VARCHAR,
        artifact VARCHAR,
        PRIMARY KEY (id),
        UNIQUE ("key"),
        FOREIGN KEY(file) REFERENCES files (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ix_region_analysis_file ON region_analysis (file)",
    """
    CREATE TABLE regions (
        segmentation INTEGER NOT NULL,
        id VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        level VARCHAR NOT NULL,
        parent VARCHAR,
        start_sample INTEGER NOT NULL,
        end_sample INTEGER NOT NULL,
        start_s FLOAT NOT NULL,
        end_s FLOAT NOT NULL,
        PRIMARY KEY (segmentation, id),
        FOREIGN KEY(segmentation) REFERENCES segmentations (id) ON DELETE CASCADE) WITHOUT ROWID
    """,
    """
    CREATE TABLE results (
        answer INTEGER NOT NULL,
        result BLOB NOT NULL,
        PRIMARY KEY (answer),
        FOREIGN KEY(answer) REFERENCES region_analysis (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE jobs (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        kind VARCHAR NOT NULL,
        path VARCHAR NOT NULL,
        file INTEGER,
        segmentation INTEGER,
        parameters VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        verdict VARCHAR,
        intake VARCHAR,
        notices VARCHAR NOT NULL,
        created FLOAT NOT NULL,
        started FLOAT,
        finished FLOAT,
        FOREIGN KEY(file) REFERENCES files (id) ON DELETE CASCADE,
        FOREIGN KEY(segmentation) REFERENCES segmentations (id) ON DELETE SET NULL
    )
    """,
    "CREATE INDEX ix_jobs_segmentation ON jobs (segmentation)",
    "CREATE INDEX ix_jobs_file ON jobs (file, id)",
    "CREATE INDEX ix_jobs_state ON jobs (state, id)",
    """
    CREATE TABLE outcomes (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        job INTEGER NOT NULL,
        region VARCHAR NOT NULL,
        question VARCHAR NOT NULL,
        plugin VARCHAR NOT NULL,
        version VARCHAR NOT NULL,
        status VARCHAR NOT NULL,
        disposition VARCHAR,
        degraded VARCHAR,
        rank INTEGER NOT NULL,
        winner BOOLEAN NOT NULL,
        answer INTEGER,
        environment VARCHAR,
        code VARCHAR,
        signal VARCHAR,
        reason VARCHAR,
        detail VARCHAR,
        seconds FLOAT,
        peak_mb FLOAT,
        UNIQUE (job, region, question, plugin),
        FOREIGN KEY(job) REFERENCES jobs (id) ON DELETE CASCADE,
        FOREIGN KEY(answer) REFERENCES region_analysis (id) ON DELETE SET NULL
    )
    """,
    "CREATE INDEX ix_outcomes_answer ON outcomes (answer)",
    """
    CREATE TABLE file_summary (
        file INTEGER NOT NULL,
        job INTEGER NOT NULL,
        summary VARCHAR NOT NULL,
        verdict VARCHAR NOT NULL,
        bpm FLOAT,
        meter VARCHAR COLLATE "NOCASE",
        "key" VARCHAR COLLATE "NOCASE",
        PRIMARY KEY (file),
        FOREIGN KEY(file) REFERENCES files (id) ON DELETE CASCADE,
        FOREIGN KEY(job) REFERENCES jobs (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ix_file_summary_job ON file_summary (job)",
    """
    CREATE INDEX ix_file_summary_key ON file_summary ("key")
    """,
    "CREATE INDEX ix_file_summary_meter ON file_summary (meter)",
    "CREATE VIRTUAL TABLE file_search USING fts5(words, tokenize='trigram')",
    """
    CREATE TRIGGER files_counted AFTER INSERT ON files BEGIN
        INSERT INTO counters (name, value) VALUES ('files', 1)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
    END
    """,
    """
    CREATE TRIGGER files_uncounted AFTER DELETE ON files BEGIN
        INSERT INTO counters (name, value) VALUES ('files', -1)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
        DELETE FROM file_search WHERE rowid = old.id;
    END
    """,
    """
    CREATE TRIGGER segmentations_counted AFTER INSERT ON segmentations BEGIN
        INSERT INTO counters (name, value) VALUES ('takes', new.takes)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
        INSERT INTO counters (name, value) VALUES ('regions', new.regions)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
    END
    """,
    """
    CREATE TRIGGER segmentations_uncounted AFTER DELETE ON segmentations BEGIN
        INSERT INTO counters (name, value) VALUES ('takes', -old.takes)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
        INSERT INTO counters (name, value) VALUES ('regions', -old.regions)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
    END
    """,
    """
    CREATE TRIGGER region_analysis_counted AFTER INSERT ON region_analysis BEGIN
        INSERT INTO counters (name, value) VALUES ('answers.' || new.status, 1)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
    END
    """,
    """
    CREATE TRIGGER region_analysis_uncounted AFTER DELETE ON region_analysis BEGIN
        INSERT INTO counters (name, value) VALUES ('answers.' || old.status, -1)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
    END
    """,
    """
    CREATE TRIGGER region_analysis_recounted AFTER UPDATE OF status ON region_analysis
            WHEN new.status <> old.status BEGIN
        INSERT INTO counters (name, value) VALUES ('answers.' || old.status, -1)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
        INSERT INTO counters (name, value) VALUES ('answers.' || new.status, 1)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
    END
    """,
    """
    CREATE TRIGGER jobs_counted AFTER INSERT ON jobs BEGIN
        INSERT INTO counters (name, value) VALUES ('jobs.' || new.state, 1)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
    END
    """,
    """
    CREATE TRIGGER jobs_uncounted AFTER DELETE ON jobs BEGIN
        INSERT INTO counters (name, value) VALUES ('jobs.' || old.state, -1)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
    END
    """,
    """
    CREATE TRIGGER jobs_recounted AFTER UPDATE OF state ON jobs
            WHEN new.state <> old.state BEGIN
        INSERT INTO counters (name, value) VALUES ('jobs.' || old.state, -1)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
        INSERT INTO counters (name, value) VALUES ('jobs.' || new.state, 1)
            ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
    END
    """,
)


def upgrade() -> None:
    """Make everything in an empty database."""
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
