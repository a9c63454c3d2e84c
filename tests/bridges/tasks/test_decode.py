"""One pass over a file: views, waveform, levels, envelope."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from scipy.fft import rfft

from bridges.tasks._envelope import BANDS, Envelope, hop_of
from bridges.tasks._output import Output
from core.regions import BANDS as BANDS_OF_THE_HOST
from core.waveform import SAMPLES_PER_BLOCK, parse_peaks
from tests.bridges.tasks.decoding import take_in


def written(path: Path, samples: np.ndarray, rate: int = 44100, subtype: str = "FLOAT") -> Path:
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


def noise(seconds: float, level: float = 0.1, channels: int = 1, rate: int = 44100) -> np.ndarray:
    return np.random.default_rng(7).standard_normal((round(seconds * rate), channels)) * level


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 32000, 39000, 44100, 48000, 96000, 192000])
def test_a_view_is_as_long_as_the_file(tmp_path: Path, rate: int) -> None:
    for frames in (1, 100, rate, 3 * rate + 17):
        path = written(tmp_path / "x.wav", noise(1 + frames / rate, rate=rate)[:frames], rate)
        taken = take_in(path, tmp_path / "out", ((22050, 1), (44100, 1), (None, None)))
        assert taken.decoded.frames == frames
        for view, view_rate in zip(taken.views, (22050, 44100, rate), strict=True):
            assert abs(view.shape[1] - frames * view_rate / rate) <= 1


@pytest.mark.parametrize("rate", [8000, 44100, 48000, 96000, 192000])
def test_a_view_is_time_aligned_within_a_sample(tmp_path: Path, rate: int) -> None:
    time = np.arange(3 * rate) / rate
    bump = np.exp(-(((time - 2.0) / 0.001) ** 2))  # band-limited, so that its peak survives any rate
    taken = take_in(written(tmp_path / "x.wav", bump, rate), tmp_path / "out")
    assert abs(int(np.argmax(taken.views[0][0])) - 2 * 22050) <= 1


def test_the_files_own_view_is_bit_exact(tmp_path: Path) -> None:
    samples = noise(2.3, channels=3).astype(np.float32)
    taken = take_in(written(tmp_path / "x.wav", samples), tmp_path / "out", ((None, None), (None, 1)))
    np.testing.assert_array_equal(taken.views[0], samples.T)
    np.testing.assert_allclose(taken.views[1][0], samples.mean(axis=1), atol=1e-6)


def test_resampling_keeps_a_tone_and_all_channels(tmp_path: Path) -> None:
    time = np.arange(44100 * 2) / 44100
    samples = np.stack([np.sin(2 * np.pi * f * time) for f in (440, 1000, 3000)], axis=1)
    taken = take_in(written(tmp_path / "x.wav", samples), tmp_path / "out", ((16000, None),))
    at = np.arange(32000) / 16000
    expected = np.stack([np.sin(2 * np.pi * f * at) for f in (440, 1000, 3000)])
    assert np.abs(taken.views[0] - expected)[:, 800:-800].max() < 1e-3


def test_an_out_of_phase_pair_shows_in_waveform_and_envelope(tmp_path: Path) -> None:
    one = noise(3.0)[:, 0]
    taken = take_in(written(tmp_path / "x.wav", np.stack([one, -one], axis=1)), tmp_path / "out")
    assert np.abs(taken.views[0]).max() < 1e-6
    assert taken.blocks[:, 1].min() > 0.1
    assert taken.envelope.sum(axis=1).mean() == pytest.approx(0.01, rel=0.1)


def test_peaks_and_blocks_agree_with_the_samples(tmp_path: Path) -> None:
    samples = noise(1.0, 0.3, 2).clip(-1, 1).astype(np.float32)
    taken = take_in(written(tmp_path / "x.wav", samples), tmp_path / "out")
    peaks = parse_peaks(taken.peaks)
    assert (peaks.sample_rate, peaks.samples_per_pixel) == (44100, SAMPLES_PER_BLOCK)
    assert len(peaks.data) == len(taken.blocks) == -(-len(samples) // SAMPLES_PER_BLOCK)
    for i in (0, 5, len(taken.blocks) - 1):
        part = samples[i * SAMPLES_PER_BLOCK : (i + 1) * SAMPLES_PER_BLOCK]
        expected = [part.min(), part.max(), np.sqrt(np.mean(np.square(part, dtype=np.float64)))]
        np.testing.assert_allclose(taken.blocks[i], expected, rtol=1e-6)
        np.testing.assert_allclose(peaks.data[i] / 128, expected[:2], atol=0.006)


@pytest.mark.parametrize(("rate", "channels"), [(44100, 1), (48000, 2), (22050, 2), (96000, 5)])
def test_loudness_agrees_with_pyloudnorm(tmp_path: Path, rate: int, channels: int) -> None:
    samples = noise(12.0, 0.05, channels, rate)
    samples[4 * rate : 7 * rate] *= 0.01  # for the gates
    taken = take_in(written(tmp_path / "x.wav", samples, rate), tmp_path / "out")
    # Its own filter design; BS.1770's is closest to the one by De Man.
    meter = pyloudnorm.Meter(rate, filter_class="DeMan")
    assert taken.decoded.loudness_lufs == pytest.approx(meter.integrated_loudness(samples), abs=0.1)


def test_a_full_scale_997_hz_sine_in_one_channel_measures_minus_3_lufs(tmp_path: Path) -> None:
    samples = np.sin(2 * np.pi * 997 * np.arange(48000 * 5) / 48000)
    taken = take_in(written(tmp_path / "x.wav", samples, 48000), tmp_path / "out")
    assert taken.decoded.loudness_lufs == pytest.approx(-3.01, abs=0.05)


def test_levels(tmp_path: Path) -> None:
    samples = np.full((44100, 2), 0.25)
    samples[:, 1] = -0.5
    samples[1000:1010, 0] = 1.0
    decoded = take_in(written(tmp_path / "x.wav", samples), tmp_path / "out").decoded
    assert decoded.peak_db == pytest.approx(0.0)
    assert decoded.dc_offset == pytest.approx(-0.5)
    assert decoded.clipped_samples == 10


def test_digital_silence_has_no_level(tmp_path: Path) -> None:
    decoded = take_in(written(tmp_path / "x.wav", np.zeros(44100)), tmp_path / "out").decoded
    assert (decoded.peak_db, decoded.loudness_lufs, decoded.dc_offset) == (None, None, 0.0)


def test_what_is_no_number_becomes_silence_and_is_told(tmp_path: Path) -> None:
    samples = noise(1.0).astype(np.float32)
    samples[[10, 11, 12, 13], 0] = np.nan, np.inf, -np.inf, 1e30
    taken = take_in(written(tmp_path / "x.wav", samples), tmp_path / "out", ((None, 1),))
    assert taken.decoded.nan_samples == 4
    assert (taken.views[0][0, 10:14] == 0).all()
    assert np.isfinite(taken.envelope).all()
    assert taken.decoded.notices == ("4 samples were no numbers and are taken as silence.",)


def test_progress_rises_to_one(tmp_path: Path) -> None:
    told = take_in(written(tmp_path / "x.wav", noise(20.0, channels=2)), tmp_path / "out").progress
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 5


def test_the_envelope_adds_up_to_the_power_and_ignores_a_constant_offset(tmp_path: Path) -> None:
    samples = noise(5.0, 0.1) + 0.4
    taken = take_in(written(tmp_path / "x.wav", samples), tmp_path / "out")
    assert taken.decoded.envelope_bands == BANDS == BANDS_OF_THE_HOST
    assert len(taken.envelope) == len(samples) // hop_of(44100) + 1
    assert taken.envelope.sum(axis=1).mean() == pytest.approx(0.01, rel=0.02)


def test_the_envelope_does_not_depend_on_how_it_is_fed(tmp_path: Path) -> None:
    samples = noise(2.0, channels=2).T.astype(np.float32)
    rows = []
    for name, step, transform in (("a", 1000, None), ("b", 65536, None), ("c", 777, rfft)):
        with (tmp_path / name).open("w+b") as file:
            envelope = Envelope(44100, 2, Output(file.fileno(), name), transform)
            for start in range(0, samples.shape[1], step):
                envelope.feed(samples[:, start : start + step])
            envelope.finish()
            rows.append(np.frombuffer((tmp_path / name).read_bytes(), "<f4"))
    np.testing.assert_array_equal(rows[0], rows[1])
    np.testing.assert_allclose(rows[0], rows[2], rtol=1e-3, atol=1e-12)


def test_decoding_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    path = written(tmp_path / "x.wav", noise(3.0, channels=2), subtype="PCM_16")
    first, second = (take_in(path, tmp_path / name) for name in ("one", "two"))
    assert first.decoded == second.decoded
    for name in ("view0.0", "peaks", "blocks", "envelope"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
