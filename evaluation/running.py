"""Items through the engine: every system is asked about every item, and what it answers is scored as it comes.

Jobs are submitted a few ahead of the one that is waited for, so that a stopped run leaves next to nothing
behind; the engine keeps every answer, so that the same command goes on where it ended.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Iterator

import orjson

from core.engine import Engine
from evaluation import constants
from evaluation.annotation import Estimate
from evaluation.estimates import estimate_of, runs_of
from evaluation.items import Item, Scored
from evaluation.scores import Options, score
from evaluation.systems import System, questions_of

LOST = "lost"
"""The verdict of an item without a document, or that could not be scored."""


class Clock:
    """Seconds that the evaluation itself took, beside the engine's work: `with clock: ...`."""

    def __init__(self) -> None:
        self.own_s = 0.0
        self._since = 0.0

    def __enter__(self) -> None:
        self._since = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self.own_s += time.monotonic() - self._since


def scored_of(
    engine: Engine,
    items: list[Item],
    systems: list[System],
    wanted: Collection[str] | None,
    options: Options,
    clock: Clock,
    *,
    strengths: bool = False,
    force: bool = False,
) -> Iterator[Scored]:
    """What every system makes of every item, in an order that is the same each time.

    Parameters
    ----------
    wanted : collection of str or None
        The questions to score; None for all that the truths allow.
    clock : Clock
        Adds up what is spent here and not in the engine.
    strengths : bool
        Where an answer has no confidence, take its first alternative's share for one: to be calibrated.
    force : bool
        Run everything again, whatever is stored: for a plugin that changed and kept its version.
    """

    def finish(item: Item, system: System, job: int) -> Scored:
        engine.wait(job)
        with clock:
            return _scored(engine.document(job), item, system, asked_of(item, wanted), options, strengths)

    pending: deque[tuple[Item, System, int]] = deque()
    ahead = 2 * engine.settings.jobs
    for item, system in _order(items, systems, engine.settings.jobs):
        request = system.request(asked_of(item, wanted), engine.settings.regions)
        if request is None:
            continue
        request = request.model_copy(update={"force": force})
        pending.append((item, system, engine.submit(item.audio, request).id))
        while len(pending) > ahead:
            yield finish(*pending.popleft())
    while pending:
        yield finish(*pending.popleft())


def asked_of(item: Item, wanted: Collection[str] | None) -> set[str]:
    """The questions that an item's truth can score, as far as they are wanted."""
    possible = questions_of(item.truth)
    return possible if wanted is None else possible & set(wanted)


def with_constants(item: Item, duration_s: float, questions: Collection[str], options: Options) -> Scored:
    """What answers that never listened make of an item."""
    estimate = constants.answer(duration_s)
    rows = score(item.truth, estimate, options, questions)
    asked = tuple(sorted(set(questions) & set(constants.ANSWERS)))
    return Scored(item, constants.NAME, "complete", "", duration_s, tuple(rows), (), asked)


def _order(items: list[Item], systems: list[System], width: int) -> Iterator[tuple[Item, System]]:
    """A few items at a time through all systems: jobs on one file wait for each other, its decoded audio stays warm."""
    for first in range(0, len(items), width):
        for system in systems:
            for item in items[first : first + width]:
                yield item, system


def _scored(
    told: bytes, item: Item, system: System, questions: set[str], options: Options, strengths: bool
) -> Scored:
    questions &= set(system.answers)
    asked = tuple(sorted(questions))
    try:
        document = orjson.loads(told)
        estimate = estimate_of(document, beats_first=system.beats_first)
        if strengths:
            claims = {**estimate.strengths, **estimate.confidences}
            estimate = estimate.model_copy(update={"confidences": claims})
        return Scored(
            item,
            system.name,
            document["verdict"] or LOST,
            _reason(document),
            document["file"]["duration_s"] or 0.0,
            tuple(score(item.truth, estimate, options, questions)),
            runs_of(document),
            asked,
            document["file"]["sha256"] or "",
        )
    except Exception as error:  # one item is a row, never the end: the table names it
        fault = f"it could not be scored ({type(error).__name__}: {error})"
        nothing = tuple(score(item.truth, Estimate(), options, questions))
        return Scored(item, system.name, LOST, fault, 0.0, nothing, (), asked)


def _reason(document: dict[str, object]) -> str:
    """Why a file was not taken in, or which plugin stopped."""
    intake, regions = document["intake"], document["regions"]
    if isinstance(intake, dict) and intake.get("reason"):
        return str(intake["reason"])
    assert isinstance(regions, list)
    harm = ("crashed", "failed", "timed_out", "out_of_memory", "invalid", "cancelled")
    for region in regions:
        for outcome in region["outcomes"]:
            if outcome["status"] in harm:
                return f"{outcome['plugin']} {outcome['status']}: {outcome['reason']}"
    return ""
