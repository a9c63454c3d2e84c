"""madmom stands in its environment, and what was lent to its import is taken back."""

from __future__ import annotations

import collections
import sys

import numpy as np

RATE = 44100


def clicks(bpm: float, seconds: float) -> np.ndarray:
    """Short bursts of noise at `bpm`, float32 (n,)."""
    rng = np.random.default_rng(0)
    y = np.zeros(int(seconds * RATE), np.float32)
    burst = (rng.normal(0, 0.5, 800) * np.exp(-np.arange(800) / 150)).astype(np.float32)
    for start in np.arange(0.2, seconds - 0.1, 60 / bpm):
        at = round(start * RATE)
        y[at : at + len(burst)] = burst
    return y


def test_madmom_finds_beats_and_bars_without_a_warning() -> None:
    import madmom_compat  # noqa: F401
    from madmom.audio.signal import Signal
    from madmom.features.beats import DBNBeatTrackingProcessor, RNNBeatProcessor
    from madmom.features.downbeats import DBNDownBeatTrackingProcessor, RNNDownBeatProcessor

    signal = Signal(clicks(120, 8), sample_rate=RATE, num_channels=1)
    beats = DBNBeatTrackingProcessor(fps=100)(RNNBeatProcessor()(signal))
    assert abs(np.median(np.diff(beats)) - 0.5) < 0.02
    bars = DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=100)(RNNDownBeatProcessor()(signal))
    assert bars.shape[1] == 2


def test_nothing_lent_to_its_import_stays() -> None:
    import madmom_compat  # noqa: F401

    assert not hasattr(collections, "MutableSequence")
    lent = ("pkg_resources", "distutils")
    assert not any(getattr(sys.modules.get(name), "__file__", "real") is None for name in lent)
    assert not any(name in sys.modules and not hasattr(sys.modules[name], "__file__") for name in lent)
