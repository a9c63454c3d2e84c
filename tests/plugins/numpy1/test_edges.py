"""No length and no odd signal makes a plugin of the NumPy-1 environment raise anything but a reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hemiola import Skip, Unavailable
from hemiola.testing import run
from tests.plugins import signals
from tests.plugins.parts import in_environment, plugin

HEARING = [name for name in in_environment("numpy1") if plugin(name).audio is not None]
KINDS = ("silence", "constant", "noise", "impulse", "square", "faint", "too loud", "denormal")


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
        run(plugin(name), odd(kind, max(1, round(seconds * rate))), rate, start_s=1.5)
    except (Skip, Unavailable) as reason:
        assert len(str(reason)) > 10


@pytest.mark.parametrize("name", HEARING)
def test_the_same_samples_give_the_same_bytes(name: str) -> None:
    samples = signals.song(3, "minor", plugin(name).audio.rate, bars=4, drums=0.4)
    first, second = (run(plugin(name), samples, plugin(name).audio.rate) for _ in range(2))
    assert first.to_json() == second.to_json()
    assert all(
        np.array_equal(a, b) for a, b in zip(first.arrays().values(), second.arrays().values(), strict=True)
    )


@pytest.mark.parametrize("name", [name for name in HEARING if not plugin(name).peer])
def test_memory_does_not_grow_with_the_length(name: str) -> None:
    import tracemalloc

    rate = plugin(name).audio.rate
    piece = signals.song(3, "minor", rate, drums=0.4)
    run(plugin(name), piece, rate)  # what is imported and kept once does not count
    peaks = []
    # key.ensemble's network hears up to two minutes at once: beyond that it grows no more.
    for seconds in (150, 400) if name == "key.ensemble" else (20, 60):
        samples = np.tile(piece, 1 + seconds * rate // len(piece))[: seconds * rate]
        tracemalloc.start()
        run(plugin(name), samples, rate)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # The networks' rows between layers grow by 20 MB a minute, up to sections of 15 minutes.
    growing = 40e6 if name == "beats.madmom" else 8e6
    assert peaks[1] < 1.3 * peaks[0] + growing, peaks
    assert peaks[1] < 150e6, peaks
