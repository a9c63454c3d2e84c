"""key.essentia: every key, any tuning, none in noise; content is heeded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hemiola import Skip
from hemiola.results import Content, ContentSegment
from hemiola.testing import run
from tests.plugins import signals, truth
from tests.plugins.parts import part, plugin

RATE = 44100
KEY = plugin("key.essentia")


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic", range(12))
def test_a_cadence_names_its_key(tonic: int, mode: str) -> None:
    found = run(KEY, signals.song(tonic, mode, RATE, bars=4), RATE)
    assert (found.tonic, found.mode) == (part("key", "profiles").TONICS[tonic], mode)
    assert found.confidence is None


def test_correlations_are_essentias() -> None:
    import essentia.standard

    profiles = part("key", "profiles")
    essentias = essentia.standard.Key(
        profileType="bgate", usePolyphony=False, useThreeChords=False, pcpSize=12
    )
    for seed in range(50):
        classes = np.random.default_rng(seed).random(12).astype(np.float32)
        _, mode, strength, _ = essentias(np.roll(classes, 3))
        best = profiles.key_fits(classes.astype(float))[0]
        assert (best.mode, best.fit) == (mode, pytest.approx(strength, abs=1e-4))


@pytest.mark.parametrize("cents", [-35.0, 0.0, 40.0])
def test_the_tuning_is_reported(cents: float) -> None:
    found = run(KEY, signals.song(7, "major", RATE, bars=4, cents=cents), RATE)
    assert found.label == "G major"
    assert found.tuning_hz == pytest.approx(440 * 2 ** (cents / 1200), abs=1.5)


@pytest.mark.parametrize(
    "samples",
    [signals.noise(10.0, RATE), signals.struck(np.arange(0.2, 9.8, 0.25), 10.0, RATE)[0]],
    ids=["noise", "drums"],
)
def test_what_has_no_pitch_is_atonal(samples: signals.Samples) -> None:
    found = run(KEY, samples, RATE)
    assert (found.tonic, found.mode, found.label, found.tuning_hz) == (None, "atonal", "atonal", None)


def test_speech_and_noise_are_left_out() -> None:
    wrong, right = signals.song(6, "major", RATE, bars=6), signals.song(0, "minor", RATE, bars=4)
    samples, border = np.concatenate([wrong, right]), len(wrong) / RATE
    spoken = Content(
        segments=(
            ContentSegment(start_s=0.0, end_s=border, label="noise"),
            ContentSegment(start_s=border, end_s=len(samples) / RATE, label="music"),
        )
    )
    assert run(KEY, samples, RATE).label == "F# major"
    heeded = run(KEY, samples, RATE, results=[spoken])
    assert heeded.label == "C minor"
    assert f"{border:.1f} s of noise left out" in heeded.method


def test_nothing_but_speech_is_skipped() -> None:
    spoken = Content(segments=(ContentSegment(start_s=0.0, end_s=30.0, label="speech"),))
    with pytest.raises(Skip, match="nothing but speech here"):
        run(KEY, signals.song(0, "major", RATE), RATE, results=[spoken])


def test_real_keys(eval_folder: Path) -> None:
    keys = truth.piano_keys(eval_folder)
    found = {path: run(KEY, truth.mono(path, RATE), RATE) for path in keys}
    right = [f"{found[path].tonic} {found[path].mode}" == key for path, key in keys.items()]
    assert sum(right) >= 6, f"{sum(right)} of {len(right)}"
