"""Queries on how plugins fare."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from database.records import Health
from database.rows import columns, made, maybe, names
from database.tables import plugin_health as table

_COLUMNS = [table.c[name] for name in names(Health)]
_KEY = ("plugin", "version", "environment")


def get(connection: Connection, plugin: str, version: str, environment: str) -> Health | None:
    """Return what is known of one plugin in one version and environment."""
    row = connection.execute(
        select(*_COLUMNS).where(
            table.c.plugin == plugin, table.c.version == version, table.c.environment == environment
        )
    ).first()
    return maybe(Health, row)


def every(connection: Connection) -> list[Health]:
    """Return all that is known, by name."""
    return [
        made(Health, row)
        for row in connection.execute(select(*_COLUMNS).order_by(*(table.c[name] for name in _KEY)))
    ]


def put(connection: Connection, health: Health) -> None:
    """Store it in place of what was known."""
    values = columns(health)
    row = insert(table).values(**values)
    changed = {name: value for name, value in values.items() if name not in _KEY}
    connection.execute(row.on_conflict_do_update(index_elements=list(_KEY), set_=changed))
