"""`hemiola jobs`: what was asked for, ending it, asking again; of a running server, or of the data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from api.schemas import JobShown

LEFT = "left unfinished; goes on at the next start"

app = typer.Typer(help="What was asked for: list, cancel, retry.", no_args_is_help=True, add_completion=False)

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default=False)]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="A job's number.", min=1)]


@app.command("list")
def list_jobs(
    state: Annotated[str | None, typer.Option(help="queued, running, done or cancelled only.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=500)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document a line.")] = False,
    data: Data = None,
) -> None:
    """Jobs, newest first."""
    if state not in (None, "queued", "running", "done", "cancelled"):
        raise typer.BadParameter(f"{state!r} is none of queued, running, done, cancelled")
    found = _jobs(data, state, limit)
    if as_json:
        for one in found:
            typer.echo(one.model_dump_json())
        return
    _print(found)


@app.command()
def cancel(
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER...", help="Jobs' numbers.", min=1)],
    data: Data = None,
) -> None:
    """End jobs; what is stored of them stays. Exit status 3 where there is nothing to end."""
    from cli.client import ServerError
    from cli.desk import server_or_lock
    from cli.following import say
    from core.errors import EngineError
    from core.settings import load

    folder = load(data=data).data
    failed = False
    with server_or_lock(folder, say) as server:
        for number in numbers:
            try:
                if server is not None:
                    server.ask("DELETE", f"/jobs/{number}")
                else:
                    _cancel(folder, number)
                typer.echo(f"job {number} is cancelled")
            except (ServerError, EngineError) as error:
                say(str(error))
                failed = True
    if failed:
        raise typer.Exit(3)


@app.command()
def retry(
    number: Number,
    plugin: Annotated[
        str | None, typer.Option(help="Ask this plugin again, whatever it said, and no other.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The document on standard output.")] = False,
    data: Data = None,
) -> None:
    """Ask again what failed in a job. Exit status as of `analyze`."""
    from cli.following import exit_status, follow
    from core.settings import load

    verdicts = follow(load(data=data), lambda at: [at.retry(number, plugin)], as_json=as_json)
    raise typer.Exit(exit_status(verdicts))


def _jobs(data: Path | None, state: str | None, limit: int) -> list[JobShown]:
    from api import schemas
    from cli.desk import server_or_lock
    from cli.following import say
    from core.settings import load

    folder = load(data=data).data
    with server_or_lock(folder, say) as server:
        if server is not None:
            only = {} if state is None else {"state": state}
            told = server.get("/jobs", limit=str(limit), **only)
            return schemas.Jobs.model_validate_json(told).items
        from api import shown
        from database.store import Store

        with Store.open(folder) as store:
            return [
                shown.stored_job(one, now=LEFT if one.state == "running" else "")
                for one in store.jobs(state, limit=limit)
            ]


def _cancel(folder: Path, number: int) -> None:
    from core.errors import Conflict, NotFound
    from database.store import Store

    with Store.open(folder) as store:
        job = store.job(number)
        if job is None:
            raise NotFound(f"there is no job {number}")
        if not store.cancel_job(number):
            raise Conflict(f"job {number} is {job.state}: there is nothing to cancel")


def _print(found: list[JobShown]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("job", "state", "verdict", "asked for", "file", "now"):
        table.add_column(title, overflow="fold")
    for one in found:
        when = one.created.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        far = "" if one.now == LEFT else f"{one.progress:.0%} "
        now = f"{far}{one.now}" if one.state == "running" else ""
        table.add_row(str(one.id), one.state, one.verdict or "", when, one.file.path, now)
    Console(markup=False).print(table)
