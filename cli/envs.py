"""`hemiola envs`: the Python environments that plugins run in, and building them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parents[1]

app = typer.Typer(
    help="The Python environments that plugins run in.", no_args_is_help=True, add_completion=False
)


@app.command("list")
def list_environments(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Each environment, its state, and what to do where it is not ready."""
    from bridges.environments import environments

    found = environments(ROOT)
    if as_json:
        import json

        rows = [
            {
                "name": one.name,
                "title": one.title,
                "state": one.state,
                "reason": one.reason,
                "notice": one.notice,
                "python": one.python_version or None,
                "lock": one.lock_hash or None,
                "optional": one.optional,
                "licences": dict(one.licences),
            }
            for one in found.values()
        ]
        typer.echo(json.dumps(rows))
        return

    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("environment", "state", "Python", "packages", "what it holds"):
        table.add_column(title)
    for one in found.values():
        state = f"{one.state} (optional)" if one.optional and one.state == "missing" else one.state
        count = str(len(one.packages)) if one.packages else ""
        table.add_row(one.name, state, one.python_version, count, one.title)
    console = Console()
    console.print(table)
    for one in found.values():
        if said := one.reason or one.notice:
            console.print(f"\n{said}", markup=False, highlight=False)


@app.command("build")
def build_environment(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Folders under envs/.")],
    anew: Annotated[bool, typer.Option("--anew", help="Build it even where it stands.")] = False,
) -> None:
    """Build environments, or bring them up to date with this checkout; exit status 1 where one fails."""
    from bridges.build import build
    from bridges.building.declarations import read_declarations

    declared = {name: one for name, one in read_declarations(ROOT).items() if not one.is_host}
    for name in names:
        if name not in declared:
            typer.echo(f"There is no environment {name!r}; there are {', '.join(declared)}.", err=True)
            raise typer.Exit(2)
    records = {name: build(declared[name], ROOT, typer.echo, anew=anew) for name in names}
    for name, record in records.items():
        if record.state == "ready":
            typer.echo(f"{name}: ready, Python {record.python_version}")
    if any(record.state == "failed" for record in records.values()):
        raise typer.Exit(1)


@app.command("check")
def check_environments() -> None:
    """Send a tone through every environment; exit status 1 where one that is built does not answer."""
    from bridges.environments import environments
    from bridges.workers import Workers, best_mode
    from core.check import check_environment
    from core.settings import load

    workers = Workers(environments(ROOT), best_mode(load().sandbox))
    failed = False
    for name, one in workers.environments.items():
        found = check_environment(name, workers)
        failed = failed or (found.problem is not None and not (one.optional and one.state == "missing"))
        took = f"warm in {found.start_ms:.0f} ms, answered in {found.answer_ms:.0f} ms"
        typer.echo(f"{name}: {found.problem or f'{found.answer}; {took}; {found.versions}'}")
    workers.close()
    if failed:
        raise typer.Exit(1)
