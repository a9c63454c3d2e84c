"""From real recordings to regions, through the decoder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.regions import RegionSettings, Span, find_regions, find_takes
from tests.bridges.tasks.decoding import take_in


def regions_of(path: Path, folder: Path, **kwargs: float) -> list[Span]:
    taken = take_in(path, folder)
    return find_regions(
        taken.envelope, taken.decoded.envelope_rate_hz, taken.decoded.duration_s, RegionSettings(**kwargs)
    )


def truth_of(folder: Path) -> list[dict[str, float]]:
    regions: list[dict[str, float]] = json.loads((folder / "regions.json").read_text())["regions"]
    return regions


def test_every_boundary_of_the_clean_tape_is_within_30_ms(eval_folder: Path, tmp_path: Path) -> None:
    folder = eval_folder / "regions"
    found = regions_of(folder / "regions_clean_-67dBnoise.flac", tmp_path, min_gap_s=0.1)
    truth = truth_of(folder)
    assert len(found) == len(truth)
    for span, region in zip(found, truth, strict=True):
        assert span.start_s == pytest.approx(region["start"], abs=0.03)
        assert span.end_s == pytest.approx(region["end"], abs=0.03)


def test_the_noisy_tape_is_cut_where_content_stands_above_its_floor(
    eval_folder: Path, tmp_path: Path
) -> None:
    folder = eval_folder / "regions"
    found = regions_of(folder / "regions_noisy_-42dBnoise.flac", tmp_path, min_gap_s=0.1)
    truth = truth_of(folder)
    assert len(found) == len(truth)
    clean, rate = soundfile.read(folder / "regions_clean_-67dBnoise.flac", always_2d=True)
    window = round(0.01 * rate)
    power = np.mean(clean**2, axis=1)
    level_db = 10 * np.log10(np.convolve(power, np.ones(window) / window, "same") + 1e-12)
    for span, region in zip(found, truth, strict=True):
        start, end = region["start"], region["end"]
        stands_out = np.flatnonzero(level_db[round(start * rate) : round(end * rate)] > -42 + 6)
        first, last = start + stands_out[0] / rate, start + stands_out[-1] / rate
        assert start - 0.05 <= span.start_s <= first + 0.05
        assert last - 0.05 <= span.end_s <= end + 0.05


def test_songs_and_loops_are_one_take_each(eval_folder: Path, tmp_path: Path) -> None:
    songs = sorted((eval_folder / "mdb-drums" / "mix").iterdir())
    loops = sorted((eval_folder / "loops").glob("*.flac"))
    assert songs
    assert loops
    for number, path in enumerate(songs + loops):
        regions = regions_of(path, tmp_path / str(number))
        assert len(find_takes(regions, 3.0)) == 1, path.name
        assert sum(span.end_s - span.start_s for span in regions) > 0.85 * soundfile.info(path).duration, (
            path.name
        )


def test_a_one_shot_is_one_region(eval_folder: Path, tmp_path: Path) -> None:
    sounds = [
        path for path in sorted((eval_folder / "oneshots").rglob("*.*")) if path.suffix in (".wav", ".flac")
    ]
    for number, path in enumerate(sounds[::4]):
        assert len(regions_of(path, tmp_path / str(number))) == 1, path.name


def test_a_silent_recording_has_no_regions(eval_folder: Path, tmp_path: Path) -> None:
    assert regions_of(eval_folder / "field" / "silence_10s.mp3", tmp_path) == []
