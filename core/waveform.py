"""The waveform for the page: overview and zoom from the decoder's blocks, and audiowaveform's .dat file.

The blocks file holds float32 rows of (min, max, rms), one per 256 samples of the file.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SAMPLES_PER_BLOCK = 256
OVERVIEW_POINTS = 1000
ZOOM_POINTS = 8000
POINTS = {"overview.f32": OVERVIEW_POINTS, "zoom.f32": ZOOM_POINTS}
CHUNK_ROWS = 1 << 18
MOST_DRAWN = 500_000

_HEADER = struct.Struct("<iIiiI")
_EIGHT_BITS = 1


class Points(NamedTuple):
    """A waveform reduced to points that share the file's length evenly.

    Attributes
    ----------
    min, max, rms : ndarray, shape (points,), float32
        Lowest and highest sample over all channels, and root mean square; full scale at 1.
    """

    min: NDArray[np.float32]
    max: NDArray[np.float32]
    rms: NDArray[np.float32]


class Peaks(NamedTuple):
    """What an 8-bit audiowaveform .dat file holds.

    Attributes
    ----------
    sample_rate, samples_per_pixel : int
    data : ndarray, shape (pixels, 2), int8
        Lowest and highest sample per pixel, full scale at 128.
    """

    sample_rate: int
    samples_per_pixel: int
    data: NDArray[np.int8]


class PeaksError(ValueError):
    """A .dat file that is not what audiowaveform documents, or not of the kind used here."""


def read_blocks(path: Path) -> NDArray[np.float32]:
    """Map a blocks file, shape (blocks, 3); read from disk as it is used."""
    count = path.stat().st_size // 12
    if not count:
        return np.zeros((0, 3), np.float32)
    return np.memmap(path, dtype="<f4", mode="r", shape=(count, 3))


def points(blocks: NDArray[np.float32], count: int) -> Points:
    """Reduce blocks to `count` points, or to one per block where there are fewer.

    Parameters
    ----------
    blocks : ndarray, shape (blocks, 3)
        Rows of (min, max, rms); a memory map is read in pieces.
    count : int
        Points wanted: `OVERVIEW_POINTS`, `ZOOM_POINTS`.

    Returns
    -------
    Points
        Point i covers blocks floor(i * blocks / points) up to those of point i + 1.
    """
    count = min(count, len(blocks))
    reduced = np.empty((count, 3), np.float32)
    edges = np.arange(count + 1, dtype=np.int64) * len(blocks) // max(1, count)
    first = 0
    while first < count:
        last = max(first + 1, int(np.searchsorted(edges, edges[first] + CHUNK_ROWS, side="right")) - 1)
        last = min(last, count)
        piece = np.asarray(blocks[edges[first] : edges[last]])
        starts = edges[first:last] - edges[first]
        sizes = np.diff(edges[first : last + 1])
        reduced[first:last, 0] = np.minimum.reduceat(piece[:, 0], starts)
        reduced[first:last, 1] = np.maximum.reduceat(piece[:, 1], starts)
        squares = np.add.reduceat(np.square(piece[:, 2], dtype=np.float64), starts)
        reduced[first:last, 2] = np.sqrt(squares / sizes)
        first = last
    return Points(reduced[:, 0], reduced[:, 1], reduced[:, 2])


def write_points(folder: Path) -> list[str]:
    """Reduce a decoded file's blocks.f32 to overview.f32 and zoom.f32, rows of (min, max, rms); their names."""
    blocks = read_blocks(folder / "blocks.f32")
    for name, count in POINTS.items():
        reduced = points(blocks, count)
        np.stack(reduced, axis=1).astype("<f4").tofile(folder / name)
    return list(POINTS)


def parse_peaks(data: bytes) -> Peaks:
    """Read an audiowaveform .dat file: version 1, 8-bit.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    Peaks

    Raises
    ------
    PeaksError
        When header and length do not agree, or version or resolution are others.

    References
    ----------
    audiowaveform, doc/DataFormat.md
    """
    if len(data) < _HEADER.size:
        raise PeaksError(f"a .dat file has a header of {_HEADER.size} bytes, this one has {len(data)} bytes")
    version, flags, rate, per_pixel, length = _HEADER.unpack_from(data)
    if version != 1:
        raise PeaksError(f"version {version} of the .dat format; expected 1")
    if not flags & _EIGHT_BITS:
        raise PeaksError("a 16-bit .dat file; expected 8-bit")
    if len(data) != _HEADER.size + 2 * length:
        held = (len(data) - _HEADER.size) / 2
        raise PeaksError(f"the header announces {length} pixels and the file holds {held:g}")
    return Peaks(rate, per_pixel, np.frombuffer(data, np.int8, offset=_HEADER.size).reshape(-1, 2))


def drawn(folder: Path, rate: int, frames: int, zoom: str) -> dict[str, Any]:
    """A decoded file's waveform as lists of numbers.

    Parameters
    ----------
    folder
        Where the decoder's blocks and their reductions lie.
    rate, frames
        The file's samples a second, and how many.
    zoom
        "overview", "zoom", or samples per pixel: the nearest multiple of a block, more where that would be
        over `MOST_DRAWN` points.

    Returns
    -------
    dict
        sample_rate, samples_per_pixel, length, and lists min, max, rms; full scale at 1.
    """
    if zoom in ("overview", "zoom"):
        found = read_blocks(folder / f"{zoom}.f32")
        reduced = Points(found[:, 0], found[:, 1], found[:, 2])
        per_pixel = frames / max(1, len(found))
    else:
        blocks = read_blocks(folder / "blocks.f32")
        together = max(1, round(int(zoom) / SAMPLES_PER_BLOCK), -(-len(blocks) // MOST_DRAWN))
        reduced = points(blocks, -(-len(blocks) // together)) if together > 1 else Points(*blocks.T)
        per_pixel = frames / max(1, len(reduced.min))
    lists = {
        name: np.round(values.astype(np.float64), 4).tolist() for name, values in reduced._asdict().items()
    }
    return {"sample_rate": rate, "samples_per_pixel": per_pixel, "length": len(reduced.min), **lists}


def peaks_file(folder: Path, zoom: str) -> bytes:
    """A decoded file's waveform as audiowaveform's .dat, at a multiple of the resolution it was decoded with.

    Parameters
    ----------
    zoom
        "overview", "zoom", or samples per pixel.
    """
    whole = (folder / "peaks.dat").read_bytes()
    peaks = parse_peaks(whole)
    count = len(peaks.data)
    wanted = {"overview": OVERVIEW_POINTS, "zoom": ZOOM_POINTS}.get(zoom)
    together = -(-count // wanted) if wanted else round(int(zoom) / peaks.samples_per_pixel)
    if together <= 1 or not count:
        return whole
    starts = np.arange(0, count, together)
    low = np.minimum.reduceat(peaks.data[:, 0], starts)
    high = np.maximum.reduceat(peaks.data[:, 1], starts)
    per_pixel = peaks.samples_per_pixel * together
    header = _HEADER.pack(1, _EIGHT_BITS, peaks.sample_rate, per_pixel, len(starts))
    return header + np.stack([low, high], axis=1).astype(np.int8).tobytes()
