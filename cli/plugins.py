"""`hemiola plugins`: which plugins there are, and checking one of your own through the whole sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="The plugins there are, and checking one of your own.", no_args_is_help=True, add_completion=False
)


@app.command("list")
def list_plugins(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
    data: Annotated[Path | None, typer.Option(help="The data folder.")] = None,
) -> None:
    """Every plugin by question, in the order in which they are asked."""
    from bridges.environments import environments
    from bridges.workers import Workers, best_mode
    from core.catalogue import Catalogue
    from core.settings import ROOT, load

    settings = load(data=data)
    workers = Workers(environments(ROOT), best_mode(settings.sandbox))
    catalogue = Catalogue(ROOT, settings.data, settings.cache, workers)
    providers = sorted(catalogue.providers().values(), key=lambda p: (p.manifest.question, p.rank))
    rows = [
        {
            "question": provider.manifest.question,
            "plugin": provider.name,
            "version": provider.manifest.version,
            "levels": provider.manifest.levels,
            "environment": provider.manifest.environment,
            "unavailable": workers.reason(provider.manifest.environment),
            "licence": provider.manifest.licence,
            "model_licence": provider.manifest.model_licence,
            "source": provider.source.kind,
        }
        for provider in providers
    ]
    workers.close()
    if as_json:
        import json

        typer.echo(json.dumps({"plugins": rows, "problems": catalogue.problems}))
        return
    _print(rows, catalogue.problems)


def _print(rows: Sequence[Mapping[str, object]], problems: list[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    shown = ("question", "plugin", "version", "environment", "licence", "model_licence", "source")
    for title in shown:
        table.add_column(title.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(str(row[name] or "") for name in shown))
    console = Console()
    console.print(table)
    for said in dict.fromkeys(str(row["unavailable"]) for row in rows if row["unavailable"]):
        console.print(f"\nunavailable: {said}", markup=False, highlight=False)
    for problem in problems:
        console.print(f"\nleft out: {problem.splitlines()[0]}", markup=False, highlight=False)


@app.command("check")
def check(path: Annotated[Path, typer.Argument(exists=True, help="A plugin file or folder.")]) -> None:
    """Run the plugins at a path on the built-in clip, confined. Exit status 1 where one is not good."""
    from bridges.environments import environments
    from bridges.workers import Workers, best_mode
    from core.check import check_plugins
    from core.settings import ROOT, load

    workers = Workers(environments(ROOT), best_mode(load().sandbox))
    found = check_plugins(path.resolve(), workers)
    workers.close()
    for one in found:
        typer.echo(f"{'good ' if one.good else 'wrong'}  {one.name}: {one.finding}")
    if not found or not all(one.good for one in found):
        raise typer.Exit(1)
