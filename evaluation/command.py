"""`hemiola evaluate`, from audio to answer: sets, systems, the engine, scores, figures, the report.

Runs in the environment `evaluation`, with an engine of its own: its data folder lies inside the user's, so
that no evaluated file appears in the library, and shares the cache of decoded audio. The plugins' shipped
ranking and settings hold there, not the user's; drop-in plugins are the user's.
"""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console

from core.engine import Engine
from core.errors import BadRequest
from core.settings import Settings, load
from database.lock import DataLock
from evaluation import builtin, constants, report, robustness, sets
from evaluation.items import Item, Scored
from evaluation.running import Clock, asked_of, scored_of, with_constants
from evaluation.scores import Options
from evaluation.systems import ANNOTATED, OWN, System, systems

OK, LOST = 0, 3
BUILTIN = "builtin"
OUT = Path("evaluation-report")
EVERY_FORM = "all"


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
    items: int | None = None
    seed: int = 0
    cases: int = 120
    trim: bool = False
    jobs: int | None = None
    data: Path | None = None


def evaluate(asked: Asked) -> int:
    """Evaluate and report; the exit status: 0, or 3 where an item was lost.

    Raises
    ------
    BadRequest
        A question, peer, provider or form of robustness is not known; the message lists those that are.
    SetError
        A set cannot be read; the message names file and field.
    BaselineError
        `baseline` is no results.json of this schema.
    """
    forms = check(asked)
    clock, began = Clock(), datetime.now(UTC)
    settings = own_settings(load(data=asked.data, jobs=asked.jobs))
    before = report.read_results(asked.baseline) if asked.baseline else None
    items = items_of(asked, settings)
    items += worn_copies(items, forms, settings)
    with lock_of(settings), Engine(settings) as engine:
        columns = systems(engine.catalogue, asked.peers, asked.providers)
        scored = list(watched(through(engine, items, columns, asked, clock), len(items) * (len(columns) + 1)))
        versions = versions_of(engine, scored)
        first = {name: provider for name in ANNOTATED for provider in engine.catalogue.order(name)[:1]}
    unasked(items, scored)
    run = report.RunInfo(
        started_at=began.isoformat(timespec="seconds"),
        command=" ".join(["hemiola", *map(shlex.quote, sys.argv[1:])]),
        seed=asked.seed,
        versions=versions,
        settings={"trim": asked.trim, "items": asked.items},
    )
    results = told(scored, run, first, before, asked.out, clock)
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
        out.mkdir(parents=True, exist_ok=True)
        report.write_page(out / report.PAGE_NAME, results, against)
    heard_s = sum(one.duration_s for one in scored if one.system == constants.NAME)
    spent = {"overhead_s": clock.own_s, "overhead": clock.own_s / heard_s if heard_s else None}
    results = results.model_copy(update={"run": run.model_copy(update=spent)})
    report.write_results(out / report.RESULTS_NAME, results)
    report.print_tables(Console(), results, against)
    typer.echo(f"\n{out / report.PAGE_NAME}\n{out / report.RESULTS_NAME}")
    return results


def check(asked: Asked) -> list[str]:
    """The forms of robustness asked for; raises BadRequest for a question or form that there is not."""
    for question in asked.questions:
        if question not in ANNOTATED:
            raise BadRequest(f"{question!r} is not scored; what is: {', '.join(ANNOTATED)}")
    known = [*robustness.FORMS, EVERY_FORM]
    for form in asked.robustness:
        if form not in known:
            raise BadRequest(f"there is no form of robustness {form!r}; there are {', '.join(known)}")
    if EVERY_FORM in asked.robustness:
        return list(robustness.FORMS)
    return list(dict.fromkeys(asked.robustness))


def own_settings(settings: Settings) -> Settings:
    """The engine's settings for evaluations: a data folder inside the user's, with the user's drop-in plugins."""
    data = settings.data / "evaluation"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    dropped = data / "plugins.d"
    if not dropped.is_symlink():
        dropped.symlink_to(Path("..") / "plugins.d")
    return settings.model_copy(update={"data": data})


def items_of(asked: Asked, settings: Settings) -> list[Item]:
    """The items of all sets that something asked for can be scored on, thinned out evenly where so asked."""
    found: list[Item] = []
    for name in dict.fromkeys(asked.sets):
        loaded = _builtin(asked, settings) if name == BUILTIN else sets.load(name)
        for notice in loaded.notices:
            say(f"{loaded.name}: {notice}")
        found += loaded.items
    scorable = [item for item in found if asked_of(item, asked.questions or None)]
    if len(scorable) < len(found):
        say(
            f"{len(found) - len(scorable)} of {len(found)} items say nothing about what is asked, and are left out"
        )
    return thinned(scorable, asked.items)


def _builtin(asked: Asked, settings: Settings) -> sets.Loaded:
    """The set that is made here, on first use."""
    folder = settings.cache / "evaluation" / f"builtin-{asked.seed}-{asked.cases}"
    say(f"{asked.cases} scenarios of seed {asked.seed} in {folder}")
    builtin.generate(folder, seed=asked.seed, cases=asked.cases)
    loaded, name = sets.load(folder), BUILTIN if asked.seed == 0 else f"{BUILTIN}-{asked.seed}"
    items = tuple(replace(item, set=name) for item in loaded.items)
    return replace(loaded, name=name, items=items)


def thinned(items: list[Item], most: int | None) -> list[Item]:
    """At most so many items of each set, spread evenly over it."""
    if most is None:
        return items
    by_set: dict[str, list[Item]] = {}
    for item in items:
        by_set.setdefault(item.set, []).append(item)
    return [item for members in by_set.values() for item in _spread(members, most)]


def _spread(items: list[Item], most: int) -> list[Item]:
    if len(items) <= most:
        return items
    return [items[round(index * (len(items) - 1) / max(1, most - 1))] for index in range(most)]


def worn_copies(items: list[Item], forms: list[str], settings: Settings) -> list[Item]:
    """The same items worn down in each form; said where that cannot be done."""
    folder = settings.cache / "evaluation" / "worn"
    made, refused = [], Counter[str]()
    for item, reason in robustness.worn(items, forms, folder):
        if reason is None:
            made.append(item)
        else:
            refused[f"{item.variant}: {reason}"] += 1
    for reason, count in refused.items():
        say(f"{reason} ({count} of {len(items)} items)")
    return made


@contextlib.contextmanager
def lock_of(settings: Settings) -> Iterator[None]:
    """The lock on the evaluations' data folder: two at once wait for each other."""
    lock = DataLock(settings.data, "command")
    lock.acquire(on_wait=lambda pid, role: say(f"waiting for another evaluation (pid {pid}) …"))
    with lock:
        yield


def through(
    engine: Engine, items: list[Item], columns: list[System], asked: Asked, clock: Clock
) -> Iterator[Scored]:
    """What every column makes of every item, and once for each item what a constant answer would have."""
    wanted, options = asked.questions or None, Options(trim=asked.trim)
    heard: set[tuple[str, str, str]] = set()
    for scored in scored_of(engine, items, columns, wanted, options, clock):
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
        say(f"{name}: no plugin here answers what is known about {count} items")


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


def say(sentence: str) -> None:
    """A sentence on standard error."""
    typer.echo(f"hemiola: {sentence}", err=True)
