"""What a scene says of itself agrees with itself, with the conventions and with what is heard."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.annotation import Truth
from evaluation.scenes.composing import Band, Edges, Passage, any_band, compose
from evaluation.scenes.gaps import span_above, tape
from evaluation.scenes.meters import METERS, Meter, meter
from evaluation.scenes.patterns.families import families
from evaluation.scenes.playing import MACHINE, Event, perform, swung, wandering
from evaluation.scenes.rendering import Scene, on_samples, render
from evaluation.scenes.rooms import Room
from evaluation.scenes.scenarios import LAGS_MS, RATIOS, SCENARIOS, SWINGS, in_meter
from evaluation.scenes.score import Swung
from evaluation.scenes.sounds import RATE
from evaluation.scenes.tempo import Stage, TempoMap, drifting, staged
from evaluation.scenes.truths import divided_ratios, truth_of
from evaluation.scenes.unpulsed import UNPULSED, unpulsed

scenes = st.tuples(st.sampled_from(sorted(SCENARIOS)), st.integers(0, 5000), st.integers(0, 40))
many = settings(max_examples=60, deadline=None)


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def scene_of(name: str, seed: int = 0, case: int = 0) -> Scene:
    return SCENARIOS[name](random(seed), case)


def played(scene: Scene) -> tuple[tuple[Event, ...], TempoMap, Truth]:
    """All of rendering but the sound."""
    tempo = scene.tempo.beginning(scene.score.entry, scene.lead_s)
    events = on_samples(perform(scene.score, tempo, scene.feel, random(scene.seed)))
    truth = truth_of(
        scene.score,
        tempo,
        events,
        kind=scene.kind,
        source="s",
        song="s",
        kit=None,
        microtiming=scene.microtiming,
    )
    return events, tempo, truth


def one(
    name: str, bars: int = 8, edges: Edges | None = None, band: Band | None = None, ratio: float = 1.0
) -> Scene:
    of, family = meter(name), families(meter(name))[0]
    passage = Passage(of, family, bars, ratio)
    score = compose([passage], band or Band(), edges or Edges(ending=False), random(1))
    base = in_meter("k", of, random(2), "drums")
    room = Room()
    return replace(
        base, score=score, tempo=staged([Stage(99, 120, 120)]), feel=MACHINE, room=room, lead_s=0.5
    )


@given(scenes)
@many
def test_downbeats_are_beats_and_beats_are_units(drawn: tuple[str, int, int]) -> None:
    _, _, truth = played(scene_of(*drawn))
    beats, units, downbeats = (set(times or ()) for times in (truth.beats, truth.units, truth.downbeats))
    assert downbeats <= beats <= units
    assert len(downbeats) >= 2
    for times in (truth.beats, truth.units, truth.downbeats):
        assert (np.diff(times or ()) > 0.05).all()


@given(scenes)
@many
def test_bars_have_their_meters_units_and_beats(drawn: tuple[str, int, int]) -> None:
    scene = scene_of(*drawn)
    _, _, truth = played(scene)
    beats, units, downs = (np.array(times) for times in (truth.beats, truth.units, truth.downbeats))
    bars = [bar for bar in scene.score.bars if bar.counted and bar.start >= scene.score.entry - 1e-9]
    for bar, start, end in zip(bars, downs, downs[1:], strict=False):
        inside = units[(units >= start) & (units < end)]
        assert len(inside) == bar.meter.beats
        assert np.sum((beats >= start) & (beats < end)) == len(bar.meter.tactus)
        steps = np.diff([*inside, end])
        assert np.allclose(steps, steps.mean(), rtol=0.12), (
            "units divide a bar evenly, but for ramps and drift"
        )


@given(scenes)
@many
def test_stretches_follow_each_other_and_changes_begin_them(drawn: tuple[str, int, int]) -> None:
    _, _, truth = played(scene_of(*drawn))
    stretches = truth.segments or ()
    assert all(a.end_s == pytest.approx(b.start_s) for a, b in pairwise(stretches))
    starts = [stretch.start_s for stretch in stretches[1:]]
    assert [change.time_s for change in truth.modulations or ()] == pytest.approx(starts)
    assert set(starts) <= set(truth.downbeats or ())


@given(scenes)
@many
def test_hits_and_notes_together_are_the_events_and_the_onsets(drawn: tuple[str, int, int]) -> None:
    events, _, truth = played(scene_of(*drawn))
    marks = sorted([h.time_s for h in truth.hits or ()] + [n.onset_s for n in truth.notes or ()])
    assert marks == pytest.approx([event.time_s for event in events], abs=1e-6)
    assert list(truth.onsets or ()) == marks
    assert len(marks) > 20


@given(scenes)
@settings(max_examples=5, deadline=None)
def test_a_recording_holds_all_that_is_annotated(drawn: tuple[str, int, int]) -> None:
    rendered = render(scene_of(*drawn))
    truth, end_s = rendered.truth, len(rendered.samples) / RATE
    assert np.isfinite(rendered.samples).all()
    assert np.abs(rendered.samples).max() <= 1.0
    assert max((*(truth.beats or ()), *(truth.onsets or ()))) < end_s
    Truth.model_validate_json(truth.model_dump_json())


def test_the_same_scene_gives_the_same_samples() -> None:
    first, second = (render(scene_of("keys", 3, 1)) for _ in range(2))
    assert np.array_equal(first.samples, second.samples)
    assert first.truth == second.truth


def test_annotated_onsets_are_where_the_sound_rises() -> None:
    scene = replace(one("4/4"), kit=scene_of("plain").kit)
    rendered = render(scene)
    size = np.abs(rendered.samples)
    first = round((rendered.truth.onsets or ())[0] * RATE)
    assert size[: first - 10].max() < 0.2 * size[first : first + 2000].max()
    assert size[first - 200 : first].max() <= 0.11 * size[first : first + 2000].max()


def test_the_drums_alone_are_what_the_mix_has_of_them() -> None:
    band = any_band(random(4), "mix")
    rendered = render(one("4/4", edges=Edges(count_in=1), band=band))
    assert rendered.drums is not None
    bar_one = round((rendered.truth.downbeats or ())[0] * RATE) - 2000
    assert np.array_equal(rendered.samples[:bar_one], rendered.drums[:bar_one])
    assert rendered.drums[:bar_one].any()
    rest = rendered.samples - rendered.drums
    assert np.abs(rest[bar_one:]).max() > 0.01


@pytest.mark.parametrize(
    ("name", "beats", "units"),
    [("4/4", 0.5, 0.5), ("3/8", 0.25, 0.25), ("6/8", 0.75, 0.25), ("12/8", 0.75, 0.25), ("5/4", 0.5, 0.5)],
)
def test_the_tactus_of_a_meter_at_120_quarters_a_minute(name: str, beats: float, units: float) -> None:
    _, _, truth = played(one(name))
    assert np.diff(truth.beats or ()) == pytest.approx(beats, abs=1e-5)
    assert np.diff(truth.units or ()) == pytest.approx(units, abs=1e-5)
    assert truth.tempo == pytest.approx(120.0)
    assert truth.meter == name
    assert len(truth.segments or ()) == 1
    assert truth.modulations == truth.polyrhythms == ()


def test_seven_eighths_are_beaten_in_their_groups() -> None:
    _, _, truth = played(one("7/8"))
    assert np.diff(truth.beats or ())[:3] == pytest.approx([0.5, 0.5, 0.75], abs=1e-5)
    assert truth.grouping == (2, 2, 3)


def test_a_count_in_has_beats_and_does_not_shift_bar_one() -> None:
    _, _, truth = played(one("4/4", edges=Edges(count_in=1, ending=False)))
    assert (truth.beats or ())[:5] == pytest.approx((0.5, 1.0, 1.5, 2.0, 2.5))
    assert (truth.downbeats or ())[0] == pytest.approx(2.5)


@pytest.mark.parametrize("pick_up", [True, False])
def test_a_recording_that_enters_inside_a_bar_has_its_first_downbeat_at_the_next(pick_up: bool) -> None:
    events, _, truth = played(one("4/4", edges=Edges(cut=3, pick_up=pick_up, ending=False)))
    assert (truth.beats or ())[:2] == pytest.approx((0.5, 1.0))
    assert (truth.downbeats or ())[0] == pytest.approx(1.0)
    assert events[0].time_s >= 0.49


def test_an_ending_is_a_downbeat() -> None:
    _, _, truth = played(one("3/4", bars=4, edges=Edges(ending=True)))
    assert len(truth.downbeats or ()) == 5
    assert (truth.beats or ())[-1] == (truth.downbeats or ())[-1]


@pytest.mark.parametrize("case", range(len(RATIOS)))
def test_a_modulations_ratio_is_that_of_the_beats(case: int) -> None:
    scene = replace(scene_of("modulation", 5, case))
    _, _, truth = played(scene)
    (change,) = truth.modulations or ()
    new, old = (int(term) for term in (change.ratio or "").split(":"))
    steps = np.diff(truth.beats or ())
    before = np.median(steps[np.array(truth.beats)[1:] <= change.time_s])
    after = np.median(steps[np.array(truth.beats)[:-1] >= change.time_s])
    assert before / after == pytest.approx(new / old, rel=0.03)
    assert change.kind == "metric"
    assert (change.to_bpm or 0) / (change.from_bpm or 1) == pytest.approx(new / old, rel=0.02)


@given(st.integers(0, 5000), st.integers(0, 30))
@many
def test_a_polyrhythm_has_k_even_strokes_in_n_beats_for_two_bars_or_more(seed: int, case: int) -> None:
    scene = scene_of("polyrhythm", seed, case)
    (layer,) = scene.score.layers
    k, n = layer.ratio
    of = scene.score.states[0].meter
    assert np.gcd(k, n) == 1
    assert layer.end - layer.start >= 2 * of.bar_quarters
    cycle = n * of.tactus_quarters()
    expected = {round(float(p), 4) for p in np.arange(layer.start, layer.end - 1e-6, cycle / k)}
    voices = {s.instrument for s in scene.score.strokes}
    places = {v: {round(s.at, 4) for s in scene.score.strokes if s.instrument == v} for v in voices}
    assert any(expected <= found for found in places.values())


def test_a_polymeter_returns_to_the_bar_line() -> None:
    for case in range(16):
        scene = scene_of("polymeter", case, case)
        (layer,) = scene.score.layers
        assert layer.kind == "polymeter"
        assert (layer.end - layer.start) % layer.ratio[0] == 0
        assert layer.ratio[1] == scene.score.states[0].meter.beats != layer.ratio[0]


def test_a_ramps_tempo_is_the_median_of_what_was_played() -> None:
    _, _, truth = played(scene_of("ramp", 1, 0))
    steps = 60.0 / np.diff(truth.beats or ())
    assert truth.tempo == pytest.approx(np.median(steps), rel=0.02)
    assert steps[-1] > 1.15 * steps[0]
    assert truth.modulations == ()


@pytest.mark.parametrize("ratio", SWINGS)
def test_swing_is_long_to_short(ratio: float) -> None:
    scene = one("4/4", ratio=ratio)
    _, _, truth = played(scene)
    assert truth.swing == pytest.approx(ratio, abs=0.01)
    assert [s.swing_ratio for s in truth.swing_segments or ()] == pytest.approx([ratio], abs=0.01)


def test_swing_moves_the_middle_and_leaves_the_beats() -> None:
    span = Swung(0.0, 4.0, 2.0)
    assert swung([0.0, 0.5, 1.0, 3.5, 4.5], [span]) == pytest.approx([0.0, 2 / 3, 1.0, 3 + 2 / 3, 4.5])
    assert swung([0.25], [Swung(0.0, 4.0, 3.0, "16th")]) == pytest.approx([0.375])


def test_beats_in_triplets_or_sixteenths_are_not_divided_in_two() -> None:
    events, _, _ = played(one("4/4"))
    hats = [e for e in events if e.instrument == "hihat"]
    span = Swung(0.0, 4.0, 1.0)
    assert len(divided_ratios(hats, span)) == 4
    extra = replace(hats[0], stroke=replace(hats[0].stroke, at=0.25))
    assert len(divided_ratios([*hats, extra], span)) == 3


@pytest.mark.parametrize("case", range(len(LAGS_MS)))
def test_lags_are_those_of_the_ladder_against_the_hat(case: int) -> None:
    _, _, truth = played(scene_of("microtiming", 2, case))
    late = {(lag.instrument, lag.position): lag.mean_ms for lag in truth.microtiming or ()}
    assert late["snare", "all"] == pytest.approx(LAGS_MS[case], abs=3.0)
    keeper = truth.microtiming_reference
    assert keeper in ("hihat", "ride")
    assert late[str(keeper), "all"] == 0.0


def test_keys_go_through_all_24() -> None:
    named = [scene_of("keys", 0, case).score.key for case in range(29)]
    assert len(set(named) - {"atonal"}) == 24
    assert named.count("atonal") == 4


def test_time_wanders_more_slowly_than_it_trembles() -> None:
    slow = wandering(4096, random())
    power = np.abs(np.fft.rfft(slow)) ** 2
    assert power[1:50].mean() > 10 * power[-500:].mean()
    assert slow.std() == pytest.approx(1.0)


@given(
    st.lists(st.tuples(st.floats(0.5, 20), st.floats(40, 220), st.floats(40, 220)), min_size=1, max_size=5)
)
@settings(max_examples=40, deadline=None)
def test_a_tempo_map_goes_there_and_back(stages: list[tuple[float, float, float]]) -> None:
    tempo = drifting(staged([Stage(*stage) for stage in stages]), 0.03, random())
    places = np.linspace(-2, sum(stage[0] for stage in stages) + 3, 50)
    assert tempo.where(tempo.at(places)) == pytest.approx(places, abs=1e-6)
    assert (np.diff(tempo.at(places)) > 0).all()


def test_a_tempo_that_does_not_rise_is_refused() -> None:
    with pytest.raises(ValueError, match="two points or more"):
        TempoMap(np.array([0.0, 1.0]), np.array([0.0, 0.0]))


@pytest.mark.parametrize("case", range(5))
def test_sounds_of_a_tape_stand_above_its_floor_and_gaps_do_not(case: int) -> None:
    rendered = tape(random(case), case, "s", "s")
    regions = rendered.truth.regions or ()
    assert len(regions) >= 6
    levels = [float(np.sqrt(np.mean(_cut(rendered.samples, r.start_s, r.end_s) ** 2))) for r in regions]
    between = [
        float(np.sqrt(np.mean(_cut(rendered.samples, a.end_s + 0.01, b.start_s - 0.01) ** 2)))
        for a, b in pairwise(regions)
    ]
    assert min(levels) > 1.4 * max(between)
    gaps = [b.start_s - a.end_s for a, b in pairwise(regions)]
    assert min(gaps) > 0.1 and max(gaps) < 2.1


def _cut(samples: np.ndarray, start_s: float, end_s: float) -> np.ndarray:
    return samples[round(start_s * RATE) : round(end_s * RATE)].astype(float)


def test_a_sound_ends_at_its_first_pause() -> None:
    sound = np.zeros(RATE, np.float32)
    for start_s, end_s in ((0.1, 0.3), (0.34, 0.5), (0.6, 0.9)):
        sound[round(start_s * RATE) : round(end_s * RATE)] = 0.1
    first, stop = span_above(sound, -40.0) or (0, 0)
    assert (first / RATE, stop / RATE) == pytest.approx((0.1, 0.5), abs=0.006)
    assert span_above(sound, -10.0) is None


@pytest.mark.parametrize("case", range(len(UNPULSED)))
def test_what_has_no_pulse_says_so(case: int) -> None:
    rendered = unpulsed(random(case), case, "s", "s")
    assert rendered.truth.beats == rendered.truth.downbeats == rendered.truth.segments == ()
    assert rendered.truth.tempo is None
    assert rendered.truth.meter is None
    assert np.isfinite(rendered.samples).all()


@pytest.mark.parametrize("name", sorted(METERS))
def test_every_meter_is_played_by_drums_by_a_band_and_without_drums(name: str) -> None:
    of: Meter = METERS[name][0]
    for lineup in ("drums", "mix", "melodic"):
        _, _, truth = played(in_meter("k", of, random(7), lineup))
        assert bool(truth.hits) == (lineup != "melodic")
        assert bool(truth.notes) == (lineup != "drums")
        assert (truth.key is None) == (lineup == "drums")
        assert truth.meter == name
