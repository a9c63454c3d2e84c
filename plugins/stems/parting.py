"""Parting a mix into what is struck and bands of what sounds on, block by block.

The medians of a block look at the frames around it as well, and the frames' sounds are added up across its ends: blocks
of any size give the same samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.ndimage
import scipy.signal

Floats = npt.NDArray[np.float32]

N_FFT, HOP = 4096, 1024
OVERLAP = N_FFT - HOP
BLOCK = 256
"""Frames parted together: 6 s."""
REACH = 8
"""Frames, and bins, that a median looks to either side: 0.19 s and 86 Hz at 44.1 kHz. Of fifteen settings (reaches
3 to 20, windows of 1024 to 8192) the best on seven songs: drums 4.2 dB above what is not theirs, the mix at 0.0."""
BASS_HZ, VOICE_HZ = 250.0, 4000.0
"""Where bass gives way to vocals, and they to the rest."""
WIDTH_OCTAVES = 1.0
PARTS = 3
"""Drums, bass, vocals; what is left of the mix is the fourth stem."""
SILENT = 1e-10


def parted(channels: Sequence[Floats], rate: int, block: int = BLOCK) -> Iterator[tuple[int, Floats]]:
    """Drums, bass and vocals of a mix, a stretch at a time.

    Parameters
    ----------
    channels
        Each of shape (n,), possibly memory-mapped: a block is read at a time.
    rate
        Samples a second.
    block
        Frames parted together.

    Yields
    ------
    int
        First sample of the stretch.
    ndarray
        Shape (3, channels, m): the next m samples of the three.
    """
    length = len(channels[0])
    frames = -(-length // HOP) + OVERLAP // HOP
    shares = bands(rate)
    window = scipy.signal.get_window("hann", N_FFT).astype(np.float32)
    unity = np.float32(HOP / np.sum(np.square(window, dtype=np.float64)))
    carried = np.zeros((PARTS, len(channels), OVERLAP), np.float32)
    for first in range(0, frames, block):
        last = min(frames, first + block)
        spectra = _spectra(channels, first - REACH, last + REACH, window)
        struck = _struck(np.abs(spectra).mean(axis=0))[REACH:-REACH]
        spectra = spectra[:, REACH:-REACH]
        masks = (struck, *((1 - struck) * share for share in shares))
        sounds = np.stack([_sound(spectra * mask, window * unity) for mask in masks])
        sounds[..., :OVERLAP] += carried
        carried = sounds[..., -OVERLAP:].copy()
        start = first * HOP - OVERLAP  # of the block's first frame
        skipped = max(0, -start)
        stop = min(length, start + (last - first) * HOP)
        if stop > start + skipped:
            yield start + skipped, sounds[..., skipped : stop - start]


def bands(rate: int) -> tuple[Floats, Floats]:
    """How much of each bin is bass, and how much vocals, shapes (bins,); the rest is neither."""
    hertz = np.maximum(scipy.fft.rfftfreq(N_FFT, 1 / rate), 1.0)
    below_voice, below_rest = _below(hertz, BASS_HZ), _below(hertz, VOICE_HZ)
    return below_voice.astype(np.float32), (below_rest - below_voice).astype(np.float32)


def _below(hertz: npt.NDArray[np.float64], edge_hz: float) -> npt.NDArray[np.float64]:
    """One below an edge and zero above it, passing over along a cosine in octaves."""
    octaves = np.clip(np.log2(hertz / edge_hz) / WIDTH_OCTAVES, -0.5, 0.5)
    return 0.5 - 0.5 * np.sin(np.pi * octaves)


def _spectra(channels: Sequence[Floats], first: int, last: int, window: Floats) -> npt.NDArray[np.complex64]:
    """Spectra of the frames from one to another, shape (channels, frames, bins); silence around the recording."""
    start, stop = first * HOP - OVERLAP, last * HOP
    samples = np.zeros((len(channels), stop - start), np.float32)
    for row, channel in zip(samples, channels, strict=True):
        heard = channel[max(0, start) : max(0, stop)]
        row[max(0, -start) :][: len(heard)] = heard
    frames = np.lib.stride_tricks.sliding_window_view(samples, N_FFT, axis=1)[:, ::HOP]
    return np.asarray(scipy.fft.rfft(frames * window, axis=2), np.complex64)


def _struck(level: Floats) -> Floats:
    """How much of each bin is struck rather than sounding on: levels of shape (frames, bins) to 0 to 1.

    Medians run along one long row; what they say at the ends of the frames beyond REACH is not used.
    """
    along = _medians(np.ascontiguousarray(level.T)).T
    across = _medians(np.pad(level, ((0, 0), (REACH, REACH)), mode="edge"))[:, REACH:-REACH]
    held, hit = np.square(along), np.square(across)
    return np.asarray(hit / (held + hit + SILENT), np.float32)


def _medians(rows: Floats) -> Floats:
    """Running medians along rows, as one: those near a row's ends look at the neighbouring row."""
    size = 2 * REACH + 1
    return np.asarray(scipy.ndimage.median_filter(rows.reshape(-1), size, mode="nearest")).reshape(rows.shape)


def _sound(spectra: npt.NDArray[np.complex64], window: Floats) -> Floats:
    """What spectra of shape (channels, frames, bins) sound like, added up: (channels, frames * HOP + OVERLAP)."""
    frames = scipy.fft.irfft(spectra, N_FFT, axis=2) * window
    sound = np.zeros((frames.shape[0], frames.shape[1] + OVERLAP // HOP, HOP), np.float32)
    for piece in range(N_FFT // HOP):
        sound[:, piece : piece + frames.shape[1]] += frames[:, :, piece * HOP : (piece + 1) * HOP]
    return sound.reshape(len(sound), -1)
