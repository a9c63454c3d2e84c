"""Sources of clips: the same number gives the same bytes, sides share nothing, bars are bars, and truth lies right."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from evaluation.annotation import Truth
from evaluation.scenes.kits import KITS
from evaluation.scenes.meters import METERS
from evaluation.scenes.patterns.families import FAMILIES
from evaluation.scenes.patterns.strokes import Stroke, repeats
from evaluation.scenes.setting import Stock
from evaluation.scenes.sounds import RATE
from evaluation.training.invention.grooves import groove, says
from evaluation.training.invention.places import RHYTHMS
from evaluation.training.invention.songs import any_step, passages
from evaluation.training.invention.styles import LEFT_OUT, SEEN, Style
from evaluation.training.sources import Clip, Source
from evaluation.training.sources.generated import (
    LEFT_OUT_KITS,
    Generated,
    any_meter,
    left_out_family,
    own_kit,
)
from evaluation.training.sources.invented import Invented
from evaluation.training.sources.worn import WAYS, worn

SOURCES: tuple[Source, ...] = (Generated(), Invented())
CLIPS: dict[tuple[str, int, bool], Clip] = {}


def clip(source: Source, number: int, left_out: bool = False) -> Clip:
    """The clip, made once for all tests."""
    what = (source.name, number, left_out)
    if what not in CLIPS:
        CLIPS[what] = source.clip(number, left_out)
    return CLIPS[what]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_number_gives_the_same_bytes_every_time(source: Source) -> None:
    again = source.clip(0, False)
    assert again.samples.tobytes() == clip(source, 0).samples.tobytes()
    assert again.truth == clip(source, 0).truth


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_other_numbers_and_the_other_side_give_other_clips(source: Source) -> None:
    assert len({clip(source, n, side).samples.tobytes() for n in (0, 1) for side in (False, True)}) == 4


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_clip_is_finite_mono_and_within_full_scale(source: Source) -> None:
    samples = clip(source, 1).samples
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert np.abs(samples).max() <= 1.0


def test_either_side_has_families_of_its_own_in_every_meter() -> None:
    for meters in METERS.values():
        seen = Stock(lambda family: not left_out_family(family)).families(meters[0])
        kept = Stock(left_out_family).families(meters[0])
        assert seen
        assert kept
        assert not {family.name for family in seen} & {family.name for family in kept}


def test_about_a_sixth_of_the_families_is_left_out() -> None:
    part = np.mean([left_out_family(family) for family in FAMILIES])
    assert 0.1 < part < 0.25


def test_a_named_kit_is_on_one_side_alone() -> None:
    random = np.random.default_rng(0)
    seen = {own_kit(random, False).name for _ in range(300)}
    kept = {own_kit(random, True).name for _ in range(300)}
    assert seen & set(KITS) == set(KITS) - set(LEFT_OUT_KITS)
    assert kept & set(KITS) == set(LEFT_OUT_KITS)


def test_no_style_is_on_both_sides() -> None:
    assert not {style.name for style in SEEN} & {style.name for style in LEFT_OUT}


def test_every_rhythm_that_a_style_names_is_known() -> None:
    for style in (*SEEN, *LEFT_OUT):
        for words in (style.time, style.low, style.back, style.colour):
            assert set(words.split()) <= set(RHYTHMS)


def test_a_fifth_of_the_clips_in_one_meter_is_in_four_four_and_the_others_share_the_rest() -> None:
    random = np.random.default_rng(1)
    names = [any_meter(random).name for _ in range(3000)]
    counts = {name: names.count(name) / len(names) for name in METERS}
    assert counts["4/4"] == pytest.approx(0.2, abs=0.03)
    assert all(counts[name] == pytest.approx(0.8 / 14, abs=0.02) for name in METERS if name != "4/4")


@pytest.mark.parametrize("style", (*SEEN, *LEFT_OUT), ids=lambda style: style.name)
def test_an_invented_bar_does_not_repeat_inside_itself_and_tells_its_meter(style: Style) -> None:
    random = np.random.default_rng(2)
    for meters in METERS.values():
        for meter in meters:
            made = groove(style, meter, any_step(meter, random), random)
            marked = (*made.core, Stroke(0.0, "kick", 1.0))  # a few have nothing on one
            assert says(marked, meter)
            assert meter.name == "4/4" or repeats(made.core, meter) is None


def test_four_four_may_repeat_its_half_and_does_so_seldom() -> None:
    random = np.random.default_rng(3)
    four = METERS["4/4"][0]
    grooves = [groove(SEEN[n % len(SEEN)], four, 0.5, random) for n in range(200)]
    assert 0.02 < np.mean([repeats(made.core, four) is not None for made in grooves]) < 0.3


def test_one_song_in_eight_changes_meter_or_tempo() -> None:
    random = np.random.default_rng(4)
    plans = [passages(25.0, random) for _ in range(1000)]
    assert np.mean([len(plan) > 1 for plan in plans]) == pytest.approx(0.12, abs=0.035)


@pytest.mark.parametrize("number", range(3))
def test_downbeats_are_beats_a_bar_apart(number: int) -> None:
    truth = clip(Invented(), number).truth
    assert truth.beats and truth.downbeats and truth.segments and truth.units
    assert set(truth.downbeats) <= set(truth.beats) <= set(truth.units)
    for stretch in truth.segments:
        (meter, *_) = (m for m in METERS[stretch.meter] if stretch.grouping == m.named_grouping)
        inside = [t for t in truth.downbeats if stretch.start_s - 1e-6 <= t <= stretch.end_s - 1e-6]
        for start, end in pairwise(inside):
            beats = sum(start <= t < end for t in truth.beats)
            assert beats == len(meter.tactus)


def struck_near(truth: Truth, times: tuple[float, ...], within_s: float) -> float:
    """The part of the times that has an onset near."""
    onsets = np.array(truth.onsets)
    return float(np.mean([np.abs(onsets - t).min() <= within_s for t in times]))


@pytest.mark.parametrize("number", range(3))
def test_strokes_lie_where_the_truth_says_the_beat_is(number: int) -> None:
    truth = clip(Invented(), number).truth
    assert truth.downbeats and truth.units and truth.onsets
    assert struck_near(truth, truth.downbeats, 0.06) > 0.6


def test_energy_rises_at_the_onsets_of_a_clip() -> None:
    made = clip(Invented(), 0)
    loud = made.samples.astype(float) ** 2
    rises = []
    for onset in made.truth.onsets or ():
        at, width = round(onset * RATE), round(0.01 * RATE)
        rises.append(loud[at : at + width].sum() > loud[max(0, at - width) : at].sum())
    assert np.mean(rises) > 0.7


@pytest.mark.parametrize(("way", "chance"), WAYS, ids=lambda value: getattr(value, "__name__", ""))
def test_no_wear_moves_a_click(way: object, chance: float) -> None:
    assert callable(way)
    samples = np.zeros(4 * RATE, dtype=np.float32)
    places = np.arange(1, 8) * RATE // 2
    for place in places:
        samples[place : place + 200] = np.sin(np.arange(200) * 0.7) * np.exp(-np.arange(200) / 40)
    out = way(samples, np.random.default_rng(5))
    assert len(out) == len(samples)
    lags = np.arange(-100, 101)
    for place in places:
        pattern = samples[place : place + 300]
        matched = [abs(float(out[place + lag : place + lag + 300] @ pattern)) for lag in lags]
        assert abs(int(lags[int(np.argmax(matched))])) < 0.001 * RATE


def test_a_worn_clip_keeps_its_truth_and_its_length() -> None:
    fresh = clip(Invented(), 0)
    old = worn(fresh, np.random.default_rng(6))
    assert old.truth == fresh.truth
    assert len(old.samples) == len(fresh.samples)
    assert old.samples.tobytes() == worn(fresh, np.random.default_rng(6)).samples.tobytes()
    assert old.samples.tobytes() != fresh.samples.tobytes()


def test_silence_can_be_worn() -> None:
    quiet = Clip(np.zeros(2 * RATE, dtype=np.float32), clip(Invented(), 0).truth)
    for seed in range(6):
        assert np.isfinite(worn(quiet, np.random.default_rng(seed)).samples).all()
