"""`hemiola doctor`: what works here, what does not, what to do."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def doctor(data: Annotated[Path | None, typer.Option(help="The data folder.")] = None) -> None:
    """Look at everything that analysing needs; exit status 1 where something is missing."""
    from bridges.environments import environments
    from bridges.workers import CONFINED, best_mode
    from core.settings import ROOT, load
    from core.slots import free_memory
    from hemiola._worker.confine import layers

    settings = load(data=data)
    good = True
    mode = best_mode(settings.sandbox)
    for name, there in layers().items():
        typer.echo(f"{_mark(there)}  {name}")
    if mode != CONFINED:
        typer.echo(
            "       plugins are not confined here: a buggy one harms nobody, a hostile one is not held"
        )
    for environment in environments(ROOT).values():
        ready = environment.state == "ready"
        good = good and (ready or environment.optional)
        mark = "not yet" if environment.optional and not ready else _mark(ready)
        typer.echo(
            f"{mark}  environment {environment.name}: {environment.reason or environment.notice or 'ready'}"
        )
    for what, folder in (("data", settings.data), ("cache", settings.cache)):
        problem = _writable(folder)
        good = good and problem is None
        free = "" if problem else f", {shutil.disk_usage(folder).free / 1e9:.1f} GB free"
        typer.echo(
            f"{_mark(problem is None)}  {what} folder {folder}{free}{f': {problem}' if problem else ''}"
        )
    typer.echo(
        f"       {settings.workers} plugins at a time, {free_memory() / 1e9:.1f} GB of memory for them"
    )
    typer.echo(f"       {running(settings.data) or f'no server runs for {settings.data}'}")
    if not good:
        raise typer.Exit(1)


def running(data: Path) -> str | None:
    """A sentence, without its full stop, about the server that holds a data folder; None when none does."""
    from api.schemas import Status
    from cli.client import ServerError, connected

    try:
        with connected(data) as server:
            if server is None:
                return None
            told = Status.model_validate_json(server.get("/status"))
    except ServerError as error:
        return str(error)
    at = f" at {told.server.address}/ui/" if told.server.address else ""
    kept = "".join(f", {one.plugin} quarantined" for one in told.quarantined)
    return (
        f"a server (pid {told.server.pid}) serves {data}{at}: {told.queue.running} jobs running, "
        f"{told.queue.queued} queued, {told.confinement.sentence}{kept}"
    )


def _mark(good: bool) -> str:
    return "works  " if good else "missing"


def _writable(folder: Path) -> str | None:
    """Why a folder cannot be used, with what to do; None when it can."""
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return f"{error.strerror}; choose another with --data, HEMIOLA_DATA or HEMIOLA_CACHE"
