"""What a job comes to: its verdict, what is worth a notice, and the summary of its file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson

from core.chain import Question
from core.corrections import corrected
from core.words import HARM, Code, Level, Status, Verdict
from database.records import Outcome, Region, Shown
from hemiola.corrections import NOTHING_SAID, Corrections

Rows = Sequence[tuple[Outcome, Shown | None]]


def verdict(chain: Sequence[Question], rows: Rows) -> Verdict:
    """Complete when every question was answered or skipped for cause and no provider that ran failed.

    A question that was asked for a comparison alone (without providers) needs no answer.
    """
    outcomes = [outcome for outcome, _ in rows]
    if any(outcome.status in HARM for outcome in outcomes):
        return Verdict.PARTIAL
    asked: dict[tuple[str, str], list[Outcome]] = {}
    compared = {question.name for question in chain if not question.providers}
    for outcome in outcomes:
        if outcome.question in compared:
            continue
        asked.setdefault((outcome.region, outcome.question), []).append(outcome)
    settled = all(_settled(tried) for tried in asked.values())
    return Verdict.COMPLETE if settled else Verdict.PARTIAL


def _settled(tried: list[Outcome]) -> bool:
    """Whether a question about a region needs nothing more: answered, skipped, or nobody was there to ask."""
    if any(outcome.winner or outcome.status == Status.SKIPPED for outcome in tried):
        return True
    if any(outcome.code == Code.NEEDS_SKIPPED for outcome in tried):
        return True
    absent = (Status.UNAVAILABLE, Status.QUARANTINED)
    return all(o.status in absent or o.code == Code.NEEDS_MISSING for o in tried) and any(
        o.status in absent for o in tried
    )


def notices(chain: Sequence[Question], rows: Rows) -> list[str]:
    """Sentences worth saying that lower no verdict: providers that are not there, questions nobody could answer."""
    said = dict.fromkeys(
        f"{outcome.plugin} is {outcome.status}: {outcome.reason}"
        for outcome, _ in rows
        if outcome.status in (Status.UNAVAILABLE, Status.QUARANTINED)
    )
    answered = {
        outcome.question
        for outcome, _ in rows
        if outcome.winner or outcome.status == Status.SKIPPED or outcome.code == Code.NEEDS_SKIPPED
    }
    open_ = [q.name for q in chain if q.providers and q.name not in answered]
    unasked = [name for name in open_ if any(outcome.question == name for outcome, _ in rows)]
    unanswered = [f"nothing here could answer {name}" for name in unasked]
    return [*unanswered, *said]


def summary(regions: Sequence[Region], rows: Rows, said: Corrections = NOTHING_SAID) -> dict[str, Any]:
    """Takes, regions, the longest take's tempo, meter and key, and how many outcomes have which status.

    What a person said of the file stands in place of what was measured, or of nothing; `bpm_source` and
    `meter_source` tell.
    """
    takes = [region for region in regions if region.level == Level.TAKE]
    longest = max(takes, key=lambda take: take.end_s - take.start_s, default=None)
    won = {} if longest is None else _winners(longest, rows, said)
    if longest is not None:
        for question, value in (("tempo", said.bpm), ("meter", said.meter)):
            if value is not None and question not in won:
                won[question] = {"bpm": value, "meter": value, "source": "user"}
    tempo, meter, key = (won.get(question, {}) for question in ("tempo", "meter", "key"))
    return {
        "takes": len(takes),
        "regions": sum(region.level == Level.REGION for region in regions),
        "bpm": tempo.get("bpm"),
        "bpm_source": _source(tempo, "bpm"),
        "meter": meter.get("meter"),
        "meter_source": _source(meter, "meter"),
        "key": key.get("label"),
        "counts": dict(sorted(Counter(outcome.status for outcome, _ in rows).items())),
    }


def labels(rows: Rows) -> str:
    """The words that a file was labelled with, each once, for the search: kinds of content, genres, instruments."""
    told = {"content": "segments", "labels": "labels"}
    found = {
        str(part["label"])
        for outcome, answer in rows
        if outcome.winner and outcome.question in told and answer is not None and answer.result is not None
        for part in orjson.loads(answer.result).get(told[outcome.question], ())
    }
    return " ".join(sorted(found))


def _source(answer: dict[str, Any], field: str) -> str | None:
    """Who says it: "estimated" or "user"; None where nothing is said."""
    return None if answer.get(field) is None else answer.get("source", "estimated")


def _winners(region: Region, rows: Rows, said: Corrections) -> dict[str, dict[str, Any]]:
    found = {}
    for outcome, answer in rows:
        shown = (
            outcome.winner and outcome.region == region.id and outcome.question in ("tempo", "meter", "key")
        )
        if shown and answer is not None and answer.result is not None:
            found[outcome.question] = orjson.loads(corrected(outcome.question, answer.result, said))
    return found
