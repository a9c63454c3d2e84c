"""Following jobs to their end: bars while they run, then documents or a table, and the exit status that says it all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import typer

if TYPE_CHECKING:
    from cli.desk import Desk
    from core.settings import Settings

    Ask = Callable[[Desk], Iterable[tuple[int, str]]]

T = TypeVar("T")

COMPLETE, OTHER, NONE, STOPPED = 0, 3, 4, 130
GOES_ON = "stopped. Nothing is lost: the same command goes on where this one ended."


def say(sentence: str) -> None:
    """A sentence on standard error."""
    typer.echo(f"hemiola: {sentence}", err=True)


def follow(settings: Settings, ask: Ask, *, as_json: bool) -> list[str]:
    """Ask for jobs, follow them, print what they found.

    Parameters
    ----------
    ask
        Submits the jobs, one after the other: their numbers and file names.
    as_json
        Whether to print documents, one a line, instead of a table.

    Returns
    -------
    list of str
        Each job's verdict.

    Raises
    ------
    typer.Exit
        After Ctrl-C, once it is said what becomes of the jobs.
    """
    from cli.desk import desk

    jobs: dict[int, str] = {}
    server: int | None = None
    try:
        with desk(settings, say) as at:
            server = at.server
            return _follow(at, ask, jobs, as_json)
    except KeyboardInterrupt:
        say(GOES_ON if server is None else _left_with(server, list(jobs)))
        raise typer.Exit(STOPPED) from None


def follow_quietly(
    settings: Settings, ask: Callable[[Desk], tuple[int, str]], then: Callable[[Desk, int], T]
) -> T | None:
    """Ask for one job, follow it, and do something with it; None, said why, when its file could not be taken in."""
    from cli.desk import desk
    from cli.progress import Progress

    try:
        with desk(settings, say) as at:
            listener = at.listen()
            try:
                job, name = ask(at)
                with Progress(listener, {job: name}):
                    verdict = at.finish(job)
            finally:
                listener.close()
            if verdict != "none":
                return then(at, job)
            say((json.loads(at.document(job))["intake"] or {}).get("reason") or f"{name} was not analysed")
            return None
    except KeyboardInterrupt:
        say(GOES_ON)
        raise typer.Exit(STOPPED) from None


def _follow(at: Desk, ask: Ask, jobs: dict[int, str], as_json: bool) -> list[str]:
    from cli.progress import Progress

    listener = at.listen()
    try:
        for job, name in ask(at):
            jobs[job] = name
        with Progress(listener, jobs):
            verdicts = [_finish(at, job, as_json) for job in jobs]
    finally:
        listener.close()
    if not as_json:
        _table([json.loads(at.document(job)) for job in jobs], verdicts)
    for problem in at.problems():
        say(f"left out: {problem.splitlines()[0]}")
    return verdicts


def _finish(at: Desk, job: int, as_json: bool) -> str:
    verdict = at.finish(job)
    if as_json:
        typer.echo(at.document(job))
    return verdict


def _left_with(server: int, jobs: list[int]) -> str:
    if not jobs:
        return "stopped."
    numbers = " ".join(map(str, jobs))
    whose = "the job" if len(jobs) == 1 else f"the {len(jobs)} jobs"
    return (
        f"not waiting any more. The server (pid {server}) goes on with {whose}; "
        f"`hemiola jobs cancel {numbers}` ends what is not done."
    )


def exit_status(verdicts: list[str]) -> int:
    """0 when all are complete, 4 when none could be taken in, 3 otherwise."""
    if all(verdict == "complete" for verdict in verdicts):
        return COMPLETE
    return NONE if all(verdict == "none" for verdict in verdicts) else OTHER


def _table(documents: list[dict[str, Any]], verdicts: list[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("file", "verdict", "length", "takes", "bpm", "meter", "key", "what is to know"):
        table.add_column(title, overflow="fold")
    for told, verdict in zip(documents, verdicts, strict=True):
        summary, seconds = told["summary"], told["file"]["duration_s"]
        table.add_row(
            told["file"]["name"],
            told["verdict"] or verdict,
            "" if seconds is None else f"{int(seconds // 60)}:{seconds % 60:04.1f}",
            str(summary["takes"]),
            f"{summary['bpm']:.1f}" if summary["bpm"] else "",
            summary["meter"] or "",
            summary["key"] or "",
            _to_know(told),
        )
    Console(markup=False).print(table)


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
