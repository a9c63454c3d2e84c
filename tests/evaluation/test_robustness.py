"""Worn copies keep the time of everything, and are worn as they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from evaluation import robustness
from evaluation.annotation import Truth
from evaluation.items import Item
from hemiola.testing import click_track

RATE = 44_100
CLICKS = tuple(0.3 + 0.37 * n for n in range(12))


@pytest.fixture
def recording() -> robustness.Samples:
    """Clicks over a chord, shape (n, 2)."""
    at = np.arange(5 * RATE) / RATE
    chord = sum(0.05 * np.sin(2 * np.pi * hz * at) for hz in (110.0, 220.0, 1100.0, 6000.0))
    mono = (click_track(CLICKS, 5.0, RATE) + chord).astype(np.float32)
    return np.stack([mono, 0.5 * mono], axis=1)


def worn(
    form: str, recording: robustness.Samples, drums: robustness.Samples | None = None
) -> robustness.Samples:
    copy, rate = robustness.FORMS[form](recording, RATE, drums)
    assert rate == (robustness.OTHER_RATE if form == "resampled" else RATE)
    return copy


def first_rise(samples: robustness.Samples, rate: int, after_s: float) -> float:
    part = np.abs(samples[round((after_s - 0.1) * rate) : round((after_s + 0.1) * rate)].mean(axis=1))
    return after_s - 0.1 + int(np.argmax(part > 0.5 * part.max())) / rate


@pytest.mark.parametrize("form", ["mp3_64k", "noise_10db", "band_limited", "resampled"])
def test_every_click_stays_where_it_was(form: str, recording: robustness.Samples) -> None:
    copy, rate = robustness.FORMS[form](recording, RATE, None)
    for time in CLICKS:
        assert first_rise(copy, rate, time) == pytest.approx(first_rise(recording, RATE, time), abs=0.002)


def test_noise_is_ten_decibels_under_the_recording(recording: robustness.Samples) -> None:
    added = worn("noise_10db", recording) - recording
    assert 10 * np.log10(np.mean(recording**2) / np.mean(added**2)) == pytest.approx(10.0, abs=0.1)


def test_what_lies_outside_the_band_is_gone(recording: robustness.Samples) -> None:
    spectra = [np.abs(np.fft.rfft(part[:, 0])) for part in (recording, worn("band_limited", recording))]
    for hertz, kept in ((110.0, 0.05), (1100.0, 1.0), (6000.0, 0.3)):
        before, after = (spectrum[round(hertz * 5)] for spectrum in spectra)
        assert after / before == pytest.approx(kept, abs=0.1) if kept == 1.0 else after / before < kept


def test_a_twentieth_of_the_samples_meets_the_ceiling(recording: robustness.Samples) -> None:
    copy = np.abs(worn("clipped", recording))
    assert np.mean(copy > copy.max() - 1e-4) == pytest.approx(0.05, abs=0.005)


def test_the_drums_alone_are_turned_down(recording: robustness.Samples) -> None:
    drums = np.zeros_like(recording)
    drums[RATE : RATE + 441] = 0.4
    copy = worn("drums_down", recording + drums, drums)
    assert np.allclose(copy[: RATE - 1], recording[: RATE - 1])
    assert np.allclose(copy - recording, drums * 10 ** (-12 / 20), atol=1e-5)


def item(folder: Path, name: str, drums: str | None = None) -> Item:
    truth = Truth(kind="k", origin="generated", source="s", licence="CC0-1.0", drums=drums)
    return Item("set", name, folder / f"{name}.wav", truth)


def test_copies_are_made_once_and_what_cannot_be_made_says_why(
    tmp_path: Path, recording: robustness.Samples
) -> None:
    soundfile.write(tmp_path / "a.wav", recording, RATE)
    (tmp_path / "b.wav").write_bytes(b"no audio")
    items = [item(tmp_path, "a"), item(tmp_path, "b")]
    made = list(robustness.worn(items, ["clipped", "drums_down"], tmp_path / "worn"))
    reasons = {(one.name, one.variant): reason for one, reason in made}
    assert reasons["a", "clipped"] is None
    assert "drums alone" in (reasons["a", "drums_down"] or "")
    assert "no copy could be made" in (reasons["b", "clipped"] or "")
    before = made[0][0].audio.stat().st_mtime_ns
    again = list(robustness.worn(items[:1], ["clipped"], tmp_path / "worn"))
    assert again[0][0].audio.stat().st_mtime_ns == before


def test_a_file_whose_name_is_no_text_is_worn_as_any_other(
    tmp_path: Path, recording: robustness.Samples
) -> None:
    audio = tmp_path / "caf\udce9.wav"  # Latin-1, from an old disk
    with audio.open("wb") as file:
        soundfile.write(file, recording, RATE, format="WAV")
    truth = Truth(kind="clicks", origin="generated", source="a test", licence="CC0-1.0")
    ((copy, reason),) = robustness.worn([Item("set", "cafe", audio, truth)], ["clipped"], tmp_path / "kept")
    assert reason is None and soundfile.info(copy.audio).frames == len(recording)


def test_broken_recordings_share_one_reason(tmp_path: Path) -> None:
    truth = Truth(kind="clicks", origin="generated", source="a test", licence="CC0-1.0")
    items = [Item("set", name, tmp_path / f"{name}.wav", truth) for name in "ab"]
    for item in items:
        item.audio.write_bytes(b"no sound")
    reasons = {reason for _, reason in robustness.worn(items, ["clipped"], tmp_path / "kept")}
    assert reasons == {"no copy could be made: the recording cannot be read (Format not recognised)"}
