"""Where files, regions, answers and the ledger are kept: SQLite, reached through `database.store.Store` only.

Importing this package imports nothing; `database.records`, `database.errors` and `database.lock` need the
standard library alone, so that a command which only asks for help pays for no database.
"""
