"""Bare processes to compare the engine with, and the requests that make them do what a job did."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bridges.calls import PluginWorker
from bridges.environments import Environment
from core.calling import span_of
from core.engine import Engine
from core.intake import DECODER
from core.settings import ROOT
from core.upstream import Answers, Known, Missing, Tree
from core.views import View

BARE = ROOT / "evaluation" / "benchmarks" / "bare.py"


class Yardstick:
    """One warm bare process of an environment."""

    def __init__(self, environment: Environment) -> None:
        command = [str(environment.python), str(BARE), str(environment.warmup)]
        self._process = subprocess.Popen(
            command,
            env=environment.environ(),
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        while (line := self._process.stdout.readline()) != "ready\n":
            if not line:
                raise RuntimeError(f"the bare process of {environment.name} did not start")

    def ask(self, request: dict[str, Any]) -> dict[str, float]:
        """CPU and wall seconds of a request."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        told: dict[str, float] = json.loads(self._process.stdout.readline())
        return told

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()


def requests_of(engine: Engine, job: int, path: Path, folder: Path) -> dict[str, dict[str, Any]]:
    """Per environment the request that repeats what a finished job ran: decoding, and every call on the same views."""
    rows = engine.store.document_rows(job)
    assert rows is not None and rows.file is not None
    stored = engine.views.find(rows.file.sha256)
    assert stored is not None
    tree = Tree(list(rows.regions))
    answers, regions = Answers(tree), {region.id: region for region in rows.regions}
    requests: dict[str, dict[str, Any]] = {}
    providers = engine.catalogue.providers()
    for outcome, _ in rows.outcomes:
        answer = engine.store.answer(outcome.answer) if outcome.answer is not None else None
        region, provider = regions[outcome.region], providers[outcome.plugin]
        given = answers.given(provider, region)
        if answer is None or isinstance(given, Missing):
            continue
        audio = provider.manifest.audio
        view = None if audio is None else View.of(audio)
        call = {
            "source": str(provider.source.path),
            "plugin": provider.name,
            "region": {"start_s": region.start_s, "end_s": region.end_s, "level": region.level},
            "view": None
            if view is None
            else {
                **span_of(region, view, stored, rows.file.rate or 1),
                "path": str(stored.folder / view.file(0)),
            },
            "inputs": [_input(engine, one.known, one.finer) for one in given],
        }
        requests.setdefault(provider.manifest.environment, {"decode": None, "calls": []})["calls"].append(
            call
        )
        if outcome.winner and answer.result_hash is not None:
            answers.win(Known(outcome.question, region, answer.key, answer.result_hash), region)
            for child in tree.inside(region):
                if tree.twin(child) is region:
                    answers.share(outcome.question, region, child)
    views = sorted({name.rsplit("-", 1)[0] for name in stored.stamps if name[0].isdigit()})
    wanted = [{"rate": int(v.split("-")[0]) or None, "channels": int(v.split("-")[1]) or None} for v in views]
    decode = {"path": str(path), "folder": str(folder), "views": wanted, "task": str(DECODER / "decode.py")}
    requests.setdefault("main", {"decode": None, "calls": []})["decode"] = decode
    return requests


def _input(engine: Engine, known: Known, finer: bool) -> dict[str, Any]:
    answer = engine.store.answer(known.key)
    assert answer is not None and answer.result is not None
    artifact = str(engine.settings.data / answer.artifact) if answer.artifact else None
    return {"question": known.question, "finer": finer, "json": answer.result.decode(), "artifact": artifact}


def ready_ms(engine: Engine, plugin: str) -> float:
    """Milliseconds until a fresh worker has loaded a plugin and answered about a tenth of a second of silence."""
    provider = engine.catalogue.providers()[plugin]
    worker = PluginWorker(
        engine.workers, provider.manifest, provider.source, {}, mapped=1 << 20, scratch=None, still_s=30.0
    )
    started = time.monotonic()
    worker.load(lambda: False)
    taken = 1000 * (time.monotonic() - started)
    worker.close()
    return taken
