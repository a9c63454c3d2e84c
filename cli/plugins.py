"""`hemiola plugins`: which there are, their rank, settings and health, and checking one of your own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from api.schemas import Plugins

app = typer.Typer(
    help="The plugins there are: rank, settings, release, and checking one of your own.",
    no_args_is_help=True,
    add_completion=False,
)

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A plugin, as `plugins list` names it.")]


@app.command("list")
def list_plugins(as_json: Json = False, data: Data = None) -> None:
    """Every plugin by question, in the order in which they are asked; peers, run for comparison, last."""
    from cli.cabinet import cabinet

    with cabinet(data) as at:
        found = at.every()
    if as_json:
        typer.echo(found.model_dump_json())
    else:
        _print(found)


@app.command("rank")
def rank(
    name: Name,
    place: Annotated[int, typer.Argument(metavar="PLACE", help="1 is asked first.", min=1)],
    data: Data = None,
) -> None:
    """Move a plugin among those that answer the same question; jobs asked for from now on heed it."""
    from cli.cabinet import cabinet

    with cabinet(data) as at:
        order = at.move(name, place)
    typer.echo(f"{order.question}: {', then '.join(order.order)}")


@app.command("config")
def configure(
    name: Name,
    fields: Annotated[
        list[str] | None,
        typer.Argument(metavar="FIELD=VALUE...", help="Values are JSON, or else text; FIELD= forgets one."),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Back to the plugin's own defaults.")] = False,
    data: Data = None,
) -> None:
    """Show a plugin's settings, or keep some beside those kept before."""
    import json

    from cli.cabinet import cabinet

    changes = [_field(one) for one in fields or ()]
    with cabinet(data) as at:
        one = at.one(name)
        if reset or changes:
            wanted = {} if reset else dict(one.config)
            wanted.update({field: value for field, value in changes if value is not None})
            for field in [field for field, value in changes if value is None]:
                wanted.pop(field, None)
            one = at.configure(name, wanted)
    for field, schema in one.config_schema.get("properties", {}).items():
        kept = field in one.config
        value = one.config[field] if kept else schema.get("default")
        typer.echo(f"{field} = {json.dumps(value)}{'' if kept else '  (its default)'}")


@app.command("release")
def release(name: Name, data: Data = None) -> None:
    """Let a quarantined plugin run again."""
    from cli.cabinet import cabinet

    with cabinet(data) as at:
        health = at.release(name).health
    typer.echo(f"{name}: {health.state}{f' ({health.reason})' if health.reason else ''}")


@app.command("check")
def check(path: Annotated[Path, typer.Argument(exists=True, help="A plugin file or folder.")]) -> None:
    """Run the plugins at a path on the built-in clip, confined. Exit status 1 where one is not good."""
    from bridges.environments import environments
    from bridges.workers import Workers, best_mode
    from core.check import check_plugins
    from core.models.store import Models
    from core.settings import ROOT, load

    settings = load()
    workers = Workers(environments(ROOT), best_mode(settings.sandbox))
    found = check_plugins(path.resolve(), workers, Models(settings))
    workers.close()
    for one in found:
        typer.echo(f"{'good ' if one.good else 'wrong'}  {one.name}: {one.finding}")
    if not found or not all(one.good for one in found):
        raise typer.Exit(1)


def _field(text: str) -> tuple[str, Any]:
    """`field=value` as its field and value; None for `field=`."""
    import json

    field, equals, value = text.partition("=")
    if not equals or not field:
        raise typer.BadParameter(f"{text!r} is not FIELD=VALUE")
    if not value:
        return field, None
    try:
        return field, json.loads(value)
    except ValueError:
        return field, value


def _print(found: Plugins) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("question", "rank", "plugin", "version", "health", "environment", "source"):
        table.add_column(title, no_wrap=True)
    for one in found.items:
        row = (
            one.question,
            "peer" if one.peer else str(one.rank),
            one.name,
            one.version,
            one.health.state,
            one.environment,
        )
        table.add_row(*row, one.source)
    console = Console(markup=False, highlight=False)
    console.print(table)
    console.print("\nlicences")
    for one in found.items:
        model = f"; model {one.model_licence}" if one.model_licence else ""
        console.print(f"  {one.name}: {one.licence}{model}")
    for said in dict.fromkeys(
        f"{one.health.state}: {one.health.reason}" for one in found.items if one.health.state != "ok"
    ):
        console.print(f"\n{said}")
    for problem in found.problems:
        console.print(f"\nleft out: {problem.splitlines()[0]}")
