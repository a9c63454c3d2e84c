"""`hemiola serve`: the page and the HTTP interface, until Ctrl-C."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address; any but 127.0.0.1 needs a token.")] = None,
    port: Annotated[int | None, typer.Option(help="Port, 8000 by default.")] = None,
    token: Annotated[str | None, typer.Option(help="A secret that clients must show.")] = None,
    data: Annotated[Path | None, typer.Option(help="The data folder.")] = None,
    workers: Annotated[
        int, typer.Option(help="Server processes: always 1. HEMIOLA_WORKERS is another thing.", hidden=True)
    ] = 1,
) -> None:
    """Serve the page and the HTTP interface until Ctrl-C."""
    from cli.following import say

    if workers != 1:
        say(
            f"--workers {workers}: one process serves a data folder, however many clients it has; "
            "how many plugins run at a time is set by HEMIOLA_WORKERS"
        )
        raise typer.Exit(2)
    from api.server import serve
    from cli.doctor import running
    from core.settings import load

    settings = load(host=host, port=port, token=token, data=data)
    there = running(settings.data)
    if there is not None:
        say(f"{there}. Use that one, stop it, or name another folder with --data or HEMIOLA_DATA")
        raise typer.Exit(3)
    serve(settings, typer.echo)
