"""A training of a minute: clips are made, both networks learn, go on after a kill, and ship."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from evaluation.training import compare, pool, pulses
from evaluation.training.bar_network import BarNetwork, BarShape
from evaluation.training.bars import BarLesson
from evaluation.training.fit import Lesson, Plan, Training, fit
from evaluation.training.frame_network import FrameNetwork, FrameShape
from evaluation.training.frames import FRAMES, FrameLesson
from evaluation.training.recipe import portions
from evaluation.training.shipping import ship_bars, ship_frames
from evaluation.training.sources.generated import Generated
from evaluation.training.targets import EVENTS, TEMPOS

SMALL_FRAMES = FrameShape(front=(4, 6), width=16, dilations=(1, 4, 16), attention=1, heads=2)
SMALL_BARS = BarShape(width=24, blocks=1, dilations=(1,), heads=2)
PLAN = Plan(steps=16, batch=3, rate=3e-3, every=8)
CLIPS = 6


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of clips; what is there is not made again."""
    folder = tmp_path_factory.mktemp("pool")
    assert pool.fill(folder, [Generated()], {"generated": CLIPS}, False, 1) == CLIPS
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert pool.fill(folder, [Generated()], {"generated": CLIPS}, False, 1) == CLIPS
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    return folder


@pytest.fixture(scope="module")
def heard(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Sequence[pulses.Pulsed]:
    """The clips as the network that ships hears them, with their pulses."""
    folder = tmp_path_factory.mktemp("pulses")
    assert pulses.fill(clips, folder, 1) == CLIPS
    return pulses.read(folder)


def frame_lesson(clips: Path, heard: Sequence[pulses.Pulsed]) -> FrameLesson:
    """What the first network learns, small."""
    examples = pool.read(clips)
    return FrameLesson(examples, examples[:2], SMALL_FRAMES)


def bar_lesson(clips: Path, heard: Sequence[pulses.Pulsed]) -> BarLesson:
    """What the second network learns, small."""
    return BarLesson(heard, heard[:2], SMALL_BARS)


@pytest.mark.parametrize("lesson_of", [frame_lesson, bar_lesson], ids=["frames", "bars"])
def test_it_learns_and_goes_on_after_a_kill_as_if_there_had_been_none(
    lesson_of: Callable[..., Lesson[Any]], clips: Path, heard: Sequence[pulses.Pulsed], tmp_path: Path
) -> None:
    torch.set_num_threads(1)
    lesson = lesson_of(clips, heard)
    whole = fit(lesson, PLAN, tmp_path / "whole")
    rows = [json.loads(line) for line in (tmp_path / "whole" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [8, 16]
    assert rows[1]["all"] < rows[0]["all"]
    assert {"left out: all", "left out: meter right"} <= set(rows[1])
    half = Training(lesson, PLAN, torch.device("cpu"))
    for step in range(8):  # what was done before the kill
        half.advance(lesson.batch(np.random.default_rng([PLAN.seed, step]), PLAN.batch))
    (tmp_path / "cut").mkdir()
    half.save(tmp_path / "cut" / "checkpoint.pt")
    resumed = fit(lesson, PLAN, tmp_path / "cut")
    assert resumed.step == whole.step == PLAN.steps
    # Dropout draws from torch's own generator, which a resumed training begins anew: near, not the same.
    for ours, theirs in zip(resumed.average.parameters(), whole.average.parameters(), strict=True):
        assert float((ours - theirs).detach().abs().max()) < 0.1


def test_what_is_shipped_of_the_first_network_says_all_that_the_plugin_reads(tmp_path: Path) -> None:
    ship_frames(FrameNetwork(SMALL_FRAMES, FRAMES), tmp_path)
    described = json.loads((tmp_path / "hemiola-beats.json").read_text())
    assert described["events"] == list(EVENTS) and len(described["tempos"]) == len(TEMPOS)
    assert said_by(tmp_path / "hemiola-beats.onnx") == ["events", "tempos"]


def test_what_is_shipped_of_the_second_network_says_all_that_the_plugin_reads(tmp_path: Path) -> None:
    ship_bars(BarNetwork(SMALL_BARS), tmp_path)
    assert said_by(tmp_path / "hemiola-bars.onnx") == ["events", "meters"]


def said_by(path: Path) -> list[str]:
    """Outputs of a model that is sound."""
    model = onnx.load(path)
    onnx.checker.check_model(model)
    return [output.name for output in model.graph.output]


@pytest.mark.parametrize(
    "network", [FrameNetwork(FrameShape(), FRAMES), BarNetwork()], ids=["frames", "bars"]
)
def test_the_networks_that_are_trained_in_earnest_stay_under_two_megabytes(network: torch.nn.Module) -> None:
    assert 4 * sum(weight.numel() for weight in network.parameters()) < 1.95e6


def test_every_portion_of_the_recipe_has_a_left_out_side() -> None:
    assert all(portion.seen > portion.left_out > 0 for portion in portions())
    assert len({portion.source.name for portion in portions()}) == len(portions())


def test_other_networks_and_fewer_sources_are_compared_on_the_same_clips(clips: Path, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    for side in compare.SIDES:
        (tmp_path / side).mkdir()
        for path in sorted(clips.glob("*.npz"))[:3]:
            for source in ("one", "other"):
                (tmp_path / side / path.name.replace("generated", source)).symlink_to(path)
    told = list(compare.networks(tmp_path, 2, Plan(steps=1, batch=2, rate=1e-3)))
    assert [line.partition(":")[0] for line in told] == list(compare.NETWORKS)
    told = list(compare.sources(tmp_path, 2, Plan(steps=1, batch=2, rate=1e-3)))
    assert [line.partition(":")[0] for line in told if not line.startswith(" ")] == [
        "all sources", "without one", "without other",
    ]  # fmt: skip
