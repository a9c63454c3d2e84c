"""The tables as SQLAlchemy knows them, and the counters' triggers: what the newest migration must have made.

Files, segmentations and answers have an integer of their own inside the database, so that a million rows
repeat eight bytes rather than a 64-character hash. Whatever belongs to a file goes with it (ON DELETE
CASCADE); every foreign key has an index for that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

REVISION = "0003"  # the newest migration in migrations/versions

metadata = MetaData()


def _text(cell: Any) -> Any:
    return cell.decode("utf-8", "surrogatepass") if type(cell) is bytes else cell


class Words(TypeDecorator[str]):
    """Text that may hold lone surrogates, as a file name that is not UTF-8 does in Python.

    Such a text is stored as bytes (UTF-8 with the surrogates passed through) and comes back equal; all others
    are TEXT.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        """Return `value`, or its bytes where SQLite's TEXT cannot hold it."""
        if value is None or value.isascii():
            return value
        encoded = value.encode("utf-8", "surrogatepass")
        try:
            encoded.decode("utf-8")
        except UnicodeDecodeError:
            return encoded
        return value

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        """Return what turns a cell into the text that was stored; a document calls it a thousand times."""
        return _text


def _words(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, Words, nullable=null)


def _number(name: str, type_: type[TypeEngine[Any]] = Float, *, null: bool = False) -> Column[Any]:
    return Column(name, type_, nullable=null)


def _belongs_to(name: str, target: str, *, null: bool = False, deleted: str = "CASCADE") -> Column[Any]:
    return Column(name, Integer, ForeignKey(target, ondelete=deleted), nullable=null)


files = Table(
    "files",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", String, nullable=False, unique=True),
    _number("size", Integer),
    Column("format", String, nullable=True),
    _number("duration_s", null=True),
    _number("rate", Integer, null=True),
    _number("channels", Integer, null=True),
    _number("frames", Integer, null=True),
    Column("intake_status", String, nullable=False),
    Column("intake_code", String, nullable=True),
    _words("intake_reason", null=True),
    _number("truncated_at_s", null=True),
    _number("loudness_lufs", null=True),
    Column("intake_version", String, nullable=False),
    _words("facts"),
    _number("added"),
)

file_paths = Table(
    "file_paths",
    metadata,
    Column("file", Integer, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    Column("path", Words, primary_key=True),
    _number("seen"),
    Index("ix_file_paths_path", "path", "seen"),
    sqlite_with_rowid=False,
)

tags = Table(
    "tags",
    metadata,
    Column("file", Integer, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Words, primary_key=True),
    Column("value", Words, primary_key=True),
    Column("source", String, nullable=False),
    sqlite_with_rowid=False,
)

corrections = Table(
    "corrections",  # what a person said of a file: by the job that brought it; its value is None once taken back
    metadata,
    Column("file", Integer, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    Column("field", String, primary_key=True),
    Column("value", String, nullable=True),
    Column("author", String, nullable=False),
    _number("job", Integer),
    _number("said"),
    sqlite_with_rowid=False,
)

short_words = Table(
    "short_words",  # those that are too short for the search index, which holds trigrams
    metadata,
    Column("word", String, primary_key=True),
    Column("file", Integer, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_short_words_file", "file"),
    sqlite_with_rowid=False,
)

segmentations = Table(
    "segmentations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    _belongs_to("file", "files.id"),
    Column("settings", String, nullable=False),
    _number("takes", Integer),
    _number("regions", Integer),
    Index("ix_segmentations_file", "file"),
)

regions = Table(
    "regions",
    metadata,
    Column("segmentation", Integer, ForeignKey("segmentations.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String, primary_key=True),
    _number("position", Integer),
    Column("level", String, nullable=False),
    Column("parent", String, nullable=True),
    _number("start_sample", Integer),
    _number("end_sample", Integer),
    _number("start_s"),
    _number("end_s"),
    sqlite_with_rowid=False,
)

answers = Table(
    "region_analysis",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    _belongs_to("file", "files.id"),
    Column("region", String, nullable=False),
    Column("plugin", String, nullable=False),
    Column("version", String, nullable=False),
    Column("question", String, nullable=False),
    Column("config", String, nullable=False),
    Column("status", String, nullable=False),
    Column("code", String, nullable=True),
    Column("signal", String, nullable=True),
    _words("reason", null=True),
    _words("detail", null=True),
    _number("seconds", null=True),
    _number("peak_mb", null=True),
    Column("environment", String, nullable=False),
    Column("environment_lock", String, nullable=True),
    Column("libraries", String, nullable=False),
    Column("licence", String, nullable=True),
    Column("model", String, nullable=True),
    Column("model_licence", String, nullable=True),
    Column("result_hash", String, nullable=True),
    Column("artifact", String, nullable=True),
    Index("ix_region_analysis_file", "file"),
    Index("ix_region_analysis_artifact", "artifact", sqlite_where=text("artifact IS NOT NULL")),
)

results = Table(
    "results",
    metadata,
    Column("answer", Integer, ForeignKey("region_analysis.id", ondelete="CASCADE"), primary_key=True),
    Column("result", LargeBinary, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    _words("path"),
    _belongs_to("file", "files.id", null=True),
    _belongs_to("segmentation", "segmentations.id", null=True, deleted="SET NULL"),
    _words("parameters"),
    Column("state", String, nullable=False),
    Column("verdict", String, nullable=True),
    _words("intake", null=True),
    _words("notices"),
    _number("created"),
    _number("started", null=True),
    _number("finished", null=True),
    Column("corrections", String, nullable=False, server_default=text("'{}'")),
    Index("ix_jobs_state", "state", "id"),
    Index("ix_jobs_file", "file", "id"),
    Index("ix_jobs_segmentation", "segmentation"),
    Index("ix_jobs_unfinished", "path", sqlite_where=text("finished IS NULL")),
    sqlite_autoincrement=True,
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("id", Integer, primary_key=True),  # never reused: the page's event stream counts by it
    _belongs_to("job", "jobs.id"),
    Column("region", String, nullable=False),
    Column("question", String, nullable=False),
    Column("plugin", String, nullable=False),
    Column("version", String, nullable=False),
    Column("status", String, nullable=False),
    Column("disposition", String, nullable=True),
    _words("degraded", null=True),
    _number("rank", Integer),
    _number("winner", Boolean),
    _belongs_to("answer", "region_analysis.id", null=True, deleted="SET NULL"),
    Column("environment", String, nullable=True),
    Column("code", String, nullable=True),
    Column("signal", String, nullable=True),
    _words("reason", null=True),
    _words("detail", null=True),
    _number("seconds", null=True),
    _number("peak_mb", null=True),
    UniqueConstraint("job", "region", "question", "plugin"),
    Index("ix_outcomes_answer", "answer"),
    sqlite_autoincrement=True,
)

file_summary = Table(
    "file_summary",
    metadata,
    Column("file", Integer, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    _belongs_to("job", "jobs.id"),
    Column("summary", String, nullable=False),
    Column("verdict", String, nullable=False),
    _number("bpm", null=True),
    Column("meter", String(collation="NOCASE"), nullable=True),
    Column("key", String(collation="NOCASE"), nullable=True),
    Column("labels", Words, nullable=False, server_default=text("''")),
    Index("ix_file_summary_job", "job"),
)

plugin_health = Table(
    "plugin_health",
    metadata,
    Column("plugin", String, primary_key=True),
    Column("version", String, primary_key=True),
    Column("environment", String, primary_key=True),
    _number("streak", Integer),
    Column("files", String, nullable=False),
    Column("state", String, nullable=False),
    _words("reason", null=True),
    _number("probed_at", null=True),
    sqlite_with_rowid=False,
)

plugin_settings = Table(
    "plugin_settings",
    metadata,
    Column("plugin", String, primary_key=True),
    _words("config", null=True),
    _number("rank", Integer, null=True),
    sqlite_with_rowid=False,
)

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    _number("value", Integer),
    sqlite_with_rowid=False,
)
