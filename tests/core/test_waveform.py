"""Overview, zoom and the .dat file."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.waveform import Peaks, PeaksError, parse_peaks, points, read_blocks


def write_peaks(peaks: Peaks) -> bytes:
    header = struct.pack("<iIiiI", 1, 1, peaks.sample_rate, peaks.samples_per_pixel, len(peaks.data))
    return header + peaks.data.astype(np.int8).tobytes()


def blocks_of(count: int) -> np.ndarray:
    values = np.random.default_rng(count).uniform(0, 1, (count, 3)).astype(np.float32)
    values[:, 0] *= -1
    return values


@pytest.mark.parametrize("count", [1, 999, 1000, 1001, 20_000, 700_000])
def test_points_cover_every_block_once(count: int) -> None:
    blocks = blocks_of(count)
    reduced = points(blocks, 1000)
    assert len(reduced.min) == len(reduced.max) == len(reduced.rms) == min(count, 1000)
    assert reduced.min.min() == blocks[:, 0].min()
    assert reduced.max.max() == blocks[:, 1].max()
    edges = np.arange(len(reduced.min) + 1) * count // len(reduced.min)
    for i in (0, len(reduced.min) // 2, len(reduced.min) - 1):
        part = blocks[edges[i] : edges[i + 1]]
        assert reduced.max[i] == part[:, 1].max()
        assert reduced.rms[i] == pytest.approx(np.sqrt(np.mean(part[:, 2] ** 2)), rel=1e-5)


def test_no_blocks_make_no_points() -> None:
    assert len(points(np.zeros((0, 3), np.float32), 1000).min) == 0


def test_a_blocks_file_is_mapped(tmp_path: Path) -> None:
    blocks = blocks_of(5000)
    blocks.tofile(tmp_path / "blocks")
    mapped = read_blocks(tmp_path / "blocks")
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(points(mapped, 8000).max, blocks[:, 1])


def test_an_empty_blocks_file_holds_no_blocks(tmp_path: Path) -> None:
    (tmp_path / "blocks").touch()
    assert read_blocks(tmp_path / "blocks").shape == (0, 3)


@given(
    st.integers(1, 400_000), st.integers(1, 4096), arrays(np.int8, st.tuples(st.integers(0, 50), st.just(2)))
)
def test_peaks_survive_writing_and_reading(rate: int, per_pixel: int, data: np.ndarray) -> None:
    read = parse_peaks(write_peaks(Peaks(rate, per_pixel, data)))
    assert (read.sample_rate, read.samples_per_pixel) == (rate, per_pixel)
    np.testing.assert_array_equal(read.data, data)


@given(st.binary(max_size=60))
def test_any_other_bytes_are_refused(data: bytes) -> None:
    try:
        peaks = parse_peaks(data)
    except PeaksError:
        return
    assert write_peaks(peaks)[12:] == data[12:]


def test_the_refusal_names_the_mistake() -> None:
    good = write_peaks(Peaks(44100, 256, np.zeros((3, 2), np.int8)))
    with pytest.raises(PeaksError, match="announces 3 pixels and the file holds 2"):
        parse_peaks(good[:-2])
    with pytest.raises(PeaksError, match="16-bit"):
        parse_peaks(good[:4] + b"\0\0\0\0" + good[8:])
    with pytest.raises(PeaksError, match="version 2"):
        parse_peaks(b"\2" + good[1:])
    with pytest.raises(PeaksError, match="header of 20 bytes"):
        parse_peaks(b"")
