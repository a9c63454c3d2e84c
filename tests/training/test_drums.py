"""The drum network's training, small: clips are made, it learns from them, what it says is measured and written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from evaluation.training import pool as clips
from evaluation.training.drums import lesson, measuring, pool
from evaluation.training.fit import Plan, fit
from evaluation.training.sources.generated import Generated
from hemiola import Unavailable
from plugins.hits import weights
from plugins.hits.listening import BANDS, FRAME_RATE
from plugins.hits.network import DRUMS, HitNetwork

CLIPS = 6


@pytest.fixture(scope="module")
def drummed(tmp_path_factory: pytest.TempPathFactory) -> Sequence[pool.Drummed]:
    """A few clips."""
    folder = tmp_path_factory.mktemp("drums")
    assert clips.fill(folder, [Generated()], {"generated": CLIPS}, False, 1, pool.make) == CLIPS
    return pool.read(folder)


def test_strokes_stand_where_the_sound_begins(drummed: Sequence[pool.Drummed]) -> None:
    rises = []
    for clip in drummed:
        level = np.expm1(clip.frames.astype(float)).sum(axis=1)
        kicks = np.round(clip.strokes[clip.strokes[:, 1] == DRUMS.index("kick"), 0] * FRAME_RATE).astype(int)
        kicks = kicks[(kicks > 4) & (kicks < len(level) - 4)]
        rises += list(level[kicks + 2] > level[kicks - 4])
    assert len(rises) > 20 and np.mean(rises) > 0.9


def test_it_learns_what_it_is_shown(drummed: Sequence[pool.Drummed], tmp_path: Path) -> None:
    torch.set_num_threads(1)
    taught = lesson.DrumLesson(drummed, drummed)
    trained = fit(taught, Plan(steps=30, batch=4, rate=3e-3, every=15), tmp_path)
    rows = [line for line in (tmp_path / "log.jsonl").read_text().splitlines() if "left out: F" in line]
    assert len(rows) == 2
    before = fit(taught, Plan(steps=0, batch=4, rate=3e-3), tmp_path / "new").validated()
    assert trained.validated()["strokes"] < 0.5 * before["strokes"]
    told = measuring.told_of(trained.average.eval(), drummed)
    scale = measuring.measured(told)
    assert all(0.0 <= one.f(scale.thresholds[drum]) <= 1.0 for drum, one in zip(DRUMS, told, strict=True))
    assert set(scale.thresholds) == set(DRUMS) and list(scale.calibration[1]) == sorted(scale.calibration[1])
    weights.write(trained.average, scale, tmp_path / "to")
    network, read = weights.read(tmp_path / "to")
    assert read == scale
    frames = torch.zeros(1, 64, BANDS)
    assert torch.equal(network(frames)[0], trained.average(frames)[0])


def test_targets_name_the_nearest_frame_and_how_far_it_is() -> None:
    strokes = np.array([[1.004, 0, 0.5], [1.006, 1, 0.7], [1.017, 0, 1.0]])
    struck, near, offsets, velocities = lesson.targets(strokes, 90)
    assert np.argwhere(struck).tolist() == [[10, 0], [11, 1], [12, 0]]
    assert offsets[10, 0] == pytest.approx(0.4) and offsets[11, 1] == pytest.approx(-0.4)
    assert offsets[11, 0] == pytest.approx(-0.6, abs=1e-5)  # the nearer of two strokes: the first
    assert near[9:12, 0].all() and velocities[12, 0] == 1.0


def test_two_that_sound_together_are_as_loud_as_both() -> None:
    quiet, loud = np.full((2, BANDS), 0.5, np.float32), np.full((2, BANDS), 1.0, np.float32)
    assert np.allclose(lesson.mixed(loud, np.zeros_like(loud), 0.0), loud, atol=1e-5)
    assert (lesson.mixed(quiet, loud, -3.0) > quiet).all()


def test_each_stroke_is_found_once() -> None:
    assert measuring.matched([1.0, 1.01, 2.0, 3.5], np.array([1.02, 2.04, 3.0])) == [True, False, True, False]


def test_weights_that_are_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="safetensors"):
        weights.read(tmp_path)


def test_a_network_is_small() -> None:
    assert 4 * sum(one.numel() for one in HitNetwork().parameters()) < 2_000_000
