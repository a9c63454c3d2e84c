"""Rows that the database's tests store."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

from database.records import Answer, File, Outcome, Region

SHA = "ab" * 32


def digest(words: object) -> str:
    """A key or hash that is always the same for the same words."""
    return hashlib.sha256(str(words).encode()).hexdigest()


def a_file(sha256: str = SHA, **changed: Any) -> File:
    """A minute of stereo."""
    row = File(
        sha256=sha256,
        size=10_584_044,
        format="WAV",
        duration_s=60.0,
        rate=44100,
        channels=2,
        frames=2_646_000,
        intake_status="ok",
        intake_code=None,
        intake_reason=None,
        truncated_at_s=None,
        loudness_lufs=-14.5,
        intake_version="1",
        facts='{"peak_db":-0.3}',
    )
    return dataclasses.replace(row, **changed)


def some_regions(sha256: str = SHA, takes: int = 1, in_each: int = 2) -> list[Region]:
    """A file of `takes` takes of `in_each` regions of a second each, in reading order."""
    second = 44100
    length = takes * in_each
    found = [Region("file", sha256, "file", None, 0, length * second, 0.0, float(length))]
    for take in range(takes):
        start, end = take * in_each, (take + 1) * in_each
        name = f"take-{take}"
        found.append(
            Region(name, sha256, "take", "file", start * second, end * second, float(start), float(end))
        )
        for at in range(start, end):
            bounds = (at * second, (at + 1) * second, float(at), float(at + 1))
            found.append(Region(f"region-{at}", sha256, "region", name, *bounds))
    return found


def an_answer(words: object = "an answer", **changed: Any) -> Answer:
    """An answer of onsets.superflux with a result, under a key made of `words`."""
    row = Answer(
        key=digest(words),
        file=SHA,
        region="take-0",
        plugin="onsets.superflux",
        version="1.0.0",
        question="onsets",
        config='{"threshold":0.1}',
        status="ok",
        code=None,
        signal=None,
        reason=None,
        detail=None,
        seconds=0.25,
        peak_mb=31.5,
        environment="main",
        environment_lock=digest("lock"),
        libraries='{"librosa":"0.11.0"}',
        licence="MIT",
        model=None,
        model_licence=None,
        result=b'{"times":[0.5,1.0],"strengths":[1.0,0.5]}',
        result_hash=digest("result"),
        artifact=None,
    )
    return dataclasses.replace(row, **changed)


def an_outcome(job: int, answer: Answer | None = None, **changed: Any) -> Outcome:
    """The ledger's row for `answer`, or one that was blocked."""
    row = Outcome(
        job=job,
        region=answer.region if answer else "take-0",
        question=answer.question if answer else "onsets",
        plugin=answer.plugin if answer else "onsets.superflux",
        version=answer.version if answer else "1.0.0",
        status=answer.status if answer else "blocked",
        disposition="fresh" if answer else None,
        degraded=None,
        rank=1,
        winner=answer is not None and answer.status == "ok",
        answer=answer.key if answer else None,
        environment="main",
        code=answer.code if answer else "needs",
        signal=answer.signal if answer else None,
        reason=answer.reason if answer else "no beats to work on",
        detail=answer.detail if answer else None,
        seconds=answer.seconds if answer else None,
        peak_mb=answer.peak_mb if answer else None,
    )
    return dataclasses.replace(row, **changed)
