"""No length and no odd signal makes a plugin of this environment raise anything but a reason."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hemiola import Skip, Unavailable
from hemiola.results import Meter, MeterSegment
from hemiola.testing import run
from tests.plugins import signals
from tests.plugins.parts import in_environment, plugin

METER = Meter(
    meter="4/4",
    beat_times=np.arange(0.0, 30.0, 0.5),
    unit_times=np.arange(0.0, 30.0, 0.5),
    downbeat_times=np.arange(0.0, 30.0, 2.0),
    segments=(MeterSegment(start_s=0.0, end_s=30.0, meter="4/4", grouping=(), bpm=120.0),),
)
HEARING = [name for name in in_environment("main") if plugin(name).audio is not None]
KINDS = ("silence", "constant", "noise", "impulse", "square", "faint", "too loud", "denormal")


def needed(name: str) -> tuple[Meter, ...]:
    """The answers that a plugin cannot do without."""
    return (METER,) if Meter in plugin(name).needs else ()


def odd(kind: str, length: int) -> signals.Samples:
    """A signal that recordings seldom hold."""
    random = np.random.default_rng(length).normal(0, 0.1, length)
    impulse = np.zeros(length)
    impulse[length // 2] = 1.0
    made = {
        "silence": np.zeros(length),
        "constant": np.full(length, 0.3),
        "noise": random,
        "impulse": impulse,
        "square": np.sign(random),
        "faint": random * 1e-7,
        "too loud": random * 300,
        "denormal": np.full(length, 1e-40),
    }
    return made[kind].astype(np.float32)


@pytest.mark.parametrize("name", HEARING)
@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    seconds=st.sampled_from([0.0, 1e-4, 0.019, 0.05, 0.4, 0.51, 1.0, 1.2, 2.05, 3.3]),
)
def test_odd_signals_are_answered_or_skipped(name: str, kind: str, seconds: float) -> None:
    rate = plugin(name).audio.rate
    try:
        run(plugin(name), odd(kind, max(1, round(seconds * rate))), rate, start_s=1.5, results=needed(name))
    except (Skip, Unavailable) as reason:
        assert len(str(reason)) > 10


@pytest.mark.parametrize("name", HEARING)
def test_the_same_samples_give_the_same_bytes(name: str) -> None:
    samples = signals.song(3, "minor", plugin(name).audio.rate, bars=4, drums=0.4)
    rate = plugin(name).audio.rate
    first, second = (run(plugin(name), samples, rate, results=needed(name)) for _ in range(2))
    assert first.to_json() == second.to_json()
    assert all(
        np.array_equal(a, b) for a, b in zip(first.arrays().values(), second.arrays().values(), strict=True)
    )


@pytest.mark.parametrize("name", [name for name in HEARING if not plugin(name).peer])
def test_memory_does_not_grow_with_the_length(name: str) -> None:
    import tracemalloc

    rate = plugin(name).audio.rate
    piece = signals.song(3, "minor", rate, drums=0.4)
    run(plugin(name), piece, rate, results=needed(name))  # what is imported and kept once does not count
    peaks = []
    for minutes in (2, 6):
        samples = np.tile(piece, 1 + minutes * 60 * rate // len(piece))[: minutes * 60 * rate]
        tracemalloc.start()
        run(plugin(name), samples, rate, results=needed(name))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0] + 8e6, peaks
    assert peaks[1] < 150e6, peaks


@pytest.mark.parametrize("name", in_environment("main") + in_environment("numpy1"))
def test_what_is_shown_beside_every_result_is_declared(name: str) -> None:
    made = plugin(name)
    assert re.fullmatch(r"[1-9]\d*\.\d+\.\d+", made.version)
    assert made.licence and made.libraries and (made.peer or made.rank < 100)
    heard = ("madmom", "ensemble", "net")  # what goes on from trained weights
    assert (made.model_licence is not None) == name.endswith(heard)
    assert "References" in (made.__doc__ or "")
