"""madmom's key network in a recording's own tuning, by matrix products and block by block.

References
----------
.. [1] F. Korzeniowski and G. Widmer, "Genre-agnostic key classification with convolutional neural networks",
   Proc. of the 19th Int. Society for Music Information Retrieval Conf. (ISMIR), 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Spans = list[tuple[int, int]]

RATE = 44100
HOP = RATE // 5
FRAME = 8192
"""Samples of a frame where A4 is 440 Hz."""
BINS = 512
"""The network hears up to 2,100 Hz: bin 391."""
POOLED = 8
"""Frames that three times halving joins: of fewer nothing is left."""
AT_ONCE = 32
"""Frames convolved by one matrix product: what they see stays in the processor's cache."""
BLOCK = 120 * RATE
"""Longer spans are heard in equal parts of at most two minutes: 55 MB of frames, whatever the recording's length."""


@dataclass(frozen=True)
class Stage:
    """Padding, a convolution with its normalisation inside, the exponential unit, and pooling where there is one.

    Attributes
    ----------
    pad : zeros around frames and bands
    kernel : shape (rows, columns, channels in, channels out), to be correlated
    bias : shape (channels out,)
    pooled : whether the larger of two frames, then of two bands, is kept
    """

    pad: int
    kernel: Floats
    bias: Floats
    pooled: bool

    def __call__(self, maps: Floats) -> Floats:
        """Shape (frames, bands, channels in) to (frames, bands, channels out)."""
        rows, columns, _, channels = self.kernel.shape
        padded = np.pad(maps, ((self.pad, self.pad), (self.pad, self.pad), (0, 0)))
        frames, bands = padded.shape[0] - rows + 1, padded.shape[1] - columns + 1
        made = np.empty((frames, bands, channels), np.float32)
        for first in range(0, frames, AT_ONCE):
            last = min(frames, first + AT_ONCE)
            seen = np.concatenate(
                [
                    padded[first + row : last + row, column : column + bands]
                    for row in range(rows)
                    for column in range(columns)
                ],
                axis=2,
            )
            summed = seen @ self.kernel.reshape(-1, channels) + self.bias
            made[first:last] = np.maximum(summed, np.expm1(np.minimum(summed, 0)))
        if not self.pooled:
            return made
        made = made[: frames // 2 * 2, : bands // 2 * 2]
        made = np.maximum(made[0::2], made[1::2])
        return np.maximum(made[:, 0::2], made[:, 1::2])


def stages_of(layers: list[Any]) -> list[Stage]:
    """madmom's layers, in their order, as stages: pad, convolve, normalise, pool. The closing mean is left out."""
    stages: list[Stage] = []
    pad, kernel, bias = 0, np.zeros(0), np.zeros(0)
    for number, layer in enumerate(layers):
        kind = type(layer).__name__
        if kind == "PadLayer":
            pad = int(layer.width)
        elif kind == "ConvolutionalLayer":
            # madmom convolves: its kernels lie turned round. From (in, out, rows, columns).
            kernel, bias = layer.weights[:, :, ::-1, ::-1].transpose(2, 3, 0, 1), layer.bias
        elif kind == "BatchNormLayer":
            scale = layer.gamma * layer.inv_std
            bias = (bias - layer.mean) * scale + layer.beta
            pooled = type(layers[number + 1]).__name__ == "MaxPoolLayer"
            stages.append(Stage(pad, np.float32(kernel * scale), np.float32(bias), pooled))
            pad = 0
        elif kind not in ("MaxPoolLayer", "AverageLayer"):
            raise ValueError(f"madmom's key network has a layer {kind}, which is not known here")
    return stages


class KeyNetwork:
    """The network with madmom's own weights and filters."""

    def __init__(self) -> None:
        import madmom_compat  # noqa: F401 - must come before madmom
        from madmom.audio.filters import LogarithmicFilterbank
        from madmom.ml.nn import NeuralNetworkEnsemble
        from madmom.models import KEY_CNN

        ensemble = NeuralNetworkEnsemble.load(KEY_CNN)
        (network,) = ensemble.processors[0].processors
        self._stages = stages_of(list(network.layers))
        bins = np.fft.rfftfreq(FRAME, 1 / RATE)[: FRAME // 2]
        filters = LogarithmicFilterbank(bins, num_bands=24, fmin=65, fmax=2100, unique_filters=True)
        self._filters: Floats = np.array(filters, np.float32)[:BINS]

    def log_probabilities(
        self,
        samples: Floats,
        spans: Spans,
        scale: float = 1.0,
        cents: float = 0.0,
        progress: Callable[[float], None] = lambda fraction: None,
    ) -> Doubles | None:
        """How probable each key is.

        Parameters
        ----------
        samples : ndarray of shape (n,)
            Mono, 44.1 kHz, possibly memory-mapped.
        spans : list of (first, last)
            The samples to use.
        scale : float
            What they are multiplied by.
        cents : float
            Offset of their A4 from 440 Hz. Frames are made shorter where it is high, so that a bin holds
            what it would hold in tune.
        progress : callable
            Told the fraction done.

        Returns
        -------
        ndarray of shape (24,) or None
            Natural logarithms: major keys from C, then minor keys from C. None where no span has the 1.6 s that the
            network takes.
        """
        parts = [part for part in blocks(spans) if frame_count(part) >= POOLED]
        total, weight = np.zeros(24), 0
        for number, part in enumerate(parts):
            activations = self._activations(
                np.array(samples[slice(*part)], np.float32) * np.float32(scale), cents
            )
            total += activations * (frame_count(part) // POOLED)
            weight += frame_count(part) // POOLED
            progress((number + 1) / len(parts))
        if not weight:
            return None
        mean = total / weight
        # madmom counts both modes from A.
        from_c = np.concatenate([np.roll(mean[:12], -3), np.roll(mean[12:], -3)])
        from_c -= from_c.max()
        return np.asarray(from_c - np.log(np.exp(from_c).sum()))

    def _activations(self, samples: Floats, cents: float) -> Doubles:
        maps = spectrogram(samples, self._filters, cents)[:, :, None]
        for stage in self._stages:
            maps = stage(maps)
        return np.asarray(maps.mean(axis=(0, 1)), np.float64)


def frame_count(part: tuple[int, int]) -> int:
    """Frames of a range of samples, one for every fifth of a second that begins in it."""
    return -(-(part[1] - part[0]) // HOP)


def blocks(spans: Spans) -> Iterator[tuple[int, int]]:
    """The spans, cut into equal parts where they are longer than BLOCK."""
    for first, last in spans:
        count = max(1, -(-(last - first) // BLOCK))
        cuts = [first + (last - first) * number // count for number in range(count + 1)]
        yield from pairwise(cuts)


def spectrogram(samples: Floats, filters: Floats, cents: float) -> Floats:
    """Logarithmic magnitudes in quarter tones, as madmom makes them, five a second; shape (frames, bands)."""
    size = 16 * round(FRAME / 16 * 2.0 ** (-cents / 1200.0))
    count = frame_count((0, len(samples)))
    padded = np.pad(samples, (size // 2, size))
    framed = np.lib.stride_tricks.sliding_window_view(padded, size)[: count * HOP : HOP]
    spectrum = np.abs(np.fft.rfft(framed * np.hanning(size).astype(np.float32), axis=1)[:, :BINS])
    spectrum *= FRAME / size
    return np.asarray(np.log10(1 + spectrum @ filters), np.float32)
