"""A training of a minute: clips are made, it learns, it goes on after a kill as if there had been none, it ships."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from evaluation.annotation import Stretch, Truth
from evaluation.training import fit, pool
from evaluation.training.network import SAYS, Network, Shape
from evaluation.training.recipe import portions
from evaluation.training.shipping import ship
from evaluation.training.sources.generated import Generated
from evaluation.training.targets import (
    BARS_S,
    EVENTS,
    METER_NAMES,
    NO_METER,
    TEMPOS,
    UNKNOWN,
    marks_of,
    targets_at,
)

SMALL = Shape(front=(4, 6), width=16, dilations=(1, 4, 16), attention=1, heads=2)
PLAN = fit.Plan(steps=16, batch=3, every=8)


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[pool.Example]:
    """Six clips."""
    folder = tmp_path_factory.mktemp("pool")
    assert pool.fill(folder, [Generated()], {"generated": 6}, False, 1) == 6
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert pool.fill(folder, [Generated()], {"generated": 6}, False, 1) == 6
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    return pool.read(folder)


def test_it_learns_and_goes_on_after_a_kill_as_if_there_had_been_none(
    examples: list[pool.Example], tmp_path: Path
) -> None:
    torch.set_num_threads(1)
    whole = fit.fit(examples, examples[:2], SMALL, PLAN, tmp_path / "whole")
    half = fit.Training.begin(SMALL, PLAN, torch.device("cpu"))
    (tmp_path / "cut").mkdir()
    for step in range(8):  # what was done before the kill
        random = np.random.default_rng([PLAN.seed, step])
        drawn = random.integers(len(examples), size=PLAN.batch)
        half.advance(fit.batch_of([fit.chunk(examples[i], random, PLAN.bend) for i in drawn]), PLAN)
    rows = [json.loads(line) for line in (tmp_path / "whole" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [8, 16]
    assert rows[1]["all"] < rows[0]["all"]
    assert {"left out: all", "left out: meter right"} <= set(rows[1])
    half.save(tmp_path / "cut" / "checkpoint.pt")
    resumed = fit.fit(examples, [], SMALL, PLAN, tmp_path / "cut")
    assert resumed.step == whole.step == PLAN.steps
    # Dropout draws from torch's own generator, which a resumed training begins anew: near, not the same.
    for ours, theirs in zip(resumed.average.parameters(), whole.average.parameters(), strict=True):
        assert float((ours - theirs).detach().abs().max()) < 0.1


def test_what_is_shipped_says_all_that_the_plugin_reads(tmp_path: Path) -> None:
    ship(Network(SMALL, fit.FRAMES), tmp_path)
    described = json.loads((tmp_path / "hemiola-beats.json").read_text())
    assert described["events"] == list(EVENTS) and described["meters"] == list(METER_NAMES)
    assert len(described["tempos"]) == len(TEMPOS) and len(described["bars"]) == len(BARS_S)
    model = onnx.load(tmp_path / "hemiola-beats.onnx")
    onnx.checker.check_model(model)
    assert [output.name for output in model.graph.output] == list(SAYS)


def test_the_network_that_is_trained_in_earnest_stays_under_two_megabytes() -> None:
    assert 4 * sum(weight.numel() for weight in Network(Shape(), fit.FRAMES).parameters()) < 1.95e6


def test_every_portion_of_the_recipe_has_a_left_out_side() -> None:
    assert all(portion.seen > portion.left_out > 0 for portion in portions())
    assert len({portion.source.name for portion in portions()}) == len(portions())


def truth_of(meter: str, bpm: float, end_s: float) -> Truth:
    """Bars from the start to a second."""
    units, unit = (int(part) for part in meter.split("/"))
    times = np.arange(0.0, end_s, 240.0 / unit / bpm)
    stretch = Stretch(start_s=0.0, end_s=end_s, meter=meter, grouping=None, bpm=bpm)
    told = {
        "units": tuple(times),
        "beats": tuple(times),
        "downbeats": tuple(times[::units]),
        "onsets": tuple(times),
    }
    return Truth(kind="x", origin="generated", source="x", licence="CC0-1.0", segments=(stretch,), **told)


def test_targets_lie_at_the_frames_of_what_they_mark() -> None:
    found = targets_at(marks_of(truth_of("3/4", 120.0, 10.0)), 0.0, 0.02, 600)
    assert np.flatnonzero(found.events[:, EVENTS.index("tactus")]).tolist() == list(range(0, 500, 25))
    assert np.flatnonzero(found.events[:, EVENTS.index("downbeat")]).tolist() == list(range(0, 500, 75))
    assert set(found.meters[:500].tolist()) == {METER_NAMES.index("3/4")}
    assert set(found.meters[500:].tolist()) == {NO_METER}
    assert TEMPOS[found.tempos[100].argmax()] == pytest.approx(120.0, rel=0.03)
    assert BARS_S[found.bars[100].argmax()] == pytest.approx(1.5, rel=0.04)
    assert not found.tempos[500:].any() and not found.bars[500:].any()


def test_bent_time_bends_tempo_and_bar_alike() -> None:
    found = targets_at(marks_of(truth_of("3/4", 120.0, 10.0)), 1.0, 0.016, 400)
    assert TEMPOS[found.tempos[100].argmax()] == pytest.approx(120.0 * 0.8, rel=0.03)
    assert BARS_S[found.bars[100].argmax()] == pytest.approx(1.5 / 0.8, rel=0.04)


def test_a_meter_that_no_head_knows_is_not_counted() -> None:
    found = targets_at(marks_of(truth_of("13/8", 120.0, 10.0)), 0.0, 0.02, 400)
    assert set(found.meters.tolist()) == {UNKNOWN}
    assert not found.bars.any() and found.tempos.any()


def test_an_event_a_frame_away_costs_nothing() -> None:
    events = torch.zeros(1, 50, 5)
    events[0, 20] = 1
    logits = torch.full((1, 50, 5), -9.0)
    logits[0, 21] = 9.0
    positives = torch.ones(5)
    near = float(fit.event_loss(logits, events, positives))
    assert near < 0.01 < 10 * float(fit.event_loss(logits.roll(5, 1), events, positives))
