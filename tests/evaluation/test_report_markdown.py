"""The short tables as Markdown."""

from __future__ import annotations

from evaluation.report import results_of
from evaluation.report.markdown import markdown
from evaluation.rows import Value
from tests.evaluation.made_up import item, scored, values


def test_a_row_has_a_cell_for_every_system_and_the_best_is_bold() -> None:
    told = markdown(results_of([*values([0.9] * 8), *values([0.5] * 8, system="madmom")]))
    assert "| | hemiola | madmom |" in told
    assert "| beat F (70 ms) | **0.900** 0.90–0.90 | 0.500 0.50–0.50 |" in told


def test_a_system_that_does_not_answer_has_a_dash() -> None:
    key = [scored(item(f"{n}.wav"), [Value("key.weighted", 1.0)], system="essentia") for n in range(8)]
    assert "| key weighted (MIREX), n=8 | – | 1.000" in markdown(results_of([*values([0.9] * 8), *key]))


def test_a_hostile_name_stays_in_its_cell() -> None:
    told = markdown(results_of([scored(item("a.wav", set="x|y<img>\nz"), [Value("beats.f", 1.0)])]))
    assert r"**x\|y\<img\>" in told
    assert "\nz" not in told


def test_what_only_the_constant_answers_has_no_row() -> None:
    both = [*values([0.9] * 8), *values([0.5] * 8, "notes.f_onset", system="constant")]
    assert "note F" not in markdown(results_of(both))


def test_the_constant_is_not_best_where_all_others_may_know_the_set() -> None:
    both = [*values([0.9] * 8, system="madmom"), *values([0.5] * 8, system="constant")]
    told = markdown(results_of(both, trained_on=lambda system, name, question: "trained on it"))
    assert "**0.500**" not in told
