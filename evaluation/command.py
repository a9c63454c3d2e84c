"""`hemiola evaluate`, from audio to answer: sets, systems, the engine, scores, figures, the report.

Runs in the environment `evaluation`, with an engine of its own: its data folder lies inside the user's, so
that no evaluated file appears in the library, and shares the cache of decoded audio. The plugins' shipped
ranking and settings hold there, not the user's; drop-in plugins are the user's.
"""

from __future__ import annotations

import contextlib
import dataclasses
import shlex
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console

from core.engine import Engine
from core.errors import BadRequest, NoRoom
from core.settings import Settings, load
from database.lock import DataLock
from evaluation import constants, fitting, material, report, robustness, sets
from evaluation.calibration import Method
from evaluation.items import Item, Scored
from evaluation.material import say
from evaluation.running import Clock, asked_of, scored_of, with_constants
from evaluation.scores import Options
from evaluation.systems import ANNOTATED, OWN, System, systems

OK, LOST = 0, 3
OUT = Path("evaluation-report")
EVERY_FORM = "all"
METHODS: dict[str, Method] = {"temperature": "temperature", "isotonic": "isotonic"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for; see its options."""

    sets: tuple[str, ...]
    peers: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    robustness: tuple[str, ...] = ()
    out: Path = OUT
    baseline: Path | None = None
    calibrate: str | None = None
    calibration: Path | None = None
    items: int | None = None
    seed: int = 0
    cases: int = 120
    trim: bool = False
    force: bool = False
    jobs: int | None = None
    data: Path | None = None


def evaluate(asked: Asked) -> int:
    """Evaluate and report; the exit status: 0, or 3 where an item was lost.

    Raises
    ------
    BadRequest
        A question, peer, provider or form of robustness is not known; the message lists those that are. Or
        nothing can be written where the report, the answers or decoded audio are wanted.
    NoRoom
        The disk took no report in the end.
    SetError
        A set cannot be read; the message names file and field.
    BaselineError
        `baseline` is no results.json of this schema.
    FittedOnThese
        `calibration` was fitted on something that is to be scored.
    """
    forms = check(asked)
    known = fitting.read(asked.calibration) if asked.calibration else ()
    settings = settings_of(asked)
    before = report.read_results(asked.baseline) if asked.baseline else None
    items = gathered(asked, forms, settings.cache / "evaluation")
    fitting.require_others(known, items)
    clock, began = Clock(), datetime.now(UTC)
    with alone_in(settings.data), Engine(settings) as engine:
        columns, absent = systems(engine.catalogue, asked.peers, asked.providers, engine.workers.reason)
        for sentence in absent:
            say(sentence)
        warm(engine, columns, asked.questions or ANNOTATED)
        scored = list(watched(through(engine, items, columns, asked, clock), len(items) * (len(columns) + 1)))
        versions = versions_of(engine, scored)
        first = {name: provider for name in ANNOTATED for provider in engine.catalogue.order(name)[:1]}
    unasked(items, scored)
    scored = fitting.applied(scored, known)
    run = report.RunInfo(
        started_at=began.isoformat(timespec="seconds"),
        command=" ".join(["hemiola", *map(shlex.quote, sys.argv[1:])]),
        seed=asked.seed,
        versions=versions,
        notices=tuple(absent),
        settings={"trim": asked.trim, "items": asked.items, **dataclasses.asdict(settings.regions)},
    )
    with writing(asked.out):
        results = told(scored, run, first, before, asked.out, clock)
        if asked.calibrate is not None:
            calibrated(scored, METHODS[asked.calibrate], asked.out)
    return LOST if results.lost else OK


def told(
    scored: list[Scored],
    run: report.RunInfo,
    first: dict[str, str],
    before: report.Results | None,
    out: Path,
    clock: Clock,
) -> report.Results:
    """The report: tables on standard output, the page and results.json in `out`.

    `first` has the chain's first provider by question: the own chain knows the sets that its plugins learned from.
    """

    def trained_on(system: str, name: str, question: str) -> str | None:
        who = first.get(question, system) if system == OWN else system
        return sets.trained_on(who, name, question)

    with clock:
        results = report.results_of(scored, run=run, trained_on=trained_on)
        against = report.against(results, before) if before else None
        report.write_page(out / report.PAGE_NAME, results, against)
    heard_s = sum(one.duration_s for one in scored if one.system == constants.NAME)
    spent = {"overhead_s": clock.own_s, "overhead": clock.own_s / heard_s if heard_s else None}
    results = results.model_copy(update={"run": run.model_copy(update=spent)})
    report.write_results(out / report.RESULTS_NAME, results)
    report.write_markdown(out / report.TABLES_NAME, results)
    report.print_tables(_console(), results, against)
    names = (report.PAGE_NAME, report.TABLES_NAME, report.RESULTS_NAME)
    typer.echo("\n" + "\n".join(str(out / name) for name in names))
    return results


def _console() -> Console:
    """Standard output: as wide as its terminal, or a log of 120 columns."""
    return Console() if sys.stdout.isatty() else Console(width=120)


def check(asked: Asked) -> list[str]:
    """The forms of robustness asked for; raises BadRequest for a question or form that there is not."""
    for question in asked.questions:
        if question not in ANNOTATED:
            raise BadRequest(f"{question!r} is not scored; what is: {', '.join(ANNOTATED)}")
    if asked.calibrate not in (None, *METHODS):
        raise BadRequest(f"confidences are fitted by {' or '.join(METHODS)}, not by {asked.calibrate!r}")
    known = [*robustness.FORMS, EVERY_FORM]
    for form in asked.robustness:
        if form not in known:
            raise BadRequest(f"there is no form of robustness {form!r}; there are {', '.join(known)}")
    if EVERY_FORM in asked.robustness:
        return list(robustness.FORMS)
    return list(dict.fromkeys(asked.robustness))


def place(what: str, folder: Path) -> None:
    """Make a folder before hours are spent; raises BadRequest where nothing can be written in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = f"{folder}: no {what} can be written there ({error.strerror})"
        raise BadRequest(f"{why}; name another folder by --out, --data or HEMIOLA_CACHE") from error


@contextlib.contextmanager
def writing(out: Path) -> Iterator[None]:
    """A disk that takes no report is a sentence, and what was answered is kept."""
    try:
        yield
    except BrokenPipeError:  # whoever read the tables has seen enough
        raise
    except OSError as error:
        kept = "Every answer is kept: the same command with another --out is soon done"
        raise NoRoom(f"--out {out}: the report could not be written ({error.strerror}). {kept}") from error


def settings_of(asked: Asked) -> Settings:
    """The engine's settings for evaluations: a data folder inside the user's, with the user's drop-in plugins."""
    settings = load(data=asked.data, jobs=asked.jobs)
    for what, folder in (("report", asked.out), ("answer", settings.data), ("decoded audio", settings.cache)):
        place(what, folder)
    data = settings.data / "evaluation"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    dropped = data / "plugins.d"
    if not dropped.is_symlink():
        dropped.symlink_to(Path("..") / "plugins.d")
    return settings.model_copy(update={"data": data})


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """The lock on a folder: two evaluations at once wait for each other."""
    lock = DataLock(folder, "command")
    lock.acquire(on_wait=lambda pid, role: say(f"waiting for another evaluation (pid {pid}) …"))
    with lock:
        yield


def gathered(asked: Asked, forms: list[str], kept: Path) -> list[Item]:
    """What is to be evaluated; audio that has to be made is made in `kept`."""
    with alone_in(kept):
        items = material.items_of(
            asked.sets, asked.questions or None, kept, seed=asked.seed, cases=asked.cases
        )
        items = material.thinned(items, asked.items)
        return items + material.worn_copies(items, forms, kept)


def through(
    engine: Engine, items: list[Item], columns: list[System], asked: Asked, clock: Clock
) -> Iterator[Scored]:
    """What every column makes of every item, and once for each item what a constant answer would have."""
    wanted, options = asked.questions or None, Options(trim=asked.trim)
    heard: set[tuple[str, str, str]] = set()
    strengths = bool(asked.calibrate or asked.calibration)
    for scored in scored_of(
        engine, items, columns, wanted, options, clock, strengths=strengths, force=asked.force
    ):
        yield scored
        item = scored.item
        known = (item.set, item.name, item.variant)
        if scored.duration_s and known not in heard:
            heard.add(known)
            with clock:
                yield with_constants(item, scored.duration_s, asked_of(item, wanted), options)


def unasked(items: list[Item], scored: list[Scored]) -> None:
    """Say which items no column could be asked about."""
    answered = {(one.item.set, one.item.name) for one in scored}
    left = Counter(item.set for item in items if (item.set, item.name) not in answered)
    for name, count in left.items():
        say(f"{name}: no plugin here answers what is known about {count} of its items")


def warm(engine: Engine, columns: list[System], wanted: Collection[str]) -> None:
    """Start the environments before anything is measured: a plugin's seconds are its own."""
    asked = (column.request(wanted, engine.settings.regions) for column in columns)
    chains = (engine.catalogue.chain(one.questions, (), one.only) for one in asked if one is not None)
    providers = [provider for chain in chains for question in chain for provider in question.providers[:1]]
    for name in sorted({provider.manifest.environment for provider in providers}):
        if engine.workers.reason(name) is None:
            engine.workers.warm(name)


def calibrated(scored: list[Scored], method: Method, out: Path) -> None:
    """Fit confidences, say what that is worth on other songs, keep the fits."""
    found, refused = fitting.fitted(scored, method)
    fitting.print_table(_console(), found)
    for sentence in refused:
        say(sentence)
    fitting.write(out / fitting.NAME, found)
    typer.echo(out / fitting.NAME)


def watched(scored: Iterable[Scored], total: int) -> Iterator[Scored]:
    """The same, with a bar on a terminal's standard error."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    quiet = not sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task("", total=total)
        for one in scored:
            bar.update(task, advance=1, description=f"{one.system}: {one.item.name}")
            yield one


def versions_of(engine: Engine, scored: Iterable[Scored]) -> dict[str, str]:
    """The version of every plugin that ran."""
    ran = {run.plugin for one in scored for run in one.runs}
    known = engine.catalogue.providers()
    return {name: known[name].manifest.version for name in sorted(ran) if name in known}
