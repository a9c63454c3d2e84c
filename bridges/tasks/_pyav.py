"""FFmpeg's libraries through PyAV: M4A, WMA, APE, WavPack, video files, and what libsndfile gives up on."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import soxr
from av.error import FFmpegError

from ._decoders import DecoderError, Facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ._source import Source

DEMUXERS = (
    "wav,w64,aiff,flac,mp3,mov,matroska,ogg,asf,ape,wv,aac,ac3,eac3,dts,dtshd,au,caf,amr,avi,flv,mpegts,mpeg,tta,"
    "tak,mpc,mpc8,rm,voc,dsf,iff,shn,gsm,loas,xwma,ircam,sox,nistsphere,truehd,mxf,oma,qcp,ivf,live_flv,wtv"
)
"""Formats that hold their own sound. Playlists (HLS, DASH, concat) are left out: they open other files."""
MAX_FAILURES = 10_000
"""Packets in a row that may fail before the rest is given up."""
MAX_GAP_S = 10.0
"""The longest silence put in for one damaged packet."""

_CONTAINERS = {
    "mov": "MP4", "matroska": "Matroska", "asf": "WMA", "ape": "Monkey's Audio", "wv": "WavPack",
    "mpegts": "MPEG-TS", "mpeg": "MPEG", "avi": "AVI", "caf": "CAF", "flv": "FLV",
}  # fmt: skip
_CODECS = {
    "aac": "AAC", "alac": "Apple Lossless", "mp3float": "MP3", "mp3": "MP3", "opus": "Opus",
    "vorbis": "Vorbis", "flac": "FLAC", "ape": "", "wavpack": "", "ac3": "AC-3", "eac3": "E-AC-3",
    "wmav1": "", "wmav2": "",
    "pcm_u8": "PCM 8", "pcm_s8": "PCM 8", "pcm_f32le": "float 32", "pcm_f64le": "float 64",
}  # fmt: skip
_GUESSES_LENGTH = {"mp3", "aac", "ac3", "eac3", "mpegts", "mpeg", "dts", "amr", "loas", "wav", "au"}


class PyAVDecoder:
    """The first, or best, audio stream of whatever FFmpeg can open; the stream is decoded once, forward.

    Raises
    ------
    DecoderError
        When FFmpeg does not open the file; `no_audio` is set on it when the file holds no audio stream.
    """

    name = "pyav"

    def __init__(self, source: Source) -> None:
        source.rewind()
        # No log line per damaged frame, and nothing beside the one descriptor is ever opened.
        av.logging.set_level(None)
        try:
            self._container = av.open(
                source,
                mode="r",
                metadata_errors="replace",
                container_options={"protocol_whitelist": "none", "format_whitelist": DEMUXERS},
            )
        except (FFmpegError, OSError, ValueError) as error:
            raise DecoderError(str(error)) from error
        self.facts = Facts()
        self.tracks = len(self._container.streams.audio)
        if not self.tracks:
            self._container.close()
            raise NoAudioStream(self._container.format.name)
        best = self._container.streams.best("audio")
        stream = best if isinstance(best, av.AudioStream) else self._container.streams.audio[0]
        self._stream = stream
        # PyAV's stubs do not know that a stream in an unknown coding has no codec context.
        context: av.AudioCodecContext | None = stream.codec_context
        if context is None:
            self._container.close()
            raise UnknownCodec
        context.thread_count = 1
        self.codec = str(context.name)
        self.format = _pyav_format(self._container.format.name.split(",")[0], self.codec, self._has_video())
        self.tolerance_s = 0.5
        self._resampler: soxr.ResampleStream | None = None
        self._resampling_from: int | None = None
        self._layout()

    def _has_video(self) -> bool:
        covers = av.stream.Disposition.attached_pic
        return any(not video.disposition & covers for video in self._container.streams.video)

    def _layout(self) -> None:
        """Take rate and channels from the first frame: HE-AAC and lying headers say otherwise before it."""
        self.rate, self.channels = self._stream.rate or 0, self._stream.channels or 0
        self._frames = self._decoded()
        self._first = next(self._frames, None)
        if self._first is not None:
            self.rate, self.channels = self._first.sample_rate, self._first.layout.nb_channels
        self.frames = None
        guesses = self._container.format.name.split(",")[0] in _GUESSES_LENGTH
        self.estimated = guesses
        if self._stream.duration and self._stream.time_base:
            self.frames = round(self._stream.duration * self._stream.time_base * self.rate)
        elif self._container.duration and not self._has_video():
            self.frames = round(self._container.duration * self.rate / av.time_base)

    def _decoded(self) -> Iterator[av.AudioFrame]:
        """Yield decoded frames, stepping over damaged packets."""
        failures = 0
        self._lost = Fraction(0)
        packets = self._container.demux(self._stream)
        while failures < MAX_FAILURES:
            try:
                packet = next(packets, None)
            except (FFmpegError, OSError, ValueError) as error:
                self.facts.error = str(error)
                return
            if packet is None:
                return
            try:
                frames = packet.decode()
            except FFmpegError:
                failures += 1
                self.facts.lost_packets += 1
                self.facts.ends_damaged = True
                if packet.duration and packet.time_base:
                    self._lost += packet.duration * packet.time_base
                continue
            if frames and packet.size:
                failures, self.facts.ends_damaged = 0, False
            yield from (frame for frame in frames if isinstance(frame, av.AudioFrame))
        self.facts.error = "nothing but damaged packets"

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Yield blocks of shape (frames, channels); a damaged packet of known length becomes silence."""
        frame = self._first
        while frame is not None:
            if self._lost:
                gap = min(round(self._lost * self.rate), round(MAX_GAP_S * self.rate))
                self._lost = Fraction(0)
                yield np.zeros((gap, self.channels), np.float32)
            samples = self._fitted(_samples(frame))
            if frame.sample_rate == self.rate:
                yield self._resampled(samples[:0], None)
                yield samples
            else:
                yield self._resampled(samples, frame.sample_rate)
            frame = next(self._frames, None)
        yield self._resampled(np.zeros((0, self.channels), np.float32), None)

    def _resampled(self, samples: NDArray[np.float32], rate: int | None) -> NDArray[np.float32]:
        """Bring a stretch at another rate to the file's; the rest of a stretch comes with what follows it."""
        rest = np.zeros((0, self.channels), np.float32)
        if self._resampler is not None and self._resampling_from != rate:
            rest = self._resampler.resample_chunk(rest, last=True).reshape(-1, self.channels)
            self._resampler = None
        if rate is None:
            return rest
        if self._resampler is None:
            self.facts.rate_changed = True
            self._resampling_from = rate
            self._resampler = soxr.ResampleStream(rate, self.rate, self.channels, dtype="float32")
        brought = self._resampler.resample_chunk(np.ascontiguousarray(samples))
        return np.concatenate([rest, brought.reshape(-1, self.channels)])

    def _fitted(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Keep the file's first number of channels: one alone goes to all, missing ones are silent."""
        found = samples.shape[1]
        if found == self.channels:
            return samples
        self.facts.channels_changed = True
        if found == 1:
            return np.repeat(samples, self.channels, axis=1)
        fitted = np.zeros((len(samples), self.channels), np.float32)
        kept = min(found, self.channels)
        fitted[:, :kept] = samples[:, :kept]
        return fitted

    def close(self) -> None:
        """Close FFmpeg's context; the descriptor stays open."""
        self._frames = iter(())
        self._first = None
        self._container.close()


class NoAudioStream(DecoderError):
    """The file is readable and holds no sound."""


class UnknownCodec(DecoderError):
    """The file holds sound in a coding that this FFmpeg cannot decode."""


def _samples(frame: av.AudioFrame) -> NDArray[np.float32]:
    """Turn a frame of any sample format into float32 of shape (frames, channels), full scale at 1."""
    data = np.asarray(frame.to_ndarray())
    samples = data.T if frame.format.is_planar else data.reshape(-1, int(frame.layout.nb_channels))
    if samples.dtype == np.uint8:
        return np.asarray((samples.astype(np.float32) - 128) / 128, dtype=np.float32)
    if samples.dtype.kind == "i":
        full_scale = np.float32(2.0 ** (8 * samples.dtype.itemsize - 1))
        return np.asarray(samples.astype(np.float32) / full_scale, dtype=np.float32)
    return np.asarray(samples, dtype=np.float32)


def _pyav_format(container: str, codec: str, has_video: bool) -> str:
    coding = _CODECS.get(codec)
    if coding is None and (integer := re.fullmatch(r"pcm_s(\d+)[lb]e(_planar)?", codec)):
        coding = f"PCM {integer[1]}"
    elif coding is None:
        coding = codec.upper().replace("_", " ")
    if container in ("mp3", "flac", "aac", "ac3", "eac3") or not coding:
        return _CONTAINERS.get(container, coding or container.upper())
    outer = _CONTAINERS.get(container, container.upper())
    if container == "mov" and not has_video:
        outer = "M4A"
    if container == "asf" and has_video:
        outer = "WMV"
    return f"{outer} ({coding})" + (" with video" if has_video else "")
