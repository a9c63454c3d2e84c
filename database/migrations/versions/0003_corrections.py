"""What a person said of a file, and what of it each job respected.

The statements are spelt out, so that this step stays what it was when the tables of later versions change.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE corrections (
        file INTEGER NOT NULL,
        field VARCHAR NOT NULL,
        value VARCHAR,
        author VARCHAR NOT NULL,
        job INTEGER NOT NULL,
        said FLOAT NOT NULL,
        PRIMARY KEY (file, field),
        FOREIGN KEY(file) REFERENCES files (id) ON DELETE CASCADE) WITHOUT ROWID
    """,
    "ALTER TABLE jobs ADD COLUMN corrections VARCHAR DEFAULT '{}' NOT NULL",
)


def upgrade() -> None:
    """Bring the tables of revision 0002 to 0003."""
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
