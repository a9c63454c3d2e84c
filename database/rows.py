"""Between records and rows: the values of a record by column, and records from rows of the same order."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def columns(record: Any) -> dict[str, Any]:
    """Return a record's fields by name (`dataclasses.asdict` copies each value, and is slow)."""
    return {name: getattr(record, name) for name in names(record.__class__)}


@cache
def names(record: Hashable) -> tuple[str, ...]:
    """Return the names of a record's fields in order."""
    return tuple(field.name for field in fields(record))  # type: ignore[arg-type]


def made(record: Callable[..., T], row: Iterable[Any]) -> T:
    """Return the record whose fields, in order, are the row's values."""
    return record(*row)


def maybe(record: Callable[..., T], row: Iterable[Any] | None) -> T | None:
    """Return the record of a row that may be missing."""
    return None if row is None else record(*row)
