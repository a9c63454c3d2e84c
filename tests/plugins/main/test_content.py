"""content.spectral tells music, speech, noise, tones and drums apart, and never takes music from key and beats."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import median_filter

from hemiola import Skip
from hemiola.results import Content
from hemiola.testing import run, tone
from tests.plugins import signals, truth
from tests.plugins.parts import part, plugin

RATE = 22050
FRAMES = part("content", "frames")
SPECTRAL = plugin("content.spectral")


def seconds_by_label(content: Content) -> Counter[str]:
    """How long each label holds."""
    seconds: Counter[str] = Counter()
    for segment in content.segments:
        seconds[segment.label] += segment.end_s - segment.start_s
    return seconds


@pytest.mark.parametrize(
    ("label", "samples"),
    [
        ("noise", signals.noise(12.0, RATE)),
        ("tone", tone(440.0, 12.0, RATE)),
        ("tone", signals.drone(12.0, RATE)),
        ("speech", signals.babble(12.0, RATE)),
        ("percussive", signals.struck(np.arange(0.2, 11.8, 0.25), 12.0, RATE)[0]),
        ("music", signals.song(2, "minor", RATE)),
        ("music", signals.song(7, "major", RATE, drums=0.3)),
    ],
)
def test_each_kind_is_named(label: str, samples: signals.Samples) -> None:
    assert [segment.label for segment in run(SPECTRAL, samples, RATE).segments] == [label]


def test_a_tape_is_cut_where_its_content_changes() -> None:
    music, talk, hiss = (
        signals.song(0, "major", RATE),
        signals.babble(12.0, RATE),
        signals.noise(10.0, RATE, 0.05),
    )
    found = run(SPECTRAL, np.concatenate([music, talk, hiss]), RATE, start_s=50.0)
    assert [segment.label for segment in found.segments] == ["music", "speech", "noise"]
    borders = 50.0 + np.cumsum([len(music), len(talk)]) / RATE
    assert [t.time_s for t in found.transitions] == pytest.approx(list(borders), abs=1.5)
    assert [(t.from_, t.to) for t in found.transitions] == [("music", "speech"), ("speech", "noise")]


def test_segments_cover_the_take_without_gaps() -> None:
    samples = np.concatenate([signals.babble(9.0, RATE), signals.song(0, "minor", RATE)])
    segments = run(SPECTRAL, samples, RATE, start_s=3.0).segments
    assert segments[0].start_s == 3.0
    assert segments[-1].end_s == pytest.approx(3.0 + len(samples) / RATE)
    assert all(a.end_s == b.start_s for a, b in pairwise(segments))
    assert all(segment.confidence is None for segment in segments)


def test_the_level_does_not_matter() -> None:
    samples = np.concatenate([signals.babble(9.0, RATE), signals.song(0, "minor", RATE)])
    loud, soft = run(SPECTRAL, samples, RATE), run(SPECTRAL, samples * np.float32(1e-3), RATE)
    assert [s.label for s in soft.segments] == [s.label for s in loud.segments]


def test_silence_and_a_constant_are_skipped() -> None:
    for samples in (np.zeros(4 * RATE, np.float32), np.full(4 * RATE, 0.3, np.float32)):
        with pytest.raises(Skip, match="nothing sounds"):
            run(SPECTRAL, samples, RATE)


def test_frames_are_the_same_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = signals.song(0, "major", RATE)
    whole = FRAMES.frame_features(samples, RATE)
    monkeypatch.setattr(FRAMES, "BLOCK", 150)
    pieces = FRAMES.frame_features(samples, RATE)
    for name in ("energy", "sustained", "struck", "evenness", "narrow", "envelope"):
        np.testing.assert_allclose(getattr(pieces, name), getattr(whole, name), rtol=1e-4, atol=1e-6)


def test_music_is_practically_never_called_speech_or_noise(eval_folder: Path) -> None:
    folders = ("mdb-drums/mix/*", "rendered-piano/*.ogg", "rendered-drums/*jazz*.flac", "notes/*.flac")
    seconds: Counter[str] = Counter()
    for pattern in folders:
        for path in sorted(eval_folder.glob(pattern)):
            seconds += seconds_by_label(run(SPECTRAL, truth.mono(path, RATE), RATE))
    lost = seconds["speech"] + seconds["noise"]
    assert lost <= 0.01 * sum(seconds.values()), seconds


@pytest.mark.parametrize("name", ["jfk.flac", "libri.ogg", "pyannote_sample.wav"])
def test_real_speech_is_called_speech(eval_folder: Path, name: str) -> None:
    seconds = seconds_by_label(run(SPECTRAL, truth.mono(eval_folder / "field" / name, RATE), RATE))
    assert seconds["speech"] >= 0.8 * sum(seconds.values()), seconds


@pytest.mark.parametrize("shape", [(1, 17), (3, 40), (40, 9), (5, 1)])
def test_a_running_median_is_that_of_every_row(shape: tuple[int, int]) -> None:
    rows = np.random.default_rng(1).random(shape).astype(np.float32)
    np.testing.assert_array_equal(FRAMES.running_median(rows), median_filter(rows, size=(1, FRAMES.MEDIAN)))
