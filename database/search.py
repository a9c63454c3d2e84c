"""What the library is searched by: the words of each file, and which files a query finds.

`file_search` holds trigrams, so it finds any stretch of three characters and more. Shorter queries are compared
with whole words (a key, its tonic, its short name, a meter, a label, a tag's key or value), which `short_words` holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select, text

from database.records import Tag
from database.tables import file_paths, file_summary, short_words, tags

SHORTEST_STRETCH = 3  # characters: the search index holds trigrams

_PATHS = select(file_paths.c.path).where(file_paths.c.file == bindparam("number"))
_TAGS = select(tags.c.key, tags.c.value).where(tags.c.file == bindparam("number"))
_SUMMARY = select(file_summary.c.key, file_summary.c.meter, file_summary.c.labels).where(
    file_summary.c.file == bindparam("number")
)
_PUT_WORDS = text("INSERT OR REPLACE INTO file_search (rowid, words) VALUES (:number, :words)")
_DROP_SHORT = delete(short_words).where(short_words.c.file == bindparam("number"))


@dataclass(frozen=True, slots=True)
class Matching:
    """The files that a query finds: what stands behind SELECT, with its column of file numbers."""

    column: str
    source: str
    word: str = ""  # the parameter :word of `source`


def index(connection: Connection, number: int) -> None:
    """Have the search find the file by what is known of it now."""
    of_file = {"number": number}
    paths = connection.execute(_PATHS, of_file).scalars().all()
    marked = [Tag(row.key, row.value) for row in connection.execute(_TAGS, of_file)]
    summary = connection.execute(_SUMMARY, of_file).first()
    key, meter, labels = summary or (None, None, None)
    words = [*paths, *(tag.text for tag in marked), key, _chord_name(key), meter, labels]
    connection.execute(
        _PUT_WORDS, {"number": number, "words": "\n".join(searchable(word) for word in words if word)}
    )
    connection.execute(_DROP_SHORT, of_file)
    whole = {searchable(word).casefold() for word in _whole_words(marked, key, meter, labels)}
    short = [{"word": word, "file": number} for word in whole if 0 < len(word) < SHORTEST_STRETCH]
    if short:
        connection.execute(insert(short_words), short)


def matching(query: str) -> Matching:
    """Return what `query` finds: every file when there is nothing in it."""
    wanted = searchable(query).strip()
    if not wanted:
        return Matching("id", "FROM files WHERE 1")
    if len(wanted) < SHORTEST_STRETCH:
        return Matching("file", "FROM short_words WHERE word = :word", wanted.casefold())
    quoted = '"' + wanted.replace('"', '""') + '"'  # one phrase of FTS5's, whatever stands in it
    return Matching("rowid", "FROM file_search WHERE file_search MATCH :word", quoted)


def searchable(words: str) -> str:
    """Return `words` as the index holds them, and a query alike: lone surrogates as "?", no NUL.

    Examples
    --------
    >>> searchable("caf\\udce9.wav")
    'caf?.wav'
    """
    return words.encode("utf-8", "replace").decode().replace("\0", "")


def _whole_words(marked: list[Tag], key: str | None, meter: str | None, labels: str | None) -> Iterator[str]:
    for tag in marked:
        yield from (tag.key, tag.value)
    yield from (key or "", meter or "")
    yield from (key or "").split()[:1]  # the tonic: "A" of "A minor"
    yield from (labels or "").split()
    yield _chord_name(key)


def _chord_name(key: str | None) -> str:
    """A minor key as players write it: "Am" for "A minor"; nothing for any other, whose tonic says it."""
    tonic, _, mode = (key or "").partition(" ")
    return f"{tonic}m" if mode == "minor" else ""
