"""key.librosa and the reading of keys: every key, any tuning, none in noise; content is heeded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hemiola import Skip
from hemiola.results import Content, ContentSegment
from hemiola.testing import run
from tests.plugins import signals, truth
from tests.plugins.parts import part, plugin

RATE = 22050
KEY = plugin("key.librosa")


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic", range(12))
def test_a_cadence_names_its_key(tonic: int, mode: str) -> None:
    found = run(KEY, signals.song(tonic, mode, RATE, bars=4), RATE)
    assert (found.tonic, found.mode) == (part("key", "profiles").TONICS[tonic], mode)
    assert found.alternatives[0].tonic == found.tonic
    assert found.confidence is None


@pytest.mark.parametrize(
    ("tonic", "mode", "label"),
    [
        (10, "major", "Bb major"),
        (6, "minor", "F# minor"),
        (3, "major", "Eb major"),
        (8, "minor", "G# minor"),
        (8, "major", "Ab major"),
    ],
)
def test_keys_are_spelt_as_musicians_write_them(tonic: int, mode: str, label: str) -> None:
    assert part("key", "profiles").spelt(tonic, mode) == label


@pytest.mark.parametrize("cents", [-35.0, 0.0, 40.0])
def test_the_tuning_is_reported(cents: float) -> None:
    found = run(KEY, signals.song(7, "major", RATE, bars=4, cents=cents), RATE)
    assert found.label == "G major"
    assert found.tuning_hz == pytest.approx(440 * 2 ** (cents / 1200), abs=1.0)


@pytest.mark.parametrize(
    "samples",
    [
        signals.noise(10.0, RATE),
        signals.struck(np.arange(0.2, 9.8, 0.25), 10.0, RATE)[0],
        signals.babble(10.0, RATE),
    ],
    ids=["noise", "drums", "babble"],
)
def test_what_has_no_pitch_is_atonal(samples: signals.Samples) -> None:
    found = run(KEY, samples, RATE)
    assert (found.tonic, found.mode, found.label, found.tuning_hz) == (None, "atonal", "atonal", None)


def test_drums_do_not_hide_the_key() -> None:
    assert run(KEY, signals.song(4, "minor", RATE, drums=0.5), RATE).label == "E minor"


def test_speech_and_noise_are_left_out() -> None:
    wrong, right = signals.song(6, "major", RATE, bars=6), signals.song(0, "minor", RATE, bars=4)
    samples, border = np.concatenate([wrong, right]), 20.0 + len(wrong) / RATE
    spoken = Content(
        segments=(
            ContentSegment(start_s=20.0, end_s=border, label="speech"),
            ContentSegment(start_s=border, end_s=20.0 + len(samples) / RATE, label="music"),
        )
    )
    alone = run(KEY, samples, RATE, start_s=20.0)
    heeded = run(KEY, samples, RATE, start_s=20.0, results=[spoken])
    assert (alone.label, heeded.label) == ("F# major", "C minor")
    assert f"{len(wrong) / RATE:.1f} s of speech left out" in heeded.method
    assert "left out" not in alone.method


def test_nothing_but_speech_is_skipped() -> None:
    spoken = Content(segments=(ContentSegment(start_s=0.0, end_s=30.0, label="speech"),))
    with pytest.raises(Skip, match="nothing but speech here"):
        run(KEY, signals.song(0, "major", RATE), RATE, results=[spoken])


def test_real_keys(eval_folder: Path) -> None:
    keys = truth.piano_keys(eval_folder)
    right = sum(
        f"{found.tonic} {found.mode}" == key
        for path, key in keys.items()
        for found in [run(KEY, truth.mono(path, RATE), RATE)]
    )
    assert right >= 5, f"{right} of {len(keys)}"
