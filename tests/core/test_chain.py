"""Asking plugins over and over: what is run again and what is not, giving up, quarantine, cancelling."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core.engine
from bridges.workers import Workers
from core.engine import Engine
from core.requests import Request
from core.settings import Settings
from hemiola.testing import tone
from tests.conftest import write_wav
from tests.sandbox import house, lent

REGIONS = 6
PLUGIN = '''
import os, time
import numpy as np
from hemiola import *

class {title}(Result):
    """What a test asks about."""
    question = "{question}"
    levels = ("{level}",)
    value: float
    curve: Frames | None = None

class {title}Config(Config):
    offset: float = 0.0

class {title}Plugin(Plugin[{title}, {title}Config]):
    """A plugin of a test."""
    name = "{question}.{how}"
    version = "{version}"
    memory = "256 MiB"
    budget = Budget(seconds=0.3, per_audio_second=0.0)
    {declared}

    def analyze(self, region, context):
        loudest = float(np.abs(region.samples).max())
        {body}
'''
HOOK = """
@hookimpl
def hemiola_plugins():
    return [{plugins}]
"""
ANSWER = "return {title}(value=loudest + self.config.offset)"


def plugin(
    question: str,
    body: str = ANSWER,
    *,
    how: str = "it",
    level: str = "take",
    version: str = "1",
    declared: str = "",
) -> str:
    """Text of a plugin of a question of its own."""
    title = question.title()
    told = body.format(title=title) if body is ANSWER else body
    return PLUGIN.format(
        title=title, question=question, level=level, how=how, version=version, declared=declared, body=told
    )


def source(*plugins: str) -> str:
    """Text of a drop-in that holds them."""
    titles = [text.split("class ")[3].split("(")[0] for text in plugins]
    return "\n".join(plugins) + HOOK.format(plugins=", ".join(titles))


def bursts(path: Path, levels: list[float]) -> Path:
    """A recording of one take whose regions have these levels."""
    rate, rng = 22050, np.random.default_rng(1)
    gap = np.zeros(round(0.7 * rate))
    parts = [gap]
    for level in levels:
        parts += [tone(440.0, 0.5, rate, level), gap]
    samples = np.concatenate(parts)
    return write_wav(path, samples + 1e-4 * rng.standard_normal(len(samples)), rate)


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Workers for all engines of this module."""
    with lent.lent(tmp_path_factory.mktemp("lent")) as made:
        yield made


@pytest.fixture
def start(
    settings: Settings, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Engine]]:
    """Starts an engine with drop-ins and closes the one before it."""
    monkeypatch.setattr(core.engine, "Workers", lambda environments, mode, coverage: workers)
    running: list[Engine] = []

    def begin(**sources: str) -> Engine:
        for engine in running:
            engine.close()
        running.clear()
        shutil.rmtree(settings.data / "plugins.d", ignore_errors=True)
        (settings.data / "plugins.d").mkdir(parents=True)
        for name, text in sources.items():
            (settings.data / "plugins.d" / f"{name}.py").write_text(text)
        running.append(Engine(settings))
        return running[0]

    yield begin
    for engine in running:
        engine.close()


def statuses(document: dict[str, Any], question: str) -> list[str]:
    return [row["status"] for row in house.outcomes(document, question)]


def quarantined(engine: Engine) -> list[str]:
    return [health.plugin for health in engine.store.healths() if health.state == "quarantined"]


def streaks(engine: Engine) -> list[int]:
    return [health.streak for health in engine.store.healths()]


def dispositions(document: dict[str, Any]) -> dict[str, str]:
    return {
        row["question"]: row["disposition"] for region in document["regions"] for row in region["outcomes"]
    }


def test_three_equal_failures_give_up_on_the_file_and_on_no_other(
    start: Callable[..., Engine], tmp_path: Path
) -> None:
    engine = start(weak=source(plugin("weak", "raise ValueError(region.level)", level="region")))
    for name, level in (("a.wav", 0.3), ("b.wav", 0.4)):
        document = house.analyze(engine, bursts(tmp_path / name, [level] * REGIONS), "weak")
        assert statuses(document, "weak") == ["failed"] * 3 + ["blocked"] * 3
        last = house.outcomes(document, "weak")[-1]
        assert last["code"] == "gave_up" and "gave up on this file" in last["reason"]
        assert document["verdict"] == "partial"


def test_failures_that_differ_are_no_reason_to_give_up(start: Callable[..., Engine], tmp_path: Path) -> None:
    moody = """
        number = round(loudest * 5) % 3
        if number == 0: raise ValueError("one kind")
        if number == 1: os._exit(2)
        os.abort()"""
    engine = start(moody=source(plugin("moody", moody, level="region")))
    file = bursts(tmp_path / "a.wav", [0.2, 0.4, 0.6, 0.8])
    assert "blocked" not in statuses(house.analyze(engine, file, "moody"), "moody")


def test_a_crash_in_one_region_leaves_the_others_answered(
    start: Callable[..., Engine], tmp_path: Path
) -> None:
    fragile = """
        if loudest > 0.5: os.abort()
        return Fragile(value=loudest)"""
    engine = start(fragile=source(plugin("fragile", fragile, level="region")))
    document = house.analyze(engine, bursts(tmp_path / "a.wav", [0.2, 0.3, 0.9, 0.4]), "fragile")
    assert statuses(document, "fragile") == ["ok", "ok", "crashed", "ok"]
    values = [r["results"]["fragile"]["value"] for r in document["regions"] if "fragile" in r["results"]]
    assert np.allclose(values, [0.2, 0.3, 0.4], atol=0.01)


def test_five_files_in_a_row_and_the_probe_quarantine_a_version(
    start: Callable[..., Engine], tmp_path: Path
) -> None:
    broken = plugin("broken", "raise ValueError('always')")
    engine = start(broken=source(broken))
    files = [bursts(tmp_path / f"{n}.wav", [0.1 + 0.1 * n]) for n in range(6)]
    verdicts = [house.analyze(engine, file, "broken")["verdict"] for file in files[:5]]
    assert verdicts == ["partial"] * 5
    assert house.soon(lambda: quarantined(engine) == ["broken.it"])
    document = house.analyze(engine, files[5], "broken")
    row = house.outcome(document, "broken")
    assert (row["status"], row["code"]) == ("quarantined", "quarantined") and "always" in row["reason"]
    assert document["verdict"] == "complete" and any(
        "quarantined" in notice for notice in document["notices"]
    )
    engine = start(broken=source(plugin("broken", version="2")))
    assert statuses(house.analyze(engine, files[5], "broken"), "broken") == ["ok"]


def test_hard_files_quarantine_nobody_who_passes_the_probe(
    start: Callable[..., Engine], tmp_path: Path
) -> None:
    picky = """
        if loudest < 0.75: raise ValueError("too soft for me")
        return Picky(value=loudest)"""
    engine = start(picky=source(plugin("picky", picky)))
    for n in range(6):
        assert statuses(
            house.analyze(engine, bursts(tmp_path / f"{n}.wav", [0.1 + 0.1 * n]), "picky"), "picky"
        ) == ["failed"]
    assert house.soon(lambda: streaks(engine) == [1]), "the fifth was followed by a probe that passed"
    assert quarantined(engine) == []


def test_a_file_that_goes_well_ends_the_row_of_failures(start: Callable[..., Engine], tmp_path: Path) -> None:
    mostly = """
        if abs(loudest - 0.5) > 0.05: raise ValueError("always but once")
        return Mostly(value=loudest)"""
    engine = start(mostly=source(plugin("mostly", mostly)))
    levels = [0.1, 0.2, 0.3, 0.5, 0.7, 0.8]
    for n, level in enumerate(levels):
        house.analyze(engine, bursts(tmp_path / f"{n}.wav", [level]), "mostly")
    assert house.soon(lambda: streaks(engine) == [2])
    assert quarantined(engine) == []


def test_a_failure_is_reused_until_a_retry_asks_again(start: Callable[..., Engine], tmp_path: Path) -> None:
    engine = start(weak=source(plugin("weak", "raise ValueError('no')")))
    file = bursts(tmp_path / "a.wav", [0.3])
    told = [
        house.outcome(house.analyze(engine, file, "weak", retry=retry), "weak")
        for retry in (False, False, True)
    ]
    assert [row["disposition"] for row in told] == ["fresh", "reused", "fresh"]
    assert {row["status"] for row in told} == {"failed"}


def test_a_time_out_is_tried_once_more_by_a_new_job(start: Callable[..., Engine], tmp_path: Path) -> None:
    engine = start(slow=source(plugin("slow", "\n        while True: pass")))
    file = bursts(tmp_path / "a.wav", [0.3])
    told = [house.outcome(house.analyze(engine, file, "slow"), "slow") for _ in range(2)]
    assert [row["disposition"] for row in told] == ["fresh", "fresh"]
    assert {(row["status"], row["code"]) for row in told} == {("timed_out", "cpu")}


RANDOM = """
        import random
        values = np.random.rand(1000) + np.random.default_rng(random.randrange(1 << 30)).random(1000)
        return Drawn(value=random.random(), curve=Frames(rate_hz=10.0, start_s=0.0, values=values))"""


def stored(engine: Engine) -> dict[str, bytes]:
    """The bytes of every answer there is, by plugin, region and start."""
    found: dict[str, bytes] = {}
    for job in engine.store.jobs():
        rows = engine.store.document_rows(job.id)
        assert rows is not None
        for outcome, answer in rows.outcomes:
            assert answer is not None and answer.result is not None
            path = engine.settings.data / answer.artifact if answer.artifact else None
            found[f"{outcome.plugin} {outcome.region}"] = answer.result + (path.read_bytes() if path else b"")
    return found


def test_force_gives_the_same_bytes_of_results_and_arrays(
    start: Callable[..., Engine], tmp_path: Path
) -> None:
    engine = start(drawn=source(plugin("drawn", RANDOM)))
    file = bursts(tmp_path / "a.wav", [0.3, 0.6])
    house.analyze(engine, file, "drawn")
    first = stored(engine)
    document = house.analyze(engine, file, "drawn", force=True)
    assert set(dispositions(document).values()) == {"fresh"}
    assert stored(engine) == first and all(len(value) > 4000 for value in first.values())


CHAIN = {
    "loud": plugin("loud"),
    "twice": plugin("twice", "return Twice(value=2 * context.need(Loud).value)", declared="needs = (Loud,)"),
    "other": plugin("other"),
}


def test_the_same_bytes_under_another_path_run_nothing(start: Callable[..., Engine], tmp_path: Path) -> None:
    engine = start(all=source(*CHAIN.values()))
    file = bursts(tmp_path / "a.wav", [0.3])
    first = house.analyze(engine, file, *CHAIN)
    again = house.analyze(engine, shutil.copy(file, tmp_path / "b.wav"), *CHAIN)
    assert dispositions(first) == dict.fromkeys(CHAIN, "fresh")
    assert dispositions(again) == dict.fromkeys(CHAIN, "reused")
    assert house.answers(again, CHAIN) == house.answers(first, CHAIN)
    assert again["file"]["path"] != first["file"]["path"]


def test_a_new_version_runs_again_and_with_it_only_what_depends_on_changed_bytes(
    start: Callable[..., Engine], tmp_path: Path
) -> None:
    file = bursts(tmp_path / "a.wav", [0.3])
    house.analyze(start(all=source(*CHAIN.values())), file, *CHAIN)
    same = plugin("loud", version="2")
    told = house.analyze(start(all=source(same, CHAIN["twice"], CHAIN["other"])), file, *CHAIN)
    assert dispositions(told) == {"loud": "fresh", "twice": "reused", "other": "reused"}
    changed = plugin("loud", "return Loud(value=loudest + 1)", version="3")
    told = house.analyze(start(all=source(changed, CHAIN["twice"], CHAIN["other"])), file, *CHAIN)
    assert dispositions(told) == {"loud": "fresh", "twice": "fresh", "other": "reused"}


def test_a_changed_setting_runs_again_what_it_changes(start: Callable[..., Engine], tmp_path: Path) -> None:
    engine = start(all=source(*CHAIN.values()))
    file = bursts(tmp_path / "a.wav", [0.3])
    house.analyze(engine, file, *CHAIN)
    told = house.analyze(engine, file, *CHAIN, config={"loud.it": {"offset": 1.0}})
    assert dispositions(told) == {"loud": "fresh", "twice": "fresh", "other": "reused"}
    back = house.analyze(engine, file, *CHAIN)
    assert dispositions(back) == dict.fromkeys(CHAIN, "reused")


def test_a_question_of_its_own_is_listed_checked_and_stored(
    start: Callable[..., Engine], tmp_path: Path
) -> None:
    engine = start(drawn=source(plugin("drawn", RANDOM)))
    manifest = engine.catalogue.providers()["drawn.it"].manifest
    assert not manifest.known_result and "value" in manifest.result_schema["properties"]
    document = house.analyze(engine, bursts(tmp_path / "a.wav", [0.3]), "drawn")
    (take,) = [region for region in document["regions"] if region["level"] == "take"]
    assert take["results"]["drawn"]["curve"]["shape"] == [1000]
    (answer,) = stored(engine).values()
    assert b"PK" in answer, "its array is an archive beside the database"


def test_what_is_unavailable_passes_the_question_on_and_the_answer_says_why(
    start: Callable[..., Engine], tmp_path: Path
) -> None:
    shy = plugin("mood", "raise Unavailable('its model is not here')", how="best")
    plain = plugin("mood", how="plain").split("class MoodConfig")[1]
    engine = start(
        moods=source(shy)
        .replace("[MoodPlugin]", "[MoodPlugin, Plain]")
        .replace("@hookimpl", "class PlainConfig" + plain.replace("MoodPlugin", "Plain") + "\n@hookimpl")
    )
    document = house.analyze(engine, bursts(tmp_path / "a.wav", [0.3]), "mood")
    first, second = house.outcomes(document, "mood")
    assert (first["plugin"], first["status"]) == ("mood.best", "unavailable")
    assert (second["plugin"], second["status"]) == ("mood.plain", "ok")
    assert "its model is not here" in second["degraded"]
    assert document["verdict"] == "complete"


def test_what_needs_a_failed_answer_is_blocked_and_what_needs_a_skipped_one_too(
    start: Callable[..., Engine], tmp_path: Path
) -> None:
    needs = CHAIN["twice"]
    file = bursts(tmp_path / "a.wav", [0.3])
    for number, (body, code, verdict) in enumerate(
        [
            ("raise ValueError('no')", "needs_missing", "partial"),
            ("raise Skip('silence is golden')", "needs_skipped", "complete"),
        ]
    ):
        engine = start(all=source(plugin("loud", body, version=f"b{number}"), needs))
        document = house.analyze(engine, file, "loud", "twice")
        row = house.outcome(document, "twice")
        assert (row["status"], row["code"], document["verdict"]) == ("blocked", code, verdict)


def test_cancelling_ends_a_running_plugin_at_once(start: Callable[..., Engine], tmp_path: Path) -> None:
    sleepy = plugin(
        "sleepy", "\n        while True: time.sleep(0.05)", declared="budget = Budget(seconds=60.0)"
    )
    engine = start(all=source(CHAIN["other"], sleepy))
    file = bursts(tmp_path / "a.wav", [0.3])
    before = house.processes()
    house.analyze(engine, file, "other")
    idle = house.processes() | before
    listener = engine.listen()
    job = engine.submit(file, Request(questions=("other", "sleepy")))
    while (event := listener.next(20.0)) is not None and not event.now.startswith("sleepy"):
        continue
    time.sleep(0.3)
    begin = time.monotonic()
    assert engine.cancel(job.id)
    assert house.soon(lambda: house.processes() <= idle, 2.0)
    assert time.monotonic() - begin < 2.0
    assert house.soon(lambda: {o.status for o in engine.store.outcomes(job.id)} == {"ok", "cancelled"})
    assert dispositions(house.analyze(engine, file, "other")) == {"other": "reused"}
