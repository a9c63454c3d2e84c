"""`hemiola analyze PATH...`: files and folders in, a table or one JSON document per file out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.desk import Desk

USAGE = 2

ONLY = typer.Option(
    metavar="PLUGIN",
    help="This plugin answers its question, in place of those ranked for it; several of one question "
    "in the order given. Repeatable.",
)
BPM = typer.Option(metavar="BPM", help="The tempo, where you know it; kept with the file. auto: as measured.")
OCTAVE = typer.Option(
    metavar="FACTOR", help="How many times the measured tempo is meant: 2, 0.5, 3 or 1/3; kept likewise."
)
METER = typer.Option(metavar="METER", help='The meter, "7/8" or with its groups "7/8 2+2+3"; kept likewise.')

app = typer.Typer(add_completion=False)


@app.command()
def analyze(
    paths: Annotated[
        list[Path], typer.Argument(help="Files and folders; a folder is walked for audio and video.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document per file on standard output.")
    ] = False,
    question: Annotated[
        list[str] | None, typer.Option(help="Ask this only, and what it needs. Repeatable.")
    ] = None,
    plugin: Annotated[
        list[str] | None, typer.Option(help="Run this plugin beside the chain's own. Repeatable.")
    ] = None,
    only: Annotated[list[str] | None, ONLY] = None,
    bpm: Annotated[str | None, BPM] = None,
    octave: Annotated[str | None, OCTAVE] = None,
    meter: Annotated[str | None, METER] = None,
    jobs: Annotated[int | None, typer.Option(help="Files worked on at the same time.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Run everything again.")] = False,
    data: Annotated[Path | None, typer.Option(help="The data folder.")] = None,
) -> None:
    """Analyse files and folders; where a server runs, it does the work.

    Exit status: 0 all complete, 4 none taken in, 2 wrong usage, 3 anything else, 130 after Ctrl-C.
    """
    from cli.following import exit_status, follow, say
    from cli.walking import audio_files
    from core.corrections import read_bpm, read_octave
    from core.requests import Request
    from core.settings import load

    settings = load(data=data, jobs=jobs)
    request = Request(
        questions=tuple(question) if question else None,
        plugins=tuple(plugin or ()),
        only=tuple(only or ()),
        force=force,
        regions=settings.regions,
        bpm=read_bpm(bpm),
        octave=read_octave(octave),
        meter=meter,
    )
    files, missing = audio_files(paths)
    for path in missing:
        say(f"{path}: there is no such file or folder")
    if not files:
        say("nothing to analyse: no audio or video file among what was named")
        raise typer.Exit(USAGE)

    def ask(at: Desk) -> Iterator[tuple[int, str]]:
        if at.server is not None and jobs is not None:
            say(f"--jobs has no effect on a running server (pid {at.server})")
        return ((at.submit(file, request), file.name) for file in files)

    verdicts = follow(settings, ask, as_json=as_json)
    raise typer.Exit(exit_status(verdicts + ["none"] * len(missing)))
