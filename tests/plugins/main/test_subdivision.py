"""subdivision.grid names what runs against the beat, and nothing where nothing does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soxr

from evaluation.annotation import Truth
from evaluation.scenes import scenarios
from evaluation.scenes.rendering import Scene, render
from hemiola import Skip
from hemiola.results import Meter, Polyrhythm
from hemiola.testing import run
from tests.plugins import signals, truth
from tests.plugins.parts import part, plugin

RATE = 22050
GRID = plugin("subdivision.grid")
Scenario = Callable[[np.random.Generator, int], Scene]


def played(scenario: Scenario, case: int, seed: int = 3) -> tuple[signals.Samples, Truth]:
    """A scene at the plugin's rate, and its truth."""
    made = render(scenario(np.random.default_rng([seed, case]), case))
    return np.asarray(soxr.resample(made.samples, 44100, RATE), np.float32), made.truth


def as_meter(known: Truth, *, jitter_ms: float = 0.0, start_s: float = 0.0) -> Meter:
    """What a meter plugin would say of it; `jitter_ms` off from beat to beat."""
    beats = np.asarray(known.beats)
    beats = np.sort(beats + np.random.default_rng(1).normal(0, jitter_ms / 1000, len(beats)))
    name = known.meter or "4/4"
    return Meter(
        meter=name,
        grouping=known.grouping or (int(name.split("/")[0]),),
        beat_times=tuple(start_s + np.maximum(beats, 0.0)),
        downbeat_times=tuple(start_s + t for t in known.downbeats or ()),
    )


def clave(strokes: list[float], bars: int = 8, bpm: float = 110.0) -> tuple[signals.Samples, Meter]:
    """A groove of kick and hat on quarters with a bright blip on some places of every bar of four."""
    beat = 60.0 / bpm
    random = np.random.default_rng(2)
    at = np.arange(round(0.1 * RATE)) / RATE
    kick = 0.8 * np.sin(2 * np.pi * 60 * at) * np.exp(-at / 0.05)
    hat = np.diff(random.normal(0, 0.25, len(at) + 1)) * np.exp(-at / 0.015)
    blip = 0.5 * np.sin(2 * np.pi * 840 * at) * np.exp(-at / 0.03)
    samples = random.normal(0, 1e-4, round((4 * bars * beat + 1.5) * RATE)).astype(np.float32)
    for bar in range(bars):
        placed = [(kick, p) for p in (0, 2)] + [(hat, p / 2) for p in range(8)] + [(blip, p) for p in strokes]
        for sound, place in placed:
            start = round((0.5 + (4 * bar + place) * beat) * RATE)
            samples[start : start + len(sound)] += sound.astype(np.float32)
    beats = tuple(0.5 + beat * np.arange(4 * bars))
    return samples, Meter(meter="4/4", grouping=(2, 2), beat_times=beats, downbeat_times=beats[::4])


def named(found: tuple[Polyrhythm, ...]) -> list[tuple[str, tuple[int, int]]]:
    """Kind and ratio of each."""
    return [(one.kind, one.ratio) for one in found]


@pytest.mark.parametrize("case", [0, 4, 5, 7, 10], ids=["3:4", "3:2", "3:2 in 6/8", "7:4", "3:4 in 12/8"])
def test_a_polyrhythm_is_named_where_it_is(case: int) -> None:
    samples, known = played(scenarios.polyrhythm, case)
    (one,) = run(GRID, samples, RATE, results=[as_meter(known)]).polyrhythms
    (true,) = known.polyrhythms or ()
    assert (one.kind, one.ratio) == (true.kind, true.ratio)
    assert min(one.end_s, true.end_s) - max(one.start_s, true.start_s) > 0.7 * (true.end_s - true.start_s)


@pytest.mark.parametrize("k", [3, 5, 7])
def test_an_even_layer_over_four_beats_is_named(k: int) -> None:
    samples, meter = clave([4 * i / k for i in range(k)])
    assert named(run(GRID, samples, RATE, results=[meter]).polyrhythms) == [("polyrhythm", (k, 4))]


def test_beats_that_jitter_hide_nothing() -> None:
    samples, meter = clave([4 * i / 3 for i in range(3)])
    beats = np.array(meter.beat_times) + np.random.default_rng(5).normal(0, 0.012, len(meter.beat_times))
    worse = meter.model_copy(update={"beat_times": tuple(beats), "downbeat_times": tuple(beats[::4])})
    assert named(run(GRID, samples, RATE, results=[worse]).polyrhythms) == [("polyrhythm", (3, 4))]


@pytest.mark.parametrize(
    "strokes",
    [
        [],
        [0, 1.5, 3],
        [0.5, 1.5, 2.5, 3.5],
        [p / 3 for p in range(12)],
        [0, 0.667, 1, 1.667, 2, 2.667, 3, 3.667],
    ],
    ids=["groove", "tresillo", "offbeats", "triplets", "shuffle"],
)
def test_syncopation_triplets_and_swing_are_no_polyrhythm(strokes: list[float]) -> None:
    samples, meter = clave(strokes)
    assert run(GRID, samples, RATE, results=[meter]).polyrhythms == ()


@pytest.mark.parametrize("case", [0, 1, 3], ids=["3 over 4/4", "4 over 3/4", "3 over 5/4"])
def test_a_figure_over_bars_of_another_length_is_a_polymeter(case: int) -> None:
    samples, known = played(scenarios.polymeter, case)
    found = run(GRID, samples, RATE, results=[as_meter(known)]).polyrhythms
    assert named(found) == [(one.kind, one.ratio) for one in known.polyrhythms or ()]


@pytest.mark.parametrize("scenario", [scenarios.plain, scenarios.swing, scenarios.microtiming])
def test_plain_playing_has_none(scenario: Scenario) -> None:
    for case in range(4):
        samples, known = played(scenario, case)
        meter = as_meter(known, jitter_ms=8.0)
        assert run(GRID, samples, RATE, results=[meter]).polyrhythms == (), f"case {case}"


def test_times_are_those_of_the_file() -> None:
    samples, meter = clave([4 * i / 3 for i in range(3)])
    (here,) = run(GRID, samples, RATE, results=[meter]).polyrhythms
    later = meter.model_copy(
        update={
            name: tuple(t + 90.0 for t in getattr(meter, name)) for name in ("beat_times", "downbeat_times")
        }
    )
    (there,) = run(GRID, samples, RATE, results=[later], start_s=90.0).polyrhythms
    assert (there.start_s, there.end_s) == pytest.approx((here.start_s + 90.0, here.end_s + 90.0), abs=1e-6)


def test_what_has_no_beats_or_no_sound_is_skipped_with_the_reason() -> None:
    samples, meter = clave([])
    with pytest.raises(Skip, match="3 beats are too few"):
        run(GRID, samples, RATE, results=[meter.model_copy(update={"beat_times": meter.beat_times[:3]})])
    with pytest.raises(Skip, match="no sound"):
        run(GRID, np.zeros_like(samples), RATE, results=[meter])


def test_beats_of_unequal_length_are_in_no_run() -> None:
    runs = part("subdivision", "grid").runs
    beats = tuple(np.cumsum([0.5, 0.4, 0.4, 0.6] * 4))
    meter = Meter(meter="7/8", grouping=(2, 2, 3), beat_times=beats, downbeat_times=beats[::3])
    assert list(runs(meter)) == []


def test_a_missing_beat_parts_two_runs() -> None:
    runs = part("subdivision", "grid").runs
    beats = tuple(0.5 * np.delete(np.arange(24), 12))
    found = list(runs(Meter(meter="4/4", grouping=(2, 2), beat_times=beats, downbeat_times=beats[:1])))
    assert [len(one.bars) for one in found] == [12, 10]


def test_little_is_kept_of_a_long_recording() -> None:
    samples, meter = clave([0, 1.5, 3], bars=96)
    listening = part("subdivision", "listening")
    listener = listening.Listener(samples, RATE)
    part("subdivision", "crossing").crossings(
        listener, part("subdivision", "grid").runs(meter), lambda share: None, len(samples) / RATE
    )
    assert len(listener._blocks) == listening.KEPT_BLOCKS


def test_the_generated_cases_of_the_evaluation_are_all_named(eval_folder: Path) -> None:
    import json

    folder = eval_folder / "polymetre-synthetic"
    for name, down, expected in (
        ("polyrhythm_3_over_4", "downbeats", [("polyrhythm", (3, 4))]),
        ("polymeter_4_against_3_same_pulse", "downbeats_layer1", [("polymeter", (3, 4))]),
        ("swing_ladder_1.0_1.5_2.0_3.0", "downbeats", []),
    ):
        told = json.loads((folder / f"{name}.json").read_text())
        meter = Meter(
            meter="4/4",
            grouping=(2, 2),
            beat_times=tuple(told["beats"]),
            downbeat_times=tuple(told.get(down, told["beats"][::4])),
        )
        samples = truth.mono(folder / f"{name}.flac", RATE)
        assert named(run(GRID, samples, RATE, results=[meter]).polyrhythms) == expected, name
