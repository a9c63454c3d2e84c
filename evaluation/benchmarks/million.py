"""A database with a million regions, made as the store would have made it, for the benchmarks.

Rows are inserted through the store's own tables, so that triggers, counters and the search index are as in use.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert

from database import library, tables
from database.connections import NAME, writing_engine
from database.records import File, Summary
from database.store import Store

REGIONS_PER_FILE = 100
TAKES = 9
QUESTIONS = {"onsets": "region", "key": "region", "beats": "take", "tempo": "take", "content": "take"}
METERS, KEYS = ("4/4", "3/4", "7/8"), ("A minor", "C major", "F# minor", "Eb major")


def build(data: Path, regions: int) -> list[tuple[str, str]]:
    """Fill a new data folder with so many regions; returns (SHA-256, path) of its files."""
    Store.open(data).close()
    engine = writing_engine(data / NAME, 60.0)
    named = []
    for number in range(1, regions // REGIONS_PER_FILE + 1):
        sha = hashlib.sha256(str(number).encode()).hexdigest()
        named.append((sha, f"/music/session {number // 40}/take {number}.wav"))
    with engine.connect() as connection:
        for start in range(0, len(named), 200):
            with connection.begin():
                for offset, (sha, path) in enumerate(named[start : start + 200]):
                    _file(connection, start + offset + 1, sha, path)
    engine.dispose()
    return named


def _file(connection: Connection, number: int, sha: str, path: str) -> None:
    facts = File(sha, 10_000_000, "WAV", 240.0, 44100, 2, 10_584_000, "ok", "ok", None, None, -18.0, "1")
    library.put_file(connection, facts, path)
    now = time.time()
    _insert(connection, tables.segmentations, _segmentation(number, sha))
    _insert(connection, tables.regions, *_regions(number))
    _insert(connection, tables.jobs, _job(number, path, now))
    answers, results, outcomes = [], [], []
    for row, (region, question) in enumerate(_asked(number)):
        answer = number * 1000 + row
        answers.append(_answer(answer, number, region, question))
        results.append({"answer": answer, "result": _result(question)})
        outcomes.append(_outcome(number, answer, region, question))
    _insert(connection, tables.answers, *answers)
    _insert(connection, tables.results, *results)
    _insert(connection, tables.outcomes, *outcomes)
    told = {
        "takes": TAKES,
        "regions": 90,
        "bpm": 120.0,
        "meter": None,
        "key": None,
        "counts": {"ok": len(answers)},
    }
    meter, key = METERS[number % 3], KEYS[number % 4]
    library.put_summary(
        connection, Summary(sha, number, json.dumps(told), "complete", 120.0, meter, key, "music")
    )


def _insert(connection: Connection, table: Table, *rows: dict[str, Any]) -> None:
    connection.execute(insert(table), list(rows))


def _segmentation(number: int, sha: str) -> dict[str, Any]:
    return {"id": number, "key": sha[::-1], "file": number, "settings": "{}", "takes": TAKES, "regions": 90}


def _regions(number: int) -> Iterator[dict[str, Any]]:
    for position in range(REGIONS_PER_FILE):
        level = "file" if position == 0 else "take" if position <= TAKES else "region"
        parent = None if position == 0 else _id(number, 0 if level == "take" else 1 + position % TAKES)
        yield {
            "segmentation": number,
            "id": _id(number, position),
            "position": position,
            "level": level,
            "parent": parent,
            "start_sample": position * 1000,
            "end_sample": position * 1000 + 900,
            "start_s": position / 44.1,
            "end_s": (position + 0.9) / 44.1,
        }


def _id(number: int, position: int) -> str:
    return f"{number:024x}{position:08x}"


def _job(number: int, path: str, now: float) -> dict[str, Any]:
    return {
        "id": number,
        "kind": "analyze",
        "path": path,
        "file": number,
        "segmentation": number,
        "parameters": "{}",
        "state": "done",
        "verdict": "complete",
        "intake": '{"status":"ok","code":"ok","reason":null,"truncated_at_s":null}',
        "notices": "[]",
        "created": now,
        "started": now,
        "finished": now,
    }


def _asked(number: int) -> Iterator[tuple[str, str]]:
    for question, level in QUESTIONS.items():
        positions = range(1, TAKES + 1) if level == "take" else range(TAKES + 1, REGIONS_PER_FILE)
        for position in positions:
            yield _id(number, position), question


def _answer(answer: int, file: int, region: str, question: str) -> dict[str, Any]:
    return {
        "id": answer,
        "key": f"{answer:064x}",
        "file": file,
        "region": region,
        "plugin": f"{question}.measured",
        "version": "1.0.0",
        "question": question,
        "config": "{}",
        "status": "ok",
        "code": "ok",
        "seconds": 0.1,
        "peak_mb": 20.0,
        "environment": "main",
        "libraries": '{"numpy":"2.4.6"}',
        "licence": "MIT",
        "result_hash": f"{answer:064x}",
    }


def _outcome(job: int, answer: int, region: str, question: str) -> dict[str, Any]:
    return {
        "job": job,
        "region": region,
        "question": question,
        "plugin": f"{question}.measured",
        "version": "1.0.0",
        "status": "ok",
        "disposition": "fresh",
        "rank": 0,
        "winner": True,
        "answer": answer,
        "environment": "main",
        "code": "ok",
        "seconds": 0.1,
        "peak_mb": 20.0,
    }


def _result(question: str) -> bytes:
    times = [round(n * 0.5, 3) for n in range(16)]
    told: dict[str, Any] = (
        {"times": times, "strengths": [1.0] * 16} if question == "onsets" else {"times": times}
    )
    return json.dumps(told).encode()
