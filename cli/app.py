"""The command line's front: names of commands, and how errors are said. Commands are imported when they are called."""

from __future__ import annotations

import importlib
import sys

import typer
from typer.core import TyperGroup

COMMANDS = {
    "serve": ("cli.serve", "The page and the HTTP interface."),
    "analyze": ("cli.analyze", "Analyse files and folders."),
    "export": ("cli.export", "A file's drum part: hits.json, MIDI, MusicXML, PDF, SVG."),
    "jobs": ("cli.jobs", "What was asked for: list, cancel, retry."),
    "plugins": (
        "cli.plugins",
        "The plugins there are: rank, settings, release, and checking one of your own.",
    ),
    "models": (
        "cli.models",
        "The models that plugins use: list, fetch, verify, remove, and which version is in use.",
    ),
    "envs": ("cli.envs", "The Python environments that plugins run in."),
    "evaluate": ("cli.evaluate", "Score what is answered on recordings whose truth is known."),
    "db": ("cli.db", "The database: backup, restore, check."),
    "doctor": ("cli.doctor", "What works here, what does not, what to do."),
}
USAGE, FAILED = 2, 3


class LazyGroup(TyperGroup):
    """A group whose commands are imported only when one is called; `--help` imports none."""

    def list_commands(self, ctx: object) -> list[str]:
        """Names in the order above."""
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str):  # type: ignore[no-untyped-def]
        """The command of this name, imported now; for `--help` of the whole, a stand-in with its first line."""
        if cmd_name not in COMMANDS:
            return None
        module, summary = COMMANDS[cmd_name]
        if _only_listing():
            return typer.main.get_command(_named(cmd_name, summary))
        return typer.main.get_command(importlib.import_module(module).app)


def _only_listing() -> bool:
    words = sys.argv[1:]
    return not words or words[0].startswith("-")


def _named(name: str, summary: str) -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command(name, help=summary)(lambda: None)
    return app


app = typer.Typer(cls=LazyGroup, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def hemiola() -> None:
    """Listens to recordings nobody tidied first, and says what is in them."""


def main() -> int:
    """Run the command line; errors that are the user's to mend are one sentence on standard error."""
    try:
        app(prog_name="hemiola")
    except Exception as error:
        if not _for_the_user(error):
            raise
        print(f"hemiola: {error}", file=sys.stderr)
        return USAGE if _usage(error) else FAILED
    return 0


def _for_the_user(error: Exception) -> bool:
    """Whether an error's text is meant for the user: the engine's, the database's, a server's, a set's."""
    families = {
        "core.errors": "EngineError",
        "database.errors": "DatabaseError",
        "cli.client": "ServerError",
        "evaluation.calibration": "FittedOnThese",
        "evaluation.sets.errors": "SetError",
        "evaluation.report.results": "BaselineError",
    }
    loaded = (getattr(sys.modules.get(module), name, None) for module, name in families.items())
    return any(family is not None and isinstance(error, family) for family in loaded)


def _usage(error: Exception) -> bool:
    """Whether the user asked for what cannot be done, here or of a server."""
    return type(error).__name__ in ("BadRequest", "BadSettings", "NotFound") or getattr(error, "usage", False)
