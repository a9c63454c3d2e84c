"""results.json, and what got better and worse against an older one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation.items import Scored
from evaluation.report import (
    BaselineError,
    Results,
    RunInfo,
    against,
    read_results,
    results_of,
    write_results,
)
from evaluation.rows import Choice, Counts, Failure, Value
from tests.evaluation.made_up import item, run_of, scored, values


def test_results_come_back_as_they_were_written(tmp_path: Path) -> None:
    run = RunInfo(command="hemiola evaluate builtin", seed=3, settings={"trim": False, "peers": ["madmom"]})
    results = results_of(run_of(12, variants=("", "mp3_64k")), run=run)
    write_results(tmp_path / "results.json", results)
    assert read_results(tmp_path / "results.json") == results
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


def test_names_in_results_are_stable(tmp_path: Path) -> None:
    write_results(tmp_path / "results.json", results_of(run_of(6)))
    written = json.loads((tmp_path / "results.json").read_text())
    assert (written["format"], written["schema"]) == ("hemiola.evaluate", 1)
    assert set(written) == {"format", "schema", "run", "told", "records"}
    assert {"set", "origin", "system", "name", "value", "low", "high", "n_items", "n_songs"} <= set(
        written["told"]["figures"][0]
    )
    assert {"set", "item", "system", "values", "counts", "choices", "claims"} <= set(written["records"][0])


def test_a_name_of_stray_bytes_can_be_written_and_read(tmp_path: Path) -> None:
    stray = item(b"tak\xe9 \x1b[2J.wav".decode("utf-8", "surrogateescape"))
    results = results_of([scored(stray, [Value("beats.f", 0.5)])])
    write_results(tmp_path / "results.json", results)
    assert "tak" in read_results(tmp_path / "results.json").records[0].item
    assert results.records[0].item.isprintable()
    assert results.records[0].audio == "file:///audio/set/tak%E9%20%1B%5B2J.wav"


def test_a_missing_baseline_says_so(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match=r"gone\.json: cannot be read \(No such file or directory\)"):
        read_results(tmp_path / "gone.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("[]", "is no results.json"),
        ("{}", "is no results.json"),
        ('{"beats": 1}', "is no results.json"),
        ('{"format": "hemiola.evaluate", "schema": 2, "more": 1}', "of another schema than 1"),
    ],
)
def test_a_file_that_is_no_baseline_says_what_it_is(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "old.json"
    path.write_text(text)
    with pytest.raises(BaselineError, match=f"old.json: .*{message}"):
        read_results(path)


def results(numbers: list[float], measure: str = "beats.f") -> Results:
    return results_of(values(numbers, measure))


def test_a_baseline_tells_what_got_better_and_what_got_worse() -> None:
    better = against(results([0.9] * 8), results([0.5] * 8)).figures
    assert [(each.name, each.system, each.set, each.verdict) for each in better] == [
        ("beats.f", "hemiola", "set", "better")
    ]
    assert better[0].difference == pytest.approx(0.4) and better[0].other == pytest.approx(0.5)
    worse = against(results([0.5] * 8, "swing.error"), results([0.1] * 8, "swing.error")).figures
    assert worse[0].verdict == "worse"


def test_equal_results_have_no_changes() -> None:
    same = results_of(run_of(9))
    found = against(same, same)
    assert (found.figures, found.flips, found.only_now, found.only_before) == ((), (), 0, 0)
    assert found.equal > 50


def test_only_items_of_both_runs_are_compared() -> None:
    found = against(results([0.9] * 8), results([0.9, 0.9, 0.9]))
    assert found.figures == () and found.only_now == 5


def choice(answer: str) -> list[Scored]:
    return [scored(item("a.wav"), [Choice("meter.exact", "7/8", answer, answer == "7/8")])]


def test_an_item_that_flipped_is_named_with_both_answers() -> None:
    flip = against(results_of(choice("4/4")), results_of(choice("7/8"))).flips[0]
    assert (flip.item, flip.measure, flip.before, flip.after, flip.better) == (
        "a.wav",
        "meter.exact",
        "7/8",
        "4/4",
        False,
    )
    assert against(results_of(choice("7/8")), results_of(choice(""))).flips[0].before == "no answer"


def test_items_move_by_their_scores_and_by_being_lost() -> None:
    counted = [
        results_of([scored(item("a.wav"), [Counts("hits.f_50ms", "kick", found, 0, 10 - found)])])
        for found in (2, 9)
    ]
    assert [flip.better for flip in against(counted[1], counted[0]).flips] == [True]
    assert against(results([0.55]), results([0.5])).flips == ()
    lost = results_of([scored(item("a.wav"), [], verdict="lost")])
    whole = results_of([scored(item("a.wav"), [])])
    assert [(flip.measure, flip.better) for flip in against(lost, whole).flips] == [("verdict", False)]


def test_the_worst_changes_come_first() -> None:
    flips = against(results([0.9, 0.3, 0.1]), results([0.5, 0.5, 0.9])).flips
    assert [(flip.item, flip.better) for flip in flips] == [
        ("002.wav", False),
        ("001.wav", False),
        ("000.wav", True),
    ]


def test_scores_of_unanswered_questions_are_not_kept() -> None:
    made = scored(item("a.wav"), [Value("beats.f", 0.1), Failure("beats.f", 1.0, "")], questions=("key",))
    assert (results_of([made]).records[0].values, results_of([made]).records[0].failures) == ({}, ())
