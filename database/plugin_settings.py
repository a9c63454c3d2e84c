"""Queries on what a person set for plugins."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from database.records import PluginSettings
from database.rows import made, names
from database.tables import plugin_settings as table

_COLUMNS = [table.c[name] for name in names(PluginSettings)]


def every(connection: Connection) -> dict[str, PluginSettings]:
    """Return what is set, by plugin."""
    rows = connection.execute(select(*_COLUMNS).order_by(table.c.plugin))
    return {row.plugin: made(PluginSettings, row) for row in rows}


def put_config(connection: Connection, plugin: str, config: str | None) -> None:
    """Store a plugin's settings in place of those before."""
    _put(connection, plugin, "config", config)


def put_ranks(connection: Connection, ranks: Mapping[str, int | None]) -> None:
    """Store the ranks of plugins; those that are not named keep theirs."""
    for plugin, rank in ranks.items():
        _put(connection, plugin, "rank", rank)


def _put(connection: Connection, plugin: str, column: str, value: str | int | None) -> None:
    row = insert(table).values(plugin=plugin, **{column: value})
    connection.execute(row.on_conflict_do_update(index_elements=["plugin"], set_={column: value}))
