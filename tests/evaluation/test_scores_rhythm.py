"""Beats, meter, changes, polyrhythms, tempo and groove are scored by the conventions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evaluation.annotation import Change, Estimate, Lag, Stretch, SwingStretch, Truth
from evaluation.rows import Choice, Claim, Counts, Failure, Row, Value
from evaluation.scores import Options, score
from hemiola.results import Polyrhythm
from tests.evaluation.annotations import fed_back, rich, truth

BEATS = tuple(float(time) for time in np.arange(1.0, 21.0, 0.5))


def values(known: Truth, told: Estimate, options: Options | None = None) -> dict[str, float]:
    return {row.measure: row.value for row in score(known, told, options) if isinstance(row, Value)}


def only(kind: type[Any], rows: list[Row], measure: str) -> list[Any]:
    return [row for row in rows if isinstance(row, kind) and getattr(row, "measure", None) == measure]


def test_the_rich_truth_fed_back_is_right_in_everything() -> None:
    rows = score(rich(), fed_back(rich()))
    assert all(row.right for row in rows if isinstance(row, Choice))
    assert all((row.invented, row.missed) == (0, 0) and row.found for row in rows if isinstance(row, Counts))
    assert not [row for row in rows if isinstance(row, Failure)]
    told = {row.measure: row.value for row in rows if isinstance(row, Value)}
    wrong = {
        name: value for name, value in told.items() if value != pytest.approx(float("error" not in name))
    }
    assert wrong == {}


# Beats


def test_twice_as_many_beats_are_right_at_another_level_alone() -> None:
    dense = tuple(float(time) for time in np.arange(1.0, 20.51, 0.25))
    told = values(truth(beats=BEATS), Estimate(beats=dense))
    assert told["beats.f"] == pytest.approx(2 / 3, abs=0.01)
    assert told["beats.f_any_level"] == told["beats.amlt"] == 1.0
    assert told["beats.cmlt"] < 0.1


@pytest.mark.parametrize("answer", [BEATS[::2], BEATS[::3], BEATS[1::3]])
def test_fewer_beats_are_right_at_another_level(answer: tuple[float, ...]) -> None:
    told = values(truth(beats=BEATS), Estimate(beats=answer))
    assert told["beats.f_any_level"] > 0.9 > told["beats.f"]


def test_beats_off_by_half_are_right_at_no_level_of_their_own() -> None:
    off = tuple(time + 0.25 for time in BEATS)
    assert values(truth(beats=BEATS), Estimate(beats=off))["beats.f_any_level"] < 0.7


def test_no_answer_is_an_empty_one() -> None:
    told = values(truth(beats=BEATS), Estimate())
    assert told == dict.fromkeys(("beats.f", "beats.f_any_level", "beats.cmlt", "beats.amlt"), 0.0)


def test_no_beats_where_there_are_none_are_not_scored() -> None:
    assert "beats.f" not in values(truth(beats=()), Estimate(beats=()))


def test_beats_where_there_are_none_are_wrong() -> None:
    assert values(truth(beats=()), Estimate(beats=BEATS))["beats.false_claim"] == 1.0
    assert values(truth(beats=()), Estimate())["beats.false_claim"] == 0.0


def test_nothing_is_trimmed_unless_asked() -> None:
    late = tuple(time for time in BEATS if time >= 5.0)
    assert values(truth(beats=BEATS), Estimate(beats=late))["beats.f"] < 1.0
    assert values(truth(beats=BEATS), Estimate(beats=late), Options(trim=True))["beats.f"] == 1.0


def test_a_tape_of_ten_hours_is_scored_as_any_other() -> None:
    late = tuple(36_000.0 + time for time in BEATS)
    told = values(truth(beats=late), Estimate(beats=late))
    assert set(told.values()) == {1.0}


def test_the_failure_of_beats_is_the_first_that_was_missed() -> None:
    (failure,) = only(Failure, score(truth(beats=BEATS), Estimate(beats=BEATS[:10] + BEATS[12:])), "beats.f")
    assert (failure.time_s, failure.text) == (BEATS[10], "missed 2 of 40 beats, this the first")


def test_beats_claim_to_reach_f_of_09() -> None:
    told = Estimate(beats=BEATS[:30], confidences={"beats": 0.8})
    assert [row for row in score(truth(beats=BEATS), told) if isinstance(row, Claim)] == [
        Claim("beats_f90", 0.8, right=False)
    ]


def test_downbeats_claim_to_reach_f_of_09() -> None:
    known, ones = truth(beats=BEATS, downbeats=BEATS[::4]), {"downbeats": 0.6}
    right = score(known, Estimate(beats=BEATS, downbeats=BEATS[::4], confidences=ones))
    shifted = score(known, Estimate(beats=BEATS, downbeats=BEATS[2::4], confidences=ones))
    told = [row for rows in (right, shifted) for row in rows if isinstance(row, Claim)]
    assert told == [Claim("downbeats_f90", 0.6, right=True), Claim("downbeats_f90", 0.6, right=False)]


# Meter


def bars(length_s: float) -> tuple[float, ...]:
    return tuple(float(time) for time in np.arange(1.0, 20.0, length_s))


def test_any_of_the_acceptable_meters_is_exact() -> None:
    known = truth(meters=("4/4", "2/4"))
    assert only(Choice, score(known, Estimate(meter="2/4")), "meter.exact") == [
        Choice("meter.exact", "2/4", "2/4", right=True)
    ]
    assert only(Choice, score(known, Estimate(meter="3/4")), "meter.exact") == [
        Choice("meter.exact", "4/4", "3/4", right=False)
    ]


def test_no_meter_is_a_wrong_one() -> None:
    rows = score(truth(meter="7/8"), Estimate())
    assert only(Choice, rows, "meter.exact") == [Choice("meter.exact", "7/8", "", right=False)]
    (failure,) = only(Failure, rows, "meter.exact")
    assert failure.text == "no meter was heard, it is 7/8"


@pytest.mark.parametrize(
    ("true", "told", "right"),
    [("3/4", "6/8", 1.0), ("4/4", "8/8", 1.0), ("4/4", "2/4", 0.0), ("7/8", "7/4", 0.0), ("7/8", None, 0.0)],
)
def test_without_tempo_bars_are_compared_in_quarters(true: str, told: str | None, right: float) -> None:
    assert values(truth(meter=true), Estimate(meter=told))["meter.bar_length"] == right


def test_an_eighth_called_a_quarter_leaves_the_bar_as_long() -> None:
    told = Estimate(meter="7/4", tempo=240.0)
    assert values(truth(meter="7/8", tempo=120.0), told)["meter.bar_length"] == 1.0


def test_the_same_meter_at_twice_the_tempo_has_shorter_bars() -> None:
    told = Estimate(meter="4/4", tempo=240.0)
    assert values(truth(meter="4/4", tempo=120.0), told)["meter.bar_length"] == 0.0


def test_downbeats_say_how_long_a_bar_is_before_meter_and_tempo_do() -> None:
    known = truth(meter="4/4", tempo=120.0, downbeats=bars(2.0))
    right = Estimate(meter="4/4", tempo=61.0, downbeats=bars(2.04))
    wrong = Estimate(meter="4/4", tempo=120.0, downbeats=bars(1.0))
    assert values(known, right)["meter.bar_length"] == 1.0
    assert values(known, wrong)["meter.bar_length"] == 0.0


def test_the_bar_of_another_acceptable_meter_is_right_as_well() -> None:
    known = truth(meter="4/4", meters=("4/4", "2/4"), downbeats=bars(2.0))
    assert values(known, Estimate(meter="2/4", downbeats=bars(1.0)))["meter.bar_length"] == 1.0


def test_a_grouping_is_scored_where_the_truth_has_one() -> None:
    told = Estimate(meter="7/8", grouping=(2, 3, 2))
    assert values(truth(meter="7/8", grouping=(2, 2, 3)), told)["meter.grouping"] == 0.0
    assert "meter.grouping" not in values(truth(meter="7/8"), told)


def test_another_acceptable_meter_is_not_held_to_the_grouping_of_the_first() -> None:
    known = truth(meter="7/8", meters=("7/8", "7/4"), grouping=(2, 2, 3))
    assert "meter.grouping" not in values(known, Estimate(meter="7/4", grouping=(1,) * 7))


@pytest.mark.parametrize(("told", "false"), [("7/8", 1.0), ("9/8", 1.0), ("6/8", 0.0), (None, 0.0)])
def test_plain_material_answered_with_another_meter_is_falsely_odd(told: str | None, false: float) -> None:
    assert values(truth(meter="4/4"), Estimate(meter=told))["meter.false_odd"] == false


def test_an_odd_stretch_is_falsely_odd_even_where_the_whole_is_plain() -> None:
    told = Estimate(meter="4/4", segments=(Stretch(start_s=5.0, end_s=9.0, meter="5/4"),))
    assert values(truth(meter="4/4"), told)["meter.false_odd"] == 1.0


@pytest.mark.parametrize(
    "known",
    [
        truth(meter="7/8"),
        truth(meters=("4/4", "7/8")),
        truth(meter="4/4", segments=(Stretch(start_s=0.0, end_s=9.0, meter="7/8"),)),
        truth(),
    ],
)
def test_what_is_not_plain_has_no_false_odd_meter(known: Truth) -> None:
    assert "meter.false_odd" not in values(known, Estimate(meter="5/4"))


def test_a_changing_meter_is_scored_by_its_time_alone() -> None:
    parts = (Stretch(start_s=0.0, end_s=6.0, meter="4/4"), Stretch(start_s=6.0, end_s=8.0, meter="7/8"))
    rows = score(truth(meter="4/4", segments=parts), Estimate(meter="4/4"))
    assert not only(Choice, rows, "meter.exact")
    assert only(Value, rows, "meter.time_right") == [Value("meter.time_right", 0.75)]
    assert not only(Value, rows, "meter.false_odd")
    (failure,) = only(Failure, rows, "meter.time_right")
    assert (failure.time_s, failure.text) == (6.0, "heard 4/4 from here, it is 7/8")


def test_without_segments_the_time_from_the_first_to_the_last_beat_counts() -> None:
    told = Estimate(meter="4/4", segments=(Stretch(start_s=0.0, end_s=1.0 + 19.5 / 2, meter="4/4"),))
    assert values(truth(meter="4/4", beats=BEATS), told)["meter.time_right"] == pytest.approx(0.5)


# Changes


def change(time_s: float, kind: Any = "metric", ratio: str | None = None) -> Change:
    return Change(time_s=time_s, kind=kind, ratio=ratio)


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        (change(10.9, ratio="3:2"), (1, 0, 0)),
        (change(11.1, ratio="3:2"), (0, 1, 1)),
        (change(10.0, ratio="2:3"), (0, 1, 1)),
        (change(10.0), (0, 1, 1)),
    ],
)
def test_a_metric_modulation_is_found_within_a_second_and_with_its_ratio(
    told: Change, counts: tuple[int, int, int]
) -> None:
    rows = score(truth(modulations=(change(10.0, ratio="3:2"),)), Estimate(modulations=(told,)))
    assert only(Counts, rows, "modulations.f") == [Counts("modulations.f", "metric", *counts)]


def test_a_truth_without_a_ratio_takes_any() -> None:
    rows = score(truth(modulations=(change(10.0),)), Estimate(modulations=(change(10.0, ratio="3:2"),)))
    assert only(Counts, rows, "modulations.f") == [Counts("modulations.f", "metric", 1, 0, 0)]


def test_a_change_of_another_kind_is_missed_and_invented() -> None:
    rows = score(truth(modulations=(change(10.0),)), Estimate(modulations=(change(10.0, "tempo_step"),)))
    assert only(Counts, rows, "modulations.f") == [
        Counts("modulations.f", "metric", 0, 0, 1),
        Counts("modulations.f", "tempo_step", 0, 1, 0),
    ]


def test_the_error_of_changes_is_that_of_the_nearest_answers() -> None:
    known = truth(modulations=(change(10.0), change(20.0)))
    told = Estimate(modulations=(change(9.2), change(10.1), change(20.3)))
    assert values(known, told)["modulations.error_s"] == pytest.approx(0.2)


def test_inventions_count_where_nothing_changes() -> None:
    rows = score(truth(modulations=()), Estimate(modulations=(change(3.0), change(4.0))))
    assert only(Counts, rows, "modulations.f") == [Counts("modulations.f", "metric", 0, 2, 0)]
    assert "modulations.error_s" not in {row.measure for row in rows if isinstance(row, Value)}


# Polyrhythms


def poly(ratio: tuple[int, int], start_s: float, end_s: float, kind: Any = "polyrhythm") -> Polyrhythm:
    return Polyrhythm(start_s=start_s, end_s=end_s, ratio=ratio, kind=kind)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (poly((3, 4), 0.0, 10.0), 1),
        (poly((6, 8), 0.0, 10.0), 1),
        (poly((3, 4), 5.0, 30.0), 1),
        (poly((3, 4), 5.1, 10.0), 0),
        (poly((4, 3), 0.0, 10.0), 0),
        (poly((3, 4), 0.0, 10.0, "polymeter"), 0),
    ],
)
def test_a_polyrhythm_is_found_with_its_ratio_over_half_its_time(told: Polyrhythm, found: int) -> None:
    rows = score(truth(polyrhythms=(poly((3, 4), 0.0, 10.0),)), Estimate(polyrhythms=(told,)))
    assert sum(row.found for row in only(Counts, rows, "polyrhythms.f")) == found


def test_cycles_of_6_and_4_beats_are_no_cycles_of_3_and_2() -> None:
    known = truth(polyrhythms=(poly((6, 4), 0.0, 10.0, "polymeter"),))
    rows = score(known, Estimate(polyrhythms=(poly((3, 2), 0.0, 10.0, "polymeter"),)))
    assert only(Counts, rows, "polyrhythms.f") == [Counts("polyrhythms.f", "polymeter", 0, 1, 1)]


def test_a_false_alarm_is_counted_only_where_there_is_no_polyrhythm() -> None:
    told = Estimate(polyrhythms=(poly((3, 2), 0.0, 10.0),))
    assert values(truth(polyrhythms=()), told)["polyrhythms.false_alarm"] == 1.0
    assert values(truth(polyrhythms=()), Estimate())["polyrhythms.false_alarm"] == 0.0
    assert "polyrhythms.false_alarm" not in values(truth(polyrhythms=(poly((3, 4), 0.0, 10.0),)), told)


# Tempo


@pytest.mark.parametrize(
    ("told", "acc"),
    [
        (124.7, (1, 1)),
        (124.9, (0, 0)),
        (60.0, (0, 1)),
        (240.0, (0, 1)),
        (40.0, (0, 1)),
        (360.0, (0, 1)),
        (90.0, (0, 0)),
    ],
)
def test_a_tempo_is_right_within_4_percent_and_at_its_levels(told: float, acc: tuple[int, int]) -> None:
    scores = values(truth(tempo=120.0), Estimate(tempo=told))
    assert (scores["tempo.acc1"], scores["tempo.acc2"]) == acc


def test_any_of_the_acceptable_tempos_is_right() -> None:
    assert values(truth(tempos=(80.0, 120.0)), Estimate(tempo=120.0))["tempo.acc1"] == 1.0


def test_no_tempo_is_a_wrong_one() -> None:
    assert values(truth(tempo=120.0), Estimate()) == {"tempo.acc1": 0.0, "tempo.acc2": 0.0}


def test_a_tempo_is_claimed_falsely_where_there_is_no_beat() -> None:
    assert values(truth(beats=()), Estimate(tempo=120.0))["tempo.false_claim"] == 1.0
    assert values(truth(beats=()), Estimate())["tempo.false_claim"] == 0.0
    assert "tempo.false_claim" not in values(truth(beats=BEATS), Estimate(tempo=120.0))
    assert "tempo.false_claim" not in values(truth(), Estimate(tempo=120.0))


@pytest.mark.parametrize(
    ("known", "told", "claim"),
    [
        (
            truth(tempo=120.0),
            Estimate(tempo=121.0, confidences={"tempo": 0.7}),
            Claim("tempo_4pct", 0.7, True),
        ),
        (
            truth(tempo=120.0),
            Estimate(tempo=60.0, confidences={"tempo": 0.7}),
            Claim("tempo_4pct", 0.7, False),
        ),
        (truth(beats=()), Estimate(tempo=60.0, confidences={"tempo": 0.7}), Claim("tempo_4pct", 0.7, False)),
        (
            truth(meter="4/4"),
            Estimate(meter="2/4", confidences={"meter": 0.6}),
            Claim("meter_exact", 0.6, False),
        ),
    ],
)
def test_a_confidence_is_held_against_its_named_event(known: Truth, told: Estimate, claim: Claim) -> None:
    assert [row for row in score(known, told) if isinstance(row, Claim)] == [claim]


def test_no_confidence_claims_nothing() -> None:
    told = fed_back(rich())
    assert not [row for row in score(rich(), told) if isinstance(row, Claim)]


# Groove


def test_swing_is_compared_as_a_whole() -> None:
    assert values(truth(swing=1.5), Estimate(swing=2.0)) == {"swing.error": 0.5}


def test_swing_is_compared_stretch_by_stretch_by_its_time() -> None:
    def ladder(*steps: tuple[float, float, float]) -> tuple[SwingStretch, ...]:
        return tuple(SwingStretch(start_s=a, end_s=b, swing_ratio=ratio) for a, b, ratio in steps)

    known = truth(swing=9.0, swing_segments=ladder((0.0, 6.0, 1.0), (6.0, 8.0, 2.0)))
    told = Estimate(swing=9.0, swing_segments=ladder((0.0, 8.0, 1.0)))
    assert values(known, told)["swing.error"] == pytest.approx(0.25)


def test_swing_that_is_not_answered_has_no_error() -> None:
    assert values(truth(swing=1.5), Estimate()) == {}


def test_microtiming_is_compared_where_instrument_and_position_agree() -> None:
    known = truth(microtiming=(Lag(instrument="SD", position="2", mean_ms=10.0),))
    lags = (
        Lag(instrument="snare", position="2", mean_ms=16.0),
        Lag(instrument="snare", position="4", mean_ms=99.0),
    )
    assert values(known, Estimate(microtiming=lags)) == {"microtiming.error_ms": 6.0}


def test_a_counted_bar_is_as_long_as_it_was_counted() -> None:
    counted = truth(meters=("2/4", "6/8"), downbeats=tuple(2.0 * n for n in range(8)))
    longer = Estimate(meter="6/8", downbeats=tuple(3.0 * n for n in range(5)))
    assert values(counted, longer)["meter.bar_length"] == 0.0


def test_a_waltz_of_unknown_notation_is_plain() -> None:
    waltz = truth(meters=("3/4", "3/8", "9/8"), downbeats=(0.0, 1.5, 3.0))
    assert values(waltz, Estimate(meter="9/8"))["meter.false_odd"] == 0.0
    assert values(waltz, Estimate(meter="5/4"))["meter.false_odd"] == 1.0
