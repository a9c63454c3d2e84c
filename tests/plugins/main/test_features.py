"""features.librosa measures what librosa and pyloudnorm measure, block by block."""

from __future__ import annotations

import librosa
import numpy as np
import pyloudnorm
import pytest

from hemiola import Skip
from hemiola.testing import run, tone
from tests.plugins import signals
from tests.plugins.parts import part, plugin

RATE = 22050
FEATURES = plugin("features.librosa")


def test_a_sine_has_its_level_and_its_frequency() -> None:
    found = run(FEATURES, tone(441.0, 5.0, RATE, amplitude=0.5), RATE)
    assert found.peak_db == pytest.approx(-6.02, abs=0.03)
    assert found.rms_db == pytest.approx(-9.03, abs=0.01)
    assert found.zero_crossing_rate == pytest.approx(2 * 441.0 / RATE, rel=0.01)
    assert found.spectral_flatness < 1e-3


def test_loudness_is_that_of_pyloudnorm() -> None:
    samples = signals.song(0, "major", RATE, drums=0.3)
    expected = pyloudnorm.Meter(RATE).integrated_loudness(samples.astype(float))
    assert run(FEATURES, samples, RATE).loudness_lufs == pytest.approx(expected, abs=0.01)


def test_levels_are_the_same_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    level = part("features", "level")
    samples = signals.song(0, "major", RATE)
    whole = level.measure_level(samples), level.integrated_loudness(samples, RATE)
    monkeypatch.setattr(level, "BLOCK", 12345)
    pieces = level.measure_level(samples), level.integrated_loudness(samples, RATE)
    assert pieces[0].crossings == whole[0].crossings
    assert pieces[0].rms == pytest.approx(whole[0].rms)
    assert pieces[1] == pytest.approx(whole[1], abs=1e-6)


def test_loudness_is_none_where_it_cannot_be_measured() -> None:
    assert run(FEATURES, signals.noise(0.3, RATE), RATE).loudness_lufs is None
    assert run(FEATURES, signals.noise(2.0, RATE, 1e-6), RATE).loudness_lufs is None


def test_the_onset_envelope_is_that_of_librosa() -> None:
    samples = signals.song(0, "major", RATE, drums=0.5)
    found = run(FEATURES, samples, RATE).onset_envelope
    assert found.rate_hz == pytest.approx(RATE / 512)
    expected = librosa.onset.onset_strength(y=samples / np.abs(samples).max(), sr=RATE)[2:]
    assert np.corrcoef(expected, found.values[: len(expected)])[0, 1] > 0.99


def test_chroma_shows_the_notes() -> None:
    chroma = run(FEATURES, sum(tone(f, 4.0, RATE, 0.1) for f in (261.63, 329.63, 392.0)), RATE).chroma
    assert chroma.values.shape[1] == 12
    assert set(np.argsort(chroma.values.mean(axis=0))[-3:]) == {0, 4, 7}


def test_spectra_are_the_same_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    spectra = part("features", "spectra")
    samples = signals.song(9, "minor", RATE, drums=0.3)
    monkeypatch.setattr(spectra, "TUNING_EVERY", 1)
    whole = spectra.measure_spectra(samples, RATE, 1.0)
    monkeypatch.setattr(spectra, "BLOCK", 100)
    pieces = spectra.measure_spectra(samples, RATE, 1.0)
    np.testing.assert_allclose(pieces.onset_envelope, whole.onset_envelope, atol=1e-3)
    np.testing.assert_allclose(pieces.chroma, whole.chroma, atol=0.05)
    assert pieces.centroid_hz == pytest.approx(whole.centroid_hz, rel=1e-4)


@pytest.mark.parametrize("cents", [-30.0, 0.0, 20.0])
def test_the_tuning_is_found(cents: float) -> None:
    found = run(FEATURES, signals.song(0, "major", RATE, cents=cents), RATE).tuning_cents
    assert found == pytest.approx(cents, abs=4.0)


def test_frames_begin_with_the_region() -> None:
    found = run(FEATURES, signals.noise(2.0, RATE), RATE, start_s=30.0)
    assert found.onset_envelope.start_s == found.chroma.start_s == 30.0


def test_digital_silence_and_a_lone_sample_are_skipped() -> None:
    with pytest.raises(Skip, match="silence"):
        run(FEATURES, np.zeros(RATE, np.float32), RATE)
    with pytest.raises(Skip, match="single sample"):
        run(FEATURES, np.ones(1, np.float32), RATE)
