"""What the second network is given and is to say: units as the truth has them, at every level it may meet."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from evaluation.training.bar_network import BarNetwork, BarShape
from evaluation.training.bars import BarLesson, lies_near, part_of, together
from evaluation.training.pulses import Pulsed
from evaluation.training.targets import METER_NAMES, NO_METER, UNKNOWN, Marks
from plugins.meter.network import UNITS

COLUMNS = 32


def clip_of(bars: int, pulses: tuple[np.ndarray, ...] = ()) -> Pulsed:
    """Bars of 3/4 at 120 from the first second on."""
    units = 1.0 + 0.5 * np.arange(3 * bars)
    ones = units[::3]
    marks = Marks(
        (units, units, units, ones, ones),
        np.array([[1.0, 1.0 + 1.5 * bars, METER_NAMES.index("3/4")]]),
        np.array([[1.0, 120.0]]),
    )
    values = np.random.default_rng(0).random((round((units[-1] + 2) * 50), COLUMNS)).astype(np.float16)
    return Pulsed("x", values, pulses, marks)


def test_ones_and_meter_lie_at_the_decoded_units() -> None:
    late = np.concatenate([[0.5], 1.0 + 0.5 * np.arange(31)]) + 0.02
    features, events, meters = part_of(clip_of(10, (late,)), None)
    assert features.shape == (31, 4 * COLUMNS + 1)
    assert np.flatnonzero(events[:, 0]).tolist() == list(range(1, 31, 3))
    assert meters.tolist() == [NO_METER] + [METER_NAMES.index("3/4")] * 30


def test_a_pulse_is_drawn_at_other_levels_too() -> None:
    clip = clip_of(20)
    parts = [part_of(clip, np.random.default_rng(n)) for n in range(200)]
    octaves = {round(float(part[0][:, -1].mean() / np.log(2.0))) for part in parts if part is not None}
    assert octaves == {-2, -1, 0}


def test_a_window_is_no_longer_than_the_network_hears() -> None:
    features, events, meters = part_of(clip_of(200), np.random.default_rng(0))
    assert len(features) == len(events) == len(meters) <= UNITS


def test_too_few_units_are_left_alone() -> None:
    assert part_of(clip_of(1), None) is None


@pytest.mark.parametrize(("marks", "expected"), [([], [0, 0]), ([1.05], [1, 0]), ([0.0, 2.2], [0, 0])])
def test_near_is_within_60_ms(marks: list[float], expected: list[float]) -> None:
    assert lies_near(np.array([1.0, 2.0]), np.array(marks, float)).tolist() == expected


def test_what_is_no_unit_changes_nothing() -> None:
    network = BarNetwork(BarShape(width=24, blocks=2, dilations=(1,), heads=2)).eval()
    units, events, meters, there = together([part_of(clip_of(10), None)])
    assert set(meters[0, int(there.sum()) :].tolist()) == {UNKNOWN}
    with torch.no_grad():
        plain = network(units, there)
        units[0, int(there.sum()) :] = 5.0
        noisy = network(units, there)
    count = int(there.sum())
    torch.testing.assert_close(plain[0][:, :count], noisy[0][:, :count])
    assert {"all", "events", "meter"} == set(
        BarLesson([], []).losses(network, (units, events, meters, there))
    )
