"""The bar pointer: what evidence says plainly is decoded exactly, in every meter, through breaks and changes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from hemiola import Corrections, Skip
from tests.plugins.parts import part

METERS, EVIDENCE = part("meter", "meters"), part("meter", "evidence")
DECODING, READING, GIVEN = part("meter", "decoding"), part("meter", "reading"), part("meter", "given")
RUNS, STATES = part("meter", "runs"), part("meter", "states")
RATE = 50.0
BPM = tuple(40.0 * 2.0 ** ((n + 0.33) / 5) for n in range(15))
TEMPOS_AT = len(EVIDENCE.EVENTS)
HEADS = (*EVIDENCE.EVENTS, *(f"tempo {bpm:.2f}" for bpm in BPM))

SAID = {True: 0.9, False: 0.01}
"""Probability of what there is, and of what there is not."""


def nearest(grid: tuple[float, ...], value: float) -> int:
    """Index of the nearest of a grid, in logarithms."""
    return int(np.abs(np.log(np.array(grid) / value)).argmin())


class Written:
    """Bars one after the other as networks would hear them that err nowhere.

    `activation` is what the first one says of frames; `units`, `events` and `meters` what the second says of units.
    """

    def __init__(self, bars: Sequence[tuple[str, tuple[int, ...], float]], start_s: float = 0.4) -> None:
        """`bars`: meter, grouping and quarters a minute of each."""
        self.beats: list[float] = []
        self.downbeats: list[float] = []
        self.units: list[float] = []
        self.events: list[tuple[float, float, float]] = []
        self.meters: list[int] = []
        tempos: list[tuple[float, float]] = []
        at = start_s
        for meter, grouping, bpm in bars:
            bar = METERS.Bar(meter, grouping)
            unit = 60.0 / bpm * 4.0 / bar.unit
            self.units += [at + n * unit for n in range(bar.units)]
            self.events += [
                (SAID[n == 0], SAID[n in bar.groups], SAID[n in bar.tactus]) for n in range(bar.units)
            ]
            self.meters += [EVIDENCE.METERS.index(meter)] * bar.units
            self.beats += [at + n * unit for n in bar.tactus]
            self.downbeats.append(at)
            tempos.append((at, bpm))
            at += bar.units * unit
        self.end_s = at
        self.activation = np.full((round((at + 0.5) * RATE), len(HEADS)), SAID[False], np.float32)
        for head, times in (("unit", self.units), ("onset", self.units), ("tactus", self.beats)):
            self.activation[np.round(np.array(times) * RATE).astype(int), HEADS.index(head)] = SAID[True]
        for (start, bpm), (end, _) in pairwise([*tempos, (at, 0.0)]):
            here = slice(round(start * RATE), round(end * RATE))
            self.activation[here, TEMPOS_AT + nearest(BPM, bpm)] = 0.8

    def evidence(self):  # type: ignore[no-untyped-def]
        """What both networks say."""
        shares = np.full((len(self.units), len(EVIDENCE.METERS) + 1), 0.2 / len(EVIDENCE.METERS), np.float32)
        shares[np.arange(len(self.units)), self.meters] = 0.8
        told = EVIDENCE.Told(np.array(self.units), np.array(self.events, np.float32), shares)
        return EVIDENCE.retold(EVIDENCE.evidence_of(self.activation, HEADS), [told])

    def decoded(self):  # type: ignore[no-untyped-def]
        """What is found in it."""
        return DECODING.decode(self.evidence())


def assert_same(found: Sequence[float], true: Sequence[float]) -> None:
    """As many, each within two frames."""
    assert len(found) == len(true)
    np.testing.assert_allclose(found, true, atol=0.041)


@pytest.mark.parametrize("bar", METERS.BARS, ids=lambda bar: f"{bar.meter} {bar.grouping}")
def test_every_bar_is_found_with_its_beats_and_ones(bar) -> None:  # type: ignore[no-untyped-def]
    written = Written([(bar.meter, bar.grouping, 132.0)] * 8)
    heard = written.evidence()
    found = DECODING.decode(heard)
    assert_same([beat.time_s for beat in found.beats], written.beats)
    assert_same([beat.time_s for beat in found.beats if beat.place == 0], written.downbeats)
    (run,) = RUNS.runs_of(found.beats)
    assert (run.bar.meter, run.bar.grouping) == (bar.meter, bar.grouping)
    assert run.bpm == pytest.approx(132.0, rel=0.02)
    (first, *_) = READING.alternatives_of(found, heard, 0.4, written.end_s)
    assert first.meter == bar.meter and first.probability > 0.5


@pytest.mark.parametrize("bpm", [47.0, 80.0, 201.0])
def test_slow_and_fast_is_found(bpm: float) -> None:
    written = Written([("4/4", (2, 2), bpm)] * 8)
    assert_same([beat.time_s for beat in written.decoded().beats], written.beats)


def test_nothing_heard_is_rest() -> None:
    activation = np.full((1500, len(HEADS)), 0.01, np.float32)
    found = DECODING.decode(EVIDENCE.evidence_of(activation, HEADS))
    assert found.beats == ()
    assert found.shares.max() < 0.01
    assert RUNS.runs_of(found.beats) == [] and READING.units_of(found.beats) == []


def test_a_break_of_two_bars_does_not_lose_the_phase() -> None:
    written = Written([("4/4", (2, 2), 120.0)] * 12)
    break_ = slice(round(written.downbeats[5] * RATE) - 2, round(written.downbeats[7] * RATE) - 2)
    written.activation[break_, :5] = 0.05
    written.events[20:28] = [(0.05, 0.05, 0.05)] * 8
    found = written.decoded()
    ones = [beat.time_s for beat in found.beats if beat.place == 0]
    assert_same([t for t in ones if t < written.downbeats[5] - 0.1], written.downbeats[:5])
    assert_same([t for t in ones if t > written.downbeats[7] - 0.1], written.downbeats[7:])
    assert len(RUNS.runs_of(found.beats)) == 1


def test_a_meter_that_changes_does_so_at_its_bar_line() -> None:
    written = Written([("4/4", (2, 2), 126.0)] * 6 + [("7/8", (2, 2, 3), 126.0)] * 8)
    found = written.decoded()
    runs = RUNS.runs_of(found.beats)
    assert [run.bar.meter for run in runs] == ["4/4", "7/8"]
    (change,) = RUNS.modulations_of(runs, found.beats)
    assert (change.kind, change.ratio) == ("meter_change", None)
    assert change.time_s == pytest.approx(written.downbeats[6], abs=0.05)


@pytest.mark.parametrize(("ratio", "name"), [(1.5, "3:2"), (0.75, "3:4"), (4 / 3, "4:3")])
def test_a_modulation_is_named_by_its_ratio(ratio: float, name: str) -> None:
    written = Written([("4/4", (2, 2), 108.0)] * 6 + [("4/4", (2, 2), 108.0 * ratio)] * 8)
    found = written.decoded()
    (change,) = RUNS.modulations_of(RUNS.runs_of(found.beats), found.beats)
    assert (change.kind, change.ratio) == ("metric", name)
    assert change.time_s == pytest.approx(written.downbeats[6], abs=0.05)


def test_a_tempo_in_a_ratio_that_nobody_plays_is_a_step() -> None:
    written = Written([("4/4", (2, 2), 100.0)] * 6 + [("4/4", (2, 2), 117.0)] * 8)
    found = written.decoded()
    (change,) = RUNS.modulations_of(RUNS.runs_of(found.beats), found.beats)
    assert (change.kind, change.ratio) == ("tempo_step", "7:6")


def test_a_ramp_is_one_state() -> None:
    bpms = np.geomspace(90.0, 140.0, 20)
    found = Written([("4/4", (2, 2), float(bpm)) for bpm in bpms]).decoded()
    assert len(RUNS.runs_of(found.beats)) == 1


def test_the_ones_of_a_count_in_are_no_downbeats() -> None:
    written = Written([("4/4", (2, 2), 120.0)] * 9)
    written.events[0] = (0.02, 0.02, 0.9)
    found = written.decoded()
    assert_same([beat.time_s for beat in found.beats], written.beats)
    heard = written.evidence().probability("downbeat")
    assert_same(READING.downbeats_of(found.beats, heard), written.downbeats[1:])


def test_twelve_minutes_are_decoded_a_stretch_at_a_time_and_joined() -> None:
    written = Written([("3/4", (3,), 140.0)] * 560)
    found = written.decoded()
    assert_same([beat.time_s for beat in found.beats], written.beats)
    assert len(RUNS.runs_of(found.beats)) == 1


@pytest.mark.parametrize("count", [1, 8999, 9000, 9001, 20_000, 360_000])
def test_stretches_cover_everything_and_overlap(count: int) -> None:
    starts = DECODING.stretches(count)
    assert starts[0] == 0 and starts[-1] + DECODING.STRETCH >= count
    assert all(0 < b - a <= DECODING.STRETCH - DECODING.OVERLAP for a, b in pairwise(starts))


def test_shares_and_rest_add_up_to_one_while_bars_are_played() -> None:
    written = Written([("5/4", (3, 2), 120.0)] * 8)
    middle = slice(round(5 * RATE / STATES.SLOW), round(15 * RATE / STATES.SLOW))
    np.testing.assert_allclose(written.decoded().shares[middle].sum(axis=1), 1.0, atol=0.1)


def test_a_given_meter_and_tempo_are_kept_to() -> None:
    written = Written([("4/4", (2, 2), 120.0)] * 8)
    evidence = written.evidence()
    three = DECODING.decode(evidence, GIVEN.limits(Corrections(meter="3/4"), 40.0, 250.0))
    assert {beat.bar.meter for beat in three.beats} == {"3/4"}
    slow = DECODING.decode(evidence, GIVEN.limits(Corrections(bpm=60.0), 40.0, 250.0))
    assert RUNS.runs_of(slow.beats)[0].bpm == pytest.approx(60.0, rel=0.05)


def test_a_meter_outside_the_table_has_all_its_groupings() -> None:
    bars = GIVEN.bars_of("13/8")
    assert len(bars) > 1 and all(sum(bar.grouping) == 13 for bar in bars)
    assert GIVEN.bars_of("7/8", (3, 2, 2)) == (METERS.Bar("7/8", (3, 2, 2)),)
    assert [bar.beats for bar in GIVEN.bars_of("2/2")] == [2]


def test_a_long_bar_has_its_plainest_groupings_and_one_too_long_none() -> None:
    bars = GIVEN.bars_of("60/16")
    assert len(bars) == GIVEN.MOST_GROUPINGS and {sum(bar.grouping) for bar in bars} == {60}
    assert {bar.grouping for bar in bars[:2]} == {(2,) * 30, (3,) * 20}
    with pytest.raises(Skip, match="64 units"):
        GIVEN.bars_of("65/4")


@pytest.mark.parametrize(
    ("ratio", "name"), [(1.0, None), (1.51, "3:2"), (0.5, "1:2"), (1.45, None), (0.6, "3:5"), (1.75, "7:4")]
)
def test_ratios_are_the_simplest_within_two_percent(ratio: float, name: str | None) -> None:
    assert RUNS.simple_ratio(ratio) == name


def test_a_ratio_may_be_asked_in_smaller_terms() -> None:
    assert RUNS.simple_ratio(1.17, 5) is None and RUNS.simple_ratio(1.25, 5) == "5:4"


def test_an_activation_without_the_heads_is_refused() -> None:
    with pytest.raises(ValueError, match="no unit, tactus, downbeat"):
        EVIDENCE.evidence_of(np.zeros((10, 1), np.float32), ("onset",))


@pytest.mark.parametrize(("share", "ambiguous"), [(0.45, True), (0.1, False)])
def test_two_meters_about_as_probable_are_ambiguous(share: float, ambiguous: bool) -> None:
    written = Written([("3/4", (3,), 120.0)] * 10)
    shares = np.zeros((len(written.units), len(EVIDENCE.METERS) + 1), np.float32)
    shares[:, EVIDENCE.METERS.index("6/8")] = share
    shares[:, EVIDENCE.METERS.index("3/4")] = 0.95 - share
    told = EVIDENCE.Told(np.array(written.units), np.array(written.events, np.float32), shares)
    heard = EVIDENCE.retold(EVIDENCE.evidence_of(written.activation, HEADS), [told])
    found = READING.alternatives_of(DECODING.decode(heard), heard, 0.4, written.end_s)
    assert {one.meter for one in found[:2]} == {"3/4", "6/8"}
    assert READING.is_ambiguous(found, "3/4") is ambiguous
