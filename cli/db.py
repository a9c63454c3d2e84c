"""`hemiola db`: backing up, restoring and checking what was analysed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Back up, restore and check what was analysed.", no_args_is_help=True, add_completion=False
)

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default=False)]


@app.command("backup")
def back_up(
    target: Annotated[Path, typer.Argument(help="A new folder for the backup.")], data: Data = None
) -> None:
    """Copy the database and its arrays to a new folder; possible while Hemiola works."""
    from database.backup import backup

    folder = _data(data)
    count = backup(folder, target.expanduser().absolute())
    typer.echo(f"{folder} is backed up in {target} ({count} array files).")


@app.command("restore")
def put_back(
    source: Annotated[Path, typer.Argument(help="A backup's folder, or a database file.")], data: Data = None
) -> None:
    """Put a backup in the place of the database; the present one is kept beside it."""
    from database.backup import restore

    folder = _data(data)
    done = restore(folder, source.expanduser().absolute())
    typer.echo(f"{folder} is restored from {source} ({done.artifacts} array files).")
    if done.kept is not None:
        typer.echo(f"What was there is kept as {done.kept}.")
    if done.missing:
        typer.echo(
            f"{done.missing} array files are missing; `hemiola analyze --force` makes them anew.", err=True
        )


@app.command("check")
def look_over(data: Data = None) -> None:
    """Look the database over; exit 3 when something is wrong."""
    from database.check import check

    findings = check(_data(data))
    for finding in findings:
        typer.echo(f"{'ok   ' if finding.ok else 'WRONG'}  {finding.what}: {finding.words}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(3)


def _data(chosen: Path | None) -> Path:
    from core.settings import load

    return load(data=chosen).data
