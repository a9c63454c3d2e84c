"""Two decoders under one shape: libsndfile through soundfile, and FFmpeg's libraries through PyAV.

A decoder names what it found and yields float32 blocks of shape (frames, channels) with a constant number of
channels. What it met on the way (damage, a change of channels) it keeps as plain facts for the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import soundfile

from ._headers import mp3_says_its_length

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ._source import Source

BLOCK_SAMPLES = 1 << 18
"""Samples over all channels in one block: 1 MiB of float32, whatever the file's shape."""
SHORT_READ = 4096
UNKNOWN_FRAMES = 1 << 60
"""libsndfile reports 2**63 - 1 frames for a stream that does not say how long it is."""


class DecoderError(Exception):
    """A decoder gave up; the message is the library's own words."""


@dataclass
class Facts:
    """What a decoder met while it read.

    Attributes
    ----------
    lost_packets : int
        Damaged packets that were left out, or replaced by silence where their length was known.
    channels_changed : bool
        The number of channels changed along the file.
    rate_changed : bool
        The sample rate changed along the file; the changed part was resampled.
    ends_damaged : bool
        Nothing could be decoded after the last damaged packet.
    error : str | None
        The library's own words where decoding had to stop before the end.
    """

    lost_packets: int = 0
    channels_changed: bool = False
    rate_changed: bool = False
    ends_damaged: bool = False
    error: str | None = None


class Decoder(Protocol):
    """What intake needs of a decoder."""

    name: str
    format: str
    rate: int
    channels: int
    frames: int | None
    estimated: bool
    """Whether `frames` is the decoder's guess and no word of the file's."""
    tolerance_s: float
    """How much shorter than announced a complete file may turn out with this format."""
    tracks: int
    codec: str
    facts: Facts

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Yield blocks of shape (frames, channels) until the end, or until `facts.error` is set."""

    def close(self) -> None:
        """Let go of the library's memory."""


class _Sequential(soundfile.SoundFile):  # type: ignore[misc]
    """A SoundFile that only moves forward.

    soundfile seeks after every read to where it already is; in a FLAC without a length that fails
    ("Internal psf_fseek() failed"), and in a damaged one it loses the place.
    """

    def seekable(self) -> bool:
        return False


_SUBTYPES = {
    "VORBIS": "Vorbis", "OPUS": "Opus", "FLOAT": "float 32", "DOUBLE": "float 64", "ULAW": "mu-law",
    "ALAW": "A-law", "PCM_U8": "PCM 8", "PCM_S8": "PCM 8", "MPEG_LAYER_III": "MP3",
}  # fmt: skip
_LOSSY = {"VORBIS", "OPUS", "MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III"}


class SoundFileDecoder:
    """libsndfile: WAV and its kin, AIFF, FLAC, Ogg, MP3; exact, and fast.

    Raises
    ------
    DecoderError
        When libsndfile does not open the file.
    """

    name = "soundfile"
    tracks = 1

    def __init__(self, source: Source) -> None:
        source.rewind()
        try:
            self._file = _Sequential(source)
        except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
            raise DecoderError(str(error)) from error
        self.facts = Facts()
        self.rate = int(self._file.samplerate)
        self.channels = int(self._file.channels)
        claimed = int(self._file.frames)
        self.frames = claimed if 0 <= claimed < UNKNOWN_FRAMES else None
        self.codec = str(self._file.subtype)
        self.format = _soundfile_format(self._file.format, self.codec)
        self.estimated = self._file.format == "MP3" and not mp3_says_its_length(source)
        self.tolerance_s = 0.1 if self.codec in _LOSSY else 0.02
        source.furthest = 0

    @property
    def uncompressed(self) -> bool:
        """Whether libsndfile's frame count follows from the bytes that are there."""
        return self._file.format not in ("FLAC", "OGG", "MP3") and self.codec not in _LOSSY

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Yield blocks of shape (frames, channels)."""
        # Where libsndfile meets damage it drops the whole read: short reads lose less of what came before.
        size = max(1, BLOCK_SAMPLES // self.channels) if self.uncompressed else SHORT_READ
        while True:
            try:
                block = self._file.read(size, dtype="float32", always_2d=True)
            except (soundfile.SoundFileError, OSError, ValueError) as error:
                self.facts.error = str(error)
                return
            if not len(block):
                return
            yield block

    def close(self) -> None:
        """Close libsndfile's handle; the descriptor stays open."""
        self._file.close()


def _soundfile_format(container: str, subtype: str) -> str:
    if container == "MP3":
        return "MP3"
    words = _SUBTYPES.get(subtype, subtype.replace("_", " "))
    return f"{'WAV' if container == 'WAVEX' else container} ({words})"


def regrouped(
    blocks: Iterator[NDArray[np.float32]], channels: int, step: int
) -> Iterator[NDArray[np.float32]]:
    """Gather blocks of any length into planar ones of one length.

    Parameters
    ----------
    blocks : iterator of ndarray, shape (frames, channels)
    channels : int
    step : int
        Lengths are a multiple of this many frames, but for the last block.

    Yields
    ------
    ndarray, shape (channels, frames), float32
        Valid until the next one is asked for: the memory is used again.
    """
    size = max(1, BLOCK_SAMPLES // channels // step) * step
    gathered = np.empty((channels, size), np.float32)
    filled = 0
    for block in blocks:
        start = 0
        while start < len(block):
            count = min(len(block) - start, size - filled)
            gathered[:, filled : filled + count] = block[start : start + count].T
            filled += count
            start += count
            if filled == size:
                yield gathered
                filled = 0
    if filled:
        yield gathered[:, :filled]
