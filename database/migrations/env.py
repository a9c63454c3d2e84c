"""Alembic's entry: runs the migrations on the connection and in the transaction of `database.schema`."""

from __future__ import annotations

from alembic import context

from database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # the transaction is explicit, so SQLite's DDL takes part in it
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
