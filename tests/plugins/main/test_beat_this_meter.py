"""meter.beat_this: the peaks of a downbeat head on the nearest beats, from its own kin's answer alone."""

from __future__ import annotations

import numpy as np
import pytest

from hemiola import Frames, Unavailable
from hemiola.results import Beats
from hemiola.testing import run
from tests.plugins.parts import plugin

METER = plugin("meter.beat_this")
SILENCE = np.zeros(10 * 22050, np.float32)


def beats(times: list[float], downbeats: list[float], names: tuple[str, ...] = ("beat", "downbeat")) -> Beats:
    """Beats, and an activation whose second head is sure of the downbeats given."""
    values = np.full((501, 2), 0.01, np.float32)
    values[np.round(50 * (np.array(downbeats) - 5.0)).astype(int), 1] = 0.9
    heard = Frames(rate_hz=50, start_s=5.0, values=values)
    return Beats(times=times, activation=heard, activation_names=names)


def test_downbeats_are_moved_to_the_nearest_beats_and_no_meter_is_named() -> None:
    given = beats([6.0, 6.5, 7.0, 7.5, 8.0], [6.04, 7.46, 7.6])
    found = run(METER, SILENCE, results=[given], start_s=5.0)
    assert found.downbeat_times == (6.0, 7.5) and found.beat_times == given.times and found.meter is None


def test_where_there_is_no_beat_there_is_no_downbeat() -> None:
    assert run(METER, SILENCE, results=[beats([], [6.0])], start_s=5.0).downbeat_times == ()
    assert run(METER, SILENCE, results=[beats([6.0], [])], start_s=5.0).downbeat_times == ()


@pytest.mark.parametrize("names", [("beat", "other"), ("onset", "beat")])
def test_the_beats_of_another_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(Unavailable, match="name both"):
        run(METER, SILENCE, results=[beats([6.0], [6.0], names)], start_s=5.0)
    with pytest.raises(Unavailable, match="name both"):
        run(METER, SILENCE, results=[Beats(times=[6.0])], start_s=5.0)
