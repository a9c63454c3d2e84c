"""One pass of a decoder over a file into everything that is measured and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import rfft

from ._codes import IntakeCode, IntakeFailure
from ._decoders import regrouped
from ._envelope import Envelope
from ._levels import SAMPLES_PER_BLOCK, Levels, Waveform, without_nonsense
from ._loudness import Loudness
from ._output import Output
from ._views import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._contract import Probe, Request
    from ._decoders import Decoder
    from ._source import Source


class Pass:
    """Everything that is made of a file's samples while they stream by; memory does not grow with the file.

    Parameters
    ----------
    probe : Probe
        What the file is; its rate and channels hold for the whole pass.
    request : Request
        Where to write. The descriptors are emptied first.
    """

    def __init__(self, probe: Probe, request: Request) -> None:
        self._probe = probe
        self._max_seconds = request.max_seconds
        self._reserve = request.reserve_bytes
        self.frames = 0
        self.nan_samples = 0
        self.views = [
            View(
                probe.rate,
                asked.rate or probe.rate,
                asked.channels == 1,
                [self._output(fd) for fd in asked.fds],
            )
            for asked in request.views
        ]
        self.waveform = Waveform(probe.rate, self._output(request.peaks_fd), self._output(request.blocks_fd))
        self.levels = Levels(probe.channels)
        self.loudness = Loudness(probe.rate, probe.channels)
        self.envelope = Envelope(probe.rate, probe.channels, self._output(request.envelope_fd), rfft)

    def _output(self, fd: int) -> Output:
        output = Output(fd, self._probe.name, self._reserve)
        output.resize(0)
        return output

    def run(self, decoder: Decoder, source: Source, progress: Callable[[float], None]) -> None:
        """Take the decoder's blocks to its end.

        Raises
        ------
        IntakeFailure
            `too_long` as soon as the limit is passed, `no_space`, or what happened to the file meanwhile.
        """
        for block in regrouped(decoder.blocks(), self._probe.channels, SAMPLES_PER_BLOCK):
            self.feed(block)
            if self.frames > self._max_seconds * self._probe.rate:
                raise too_long(self._probe.name, self._max_seconds)
            progress(self._fraction(source))
        source.check()

    def feed(self, block: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
        """Take a block of shape (channels, frames); what is no number in it is replaced by silence."""
        self.nan_samples += without_nonsense(block)
        self.frames += block.shape[1]
        self.waveform.feed(block)
        self.levels.feed(block)
        self.loudness.feed(block)
        self.envelope.feed(block)
        for view in self.views:
            view.feed(block)

    def _fraction(self, source: Source) -> float:
        if self._probe.frames:
            return min(1.0, self.frames / self._probe.frames)
        return min(1.0, source.furthest / source.size)

    def finish(self) -> None:
        """Write what is still held back."""
        self.waveform.finish()
        self.envelope.finish()
        for view in self.views:
            view.finish()


def too_long(name: str, max_seconds: float) -> IntakeFailure:
    """Return the refusal of a file that is longer than `max_seconds`."""
    hours = f"{max_seconds / 3600:g} hours" if max_seconds >= 3600 else f"{max_seconds:g} seconds"
    return IntakeFailure(
        IntakeCode.TOO_LONG,
        f"“{name}” is longer than {hours}, the longest recording that is analysed; cut it into parts.",
    )
