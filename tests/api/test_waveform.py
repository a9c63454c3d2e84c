"""Waveforms: JSON and audiowaveform's .dat agree with each other and with the sound, at every zoom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.waveform import Peaks, parse_peaks
from hemiola.testing import tone
from tests.api.live import Json, Live
from tests.conftest import write_wav

ZOOMS = ["overview", "zoom", "1", "256", "1000", "4096", "999999999"]


def waveform(live: Live, sha: str, zoom: str = "overview") -> tuple[Json, Peaks]:
    """The JSON and the .dat of a file."""
    address = f"/api/files/{sha}/waveform"
    response = live.client.get(address, params={"zoom": zoom, "format": "dat"})
    assert response.status_code == 200 and response.headers["content-type"] == "application/octet-stream"
    told = live.get(address, params={"zoom": zoom})
    assert told == live.get(address, params={"zoom": zoom, "format": "json"})
    return told, parse_peaks(response.content)


def taken_in(live: Live, name: str, samples: np.ndarray[Any, Any], rate: int = 22050) -> str:
    path = write_wav(live.home / name, samples, rate)
    return str(live.analyze(path, "features")["file"]["sha256"])


@pytest.fixture(scope="module")
def sine(live: Live) -> str:
    """Two seconds of a sine at half of full scale, 44.1 kHz, stereo, the second channel softer."""
    loud = tone(1000.0, 2.0, 44100, 0.5)
    return taken_in(live, "sine.wav", np.stack([loud, 0.2 * loud], axis=1), 44100)


@pytest.mark.parametrize("zoom", ZOOMS)
def test_every_zoom_tells_the_amplitude_of_a_sine(live: Live, sine: str, zoom: str) -> None:
    told, peaks = waveform(live, sine, zoom)
    low, high, rms = (np.array(told[name]) for name in ("min", "max", "rms"))
    assert len(low) == len(high) == len(rms) == told["length"] > 0
    assert (low <= high).all() and told["sample_rate"] == peaks.sample_rate == 44100
    assert told["samples_per_pixel"] * told["length"] == pytest.approx(88200)
    middle = slice(1, -1) if len(low) > 2 else slice(None)
    assert np.allclose(high[middle], 0.5, atol=0.01) and np.allclose(low[middle], -0.5, atol=0.01)
    both = np.sqrt((0.5**2 + 0.1**2) / 2 / 2)
    assert np.allclose(rms[middle], both, atol=0.01)
    assert (peaks.data[:, 0] <= peaks.data[:, 1]).all()
    assert np.abs(peaks.data[middle if len(peaks.data) > 2 else slice(None), 1] / 128).max() <= 0.51


def test_a_number_is_so_many_samples_per_pixel(live: Live, sine: str) -> None:
    for wanted in (256, 512, 1024, 4096):
        told, peaks = waveform(live, sine, str(wanted))
        assert peaks.samples_per_pixel == wanted and len(peaks.data) == -(-88200 // wanted)
        assert told["samples_per_pixel"] == pytest.approx(wanted, rel=0.05)


def test_an_overview_has_at_most_a_thousand_points(live: Live, sine: str) -> None:
    told, peaks = waveform(live, sine)
    assert told["length"] <= 1000 and len(peaks.data) <= 1000


def test_silence_is_a_flat_line(live: Live) -> None:
    told, peaks = waveform(live, taken_in(live, "silence.wav", np.zeros(22050)))
    assert set(told["min"]) == set(told["max"]) == set(told["rms"]) == {0.0}
    assert not peaks.data.any()


def test_a_file_of_one_sample_has_one_point(live: Live) -> None:
    told, peaks = waveform(live, taken_in(live, "single.wav", np.array([0.5])))
    assert (told["length"], len(peaks.data)) == (1, 1)


def test_a_waveform_that_the_cache_gave_up_is_drawn_anew(live: Live) -> None:
    sha = taken_in(live, "cleaned.wav", tone(300.0, 1.0))
    before, _ = waveform(live, sha)
    live.post("/api/system/cleanup")
    assert waveform(live, sha)[0] == before
    live.post("/api/system/cleanup")
    (live.home / "cleaned.wav").unlink()
    assert "say where it is now" in live.get(f"/api/files/{sha}/waveform", 404)["detail"]


def test_a_job_on_the_file_does_not_keep_its_waveform_waiting(live: Live) -> None:
    path = live.sound("busy.wav")
    sha = live.analyze(path)["file"]["sha256"]
    job = live.begin(path, "mood", config={"mood.patient": {"seconds": 20}})
    live.running(job)
    assert waveform(live, sha)[0]["length"] > 0
    live.delete(f"/jobs/{job}")


@pytest.mark.parametrize(
    "asked",
    [{"zoom": "0"}, {"zoom": "-1"}, {"zoom": "big"}, {"zoom": "1e3"}, {"zoom": ""}, {"format": "png"}],
)
def test_what_cannot_be_drawn_is_said(live: Live, sine: str, asked: dict[str, str]) -> None:
    live.get(f"/api/files/{sine}/waveform", 422, params=asked)


def test_a_file_that_is_not_there_has_no_waveform(live: Live, tmp_path: Path) -> None:
    live.get(f"/api/files/{'0' * 64}/waveform", 404)
