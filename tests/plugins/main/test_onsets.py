"""onsets.superflux finds hits to the millisecond, at any level, and nothing in what does not begin."""

from __future__ import annotations

from pathlib import Path

import mir_eval
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hemiola.testing import click_track, run
from tests.plugins import signals, truth
from tests.plugins.parts import part, plugin

RATE = 22050
SUPERFLUX = plugin("onsets.superflux")


def errors_ms(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Distance of each expected onset from the nearest found one."""
    return 1000 * np.abs(expected[:, None] - found[None, :]).min(axis=1)


def test_clicks_are_found_within_a_tenth_of_a_millisecond() -> None:
    expected = np.cumsum(np.random.default_rng(0).uniform(0.15, 0.5, 40))
    found = run(SUPERFLUX, click_track(expected, 22.0, RATE), RATE)
    assert len(found.times) == len(expected)
    assert np.median(errors_ms(np.array(found.times), expected)) < 0.1


@pytest.mark.parametrize("floor", [0.0, 0.001, 0.003])
def test_hits_over_a_floor_are_found_within_a_millisecond(floor: float) -> None:
    samples, expected = signals.struck(0.3 + 0.4 * np.arange(40), 17.0, RATE)
    found = np.array(run(SUPERFLUX, samples + signals.noise(17.0, RATE, floor), RATE).times)
    scored = mir_eval.onset.f_measure(expected, found, window=0.05)
    assert scored[0] >= 0.97
    assert np.median(errors_ms(found, expected)) <= 1.0


def test_a_slow_attack_is_placed_where_it_first_passes_a_tenth_of_its_peak() -> None:
    at = np.arange(round(0.2 * RATE)) / RATE
    hiss = np.random.default_rng(1).normal(0, 0.3, len(at)) * np.minimum(1, at / 0.029) * np.exp(-at / 0.05)
    samples, expected = np.zeros(10 * RATE, np.float32), []
    for second in range(1, 9):
        samples[second * RATE : second * RATE + len(at)] += hiss
        expected.append(second + np.argmax(np.abs(hiss) >= 0.1 * np.abs(hiss).max()) / RATE)
    found = np.array(run(SUPERFLUX, samples, RATE).times)
    assert len(found) == 8
    assert np.median(errors_ms(found, np.array(expected))) <= 1.0


def test_times_are_those_of_the_file() -> None:
    found = run(SUPERFLUX, click_track([0.5, 1.0], 2.0, RATE), RATE, start_s=100.0, level="region")
    assert found.times == pytest.approx((100.5, 101.0), abs=1e-3)


@pytest.mark.parametrize("level_db", [0, -40, -70])
def test_the_level_does_not_matter(level_db: int) -> None:
    samples, _ = signals.struck(0.3 + 0.35 * np.arange(20), 8.0, RATE)
    loud = run(SUPERFLUX, samples, RATE)
    soft = run(SUPERFLUX, samples * np.float32(10 ** (level_db / 20)), RATE)
    assert soft.times == pytest.approx(loud.times, abs=1e-3)


def test_blocks_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    superflux = part("onsets", "superflux")
    samples, _ = signals.struck(np.arange(0.2, 29.0, 0.31), 30.0, RATE)
    whole = superflux.superflux(samples, RATE)
    blocks = superflux.block_bounds
    monkeypatch.setattr(superflux, "block_bounds", lambda count: blocks(count, 777))
    np.testing.assert_allclose(superflux.superflux(samples, RATE), whole, atol=1e-5)


@pytest.mark.parametrize("kind", ["noise", "drone", "vibrato"])
def test_what_holds_on_begins_once(kind: str) -> None:
    at = np.arange(20 * RATE) / RATE
    samples = {
        "noise": signals.noise(20.0, RATE),
        "drone": signals.drone(20.0, RATE),
        "vibrato": (0.3 * np.sin(2 * np.pi * 440 * at + 4 * np.sin(2 * np.pi * 5.5 * at))).astype(np.float32),
    }[kind]
    found = run(SUPERFLUX, samples, RATE)
    assert found.times[0] < 0.05
    assert len(found.times) <= 3


@settings(max_examples=40, deadline=None)
@given(length=st.integers(450, 9000), kind=st.sampled_from(["noise", "silence", "constant", "click"]))
def test_any_short_length_is_answered(length: int, kind: str) -> None:
    samples = np.zeros(length, np.float32)
    if kind == "noise":
        samples = signals.noise(length / RATE, RATE)
    elif kind == "constant":
        samples += 0.3
    elif kind == "click":
        samples[length // 2] = 1.0
    found = run(SUPERFLUX, samples, RATE)
    assert all(0 <= time <= length / RATE for time in found.times)
    assert len(found.times) == 0 or kind != "silence"


def test_drum_tracks_score_above_095(eval_folder: Path) -> None:
    scores = {}
    for song in truth.drum_songs(eval_folder):
        samples = truth.mono(eval_folder / f"mdb-drums/drum_only/{song}_Drum.flac", RATE)
        found = truth.merged(np.array(run(SUPERFLUX, samples, RATE).times))
        scores[song] = mir_eval.onset.f_measure(truth.drum_onsets(eval_folder, song), found, window=0.05)[0]
    assert min(scores.values()) >= 0.95, scores
    assert np.mean(list(scores.values())) >= 0.98, scores


def test_real_mixes_stay_sensible(eval_folder: Path) -> None:
    scores = {}
    for song in truth.drum_songs(eval_folder):
        (path,) = (eval_folder / "mdb-drums/mix").glob(f"{song}_*")
        found = truth.merged(np.array(run(SUPERFLUX, truth.mono(path, RATE), RATE).times))
        scores[song] = mir_eval.onset.f_measure(truth.drum_onsets(eval_folder, song), found, window=0.05)[0]
    assert np.mean(list(scores.values())) >= 0.85, scores
