"""`hemiola evaluate SET...`: from audio to answer on sets with known truth, peers in the same run.

It runs in the environment `evaluation`, which has what scores and draws: the command builds it where it is
missing and goes on there.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = "evaluation"

app = typer.Typer(add_completion=False)


Names = list[str] | None
Sets = Annotated[
    list[str],
    typer.Argument(
        metavar="SET...", help="Folders of audio with truth beside it, or `builtin`, which is made here."
    ),
]
Peers = Annotated[
    Names, typer.Option("--peer", help="madmom, essentia or librosa on the same files. Repeatable.")
]
Questions = Annotated[Names, typer.Option("--question", help="Score this only. Repeatable.")]
Providers = Annotated[
    Names, typer.Option("--provider", help="Run this plugin as a column of its own. Repeatable.")
]
Worn = Annotated[
    Names,
    typer.Option(
        help="Also on copies worn down so: mp3_64k, noise_10db, band_limited, drums_down, resampled, clipped, "
        "or all. Repeatable."
    ),
]
Out = Annotated[Path, typer.Option(help="Where results.json and report.html go.")]
Baseline = Annotated[
    Path | None, typer.Option(help="An older results.json: says what got better and what worse.")
]
Calibrate = Annotated[
    str | None, typer.Option(help="Fit confidences, by temperature or isotonic: writes calibrations.json.")
]
Calibration = Annotated[
    Path | None, typer.Option(help="Apply a calibrations.json, which was fitted on other songs.")
]
Items = Annotated[int | None, typer.Option(min=1, help="Of each set, this many spread evenly.")]
Seed = Annotated[int, typer.Option(min=0, help="Of `builtin`, and of the intervals.")]
Cases = Annotated[int, typer.Option(min=1, help="Of `builtin`: how many.")]
Trim = Annotated[
    bool, typer.Option("--trim", help="Leave the first five seconds of beats out, as MIREX did.")
]
Force = Annotated[
    bool, typer.Option("--force", help="Run every plugin again: one changed and kept its version.")
]
Jobs = Annotated[int | None, typer.Option(help="Files worked on at the same time.")]
Data = Annotated[Path | None, typer.Option(help="The data folder; answers are kept in it.")]


@app.command()
def evaluate(
    context: typer.Context,
    sets: Sets,
    peers: Peers = None,
    questions: Questions = None,
    providers: Providers = None,
    robustness: Worn = None,
    out: Out = Path("evaluation-report"),
    baseline: Baseline = None,
    calibrate: Calibrate = None,
    calibration: Calibration = None,
    items: Items = None,
    seed: Seed = 0,
    cases: Cases = 120,
    trim: Trim = False,
    force: Force = False,
    jobs: Jobs = None,
    data: Data = None,
) -> None:
    """Score what is answered on recordings whose truth is known: tables, results.json and a page of plots.

    Exit status: 0, 3 where an item was lost, 2 wrong usage, 130 after Ctrl-C. Answers are kept: the same command
    goes on where it was stopped.
    """
    if Path(sys.prefix) != ROOT / "envs" / ENVIRONMENT / ".venv":
        _go_on_there()
    from cli.following import GOES_ON, STOPPED, say
    from evaluation.command import Asked, evaluate

    repeated = {
        "sets": sets,
        "peers": peers,
        "questions": questions,
        "providers": providers,
        "robustness": robustness,
    }
    asked = Asked(**{**context.params, **{name: tuple(given or ()) for name, given in repeated.items()}})
    try:
        raise typer.Exit(evaluate(asked))
    except KeyboardInterrupt:
        say(GOES_ON)
        raise typer.Exit(STOPPED) from None


def _go_on_there() -> None:
    """Build the environment where it does not stand, and become this command in it."""
    from bridges.build import build
    from bridges.building.declarations import read_declarations

    declaration = read_declarations(ROOT)[ENVIRONMENT]
    record = build(declaration, ROOT, lambda line: typer.echo(line, err=True))
    if record.state != "ready":
        raise typer.Exit(3)
    python = str(declaration.python)
    os.execv(python, [python, "-E", "-s", str(ROOT / "main.py"), *sys.argv[1:]])
