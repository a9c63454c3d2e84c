"""From scored items to figures."""

from __future__ import annotations

import json

import numpy as np
import pytest

from evaluation.calibration import Claims
from evaluation.figures.reliability import doubt_finds_error
from evaluation.figures.shape import Comparison, Figure, Figures
from evaluation.items import PluginRun, Scored
from evaluation.rows import Choice, Claim, Counts, Value
from tests.evaluation.made_up import figures_of, item, run_of, scored, values


def figure(told: Figures, name: str, system: str = "hemiola", **where: str) -> Figure:
    found = [
        each
        for each in told.figures
        if each.name == name
        and each.system == system
        and all(getattr(each, key) == value for key, value in ({"by": "", "variant": ""} | where).items())
    ]
    assert len(found) == 1, [(each.name, each.set, each.origin) for each in told.figures]
    return found[0]


def names(told: Figures) -> set[str]:
    return {each.name for each in told.figures}


def peer(told: Figures, name: str, against: str) -> Comparison:
    found = [each for each in told.comparisons if each.name == name and each.against == against]
    assert len(found) == 1
    return found[0]


def test_a_value_is_the_mean_over_items() -> None:
    told = figure(figures_of(values([0.5, 0.7, 0.9])), "beats.f")
    assert told.value == pytest.approx(0.7)
    assert (told.n_items, told.n_songs) == (3, 3)
    assert told.low is not None and told.low < 0.7


def test_songs_are_what_is_counted() -> None:
    pair = [
        scored(item(name, song="one song"), [Value("beats.f", value)])
        for name, value in (("a.wav", 0.2), ("b.wav", 0.4))
    ]
    told = figure(figures_of(pair), "beats.f")
    assert (told.n_items, told.n_songs, told.low, told.high) == (2, 1, None, None)


def hits(*by_item: dict[str, tuple[int, int, int]], system: str = "hemiola") -> list[Scored]:
    return [
        scored(
            item(f"{index}.wav"),
            [Counts("hits.f_50ms", label, *counts) for label, counts in labels.items()],
            system=system,
        )
        for index, labels in enumerate(by_item)
    ]


def test_counts_become_micro_macro_and_a_figure_for_each_class() -> None:
    told = figures_of(hits({"kick": (8, 0, 2)}, {"kick": (8, 0, 2), "snare": (0, 4, 4)}))
    assert figure(told, "hits.f_50ms.micro").value == pytest.approx(32 / (32 + 4 + 8))
    assert figure(told, "hits.f_50ms[kick]").value == pytest.approx(32 / 36)
    assert figure(told, "hits.f_50ms[snare]").value == 0.0
    assert figure(told, "hits.f_50ms.macro").value == pytest.approx(32 / 36 / 2)
    assert figure(told, "hits.f_50ms[kick].recall").value == pytest.approx(0.8)
    assert figure(told, "hits.f_50ms.invented").value == 2.0
    assert figure(told, "hits.f_50ms.invented").better == "lower"


def test_a_class_that_the_truth_lacks_is_in_no_macro_but_in_the_tally() -> None:
    told = figures_of(hits({"kick": (5, 0, 0), "snare": (5, 0, 0), "crash": (0, 9, 0)}))
    assert figure(told, "hits.f_50ms.macro").value == 1.0
    assert "hits.f_50ms[crash]" not in names(told)
    assert next((each.label, each.invented) for each in told.tallies) == ("crash", 9)


def test_false_alarms_count_against_a_system_where_its_peer_is_rightly_silent() -> None:
    there, silent, alarm = {"": (1, 0, 0)}, {}, {"": (0, 2, 0)}
    told = figures_of(
        [*hits(*[there] * 6, *[silent] * 6), *hits(*[there] * 6, *[alarm] * 6, system="madmom")]
    )
    assert peer(told, "hits.f_50ms.micro", "madmom").difference == pytest.approx(1 - 12 / 24)
    assert peer(told, "hits.f_50ms.micro", "madmom").n_items == 12
    assert figure(told, "hits.f_50ms.invented", "madmom").value == 1.0
    assert (figure(told, "hits.f_50ms.invented").value, figure(told, "hits.f_50ms.invented").n_items) == (
        0.0,
        12,
    )


def test_songs_without_a_class_are_no_evidence_about_it() -> None:
    told = figures_of(hits(*[{"kick": (5, 0, 0)}] * 8, {"kick": (5, 0, 0), "tom": (2, 1, 1)}))
    tom = figure(told, "hits.f_50ms[tom]")
    assert (tom.n_items, tom.n_songs, tom.low) == (1, 1, None)


def test_a_single_class_has_no_macro() -> None:
    kick = figures_of(hits({"kick": (5, 1, 0), "crash": (0, 9, 0)}))
    assert "hits.f_50ms.macro" not in names(kick) and "hits.f_50ms.micro" in names(kick)
    four = figures_of([scored(item("a.wav"), [Choice("meter.exact", "4/4", "4/4", True)])])
    assert names(four) == {"meter.exact"}


def choices(*pairs: tuple[str, str], system: str = "hemiola") -> list[Scored]:
    return [
        scored(item(f"{index}.wav"), [Choice("meter.exact", truth, answer, truth == answer)], system=system)
        for index, (truth, answer) in enumerate(pairs)
    ]


def test_a_choice_is_told_over_items_and_over_classes() -> None:
    told = figures_of(choices(("4/4", "4/4"), ("4/4", "4/4"), ("4/4", "4/4"), ("7/8", "4/4")))
    assert figure(told, "meter.exact").value == 0.75
    assert figure(told, "meter.exact.macro").value == 0.5


def test_the_confusion_counts_answers_and_their_absence() -> None:
    told = figures_of(choices(("4/4", "4/4"), ("4/4", ""), ("7/8", "7/4")))
    confusion = told.confusions[0]
    assert confusion.truths == ("4/4", "7/8")
    assert confusion.answers == ("4/4", "7/8", "7/4", "")
    assert confusion.counts == ((1, 0, 0, 1), (0, 0, 1, 0))


def test_origins_are_never_pooled() -> None:
    mixed = [
        scored(item(f"{origin}.wav", set=name, origin=origin), [Value("beats.f", value)])
        for name, origin, value in (
            ("one", "recording", 0.2),
            ("two", "recording", 0.4),
            ("one", "generated", 1.0),
            ("three", "generated", 0.8),
            ("four", "human", 0.6),
        )
    ]
    told = figures_of(mixed)
    pooled = {each.origin: each.value for each in told.figures if each.set == ""}
    assert pooled == {"recording": pytest.approx(0.3), "generated": pytest.approx(0.9)}
    assert figure(told, "beats.f", set="one", origin="recording").value == 0.2
    assert figure(told, "beats.f", set="one", origin="generated").value == 1.0


def test_groups_are_told_where_there_are_at_least_two() -> None:
    made = [
        scored(item(f"{index}.wav", kind=kind, meter=meter), [Value("beats.f", value)])
        for index, (kind, meter, value) in enumerate(
            [("plain", "4/4", 0.9), ("odd", "4/4", 0.5), ("odd", "4/4", 0.3)]
        )
    ]
    told = figures_of(made)
    by_group = {(each.by, each.group): each.value for each in told.figures if each.by}
    assert by_group == {("kind", "plain"): 0.9, ("kind", "odd"): pytest.approx(0.4)}


def test_a_question_that_a_system_does_not_answer_has_no_figure() -> None:
    rows = [Value("beats.f", 0.5), Value("downbeats.f", 0.0), Claim("meter_exact", 0.5, False)]
    told = figures_of([scored(item("a.wav"), rows, system="librosa", questions=("beats",))])
    assert names(told) == {"beats.f"}
    assert told.reliabilities == ()
    assert told.answers == {"librosa": ("beats",)}


def test_a_lost_item_counts_as_it_was_scored() -> None:
    lost = scored(item("b.wav"), [Value("beats.f", 0.0)], verdict="lost", questions=())
    told = figures_of([scored(item("a.wav"), [Value("beats.f", 1.0)]), lost])
    assert figure(told, "beats.f").value == 0.5


def test_a_row_that_is_no_number_is_left_out_and_told() -> None:
    told = figures_of(values([0.5, float("nan")]))
    assert figure(told, "beats.f").n_items == 1
    assert len(told.notices) == 1 and "nan" in told.notices[0] and "001.wav" in told.notices[0]


def test_a_measure_that_nobody_knows_is_left_out_and_told() -> None:
    told = figures_of(values([0.5], measure="beats.g"))
    assert told.figures == () and "beats.g" in told.notices[0]


def test_an_item_that_was_scored_twice_counts_once_and_is_told() -> None:
    told = figures_of([*values([0.5]), *values([0.9])])
    assert (figure(told, "beats.f").value, figure(told, "beats.f").n_items) == (0.5, 1)
    assert "twice" in told.notices[0]


def test_a_share_on_which_all_agree_keeps_some_doubt_and_an_error_keeps_its_own_spread() -> None:
    rows = [Value("beats.f", 1.0), Value("swing.error", 0.0)]
    told = figures_of([scored(item(f"{index}.wav"), rows) for index in range(10)])
    assert figure(told, "beats.f").low == pytest.approx(0.025**0.1)
    assert figure(told, "swing.error").high == 0.0


def test_no_items_have_no_figures() -> None:
    assert figures_of([]) == Figures()


def two(mine: np.ndarray, theirs: np.ndarray) -> Figures:
    return figures_of([*values(list(mine)), *values(list(theirs), system="madmom")])


def test_a_clear_difference_is_better_a_reversed_one_worse_and_noise_is_neither() -> None:
    random = np.random.default_rng(2)
    hard = random.uniform(0.3, 0.7, 40)
    assert peer(two(hard + 0.1, hard), "beats.f", "madmom").verdict == "better"
    assert peer(two(hard, hard + 0.1), "beats.f", "madmom").verdict == "worse"
    noisy = two(hard + random.normal(0, 0.1, 40), hard)
    assert peer(noisy, "beats.f", "madmom").verdict == "no difference shown"


def test_for_an_error_less_is_better() -> None:
    mine, theirs = values([0.1] * 8, "swing.error"), values([0.3] * 8, "swing.error", system="madmom")
    assert peer(figures_of([*mine, *theirs]), "swing.error", "madmom").verdict == "better"


def test_five_songs_make_no_verdict() -> None:
    assert peer(two(np.full(5, 0.9), np.full(5, 0.1)), "beats.f", "madmom").verdict == "too few songs"


def test_a_comparison_takes_the_items_that_both_were_scored_on() -> None:
    told = figures_of([*values([0.5] * 10), *values([0.4] * 7, system="madmom")])
    compared = peer(told, "beats.f", "madmom")
    assert compared.n_items == 7 and compared.difference == pytest.approx(0.1)


def test_counts_and_choices_are_compared_over_the_same_songs() -> None:
    good, poor = {"kick": (9, 0, 1), "snare": (5, 0, 0)}, {"kick": (5, 0, 5), "snare": (5, 0, 0)}
    told = figures_of([*hits(*[good] * 8), *hits(*[poor] * 8, system="madmom")])
    assert peer(told, "hits.f_50ms.macro", "madmom").difference == pytest.approx((18 / 19 - 10 / 15) / 2)
    right, wrong = [("4/4", "4/4"), ("7/8", "7/8")] * 4, [("4/4", "4/4"), ("7/8", "4/4")] * 4
    both = figures_of([*choices(*right), *choices(*wrong, system="madmom")])
    assert peer(both, "meter.exact.macro", "madmom").difference == 0.5


def test_providers_stand_beside_peers_and_the_project_but_peers_not_beside_each_other() -> None:
    told = figures_of(
        [
            each
            for name in ("hemiola", "madmom", "librosa", "beats.own")
            for each in values([0.5] * 6, system=name)
        ]
    )
    assert {(each.system, each.against) for each in told.comparisons} == {
        ("hemiola", "madmom"),
        ("hemiola", "librosa"),
        ("hemiola", "beats.own"),
        ("beats.own", "madmom"),
        ("beats.own", "librosa"),
    }


def test_worn_down_audio_stands_beside_the_clean_and_in_no_figure_of_it() -> None:
    clean = values([0.8] * 8)
    worn = [scored(item(f"{index:03}.wav", variant="mp3_64k"), [Value("beats.f", 0.6)]) for index in range(8)]
    told = figures_of([*clean, *worn])
    assert figure(told, "beats.f").value == pytest.approx(0.8)
    assert figure(told, "beats.f", variant="mp3_64k").value == pytest.approx(0.6)
    compared = peer(told, "beats.f", "clean")
    assert (compared.kind, compared.variant, compared.verdict) == ("variant", "mp3_64k", "worse")
    assert compared.difference == pytest.approx(-0.2)


def test_a_system_that_may_know_the_set_is_flagged_in_figures_and_comparisons() -> None:
    def trained_on(system: str, name: str, question: str) -> str | None:
        return "trained on it" if (system, name, question) == ("madmom", "set", "beats") else None

    both = [Value("beats.f", 0.6), Value("tempo.acc1", 0.5)]
    madmom = [scored(item(f"{index:03}.wav"), both, system="madmom") for index in range(6)]
    told = figures_of([*values([0.5] * 6), *madmom], trained_on=trained_on)
    assert figure(told, "beats.f", "madmom").trained_on == "trained on it"
    assert figure(told, "tempo.acc1", "madmom").trained_on == ""
    assert figure(told, "beats.f").trained_on == ""
    assert peer(told, "beats.f", "madmom").trained_on == "trained on it"


def test_cost_is_told_by_plugin_and_by_system() -> None:
    runs = (PluginRun("beats.a", "ok", "", 2.0, 100.0), PluginRun("key.a", "crashed", "", 1.0, 300.0))
    made = [scored(item(f"{index}.wav"), [], runs=runs[: 2 - index], duration_s=10.0) for index in range(2)]
    told = {each.plugin: each for each in figures_of(made).costs}
    assert told[""].real_time_factor == pytest.approx(0.25) and told[""].peak_mb == 300.0
    assert told["beats.a"].real_time_factor == pytest.approx(0.2) and told["beats.a"].n_items == 2
    assert told["key.a"].statuses == {"crashed": 1} and told["key.a"].audio_s == 10.0


def test_doubt_that_finds_every_error_has_an_auc_of_one() -> None:
    made = [
        scored(item(f"{index}.wav"), [Claim("meter_exact", 0.9 if index % 2 else 0.4, bool(index % 2))])
        for index in range(20)
    ]
    told = figures_of(made).reliabilities[0]
    assert (told.auc, told.auc_low, told.auc_high) == (1.0, 1.0, 1.0)


def test_the_interval_of_doubt_that_says_nothing_holds_one_half() -> None:
    random = np.random.default_rng(0)
    songs = np.array([f"song {index // 5}" for index in range(200)])
    worlds = [
        doubt_finds_error(Claims(random.random(200), random.random(200) < 0.6, songs)) for _ in range(60)
    ]
    assert np.mean([each.low <= 0.5 <= each.high for each in worlds]) > 0.85  # type: ignore[operator]
    assert np.mean([each.value for each in worlds]) == pytest.approx(0.5, abs=0.02)


def test_equal_confidences_count_half() -> None:
    made = [scored(item(f"{index}.wav"), [Claim("meter_exact", 0.7, index < 3)]) for index in range(6)]
    assert figures_of(made).reliabilities[0].auc == 0.5


def test_without_an_error_there_is_no_auc() -> None:
    made = [scored(item(f"{index}.wav"), [Claim("meter_exact", 0.7, True)]) for index in range(6)]
    assert figures_of(made).reliabilities[0].auc is None


def test_equal_seeds_tell_the_same() -> None:
    made = run_of(3)
    first, second = figures_of(made, seed=1), figures_of(made, seed=1)
    assert json.loads(first.model_dump_json()) == json.loads(second.model_dump_json())
