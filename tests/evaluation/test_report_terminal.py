"""The tables in a terminal of 100 columns, or in a log."""

from __future__ import annotations

import io
import re

from rich.console import Console

from evaluation.items import Scored
from evaluation.measures import MEASURES
from evaluation.report import against, print_tables, results_of
from evaluation.report.tables import MAIN, difference, interval, number
from evaluation.rows import Value
from tests.evaluation.made_up import item, run_of, scored, values


def printed(made: list[Scored], before: list[Scored] | None = None, width: int = 100, **more: object) -> str:
    held = io.StringIO()
    results = results_of(made, **more)  # type: ignore[arg-type]
    changes = against(results, results_of(before)) if before is not None else None
    print_tables(Console(file=held, width=width), results, changes)
    return held.getvalue()


def line_of(text: str, words: str) -> str:
    return next(line for line in text.splitlines() if words in line)


def test_systems_stand_side_by_side_with_the_best_marked() -> None:
    text = printed([*values([0.5] * 6), *values([0.8] * 6, system="madmom")])
    assert re.search(r"hemiola +madmom", text)
    assert re.search(r"beat F \(70 ms\) +0\.500 0\.50–0\.50 +\*0\.800", text)
    assert re.search(r"−0\.300", text) and "worse" in text


def test_a_question_that_a_system_does_not_answer_is_a_dash() -> None:
    other = [
        scored(item(f"{index:03}.wav"), [Value("tempo.acc1", 0.5)], system="essentia", questions=("tempo",))
        for index in range(6)
    ]
    assert line_of(printed([*values([0.5] * 6), *other]), "beat F").rstrip().endswith("–")


def test_a_trained_system_has_a_dagger_its_reason_and_no_mark() -> None:
    text = printed(
        [*values([0.5] * 6), *values([0.8] * 6, system="madmom")],
        trained_on=lambda system, *_: "it knows these songs" if system == "madmom" else None,
    )
    assert "0.800†" in text and "*0.800" not in text and "*0.500" in text
    assert "† it knows these songs" in text


def test_lost_items_come_first_with_their_reason() -> None:
    lost = scored(item("broken.wav"), [Value("beats.f", 0.0)], verdict="lost", reason="no frame was read")
    first, second = printed([*values([0.5] * 3), lost]).splitlines()[:2]
    assert first.startswith("1 lost") and "set/broken.wav: no frame was read" in second


def test_one_song_is_told_in_place_of_an_interval() -> None:
    assert "too few songs" in line_of(printed(values([0.5])), "beat F")


def test_everything_fits_100_columns_and_needs_no_terminal() -> None:
    text = printed(run_of(6, variants=("", "mp3_64k")), before=run_of(6, seed=1))
    assert max(map(len, text.splitlines())) <= 100
    assert "\x1b" not in text
    for part in ("mdb-drums (recordings)", "mp3_64k", "AUC of doubt", "of real time", "Against the baseline"):
        assert part in text


def test_systems_that_do_not_fit_stand_below() -> None:
    made = [
        each for name in ("hemiola", "a", "b", "c", "d", "e", "f", "g") for each in values([0.5], system=name)
    ]
    text = printed(made, width=80)
    assert text.count("beat F (70 ms)") >= 3 and text.count("0.500") == 8


def test_equals_have_no_best() -> None:
    assert "*" not in printed([*values([0.5] * 6), *values([0.5] * 6, system="madmom")])


def test_a_name_cannot_write_to_the_terminal() -> None:
    hostile = scored(item("[red]\x1b]0;x\x07.wav"), [], verdict="lost", reason="\x1b[2J[bold]")
    text = printed([hostile])
    assert "\x1b" not in text and "\x07" not in text
    assert r"[red]\x1b]0;x\x07.wav" in text and "[bold]" in text


def test_nothing_scored_prints_nothing_and_does_not_fail() -> None:
    assert printed([]).strip() == ""


def test_every_measure_of_the_short_tables_exists() -> None:
    assert set(MAIN) <= set(MEASURES)


def test_numbers_have_the_digits_of_their_unit() -> None:
    assert (number(0.8766, ""), number(12.34, "ms")) == ("0.877", "12.3")
    assert (difference(-0.00004, ""), difference(-0.5, "")) == ("+0.000", "−0.500")
    assert interval(-0.001, 0.5, "") == "0.00–0.50"
    assert interval(-0.2, 0.5, "") == "−0.20 to 0.50"


def test_no_interval_is_cut_at_the_edge() -> None:
    results = results_of(run_of(6, variants=("", "mp3_64k", "noise_10db", "band_limited")))
    ends = re.compile(r"\d\.\d+(?:–| to −?)\d\.\d+")

    def at(width: int) -> str:
        held = io.StringIO()
        print_tables(Console(file=held, width=width), results)
        return held.getvalue()

    for width in (60, 80, 100):
        assert sorted(ends.findall(at(width))) == sorted(ends.findall(at(400)))
        assert max(map(len, at(width).splitlines())) <= width
