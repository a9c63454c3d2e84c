"""`hemiola export FILE`: its drum part as hits.json, MIDI, MusicXML, PDF or SVG; analysed first where it is not yet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from core.settings import Settings

app = typer.Typer(add_completion=False)

QUESTIONS = ("hits", "meter", "tempo")
NONE = 4


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="A recording.")],
    format: Annotated[
        Literal["hits", "midi", "musicxml", "pdf", "svg"], typer.Option(help="What to write.")
    ] = "musicxml",
    out: Annotated[
        Path | None,
        typer.Option(help="Where to write it; by default beside you, under the recording's name."),
    ] = None,
    take: Annotated[int | None, typer.Option(help="This take alone, counted from 1.", min=1)] = None,
    mapping: Annotated[
        Literal["default", "annoteator"],
        typer.Option(help="Where drums stand on the staff; annoteator puts the ride on G5."),
    ] = "default",
    data: Annotated[Path | None, typer.Option(help="The data folder.")] = None,
) -> None:
    """Write a recording's drum part. `--out -` is standard output.

    Exit status: 0 written, 4 the recording cannot be taken in, 2 wrong usage, 3 anything else, 130 after Ctrl-C.
    """
    from cli.desk import Exported
    from cli.following import follow_quietly, say
    from core.requests import Request
    from core.settings import load

    settings: Settings = load(data=data)
    request = Request(questions=QUESTIONS, regions=settings.regions)
    made: Exported | None = follow_quietly(
        settings,
        lambda at: (at.submit(file.absolute(), request), file.name),
        lambda at, job: at.export(job, format, take, mapping),
    )
    if made is None:
        raise typer.Exit(NONE)
    for remark in made.remarks:
        say(remark)
    if str(out) == "-":
        sys.stdout.buffer.write(made.content)
        return
    target = out if out is not None else Path(made.name)
    try:
        target.write_bytes(made.content)
    except OSError as error:
        say(f"{target} cannot be written: {error.strerror}")
        raise typer.Exit(3) from error
    typer.echo(str(target))
