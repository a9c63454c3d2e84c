"""A verdict is complete when every question was answered or skipped for cause and nothing that ran failed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.chain import Question
from core.summary import notices, summary, verdict
from database.records import Answer, Outcome, Region

OK = Outcome(
    job=1, region="r", question="key", plugin="key.a", version="1", status="ok", disposition="fresh", degraded=None,
    rank=0, winner=True, answer="k", environment="main", code="ok", signal=None, reason=None, detail=None,
    seconds=1.0, peak_mb=1.0,
)  # fmt: skip


def outcome(status: str, code: str = "x", plugin: str = "key.b", question: str = "key") -> Outcome:
    return replace(OK, status=status, code=code, plugin=plugin, question=question, winner=False)


def test_an_answer_is_complete() -> None:
    assert verdict([], [(OK, None)]) == "complete"


def test_nothing_asked_is_complete() -> None:
    assert verdict([], []) == "complete"


@pytest.mark.parametrize("status", ["failed", "crashed", "timed_out", "out_of_memory", "invalid"])
def test_a_provider_that_failed_makes_it_partial_even_when_another_answered(status: str) -> None:
    assert verdict([], [(outcome(status), None), (OK, None)]) == "partial"


def test_a_skip_for_cause_is_complete_and_what_needed_it_too() -> None:
    rows = [(outcome("skipped"), None), (outcome("blocked", "needs_skipped", "tempo.a", "tempo"), None)]
    assert verdict([], rows) == "complete"


def test_a_provider_known_to_be_unavailable_is_a_notice() -> None:
    rows = [(outcome("unavailable"), None), (OK, None)]
    assert verdict([], rows) == "complete"
    assert notices([], rows) == ["key.b is unavailable: None"]


def test_a_question_whose_only_provider_is_unavailable_is_a_notice() -> None:
    assert verdict([], [(outcome("unavailable"), None)]) == "complete"


@pytest.mark.parametrize("code", ["gave_up", "needs_missing"])
def test_a_blocked_question_is_partial(code: str) -> None:
    assert verdict([], [(outcome("blocked", code), None)]) == "partial"


def test_what_is_asked_for_a_comparison_alone_needs_no_answer() -> None:
    compared = Question("key", ("take",), ())
    rows = [(replace(OK, winner=False), None)]
    assert verdict([], rows) == "partial"
    assert verdict([compared], rows) == "complete" and notices([compared], rows) == []
    assert verdict([compared], [(outcome("failed"), None)]) == "partial", "what ran and failed still counts"


def test_cancelled_is_partial() -> None:
    assert verdict([], [(outcome("cancelled"), None)]) == "partial"


def test_the_summary_names_the_longest_take() -> None:
    regions = [
        Region(name, "f", "take", None, 0, 1, 0.0, end) for name, end in (("short", 1.0), ("long", 9.0))
    ]
    rows = []
    for region, label in (("short", "A minor"), ("long", "C major")):
        result = f'{{"label":"{label}"}}'.encode()
        answer = Answer(
            key=region, file="f", region=region, plugin="key.a", version="1", question="key", config="{}", status="ok",
            code="ok", signal=None, reason=None, detail=None, seconds=None, peak_mb=None, environment="main",
            environment_lock=None, libraries="{}", licence=None, model=None, model_licence=None, result=result,
            result_hash="h", artifact=None,
        )  # fmt: skip
        rows.append((replace(OK, region=region, answer=region), answer))
    told = summary(regions, rows)
    assert (told["key"], told["takes"], told["counts"]) == ("C major", 2, {"ok": 2})
