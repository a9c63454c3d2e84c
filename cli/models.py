"""`hemiola models`: which there are, fetching, verifying and removing them, and going back to another version."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from core.models.store import Models, Shown

app = typer.Typer(
    help="The models that plugins use: list, fetch, verify, remove, and which version is in use.",
    no_args_is_help=True,
    add_completion=False,
)

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default=False)]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A model, as `models list` names it.")]
Version = Annotated[
    str | None, typer.Argument(metavar="VERSION", help="One of its versions.", show_default=False)
]


@app.command("list")
def list_models(data: Data = None) -> None:
    """Every version that is known, was fetched, or was put into the models folder by hand."""
    models = _models(data)
    _print(models.every())
    for problem in models.problems:
        typer.echo(f"hemiola: {problem}", err=True)


@app.command("fetch")
def fetch(name: Name, version: Version = None, data: Data = None) -> None:
    """Fetch a version, by default the one in use; what came before a break is not fetched again."""
    drawn = sys.stderr.isatty()

    def tell(title: str, fraction: float | None) -> None:
        if drawn:
            far = "" if fraction is None else f" {fraction:.0%}"
            typer.echo(f"\rfetching {title}{far} ", nl=False, err=True)

    try:
        model, before = _models(data).fetch(name, version, lambda: False, tell)
    finally:
        if drawn:
            typer.echo("\r\033[K", nl=False, err=True)
    typer.echo(f"{name} {model.version} {'was there already' if before else 'is fetched'}: {model.path}")


@app.command("verify")
def verify(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Only this one.", show_default=False)
    ] = None,
    data: Data = None,
) -> None:
    """Read what was fetched again and compare it with its SHA-256; exit 3 when something is wrong."""
    found = _models(data).verify(name)
    for entry, wrong in found:
        typer.echo(
            f"{'ok   ' if wrong is None else 'WRONG'}  {entry.title}{'' if wrong is None else f': {wrong}'}"
        )
    if not found:
        typer.echo("nothing was fetched")
    if any(wrong is not None for _, wrong in found):
        raise typer.Exit(3)


@app.command("remove")
def remove(name: Name, version: Version = None, data: Data = None) -> None:
    """Take a fetched version away, by default all of a model; what you put there by hand stays."""
    for entry in _models(data).remove(name, version):
        typer.echo(f"{entry.title} is removed")


@app.command("use")
def use(
    name: Name,
    version: Version = None,
    default: Annotated[
        bool, typer.Option("--default", help="Back to the version in use by default.")
    ] = False,
    data: Data = None,
) -> None:
    """Have plugins use this version from the next job on, until another becomes the default."""
    if default == (version is not None):
        raise typer.BadParameter("name a version, or --default")
    typer.echo(f"{_models(data).use(name, version).title} is in use")


def _models(data: Path | None) -> Models:
    """Of a data folder, None for the one that the settings name. Needs no lock: each change is one renaming."""
    from core.models.store import Models
    from core.settings import load

    return Models(load(data=data))


def _print(found: list[Shown]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("model", "version", "in use", "state", "MB"):
        table.add_column(title, no_wrap=True)
    table.add_column("source", overflow="fold")
    for one in found:
        entry = one.entry
        size = None if entry is None else entry.size
        source = str(one.path) if entry is None else entry.files[0].shown
        table.add_row(
            one.name,
            one.version or "",
            "yes" if one.in_use else "",
            one.state,
            "" if size is None else f"{size / 1e6:.1f}",
            source,
        )
    console = Console(markup=False, highlight=False)
    console.print(table)
    licences = {
        f"  {one.name}: {one.entry.licence}" for one in found if one.entry is not None and one.entry.licence
    }
    if licences:
        console.print("\nlicences")
    for line in sorted(licences):
        console.print(line, soft_wrap=True)
