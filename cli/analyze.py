"""`hemiola analyze PATH...`: files and folders in, a table or one JSON document per file out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from core.engine import Engine
    from core.settings import Settings
    from database.records import Job

COMPLETE, USAGE, OTHER, NONE, STOPPED = 0, 2, 3, 4, 130

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
    jobs: Annotated[int | None, typer.Option(help="Files worked on at the same time.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Run everything again.")] = False,
    data: Annotated[Path | None, typer.Option(help="The data folder.")] = None,
) -> None:
    """Analyse files and folders. Exit status: 0 all complete, 4 none taken in, 3 anything else."""
    from cli.walking import audio_files
    from core.settings import load

    settings = load(data=data, jobs=jobs)
    files, missing = audio_files(paths)
    for path in missing:
        typer.echo(f"hemiola: {path}: there is no such file or folder", err=True)
    if not files:
        typer.echo("hemiola: nothing to analyse: no audio or video file among what was named", err=True)
        raise typer.Exit(USAGE)
    verdicts = _run(settings, files, _request(settings, question, plugin, force), as_json)
    verdicts += ["none"] * len(missing)
    raise typer.Exit(_exit_code(verdicts))


def _request(settings: Settings, questions: list[str] | None, plugins: list[str] | None, force: bool) -> Any:
    from core.requests import Request

    return Request(
        questions=tuple(questions) if questions else None,
        plugins=tuple(plugins or ()),
        force=force,
        regions=settings.regions,
    )


def _run(settings: Settings, files: list[Path], request: Any, as_json: bool) -> list[str]:
    from core.engine import Engine
    from database.lock import DataLock

    lock = DataLock(settings.data, "command")
    lock.acquire(
        on_wait=lambda pid, role: typer.echo(f"hemiola: waiting for another {role} (pid {pid}) …", err=True)
    )
    try:
        with lock, Engine(settings) as engine:
            return _verdicts(engine, files, request, as_json)
    except KeyboardInterrupt:
        typer.echo(
            "hemiola: stopped. Nothing is lost: the same command goes on where this one ended.", err=True
        )
        raise typer.Exit(STOPPED) from None


def _verdicts(engine: Engine, files: list[Path], request: Any, as_json: bool) -> list[str]:
    from cli.progress import Progress

    listener = engine.listen()
    jobs = [engine.submit(path, request) for path in files]
    with Progress(listener, {job.id: Path(job.path).name for job in jobs}):
        finished = [_finish(engine, job, as_json) for job in jobs]
    if not as_json:
        _table(engine, finished)
    for problem in engine.catalogue.problems:
        typer.echo(f"hemiola: left out: {problem.splitlines()[0]}", err=True)
    return [job.verdict or "none" for job in finished]


def _finish(engine: Engine, job: Job, as_json: bool) -> Job:
    done = engine.wait(job.id)
    if as_json:
        typer.echo(engine.document(done.id))
    return done


def _table(engine: Engine, jobs: list[Job]) -> None:
    import json

    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("file", "verdict", "length", "takes", "bpm", "meter", "key", "what is to know"):
        table.add_column(title, overflow="fold")
    for job in jobs:
        told = json.loads(engine.document(job.id))
        summary, seconds = told["summary"], told["file"]["duration_s"]
        bpm = f"{summary['bpm']:.1f}" if summary["bpm"] else ""
        length = "" if seconds is None else f"{int(seconds // 60)}:{seconds % 60:04.1f}"
        row = [
            length,
            str(summary["takes"]),
            bpm,
            summary["meter"] or "",
            summary["key"] or "",
            _to_know(told),
        ]
        table.add_row(told["file"]["name"], told["verdict"] or job.state, *row)
    Console().print(table)


def _to_know(told: dict[str, Any]) -> str:
    """The most important sentence about a file."""
    intake = told["intake"] or {}
    failed = [
        o
        for region in told["regions"]
        for o in region["outcomes"]
        if o["status"] not in ("ok", "skipped", "blocked")
    ]
    sentences = [intake["reason"]] if intake.get("reason") else []
    sentences += [f"{o['plugin']} {o['status']}: {o['reason']}" for o in failed[:1]]
    return " ".join(sentences)


def _exit_code(verdicts: list[str]) -> int:
    if all(verdict == "complete" for verdict in verdicts):
        return COMPLETE
    return NONE if all(verdict == "none" for verdict in verdicts) else OTHER
