"""Tags, what a person set for plugins, labels in the summary; short words and odd paths are searched.

The statements are spelt out, so that this step stays what it was when the tables of later versions change.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE tags (
        file INTEGER NOT NULL,
        "key" VARCHAR NOT NULL,
        value VARCHAR NOT NULL,
        source VARCHAR NOT NULL,
        PRIMARY KEY (file, "key", value),
        FOREIGN KEY(file) REFERENCES files (id) ON DELETE CASCADE) WITHOUT ROWID
    """,
    """
    CREATE TABLE plugin_settings (
        plugin VARCHAR NOT NULL,
        config VARCHAR,
        rank INTEGER,
        PRIMARY KEY (plugin)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE short_words (
        word VARCHAR NOT NULL,
        file INTEGER NOT NULL,
        PRIMARY KEY (word, file),
        FOREIGN KEY(file) REFERENCES files (id) ON DELETE CASCADE) WITHOUT ROWID
    """,
    "CREATE INDEX ix_short_words_file ON short_words (file)",
    """
    CREATE INDEX ix_region_analysis_artifact ON region_analysis (artifact) WHERE artifact IS NOT NULL
    """,
    "CREATE INDEX ix_jobs_unfinished ON jobs (path) WHERE finished IS NULL",
    "ALTER TABLE file_summary ADD COLUMN labels VARCHAR DEFAULT '' NOT NULL",
    "DROP INDEX ix_file_summary_meter",  # short_words answers what they did
    "DROP INDEX ix_file_summary_key",
)

SHORT_WORDS = """
    INSERT OR IGNORE INTO short_words (word, file)
    SELECT lower(word), file FROM (
        SELECT file, substr("key", 1, instr("key" || ' ', ' ') - 1) AS word FROM file_summary
        UNION ALL SELECT file, "key" FROM file_summary
        UNION ALL SELECT file, meter FROM file_summary
    ) WHERE length(word) BETWEEN 1 AND 2
"""
ODD_FILES = "SELECT DISTINCT file FROM file_paths WHERE typeof(path) = 'blob'"
WORDS = """
    SELECT path FROM file_paths WHERE file = :file
    UNION ALL SELECT "key" FROM file_summary WHERE file = :file AND "key" IS NOT NULL
    UNION ALL SELECT meter FROM file_summary WHERE file = :file AND meter IS NOT NULL
"""


def upgrade() -> None:
    """Bring the tables of revision 0001 to 0002; the search learns the words that it left out."""
    connection = op.get_bind()
    for statement in (*STATEMENTS, SHORT_WORDS):
        connection.exec_driver_sql(statement)
    for (file,) in connection.exec_driver_sql(ODD_FILES).all():
        words = [searched(word) for (word,) in connection.exec_driver_sql(WORDS, {"file": file})]
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO file_search (rowid, words) VALUES (?, ?)", (file, "\n".join(words))
        )


def searched(word: str | bytes) -> str:
    """Return a word as text: a path that is not UTF-8 has "?" for each byte that is none."""
    if isinstance(word, str):
        return word
    return word.decode("utf-8", "surrogatepass").encode("utf-8", "replace").decode()
