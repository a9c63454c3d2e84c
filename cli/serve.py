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
) -> None:
    """Serve the page and the HTTP interface until Ctrl-C."""
    from api.server import serve
    from core.settings import load

    serve(load(host=host, port=port, token=token, data=data), typer.echo)
